//! What was received, for whoever wants to judge it afterwards.

use bulq_domain::Seq;
use bulq_protocol::wire::EventEnvelope;
use std::collections::VecDeque;
use std::sync::Arc;

/// Something that changed the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The view began anew at this seq.
    Snapshot(Seq),
    Event(Arc<EventEnvelope>),
}

impl Heard {
    /// How many are kept; beyond, the oldest are dropped.
    pub const MAX: usize = 65_536;
}

/// The latest [`Heard::MAX`] things heard.
#[derive(Debug, Default)]
pub(crate) struct Record(VecDeque<Heard>);

impl Record {
    pub(crate) fn push(&mut self, heard: Heard) {
        if self.0.len() == Heard::MAX {
            self.0.pop_front();
        }
        self.0.push_back(heard);
    }

    pub(crate) fn all(&self) -> Vec<Heard> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn events(&self) -> Vec<Arc<EventEnvelope>> {
        let event = |heard: &Heard| match heard {
            Heard::Event(event) => Some(event.clone()),
            Heard::Snapshot(_) => None,
        };
        self.0.iter().filter_map(event).collect()
    }
}
