//! Rules about names where something else stands.

use super::Context;
use crate::diag::Diag;
use crate::syntax::token::Tok;

/// `case x as 1`.
pub(super) fn pattern_target(context: &Context) -> Option<Diag> {
    let head = context.tok(context.line) == Tok::Case;
    if !head || context.prev() != Tok::As || !context.here().starts_expression() {
        return None;
    }
    context.error("pattern", "invalid pattern target", context.at, context.at)
}
