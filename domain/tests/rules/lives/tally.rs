//! What was reached: a generator that never gets somewhere proves nothing about it.

use bulq_domain::event::Cause;
use bulq_domain::{Code, Command, CommandKind, Event, Rejection, Run, State};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct Tally {
    states: BTreeMap<State, u64>,
    ends: BTreeMap<State, u64>,
    events: BTreeMap<&'static str, u64>,
    accepted: BTreeMap<CommandKind, u64>,
    refused: BTreeMap<&'static str, u64>,
    /// Variants within events: causes, policies, outcomes, how offers ended.
    variants: BTreeSet<String>,
    lives: u64,
}

/// Refusals no life of a few products comes to; they have tests of their own.
const ELSEWHERE: &[Code] = &[Code::CommandIdReused, Code::TooManyProducts];

const VARIANTS: &[&str] = &[
    "Leader",
    "FirstBid",
    "EveryoneReady",
    "Deadline",
    "LeaderLeft",
    "LeaderRemoved",
    "EqualAwards",
    "Proportional",
    "EqualLosses",
    "FirstCome",
    "Returned",
    "KeptByPayer",
    "SharedAnyway",
    "Declined",
    "Withdrawn",
    "Left",
    "RunEnded",
    "picked",
    "parts",
];

impl Tally {
    pub(crate) fn decided(&mut self, command: &Command, decided: &Result<Vec<Event>, Rejection>) {
        match decided {
            Ok(_) => *self.accepted.entry(command.kind()).or_default() += 1,
            Err(rejection) => *self.refused.entry(rejection.code.as_str()).or_default() += 1,
        }
    }

    pub(crate) fn happened(&mut self, run: &Run, event: &Event) {
        *self.events.entry(event.kind()).or_default() += 1;
        if event.new_state().is_some() {
            *self.states.entry(run.state).or_default() += 1;
        }
        match event {
            Event::RunOpened { cause, .. } | Event::RunConfirmed { cause, .. } => self.cause(*cause),
            Event::RunCancelled { cause, items, .. } => {
                self.cause(*cause);
                items.iter().for_each(|item| self.variant(&format!("{:?}", item.outcome)));
            }
            Event::AdjustingFinished { policy: Some(policy), .. } => self.variant(&format!("{policy:?}")),
            Event::HandoverEnded { reason, .. } => self.variant(&format!("{reason:?}")),
            Event::PurchaseRecorded { parts, .. } => {
                if parts.len() > 1 {
                    self.variant("parts");
                }
                if parts.iter().any(|part| part.picked.is_some()) {
                    self.variant("picked");
                }
            }
            _ => {}
        }
    }

    pub(crate) fn ended(&mut self, run: &Run) {
        self.lives += 1;
        *self.ends.entry(run.state).or_default() += 1;
    }

    fn cause(&mut self, cause: Cause) {
        self.variant(&format!("{cause:?}"));
    }

    fn variant(&mut self, name: &str) {
        if !self.variants.contains(name) {
            self.variants.insert(name.to_owned());
        }
    }

    /// Every state, event, command, refusal and variant; and a good part of the lives came to a good end.
    ///
    /// A few lives need not get everywhere.
    pub(crate) fn assert_everything_was_reached(&self) {
        if self.lives < 20_000 {
            return;
        }
        let mut missing: Vec<String> = Vec::new();
        let mut need = |reached: bool, what: &str| {
            if !reached {
                missing.push(what.to_owned());
            }
        };
        for state in State::ALL.into_iter().filter(|state| *state != State::Planning) {
            need(self.states.contains_key(&state), state.as_str());
        }
        for kind in Event::KINDS.iter().filter(|kind| **kind != "run_created") {
            need(self.events.contains_key(kind), kind);
        }
        for kind in CommandKind::ALL {
            need(self.accepted.contains_key(kind), kind.as_str());
        }
        for code in Code::ALL.iter().filter(|code| !ELSEWHERE.contains(code)) {
            need(self.refused.contains_key(code.as_str()), code.as_str());
        }
        for variant in VARIANTS {
            need(self.variants.contains(*variant), variant);
        }
        assert!(missing.is_empty(), "never reached: {missing:?}");
        let completed = self.ends.get(&State::Completed).copied().unwrap_or(0);
        assert!(completed * 4 > self.lives, "{completed} of {} lives were completed", self.lives);
    }
}
