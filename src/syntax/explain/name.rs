//! Rules about names where something else stands.

use super::Context;
use crate::diag::Diag;
use crate::syntax::token::Tok;

/// `case x as 1`.
pub(super) fn pattern_target(context: &Context) -> Option<Diag> {
    let head = context.tok(context.line) == Tok::Case;
    let after_as = context.prev() == Tok::As || context.tok(context.at.saturating_sub(2)) == Tok::As;
    if !head || !after_as || !matches!(context.here(), Tok::Dot | Tok::LPar | Tok::LSqb | Tok::Number | Tok::Str | Tok::None | Tok::True | Tok::False) {
        return None;
    }
    context.error("pattern", "invalid pattern target", context.at, context.at)
}
