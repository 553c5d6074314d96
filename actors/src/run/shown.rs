//! What everybody gets to see of a run: the durable state, shared with whoever reads it.
//!
//! A run hands out a reference and goes on; readers encode on their own threads. Should a reader still hold it when
//! the next event comes, the run goes on with a copy.

use bulq_domain::{Recorded, Run, RunId, Seq, UserId};
use bulq_protocol::view::{RunView, Viewer};
use bytestring::ByteString;
use std::sync::{Arc, OnceLock};

/// The durable state of a run at one seq.
#[derive(Debug)]
pub struct Shown {
    run: Run,
    /// The view everybody shares, without its closing brace; encoded by whoever asks first.
    view: OnceLock<ByteString>,
}

impl Clone for Shown {
    fn clone(&self) -> Self {
        Self::of(self.run.clone())
    }
}

impl Shown {
    pub(super) fn of(run: Run) -> Self {
        Self { run, view: OnceLock::new() }
    }

    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    #[must_use]
    pub fn seq(&self) -> Seq {
        self.run.seq
    }

    /// How many bids there are.
    pub(super) fn bids(&self) -> u64 {
        self.run.participants.iter().map(|person| u64::from(person.bids)).sum()
    }

    /// The whole view for one person, as JSON.
    #[must_use]
    pub fn view_for(&self, viewer: UserId) -> String {
        let shared = self.view.get_or_init(|| {
            let mut text = serde_json::to_string(&RunView::of(&self.run)).expect("views are plain data");
            text.pop();
            text.into()
        });
        let viewer = serde_json::to_string(&Viewer::of(&self.run, viewer)).expect("views are plain data");
        format!(r#"{shared},"viewer":{viewer}}}"#)
    }

    /// Gives back what it can: the text, which the next who asks encodes again, and, if events were folded, what they left.
    pub(super) fn rest(&mut self, folded: bool) {
        self.view = OnceLock::new();
        if folded {
            // What grew one by one has up to twice the room it needs; a copy has just that.
            self.run = self.run.clone();
        }
    }

    /// Folds one more event into what is shown.
    pub(super) fn fold(shown: &mut Option<Arc<Self>>, id: RunId, recorded: &Recorded) {
        match shown {
            Some(shown) => {
                let shown = Arc::make_mut(shown);
                shown.run.apply(recorded);
                shown.view = OnceLock::new();
            }
            None => *shown = Run::begin(id, recorded).map(|run| Arc::new(Self::of(run))),
        }
    }
}
