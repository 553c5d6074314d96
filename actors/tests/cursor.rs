//! A socket's cursor against a run that goes on while the socket joins, lags and comes back.

use bulq_actors::cursor::{Cursor, Output, Span};
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    first: u64,
    last: u64,
}

impl Span for Row {
    fn first(&self) -> u64 {
        self.first
    }

    fn last(&self) -> u64 {
        self.last
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The run publishes a frame of so many events, and the hub hands it over.
    Publish(u64),
    /// The run publishes, but the session's mailbox is full.
    PublishLost(u64),
    /// The run's answer to the oldest question arrives.
    Answer,
    /// The answer is lost; the session's timer asks again.
    LoseAnswer,
    Nudge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u64..5).prop_map(Step::Publish),
        1 => (1u64..5).prop_map(Step::PublishLost),
        3 => Just(Step::Answer),
        1 => Just(Step::LoseAnswer),
        1 => Just(Step::Nudge),
    ]
}

struct World {
    cursor: Cursor<Row>,
    /// What the client has been sent, up to this seq.
    shown: u64,
    durable: u64,
    /// Questions on their way, with what the run answers: its durable seq when it reads them.
    asked: VecDeque<Option<u64>>,
}

impl World {
    fn perform(&mut self, output: Output<Row>) {
        match output {
            Output::Ask { after } => self.asked.push_back(after),
            Output::Send(row) => {
                assert_eq!(row.first, self.shown + 1, "a gap or a repetition was sent");
                self.shown = row.last;
            }
        }
    }

    fn publish(&mut self, events: u64) -> Row {
        let row = Row { first: self.durable + 1, last: self.durable + events };
        self.durable = row.last;
        row
    }

    fn answer(&mut self) {
        let Some(after) = self.asked.pop_front() else { return };
        if let Some(after) = after {
            assert_eq!(after, self.shown, "the question is about exactly what was not shown");
        }
        self.shown = self.durable;
        for output in self.cursor.on_caught_up(self.durable) {
            self.perform(output);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Publish(events) => {
                let row = self.publish(events);
                if let Some(output) = self.cursor.on_frame(row) {
                    self.perform(output);
                }
            }
            Step::PublishLost(events) => {
                self.publish(events);
            }
            Step::Answer => self.answer(),
            Step::LoseAnswer => {
                if let Some(after) = self.asked.pop_front() {
                    self.asked.push_back(after);
                }
            }
            Step::Nudge => {
                if let Some(output) = self.cursor.on_nudge() {
                    self.perform(output);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn everything_is_shown_once_and_in_order(
        history in 0u64..20, seen in prop::option::of(0u64..20), steps in prop::collection::vec(step(), 0..80),
    ) {
        let after = seen.map(|seen| seen.min(history));
        let (cursor, ask) = Cursor::subscribe(after);
        let mut world = World { cursor, shown: after.unwrap_or(0), durable: history, asked: VecDeque::new() };
        world.perform(ask);

        for step in steps {
            world.step(step);
        }
        // The faults end: the hub nudges, questions are answered.
        world.step(Step::Nudge);
        while !world.asked.is_empty() {
            world.step(Step::Answer);
        }

        prop_assert_eq!(world.shown, world.durable);
        prop_assert!(!world.cursor.is_asking());
    }

    #[test]
    fn a_flood_while_joining_is_bounded_and_nothing_is_lost(frames in 60u64..300) {
        let (cursor, ask) = Cursor::subscribe(None);
        let mut world = World { cursor, shown: 0, durable: 0, asked: VecDeque::new() };
        world.perform(ask);

        for _ in 0..frames {
            world.step(Step::Publish(1));
        }
        while !world.asked.is_empty() {
            world.step(Step::Answer);
        }

        prop_assert_eq!(world.shown, frames);
    }
}
