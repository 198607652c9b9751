//! Numbers as bytes: one item of a native format code (`'b'`, `'H'`, `'d'`, ...) from bytes and back.

/// One item.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Item {
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Bool(bool),
    /// A byte that stands for itself (`'c'`).
    Byte(u8),
}

/// How many bytes an item of this code takes; none for an unknown code.
pub fn item_size(code: char) -> Option<usize> {
    Some(match code {
        'c' | 'b' | 'B' | '?' => 1,
        'h' | 'H' | 'e' => 2,
        'i' | 'I' | 'f' => 4,
        'l' | 'L' | 'q' | 'Q' | 'n' | 'N' | 'd' | 'P' => 8,
        _ => return None,
    })
}

/// The item that little-endian bytes hold.
pub fn read(code: char, bytes: &[u8]) -> Item {
    let mut wide = [0u8; 8];
    for (to, from) in wide.iter_mut().zip(bytes) {
        *to = *from;
    }
    let raw = u64::from_le_bytes(wide);
    match code {
        'c' => Item::Byte(raw as u8),
        '?' => Item::Bool(raw as u8 != 0),
        'b' => Item::Int(i64::from(raw as i8)),
        'h' => Item::Int(i64::from(raw as i16)),
        'i' => Item::Int(i64::from(raw as i32)),
        'l' | 'q' | 'n' => Item::Int(raw as i64),
        'f' => Item::Float(f64::from(f32::from_bits(raw as u32))),
        'd' => Item::Float(f64::from_bits(raw)),
        'e' => Item::Float(half_to_float(raw as u16)),
        _ => Item::Unsigned(raw),
    }
}

/// The little-endian bytes of an item; none when it does not fit the code.
pub fn write(code: char, item: Item) -> Option<Vec<u8>> {
    let size = item_size(code)?;
    let raw = match (code, item) {
        ('f', Item::Float(x)) => {
            let narrow = x as f32;
            if narrow.is_infinite() && x.is_finite() {
                return None;
            }
            u64::from(narrow.to_bits())
        }
        ('d', Item::Float(x)) => x.to_bits(),
        ('e', Item::Float(x)) => u64::from(float_to_half(x)?),
        ('?', Item::Bool(b)) => u64::from(b),
        ('c', Item::Byte(b)) => u64::from(b),
        (_, Item::Int(i)) => {
            let bits = size as u32 * 8;
            let (min, max) = if code.is_ascii_lowercase() {
                (i128::from(i64::MIN >> (64 - bits)), i128::from(i64::MAX >> (64 - bits)))
            } else {
                (0, i128::from(u64::MAX >> (64 - bits)))
            };
            if i128::from(i) < min || i128::from(i) > max {
                return None;
            }
            i as u64
        }
        (code, Item::Unsigned(u)) if size == 8 && !code.is_ascii_lowercase() => u,
        _ => return None,
    };
    Some(raw.to_le_bytes().iter().take(size).copied().collect())
}

/// IEEE half precision to double.
pub fn half_to_float(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from((bits >> 10) & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2f64.powi(exponent - 25),
    };
    sign * magnitude
}

/// Double to the nearest IEEE half, halfway cases to even; none when it is too large.
pub fn float_to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    let magnitude = x.abs();
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // The spacing of halves around the number; subnormals share the smallest.
    let exponent = ((magnitude.to_bits() >> 52) as i32 - 1023).max(-14);
    let steps = (magnitude * 2f64.powi(10 - exponent)).round_ties_even() as u32;
    let bits = steps + if exponent > -14 || steps >= 1024 { ((exponent + 14) as u32) << 10 } else { 0 };
    if bits >= 0x7c00 { None } else { Some(sign | bits as u16) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_survive_a_round_trip() {
        for (code, item) in [('b', Item::Int(-128)), ('H', Item::Int(65535)), ('q', Item::Int(i64::MIN)), ('d', Item::Float(0.1)), ('?', Item::Bool(true))] {
            let bytes = write(code, item).unwrap_or_default();
            let back = match read(code, &bytes) {
                Item::Unsigned(u) => Item::Int(u as i64),
                other => other,
            };
            assert_eq!(back, item, "{code}");
        }
        assert_eq!(write('B', Item::Int(256)), None);
        assert_eq!(write('b', Item::Int(-129)), None);
        assert_eq!(write('Q', Item::Int(-1)), None);
    }

    #[test]
    fn halves_round_to_even() {
        for (x, bits) in [(1.0, 0x3c00), (-2.0, 0xc000), (65504.0, 0x7bff), (2f64.powi(-24), 1), (0.1, 0x2e66), (2f64.powi(-14), 0x400), (1.999_9, 0x4000)] {
            assert_eq!(float_to_half(x), Some(bits), "{x}");
        }
        assert_eq!(float_to_half(65520.0), None);
        assert!((half_to_float(0x2e66) - 0.1).abs() < 1e-4);
    }
}
