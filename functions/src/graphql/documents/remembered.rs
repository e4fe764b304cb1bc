use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::DocumentId;

/// How many documents are kept, and how many bytes their texts have together.
const MAX_DOCUMENTS: usize = 1_000;
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// A larger one is not kept: it would push too many others out.
const LARGEST_BYTES: usize = 64 * 1024;

/// The documents used last, within bounds. Who finds a document gone sends it again.
#[derive(Default)]
pub(super) struct Remembered {
    texts: HashMap<DocumentId, Kept>,
    /// By when they were used last.
    order: BTreeMap<u64, DocumentId>,
    uses: u64,
    bytes: usize,
}

struct Kept {
    text: Arc<str>,
    used: u64,
}

impl Remembered {
    /// The text of that name, which is used now.
    pub(super) fn get(&mut self, id: &DocumentId) -> Option<Arc<str>> {
        let kept = self.texts.get_mut(id)?;
        self.order.remove(&kept.used);
        self.uses += 1;
        kept.used = self.uses;
        self.order.insert(self.uses, id.clone());
        Some(Arc::clone(&kept.text))
    }

    /// Keeps a text under its name, and forgets what was not used for longest until all fits.
    pub(super) fn put(&mut self, id: &DocumentId, text: &str) {
        if text.len() > LARGEST_BYTES || self.get(id).is_some() {
            return;
        }
        self.uses += 1;
        self.bytes += text.len();
        self.order.insert(self.uses, id.clone());
        self.texts.insert(id.clone(), Kept { text: text.into(), used: self.uses });
        while self.texts.len() > MAX_DOCUMENTS || self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.bytes -= self.texts.remove(&oldest).map_or(0, |kept| kept.text.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(remembered: &mut Remembered, text: &str) -> DocumentId {
        let id = DocumentId::of(text);
        remembered.put(&id, text);
        id
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut remembered = Remembered::default();
        let all: Vec<_> =
            (0..MAX_DOCUMENTS).map(|at| put(&mut remembered, &format!("{{ a{at} }}"))).collect();
        assert_eq!(remembered.get(&all[0]).as_deref(), Some("{ a0 }"));
        put(&mut remembered, "{ one more }");
        assert!(remembered.get(&all[0]).is_some(), "used since");
        assert!(remembered.get(&all[1]).is_none(), "the oldest use");
        assert!(remembered.get(&all[2]).is_some());
        assert_eq!((remembered.texts.len(), remembered.order.len()), (MAX_DOCUMENTS, MAX_DOCUMENTS));
    }

    #[test]
    fn all_texts_together_are_bounded_and_so_is_each() {
        let mut remembered = Remembered::default();
        let large = |at: usize| format!("{at:0>4}{}", "x".repeat(LARGEST_BYTES - 4));
        let fitting = MAX_BYTES / LARGEST_BYTES;
        let all: Vec<_> = (0..=fitting).map(|at| put(&mut remembered, &large(at))).collect();
        assert!(remembered.get(&all[0]).is_none() && remembered.get(&all[1]).is_some());
        assert_eq!(remembered.bytes, MAX_BYTES);
        let larger = put(&mut remembered, &format!("{}1", large(0)));
        assert!(remembered.get(&larger).is_none());
    }

    #[test]
    fn what_is_kept_twice_counts_once() {
        let mut remembered = Remembered::default();
        for _ in 0..3 {
            put(&mut remembered, "{ a }");
        }
        assert_eq!((remembered.bytes, remembered.order.len()), (5, 1));
    }
}
