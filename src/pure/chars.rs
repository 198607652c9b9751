//! Properties and case mappings of single characters, in the Unicode version 14 of CPython 3.11.
//!
//! In comes a `char`, out comes a claim about it or the characters it maps to. The data is that of the standard
//! library and the Unicode crates, which are newer; the tables here take back what later versions added.
//! Nothing here knows strings: what depends on neighbours (the final sigma) is in `case`.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// The value of a decimal digit in any script.
pub fn decimal_value(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let code = c as u32;
    let below = ZEROS.partition_point(|&zero| zero <= code);
    let zero = ZEROS.get(below.checked_sub(1)?)?;
    (code - zero < 10).then(|| code - zero)
}

/// `isdecimal` of one character.
pub fn is_decimal(c: char) -> bool {
    decimal_value(c).is_some()
}

/// `isdigit` of one character.
pub fn is_digit(c: char) -> bool {
    is_decimal(c) || contains(&DIGITS, c)
}

/// `isnumeric` of one character.
pub fn is_numeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    group(c) == GeneralCategoryGroup::Number || contains(&NUMERIC, c)
}

/// `isalpha` of one character.
pub fn is_alpha(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    group(c) == GeneralCategoryGroup::Letter
}

/// `isalnum` of one character.
pub fn is_alnum(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    is_alpha(c) || is_numeric(c) || is_digit(c)
}

/// `isspace` of one character: also what `split` and `strip` take for white space.
pub fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\x1c'..=' ') || !c.is_ascii() && c.is_whitespace()
}

/// Whether `splitlines` breaks at the character.
pub fn is_line_break(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// `isupper` of one character.
pub fn is_upper(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_uppercase();
    }
    c.is_uppercase() && !contains(&NEWER, c)
}

/// `islower` of one character.
pub fn is_lower(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_lowercase();
    }
    match c {
        '\u{295}' => true,
        '\u{10fc}' | '\u{a7f2}'..='\u{a7f4}' | '\u{ab69}' => false,
        _ => c.is_lowercase() && !contains(&NEWER, c),
    }
}

/// Whether the character is a title case letter, such as the digraph `ǅ`.
pub fn is_title(c: char) -> bool {
    !c.is_ascii() && c.general_category() == GeneralCategory::TitlecaseLetter
}

/// Whether the character has the property `Cased`.
pub fn is_cased(c: char) -> bool {
    is_upper(c) || is_lower(c) || is_title(c)
}

/// Whether the character has the property `Case_Ignorable`.
pub fn is_case_ignorable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, '\'' | '.' | ':' | '^' | '`');
    }
    use GeneralCategory::{EnclosingMark, Format, ModifierLetter, ModifierSymbol, NonspacingMark};
    match c {
        '\u{b7}' | '\u{387}' | '\u{55f}' | '\u{5f4}' | '\u{2018}' | '\u{2019}' | '\u{2024}' | '\u{2027}' | '\u{fe13}' | '\u{fe52}' | '\u{fe55}'
        | '\u{ff07}' | '\u{ff0e}' | '\u{ff1a}' | '\u{1171e}' => true,
        _ => !contains(&NEWER, c) && matches!(c.general_category(), EnclosingMark | Format | ModifierLetter | ModifierSymbol | NonspacingMark),
    }
}

/// `isprintable` of one character.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    !matches!(group(c), GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator)
}

/// Whether an identifier may begin with the character.
pub fn starts_identifier(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_start(c) && !contains(&NEWER, c)
}

/// Whether an identifier may go on with the character.
pub fn continues_identifier(c: char) -> bool {
    match c {
        '\u{200c}' | '\u{200d}' | '\u{30fb}' | '\u{ff65}' => false,
        _ => unicode_ident::is_xid_continue(c) && !contains(&NEWER, c),
    }
}

/// The upper case of a character: one to three characters.
pub fn to_upper(c: char) -> impl Iterator<Item = char> + Clone {
    let unchanged = has_newer_upper(c);
    let mapped = c.to_uppercase().filter(move |_| !unchanged);
    unchanged.then_some(c).into_iter().chain(mapped)
}

/// The lower case of a character by itself: one or two characters.
pub fn to_lower(c: char) -> impl Iterator<Item = char> + Clone {
    let unchanged = !c.is_ascii() && contains(&NEWER, c);
    let mapped = c.to_lowercase().filter(move |_| !unchanged);
    unchanged.then_some(c).into_iter().chain(mapped)
}

/// Appends the title case of a character.
pub fn push_title(out: &mut String, c: char) {
    match c {
        '\u{149}' => out.extend(to_upper(c)),
        '\u{10d0}'..='\u{10ff}' => out.push(c),
        '\u{1c4}'..='\u{1c6}' => out.push('\u{1c5}'),
        '\u{1c7}'..='\u{1c9}' => out.push('\u{1c8}'),
        '\u{1ca}'..='\u{1cc}' => out.push('\u{1cb}'),
        '\u{1f1}'..='\u{1f3}' => out.push('\u{1f2}'),
        '\u{1f80}'..='\u{1faf}' => out.extend(char::from_u32(c as u32 | 8)),
        '\u{1fb3}' | '\u{1fbc}' => out.push('\u{1fbc}'),
        '\u{1fc3}' | '\u{1fcc}' => out.push('\u{1fcc}'),
        '\u{1ff3}' | '\u{1ffc}' => out.push('\u{1ffc}'),
        _ => {
            let mut upper = to_upper(c);
            out.extend(upper.next());
            for rest in upper {
                // A capital iota behind a Greek vowel stands for the iota subscript.
                if rest == '\u{399}' { out.push('\u{345}') } else { out.extend(to_lower(rest)) }
            }
        }
    }
}

/// Appends the case folding of a character: what its upper case becomes in lower case, with few exceptions.
pub fn push_folded(out: &mut String, c: char) {
    match c {
        _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        '\u{131}' => out.push(c),
        '\u{1e9e}' => out.push_str("ss"),
        // Cherokee folds to upper case, because its small letters are the newer ones.
        '\u{13a0}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => out.extend(to_upper(c)),
        _ => to_upper(c).for_each(|upper| out.extend(to_lower(upper))),
    }
}

/// Whether the upper case of a character was added after Unicode 14.
fn has_newer_upper(c: char) -> bool {
    !c.is_ascii() && (matches!(c, '\u{19b}' | '\u{264}' | '\u{a7d3}' | '\u{a7d5}') || contains(&NEWER, c))
}

/// The first letter of the general category in Unicode 14.
fn group(c: char) -> GeneralCategoryGroup {
    if contains(&NEWER, c) { GeneralCategoryGroup::Other } else { c.general_category_group() }
}

fn contains(ranges: &[(u32, u32)], c: char) -> bool {
    let code = c as u32;
    let below = ranges.partition_point(|&(first, _)| first <= code);
    below > 0 && ranges[below - 1].1 >= code
}

/// The zero of each run of ten decimal digits.
#[rustfmt::skip]
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
    0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// Digits that are not decimal, such as superscripts.
#[rustfmt::skip]
const DIGITS: [(u32, u32); 20] = [
    (0xb2, 0xb3), (0xb9, 0xb9), (0x1369, 0x1371), (0x19da, 0x19da), (0x2070, 0x2070), (0x2074, 0x2079),
    (0x2080, 0x2089), (0x2460, 0x2468), (0x2474, 0x247c), (0x2488, 0x2490), (0x24ea, 0x24ea), (0x24f5, 0x24fd),
    (0x24ff, 0x24ff), (0x2776, 0x277e), (0x2780, 0x2788), (0x278a, 0x2792), (0x10a40, 0x10a43), (0x10e60, 0x10e68),
    (0x11052, 0x1105a), (0x1f100, 0x1f10a),
];

/// Letters with a numeric value: CJK numerals.
#[rustfmt::skip]
const NUMERIC: [(u32, u32); 72] = [
    (0x3405, 0x3405), (0x3483, 0x3483), (0x382a, 0x382a), (0x3b4d, 0x3b4d), (0x4e00, 0x4e00), (0x4e03, 0x4e03),
    (0x4e07, 0x4e07), (0x4e09, 0x4e09), (0x4e5d, 0x4e5d), (0x4e8c, 0x4e8c), (0x4e94, 0x4e94), (0x4e96, 0x4e96),
    (0x4ebf, 0x4ec0), (0x4edf, 0x4edf), (0x4ee8, 0x4ee8), (0x4f0d, 0x4f0d), (0x4f70, 0x4f70), (0x5104, 0x5104),
    (0x5146, 0x5146), (0x5169, 0x5169), (0x516b, 0x516b), (0x516d, 0x516d), (0x5341, 0x5341), (0x5343, 0x5345),
    (0x534c, 0x534c), (0x53c1, 0x53c4), (0x56db, 0x56db), (0x58f1, 0x58f1), (0x58f9, 0x58f9), (0x5e7a, 0x5e7a),
    (0x5efe, 0x5eff), (0x5f0c, 0x5f0e), (0x5f10, 0x5f10), (0x62fe, 0x62fe), (0x634c, 0x634c), (0x67d2, 0x67d2),
    (0x6f06, 0x6f06), (0x7396, 0x7396), (0x767e, 0x767e), (0x8086, 0x8086), (0x842c, 0x842c), (0x8cae, 0x8cae),
    (0x8cb3, 0x8cb3), (0x8d30, 0x8d30), (0x9621, 0x9621), (0x9646, 0x9646), (0x964c, 0x964c), (0x9678, 0x9678),
    (0x96f6, 0x96f6), (0xf96b, 0xf96b), (0xf973, 0xf973), (0xf978, 0xf978), (0xf9b2, 0xf9b2), (0xf9d1, 0xf9d1),
    (0xf9d3, 0xf9d3), (0xf9fd, 0xf9fd), (0x20001, 0x20001), (0x20064, 0x20064), (0x200e2, 0x200e2),
    (0x20121, 0x20121), (0x2092a, 0x2092a), (0x20983, 0x20983), (0x2098c, 0x2098c), (0x2099c, 0x2099c),
    (0x20aea, 0x20aea), (0x20afd, 0x20afd), (0x20b19, 0x20b19), (0x22390, 0x22390), (0x22998, 0x22998),
    (0x23b1b, 0x23b1b), (0x2626d, 0x2626d), (0x2f890, 0x2f890),
];

/// Code points assigned after Unicode 14, as far as the crates we use know them.
#[rustfmt::skip]
const NEWER: [(u32, u32); 139] = [
    (0x558, 0x558), (0x58b, 0x58c), (0x5c8, 0x5c9), (0x88f, 0x88f), (0x897, 0x897), (0xb53, 0xb54), (0xc5c, 0xc5c),
    (0xcdc, 0xcdc), (0xcf3, 0xcf3), (0xece, 0xece), (0x1acf, 0x1af0), (0x1b4e, 0x1b4f), (0x1b7f, 0x1b7f),
    (0x1c89, 0x1c8a), (0x208f, 0x208f), (0x209d, 0x209f), (0x20c1, 0x20c4), (0x2427, 0x2429), (0x2b96, 0x2b96),
    (0x2e60, 0x2e63), (0x2ffc, 0x2fff), (0x31e4, 0x31e5), (0x31ef, 0x31ef), (0xa7cb, 0xa7cf), (0xa7d2, 0xa7d2),
    (0xa7d4, 0xa7d4), (0xa7da, 0xa7dd), (0xa7e2, 0xa7e2), (0xa7f1, 0xa7f1), (0xab6c, 0xab6d), (0xfbc3, 0xfbd2),
    (0xfd90, 0xfd91), (0xfdc8, 0xfdce), (0x105c0, 0x105f3), (0x107bb, 0x107bf), (0x10940, 0x10959),
    (0x10d40, 0x10d65), (0x10d69, 0x10d85), (0x10d8e, 0x10d8f), (0x10ec2, 0x10ec7), (0x10ec9, 0x10eee),
    (0x10ef0, 0x10eff), (0x1123f, 0x11241), (0x11380, 0x11389), (0x1138b, 0x1138b), (0x1138e, 0x1138e),
    (0x11390, 0x113b5), (0x113b7, 0x113c0), (0x113c2, 0x113c2), (0x113c5, 0x113c5), (0x113c7, 0x113ca),
    (0x113cc, 0x113d5), (0x113d7, 0x113d8), (0x113e1, 0x113e2), (0x116d0, 0x116e3), (0x11b00, 0x11b0a),
    (0x11b60, 0x11b67), (0x11bc0, 0x11be1), (0x11bf0, 0x11bf9), (0x11db0, 0x11ddb), (0x11de0, 0x11de9),
    (0x11df0, 0x11df1), (0x11f00, 0x11f10), (0x11f12, 0x11f3a), (0x11f3e, 0x11f5a), (0x1246f, 0x1246f),
    (0x12475, 0x1247f), (0x12550, 0x12686), (0x1342f, 0x1342f), (0x13439, 0x13455), (0x13460, 0x143fa),
    (0x16100, 0x16139), (0x16d40, 0x16d79), (0x16ea0, 0x16eb8), (0x16ebb, 0x16ed3), (0x16ff2, 0x16ff6),
    (0x187f8, 0x187ff), (0x18cd6, 0x18cda), (0x18cff, 0x18cff), (0x18d09, 0x18d20), (0x18d80, 0x18df2),
    (0x18e00, 0x19191), (0x191a0, 0x191d2), (0x1b123, 0x1b128), (0x1b132, 0x1b132), (0x1b155, 0x1b155),
    (0x1b168, 0x1b168), (0x1cc00, 0x1ccfc), (0x1cd00, 0x1ceb3), (0x1ceba, 0x1ced0), (0x1ced2, 0x1ced4),
    (0x1cedd, 0x1cefd), (0x1d127, 0x1d128), (0x1d1eb, 0x1d1ff), (0x1d250, 0x1d281), (0x1d2c0, 0x1d2d3),
    (0x1d6a6, 0x1d6a6), (0x1db00, 0x1db1c), (0x1df1f, 0x1df81), (0x1df90, 0x1df96), (0x1dfcd, 0x1dfff),
    (0x1e030, 0x1e06d), (0x1e08f, 0x1e08f), (0x1e4d0, 0x1e4f9), (0x1e5d0, 0x1e5fa), (0x1e5ff, 0x1e5ff),
    (0x1e6c0, 0x1e6de), (0x1e6e0, 0x1e6f5), (0x1e6fe, 0x1e6ff), (0x1f1ae, 0x1f1ae), (0x1f6d8, 0x1f6d9),
    (0x1f6dc, 0x1f6dc), (0x1f774, 0x1f77f), (0x1f7d9, 0x1f7db), (0x1f7f1, 0x1f7ff), (0x1f8b2, 0x1f8bb),
    (0x1f8c0, 0x1f8c1), (0x1f8d0, 0x1f8d8), (0x1fa54, 0x1fa57), (0x1fa75, 0x1fa77), (0x1fa87, 0x1fa8f),
    (0x1faad, 0x1faaf), (0x1fabb, 0x1fabf), (0x1fac6, 0x1fac6), (0x1fac8, 0x1fac8), (0x1facc, 0x1facf),
    (0x1fada, 0x1fadd), (0x1fadf, 0x1fadf), (0x1fae8, 0x1faeb), (0x1faef, 0x1faef), (0x1faf7, 0x1fafa),
    (0x1fbcb, 0x1fbef), (0x1fbfa, 0x1fbfa), (0x2b739, 0x2b73f), (0x2b81e, 0x2b81e), (0x2cea2, 0x2cead),
    (0x2ebf0, 0x2ee5d), (0x31350, 0x33479), (0x3d000, 0x3fc3f),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_those_of_unicode_14() {
        // (character, claims that hold: Decimal, diGit, Numeric, Alpha, Space, Upper, Lower, Printable)
        for (c, expected) in [
            ('7', "DGNP"),
            ('\u{664}', "DGNP"),
            ('²', "GNP"),
            ('½', "NP"),
            ('三', "NAP"),
            ('한', "AP"),
            ('é', "ALP"),
            ('É', "AUP"),
            ('ª', "ALP"),
            ('Ⅷ', "NUP"),
            ('\u{a0}', "S"),
            ('\u{1f}', "S"),
            ('\u{200b}', ""),
            ('\u{1c89}', ""),
            ('\u{10fc}', "AP"),
            ('\u{ad}', ""),
            ('😀', "P"),
            ('_', "P"),
        ] {
            let claims = [
                (is_decimal(c), 'D'),
                (is_digit(c), 'G'),
                (is_numeric(c), 'N'),
                (is_alpha(c), 'A'),
                (is_space(c), 'S'),
                (is_upper(c), 'U'),
                (is_lower(c), 'L'),
                (is_printable(c), 'P'),
            ];
            let found: String = claims.into_iter().filter_map(|(holds, letter)| holds.then_some(letter)).collect();
            assert_eq!(found, expected, "{c:?}");
        }
    }
}
