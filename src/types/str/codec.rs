//! Encodings: text to bytes and back, with the error handlers that do not need surrogates.

use super::text;
use crate::value::{Obj, R, Thrown, Value};
use crate::vm::Vm;

/// The encodings that corun knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    Utf8Sig,
    Ascii,
    Latin1,
    Utf16(Order),
    Utf32(Order),
}

/// The order of a code unit's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Little, with a mark in front.
    Marked,
    Little,
    Big,
}

impl Codec {
    fn find(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase().replace(['_', ' '], "-");
        Some(match name.as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Self::Utf8,
            "utf-8-sig" => Self::Utf8Sig,
            "ascii" | "us-ascii" | "646" => Self::Ascii,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" | "latin" | "cp819" => Self::Latin1,
            "utf-16" | "utf16" | "u16" => Self::Utf16(Order::Marked),
            "utf-16-le" | "utf-16le" => Self::Utf16(Order::Little),
            "utf-16-be" | "utf-16be" => Self::Utf16(Order::Big),
            "utf-32" | "utf32" | "u32" => Self::Utf32(Order::Marked),
            "utf-32-le" | "utf-32le" => Self::Utf32(Order::Little),
            "utf-32-be" | "utf-32be" => Self::Utf32(Order::Big),
            _ => return None,
        })
    }

    /// The name in errors.
    fn label(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Sig => "utf-8",
            Self::Ascii => "ascii",
            Self::Latin1 => "latin-1",
            Self::Utf16(Order::Marked | Order::Little) => "utf-16-le",
            Self::Utf16(Order::Big) => "utf-16-be",
            Self::Utf32(Order::Marked | Order::Little) => "utf-32-le",
            Self::Utf32(Order::Big) => "utf-32-be",
        }
    }
}

/// The name of an encoding or error handler.
pub fn name_arg(vm: &mut Vm, v: &Value, function: &str, parameter: &str, default: &str) -> R<String> {
    match v.given() {
        None => Ok(default.to_owned()),
        Some(v) => match v.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => {
                let text = format!("{function}() argument '{parameter}' must be str, not {}", vm.class_name_or_none(v));
                Err(vm.type_error(&text))
            }
        },
    }
}

pub fn encode_method(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let encoding = name_arg(vm, &a[1], "encode", "encoding", "utf-8")?;
    let errors = name_arg(vm, &a[2], "encode", "errors", "strict")?;
    Ok(Obj::bytes(encode(vm, text(a), &encoding, &errors)?).into())
}

/// CPython's codecs that do not go between text and bytes, under all their names.
const NOT_TEXT: &[&str] = &[
    "base64",
    "base64_codec",
    "base_64",
    "bz2",
    "bz2_codec",
    "hex",
    "hex_codec",
    "quopri",
    "quopri_codec",
    "quotedprintable",
    "quoted_printable",
    "rot13",
    "rot_13",
    "uu",
    "uu_codec",
    "zip",
    "zlib",
    "zlib_codec",
];

fn is_not_text(name: &str) -> bool {
    let plain = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    NOT_TEXT.contains(&plain.as_str())
}

fn find_codec(vm: &mut Vm, name: &str, function: &str) -> R<Codec> {
    match Codec::find(name) {
        Some(codec) => Ok(codec),
        None if is_not_text(name) => {
            let text = format!("'{name}' is not a text encoding; use {function} to handle arbitrary codecs");
            Err(vm.lookup_error(&text))
        }
        None => Err(vm.lookup_error(&format!("unknown encoding: {name}"))),
    }
}

/// `text.encode(encoding, errors)`.
pub fn encode(vm: &mut Vm, text: &str, encoding: &str, errors: &str) -> R<Vec<u8>> {
    let codec = find_codec(vm, encoding, "codecs.encode()")?;
    Ok(match codec {
        Codec::Utf8 => text.as_bytes().to_vec(),
        Codec::Utf8Sig => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        Codec::Ascii => encode_narrow(vm, text, codec, 0x80, errors)?,
        Codec::Latin1 => encode_narrow(vm, text, codec, 0x100, errors)?,
        Codec::Utf16(order) => encode_utf16(text, order),
        Codec::Utf32(order) => encode_utf32(text, order),
    })
}

fn encode_utf16(text: &str, order: Order) -> Vec<u8> {
    let mark = (order == Order::Marked).then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units.flat_map(|u| if order == Order::Big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

fn encode_utf32(text: &str, order: Order) -> Vec<u8> {
    let mark = (order == Order::Marked).then_some('\u{feff}');
    let units = mark.into_iter().chain(text.chars()).map(|c| c as u32);
    units.flat_map(|u| if order == Order::Big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

fn encode_narrow(vm: &mut Vm, text: &str, codec: Codec, limit: u32, errors: &str) -> R<Vec<u8>> {
    if text.is_ascii() {
        return Ok(text.as_bytes().to_vec());
    }
    let all: Vec<char> = text.chars().collect();
    let mut out = Vec::with_capacity(all.len());
    let mut at = 0;
    while let Some(c) = all.get(at) {
        if (*c as u32) < limit {
            out.push(*c as u8);
            at += 1;
            continue;
        }
        let bad: Vec<char> = all.iter().skip(at).copied().take_while(|c| *c as u32 >= limit).collect();
        let end = at + bad.len();
        match errors {
            "strict" => {
                let class = vm.types.unicode_encode_error.clone();
                let reason = format!("ordinal not in range({limit})");
                return Err(coding_error(vm, &class, codec, text.into(), at, end, &reason));
            }
            "ignore" => {}
            "replace" => out.extend(bad.iter().map(|_| b'?')),
            "xmlcharrefreplace" => bad.iter().for_each(|c| out.extend(format!("&#{};", *c as u32).into_bytes())),
            "backslashreplace" => bad.iter().for_each(|c| out.extend(crate::pure::repr::escape_non_ascii(&c.to_string()).into_bytes())),
            "namereplace" => bad.iter().for_each(|c| out.extend(named_escape(*c).into_bytes())),
            _ => return Err(unknown_handler(vm, errors)),
        }
        at = end;
    }
    Ok(out)
}

/// A character as the escape with its name.
fn named_escape(c: char) -> String {
    match unicode_names2::name(c) {
        Some(name) => format!("\\N{{{name}}}"),
        None => crate::pure::repr::escape_non_ascii(&c.to_string()),
    }
}

#[cold]
fn unknown_handler(vm: &mut Vm, name: &str) -> Thrown {
    vm.lookup_error(&format!("unknown error handler name '{name}'"))
}

#[cold]
fn coding_error(vm: &mut Vm, class: &crate::value::ClassRef, codec: Codec, object: Value, start: usize, end: usize, reason: &str) -> Thrown {
    let args = [codec.label().into(), object, start.into(), end.into(), reason.into()];
    match vm.call(&class.into(), &args) {
        Ok(Value::Obj(exc)) => vm.raise(exc),
        Ok(_) => vm.raise_new(class, reason),
        Err(t) => t,
    }
}

/// A fault in encoded text: where it is, and CPython's reason.
struct Fault {
    start: usize,
    end: usize,
    reason: String,
}

/// `bytes.decode(encoding, errors)`.
pub fn decode(vm: &mut Vm, bytes: &[u8], encoding: &str, errors: &str) -> R {
    let codec = find_codec(vm, encoding, "codecs.decode()")?;
    let (mut out, mut rest, mut offset) = (String::with_capacity(bytes.len()), bytes, 0);
    let (codec, skipped) = begin(codec, bytes);
    rest = rest.get(skipped..).unwrap_or_default();
    offset += skipped;
    loop {
        let Some(fault) = decode_run(codec, rest, &mut out) else { return Ok(out.into()) };
        let bad = rest.get(fault.start..fault.end).unwrap_or_default();
        match errors {
            "strict" => {
                let class = vm.types.unicode_decode_error.clone();
                return Err(coding_error(vm, &class, codec, Obj::bytes(bytes).into(), offset + fault.start, offset + fault.end, &fault.reason));
            }
            "ignore" => {}
            "replace" => out.push('\u{fffd}'),
            "backslashreplace" => bad.iter().for_each(|b| out.push_str(&format!("\\x{b:02x}"))),
            _ => return Err(unknown_handler(vm, errors)),
        }
        offset += fault.end;
        rest = rest.get(fault.end..).unwrap_or_default();
    }
}

/// Looks at the mark in front: which order it tells, and how many bytes it takes.
fn begin(codec: Codec, bytes: &[u8]) -> (Codec, usize) {
    match codec {
        Codec::Utf8Sig if bytes.starts_with(b"\xef\xbb\xbf") => (codec, 3),
        Codec::Utf16(Order::Marked) if bytes.starts_with(&[0xff, 0xfe]) => (codec, 2),
        Codec::Utf16(Order::Marked) if bytes.starts_with(&[0xfe, 0xff]) => (Codec::Utf16(Order::Big), 2),
        Codec::Utf32(Order::Marked) if bytes.starts_with(&[0xff, 0xfe, 0, 0]) => (codec, 4),
        Codec::Utf32(Order::Marked) if bytes.starts_with(&[0, 0, 0xfe, 0xff]) => (Codec::Utf32(Order::Big), 4),
        _ => (codec, 0),
    }
}

/// Decodes up to the first fault.
fn decode_run(codec: Codec, bytes: &[u8], out: &mut String) -> Option<Fault> {
    match codec {
        Codec::Utf8 | Codec::Utf8Sig => decode_utf8(bytes, out),
        Codec::Ascii => {
            let good = bytes.iter().take_while(|b| b.is_ascii()).count();
            out.extend(bytes.iter().take(good).map(|b| char::from(*b)));
            (good < bytes.len()).then(|| Fault { start: good, end: good + 1, reason: "ordinal not in range(128)".to_owned() })
        }
        Codec::Latin1 => {
            out.extend(bytes.iter().map(|b| char::from(*b)));
            None
        }
        Codec::Utf16(order) => decode_utf16(bytes, order, out),
        Codec::Utf32(order) => decode_utf32(bytes, order, out),
    }
}

fn decode_utf8(bytes: &[u8], out: &mut String) -> Option<Fault> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => {
            out.push_str(text);
            return None;
        }
        Err(e) => e,
    };
    let start = error.valid_up_to();
    out.push_str(&String::from_utf8_lossy(bytes.get(..start).unwrap_or_default()));
    let first = bytes.get(start).copied().unwrap_or_default();
    Some(match error.error_len() {
        None => Fault { start, end: bytes.len(), reason: "unexpected end of data".to_owned() },
        Some(n) => {
            let is_start = (0xc2..=0xf4).contains(&first);
            Fault { start, end: start + n, reason: if is_start { "invalid continuation byte" } else { "invalid start byte" }.to_owned() }
        }
    })
}

fn decode_utf16(bytes: &[u8], order: Order, out: &mut String) -> Option<Fault> {
    let unit = |at: usize| match bytes.get(at..at + 2) {
        Some(&[a, b]) => Some(if order == Order::Big { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) }),
        _ => None,
    };
    let mut at = 0;
    while at < bytes.len() {
        let Some(first) = unit(at) else { return Some(Fault { start: at, end: bytes.len(), reason: "truncated data".to_owned() }) };
        let second = unit(at + 2);
        match first {
            0xd800..=0xdbff => match second {
                Some(second @ 0xdc00..=0xdfff) => {
                    out.extend(char::decode_utf16([first, second]).flatten());
                    at += 4;
                }
                Some(_) => return Some(Fault { start: at, end: at + 2, reason: "illegal UTF-16 surrogate".to_owned() }),
                None => return Some(Fault { start: at, end: bytes.len(), reason: "unexpected end of data".to_owned() }),
            },
            0xdc00..=0xdfff => return Some(Fault { start: at, end: at + 2, reason: "illegal encoding".to_owned() }),
            _ => {
                out.extend(char::from_u32(u32::from(first)));
                at += 2;
            }
        }
    }
    None
}

fn decode_utf32(bytes: &[u8], order: Order, out: &mut String) -> Option<Fault> {
    let mut at = 0;
    while at < bytes.len() {
        let Some(&[a, b, c, d]) = bytes.get(at..at + 4) else { return Some(Fault { start: at, end: bytes.len(), reason: "truncated data".to_owned() }) };
        let code = if order == Order::Big { u32::from_be_bytes([a, b, c, d]) } else { u32::from_le_bytes([a, b, c, d]) };
        match char::from_u32(code) {
            Some(c) => out.push(c),
            None if (0xd800..0xe000).contains(&code) => {
                return Some(Fault { start: at, end: at + 4, reason: "code point in surrogate code point range(0xd800, 0xe000)".to_owned() });
            }
            None => return Some(Fault { start: at, end: at + 4, reason: "code point not in range(0x110000)".to_owned() }),
        }
        at += 4;
    }
    None
}
