//! The encodings of text files: bytes as text and back.

use crate::types::str::codec;
use crate::value::{ClassRef, Obj, R, Thrown, Value};
use crate::vm::Vm;

/// The encodings of text files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf8Sig,
    Ascii,
    Latin1,
}

/// What happens with bytes or characters that an encoding does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnError {
    Strict,
    Ignore,
    Replace,
    /// What `str.encode` and `bytes.decode` have besides.
    Named(&'static str),
}

impl Encoding {
    fn label(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Sig => "utf-8",
            Self::Ascii => "ascii",
            Self::Latin1 => "latin-1",
        }
    }
}

/// An encoding by name.
pub fn encoding_of(vm: &mut Vm, name: &str) -> R<Encoding> {
    match name.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" | "locale" => Ok(Encoding::Utf8),
        "utf-8-sig" => Ok(Encoding::Utf8Sig),
        "ascii" | "us-ascii" | "646" => Ok(Encoding::Ascii),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Ok(Encoding::Latin1),
        _ => Err(vm.lookup_error(&format!("unknown encoding: {name}"))),
    }
}

pub fn on_error(vm: &mut Vm, name: &str) -> R<OnError> {
    match name {
        "strict" => Ok(OnError::Strict),
        "ignore" => Ok(OnError::Ignore),
        "replace" => Ok(OnError::Replace),
        "backslashreplace" => Ok(OnError::Named("backslashreplace")),
        "xmlcharrefreplace" => Ok(OnError::Named("xmlcharrefreplace")),
        "namereplace" => Ok(OnError::Named("namereplace")),
        _ => Err(vm.lookup_error(&format!("unknown error handler name '{name}'"))),
    }
}

/// Raises `UnicodeDecodeError` or `UnicodeEncodeError`.
fn coding_error(vm: &mut Vm, class: &ClassRef, encoding: &str, object: Value, range: (usize, usize), reason: &str) -> Thrown {
    let args = [encoding.into(), object, range.0.into(), range.1.into(), reason.into()];
    match vm.call(&class.into(), &args) {
        Ok(Value::Obj(exc)) => vm.raise(exc),
        Ok(_) => vm.runtime_error("an exception is an object"),
        Err(t) => t,
    }
}

/// Bytes as text.
pub fn decode(vm: &mut Vm, bytes: &[u8], encoding: Encoding, errors: OnError) -> R<String> {
    if let OnError::Named(name) = errors {
        let text = codec::decode(vm, bytes, encoding.label(), name)?;
        return Ok(vm.text_of(&text));
    }
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    if encoding == Encoding::Latin1 {
        return Ok(bytes.iter().map(|&b| char::from(b)).collect());
    }
    loop {
        let (good, bad, reason) = match encoding {
            Encoding::Ascii => match rest.iter().position(|b| !b.is_ascii()) {
                None => (rest.len(), 0, ""),
                Some(at) => (at, 1, "ordinal not in range(128)"),
            },
            _ => split_utf8(rest),
        };
        let (valid, invalid) = rest.split_at(good);
        text.push_str(&String::from_utf8_lossy(valid));
        if bad == 0 {
            return Ok(text);
        }
        match errors {
            OnError::Strict => {
                let start = bytes.len() - invalid.len();
                let class = vm.types.unicode_decode_error.clone();
                let label = if encoding == Encoding::Ascii { "ascii" } else { "utf-8" };
                return Err(coding_error(vm, &class, label, Obj::bytes(bytes).into(), (start, start + bad), reason));
            }
            OnError::Ignore | OnError::Named(_) => {}
            OnError::Replace => text.push('\u{fffd}'),
        }
        rest = invalid.get(bad..).unwrap_or_default();
    }
}

/// How many bytes are valid UTF-8, how many after them are not, and why.
fn split_utf8(bytes: &[u8]) -> (usize, usize, &'static str) {
    match std::str::from_utf8(bytes) {
        Ok(_) => (bytes.len(), 0, ""),
        Err(e) => {
            let at = e.valid_up_to();
            let lead = bytes.get(at).copied().unwrap_or(0);
            match e.error_len() {
                None => (at, bytes.len() - at, "unexpected end of data"),
                Some(_) if !(0xc2..=0xf4).contains(&lead) => (at, 1, "invalid start byte"),
                Some(n) => (at, n, "invalid continuation byte"),
            }
        }
    }
}

/// Text as bytes.
pub fn encode(vm: &mut Vm, text: &str, encoding: Encoding, errors: OnError) -> R<Vec<u8>> {
    if let OnError::Named(name) = errors {
        return codec::encode(vm, text, encoding.label(), name);
    }
    let limit = match encoding {
        Encoding::Utf8 | Encoding::Utf8Sig => return Ok(text.as_bytes().to_vec()),
        Encoding::Ascii => 128,
        Encoding::Latin1 => 256,
    };
    let mut bytes = Vec::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        match (u32::from(c) < limit, errors) {
            (true, _) => bytes.push(u32::from(c) as u8),
            (false, OnError::Strict) => {
                let class = vm.types.unicode_encode_error.clone();
                let end = i + text.chars().skip(i).take_while(|&c| u32::from(c) >= limit).count();
                let label = if encoding == Encoding::Ascii { "ascii" } else { "latin-1" };
                return Err(coding_error(vm, &class, label, text.into(), (i, end), &format!("ordinal not in range({limit})")));
            }
            (false, OnError::Ignore | OnError::Named(_)) => {}
            (false, OnError::Replace) => bytes.push(b'?'),
        }
    }
    Ok(bytes)
}
