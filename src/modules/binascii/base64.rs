//! Base64 between bytes and text: pure functions, with CPython's complaints as data.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of bytes, padded.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().enumerate().fold(0_u32, |w, (i, b)| w | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let sextet = (word >> (18 - 6 * i)) & 63;
            out.push(if i <= group.len() { ALPHABET[sextet as usize] } else { b'=' });
        }
    }
    out
}

fn sextet(c: u8) -> Option<u32> {
    Some(u32::from(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// The bytes of a text; `strict` refuses what is otherwise passed over.
///
/// # Errors
///
/// A complaint in the words of `binascii.Error`.
pub fn decode(text: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut word, mut place, mut pads, mut is_padded) = (0_u32, 0, 0, false);
    if strict && text.first() == Some(&b'=') {
        return Err("Leading padding not allowed".to_owned());
    }
    for (i, &c) in text.iter().enumerate() {
        if c == b'=' {
            is_padded = true;
            if place >= 2 {
                pads += 1;
            }
            if place >= 2 && place + pads >= 4 {
                return if strict && i + 1 < text.len() { Err("Excess data after padding".to_owned()) } else { Ok(out) };
            }
            continue;
        }
        let Some(bits) = sextet(c) else {
            if strict {
                return Err("Only base64 data is allowed".to_owned());
            }
            continue;
        };
        if strict && is_padded {
            return Err("Discontinuous padding not allowed".to_owned());
        }
        pads = 0;
        word = (word << 6 | bits) & 0xff_ffff;
        place = (place + 1) % 4;
        match place {
            2 => out.push((word >> 4) as u8),
            3 => out.push((word >> 2) as u8),
            0 => out.push(word as u8),
            _ => {}
        }
    }
    match place {
        0 => Ok(out),
        1 => Err(format!("Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4", out.len() / 3 * 4 + 1)),
        _ => Err("Incorrect padding".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn there_and_back() {
        for (bytes, text) in [(&b""[..], &b""[..]), (b"a", b"YQ=="), (b"ab", b"YWI="), (b"abc", b"YWJj"), (b"\xff\xfe?", b"//4/")] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text, true).as_deref(), Ok(bytes));
        }
        assert_eq!(decode(b"YQ", false), Err("Incorrect padding".to_owned()));
        assert_eq!(decode(b"Y!Q==", false).as_deref(), Ok(&b"a"[..]));
    }
}
