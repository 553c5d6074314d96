//! The last events of a run as texts: what most reconnecting screens have missed.

use bulq_domain::Seq;
use std::collections::VecDeque;
use std::sync::Arc;

const MAX_EVENTS: usize = 256;
const MAX_BYTES: usize = 48 * 1024;
/// What a run keeps that nobody writes to: who was away for a moment missed less.
const BYTES_AT_REST: usize = 8 * 1024;

#[derive(Default)]
pub(super) struct Ring {
    first: Seq,
    events: VecDeque<Arc<str>>,
    bytes: usize,
}

impl Ring {
    /// `seq` is the one after the last, or the first of all.
    pub(super) fn push(&mut self, seq: Seq, envelope: Arc<str>) {
        if self.events.is_empty() {
            self.first = seq;
        }
        self.bytes += envelope.len();
        self.events.push_back(envelope);
        self.drop_oldest(MAX_BYTES);
    }

    /// Keeps the last few events only.
    pub(super) fn shorten(&mut self) {
        self.drop_oldest(BYTES_AT_REST);
        self.events.shrink_to_fit();
    }

    fn drop_oldest(&mut self, bytes: usize) {
        while self.events.len() > MAX_EVENTS || (self.bytes > bytes && self.events.len() > 1) {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes -= oldest.len();
                self.first += 1;
            }
        }
    }

    /// The events `first..=last`; none if some of them are not here any more. Empty if `first` is after `last`.
    pub(super) fn range(&self, first: Seq, last: Seq) -> Option<Vec<Arc<str>>> {
        if first > last {
            return Some(Vec::new());
        }
        let from = usize::try_from(first.checked_sub(self.first)?).ok()?;
        let to = usize::try_from(last.checked_sub(self.first)?).ok()?;
        (to < self.events.len()).then(|| self.events.range(from..=to).cloned().collect())
    }
}
