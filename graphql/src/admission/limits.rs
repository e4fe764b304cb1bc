use super::refusal::Refusal;
use super::walk::Found;

/// The most bytes of a document. What is large belongs into variables.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// The most tokens of a document: names, numbers, texts, signs.
pub const MAX_TOKENS: usize = 4_000;
/// How deep brackets of any kind may nest in a document.
pub const MAX_NESTING: usize = 32;
/// How many selections may stand in each other, those of fragments included: what the engine takes, too.
pub const MAX_LEVELS: usize = 32;
/// How deep an operation may nest.
pub const MAX_DEPTH: usize = 10;
/// The most that an operation may cost: a field counts for one, a list for as many of its fields as it may have.
pub const MAX_COMPLEXITY: usize = 10_000;
/// The most aliases of an operation.
pub const MAX_ALIASES: usize = 30;
/// The most fields of an operation's root.
pub const MAX_ROOT_FIELDS: usize = 20;

/// Holds an operation to the limits.
pub(super) fn hold(found: &Found<'_>) -> Result<(), Refusal> {
    let limits = [
        ("depth", found.size.depth, if found.introspects { MAX_NESTING } else { MAX_DEPTH }),
        ("aliases", found.size.aliases, MAX_ALIASES),
        ("root fields", found.root_fields, MAX_ROOT_FIELDS),
    ];
    limits.into_iter().try_for_each(|(what, is, most)| within(what, is, most))
}

/// Whether there is no more of it than there may be.
pub(super) fn within(what: &'static str, is: usize, most: usize) -> Result<(), Refusal> {
    if is > most { Err(Refusal::too_much(what, is, most)) } else { Ok(()) }
}
