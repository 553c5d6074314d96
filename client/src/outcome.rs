//! The three things a client learns about a command.

use crate::RawResponse;
use bulq_domain::Seq;
use bulq_protocol::Problem;
use bulq_protocol::live::ServerFrame;
use bulq_protocol::run::Committed;
use bulq_protocol::wire::EventEnvelope;
use serde_json::{Map, Value};

/// The code of a refusal that is not final: nothing changed, and the same id may be asked again.
pub const BUSY: &str = "BUSY";

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is in the database.
    Committed {
        /// The run's seq after the command.
        seq: Seq,
        /// What it caused. Over the live connection always empty: there the events come with the stream.
        events: Vec<EventEnvelope>,
    },
    /// Nothing changed, and with this id nothing ever will.
    Rejected(Refused),
    /// Nobody can say yet: no answer, or the server is busy or in doubt. Ask again with the same id.
    Unknown,
}

/// Why a command was rejected.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Over HTTP.
    pub status: Option<u16>,
    pub code: String,
    pub detail: String,
    pub facts: Map<String, Value>,
}

impl Outcome {
    /// The seq of a committed command.
    #[must_use]
    pub fn seq(&self) -> Option<Seq> {
        match self {
            Self::Committed { seq, .. } => Some(*seq),
            _ => None,
        }
    }

    /// The code of a rejected command.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Rejected(refused) => Some(&refused.code),
            _ => None,
        }
    }

    /// The seq; for tests and scripts that expect success.
    ///
    /// # Panics
    /// If it is anything but committed.
    #[track_caller]
    pub fn committed(&self) -> Seq {
        self.seq().unwrap_or_else(|| panic!("not committed: {self:?}"))
    }

    /// What an HTTP answer says. An answer that is not understood leaves the outcome unknown.
    #[must_use]
    pub fn of_response(answer: &RawResponse) -> Self {
        match answer.status {
            200..300 => match serde_json::from_str::<Committed>(&answer.text) {
                Ok(Committed { seq, events, .. }) => Self::Committed { seq, events },
                Err(_) => Self::Unknown,
            },
            408 | 429 | 500.. => Self::Unknown,
            status => Self::Rejected(Refused::of_problem(status, answer.problem())),
        }
    }

    /// The id a frame answers and what it says, if it answers a command at all.
    #[must_use]
    pub fn of_frame(frame: &ServerFrame) -> Option<(u64, Self)> {
        match frame {
            ServerFrame::Committed { id, seq, .. } => {
                Some((*id, Self::Committed { seq: *seq, events: Vec::new() }))
            }
            ServerFrame::Rejected { id, code, .. } if code == BUSY => Some((*id, Self::Unknown)),
            ServerFrame::Rejected { id, code, detail, facts } => {
                let (code, detail, facts) = (code.clone(), detail.clone(), facts.clone());
                Some((*id, Self::Rejected(Refused { status: None, code, detail, facts })))
            }
            ServerFrame::Unknown { id, .. } => Some((*id, Self::Unknown)),
            _ => None,
        }
    }
}

impl Refused {
    fn of_problem(status: u16, problem: Problem) -> Self {
        let Problem { code, detail, facts, .. } = problem;
        Self { status: Some(status), code, detail, facts }
    }
}
