//! The cursor of a run against a connection that loses, doubles and reorders.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod story;

use bulq_client::domain::{Recorded, Seq};
use bulq_client::protocol::RunView;
use bulq_client::protocol::live::{ClientFrame, ServerFrame, Snapshot, Topic};
use bulq_client::resume::{Input, Output, Resume};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::LazyLock;
use story::Story;

static STORY: LazyLock<Story> = LazyLock::new(|| Story::with_bids(60));

#[derive(Clone, Copy, Debug)]
enum Chaos {
    Publish(u8),
    Deliver,
    Lose,
    Double,
    Swap,
    Cut,
    Reset,
}

fn chaos() -> impl Strategy<Value = Chaos> {
    prop_oneof![
        4 => (1u8..6).prop_map(Chaos::Publish),
        8 => Just(Chaos::Deliver),
        1 => Just(Chaos::Lose),
        1 => Just(Chaos::Double),
        1 => Just(Chaos::Swap),
        1 => Just(Chaos::Cut),
        1 => Just(Chaos::Reset),
    ]
}

/// A server, a connection and a client that judges everything it is told.
struct World {
    resume: Resume,
    durable: Seq,
    wire: VecDeque<ServerFrame>,
    view: Option<RunView>,
    subscriptions: u32,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            resume: Resume::new(STORY.id),
            durable: 2,
            wire: VecDeque::new(),
            view: None,
            subscriptions: 0,
        };
        world.reconnect();
        world
    }

    fn reconnect(&mut self) {
        self.wire.clear();
        self.input(Input::Offline);
        self.input(Input::Online);
    }

    fn input(&mut self, input: Input) {
        for output in self.resume.on(input) {
            match output {
                Output::Subscribe(ClientFrame::Subscribe { id, after, .. }) => self.subscribe(id, after),
                Output::Snapshot(view) => self.view = Some(*view),
                Output::Event(event) => {
                    let view = self.view.as_mut().expect("no event before the first snapshot");
                    assert_eq!(event.seq, view.seq + 1, "events come strictly one after the other");
                    view.apply(&Recorded::from(*event));
                }
                Output::Reconnect { .. } => return self.reconnect(),
                other => panic!("{other:?}"),
            }
        }
    }

    fn subscribe(&mut self, id: u64, after: Option<Seq>) {
        self.subscriptions += 1;
        let (topic, seq) = (Topic::Run(STORY.id), self.durable);
        let (snapshot, events) = match after {
            Some(after) => (None, Some(STORY.events(after, seq))),
            None => (Some(Snapshot::Run(Box::new(STORY.view_at(seq)))), None),
        };
        self.wire.push_back(ServerFrame::Subscribed { id, topic, seq, snapshot, events });
    }

    fn publish(&mut self, count: u8) {
        let last = (self.durable + Seq::from(count)).min(STORY.end());
        self.wire.push_back(events_frame(self.durable, last));
        self.durable = last;
    }

    fn step(&mut self, chaos: Chaos) {
        match chaos {
            Chaos::Publish(count) => self.publish(count),
            Chaos::Deliver => {
                if let Some(frame) = self.wire.pop_front() {
                    self.input(Input::Frame(Box::new(frame)));
                }
            }
            Chaos::Lose => drop(self.wire.pop_front()),
            Chaos::Double => self.wire.extend(self.wire.front().cloned()),
            Chaos::Swap if self.wire.len() > 1 => self.wire.swap(0, 1),
            Chaos::Swap => {}
            Chaos::Cut => self.reconnect(),
            Chaos::Reset => {
                let (topic, reason) = (Topic::Run(STORY.id), String::new());
                self.wire.push_back(ServerFrame::Reset { topic, reason });
            }
        }
    }

    fn deliver_everything(&mut self) {
        while let Some(frame) = self.wire.pop_front() {
            self.input(Input::Frame(Box::new(frame)));
        }
    }
}

fn events_frame(after: Seq, last: Seq) -> ServerFrame {
    let events = STORY.events(after, last);
    let events = events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    ServerFrame::Events { topic: Topic::Run(STORY.id), events }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_the_connection_does_the_view_is_the_log_in_the_end(steps in prop::collection::vec(chaos(), 0..120)) {
        let mut world = World::new();

        steps.into_iter().for_each(|step| world.step(step));

        world.reconnect();
        world.publish(u8::MAX);
        world.deliver_everything();
        prop_assert!(world.resume.is_live());
        prop_assert_eq!(world.view.unwrap(), STORY.view_at(STORY.end()));
    }

    #[test]
    fn without_a_new_connection_too_unless_a_frame_was_lost(
        steps in prop::collection::vec(chaos().prop_filter("loses a frame", |c| !matches!(c, Chaos::Lose)), 0..120),
    ) {
        let mut world = World::new();

        steps.into_iter().for_each(|step| world.step(step));

        world.deliver_everything();
        prop_assert!(world.resume.is_live());
        prop_assert_eq!(world.view.unwrap(), STORY.view_at(world.durable));
    }
}

#[test]
fn a_lost_frame_is_noticed_with_the_next_one() {
    let mut world = World::new();
    world.deliver_everything();
    world.publish(3);
    world.wire.clear();
    world.publish(1);

    world.deliver_everything();

    assert_eq!(world.view.unwrap(), STORY.view_at(6));
    assert_eq!(world.subscriptions, 2);
}

#[test]
fn a_server_that_never_closes_the_gap_is_left_after_a_few_tries() {
    let mut resume = Resume::new(STORY.id);
    let mut outputs = resume.on(Input::Online);
    let mut tries = 0;

    while let Some(Output::Subscribe(ClientFrame::Subscribe { id, topic, .. })) = outputs.pop() {
        tries += 1;
        let lie = ServerFrame::Subscribed { id, topic, seq: 50, snapshot: None, events: Some(Vec::new()) };
        outputs = resume.on(Input::Frame(Box::new(lie)));
        if let [Output::Reconnect { .. }] = &outputs[..] {
            break;
        }
        assert!(tries < 20, "it should have given up");
    }

    assert!(!resume.is_live());
    assert_eq!(resume.seq(), None, "the next connection begins with a snapshot");
}

#[test]
fn after_revoked_or_refused_nothing_comes_and_nothing_is_asked() {
    let topic = Topic::Run(STORY.id);
    let revoked = ServerFrame::Revoked { topic, reason: "removed_from_group".to_owned() };
    let refused = ServerFrame::Rejected {
        id: 2,
        code: "NOT_FOUND".to_owned(),
        detail: String::new(),
        facts: Default::default(),
    };

    for (end, reason) in [(revoked, "removed_from_group"), (refused, "NOT_FOUND")] {
        let mut resume = Resume::new(STORY.id);
        resume.on(Input::Online);

        let outputs = resume.on(Input::Frame(Box::new(end)));

        assert_eq!(outputs, vec![Output::Ended { reason: reason.to_owned() }]);
        assert!(resume.is_ended());
        assert_eq!(resume.on(Input::Frame(Box::new(events_frame(0, 5)))), vec![]);
        assert_eq!(resume.on(Input::Online), vec![]);
    }
}

#[test]
fn a_busy_server_is_asked_again_over_a_new_connection() {
    let mut resume = Resume::new(STORY.id);
    resume.on(Input::Online);
    let (code, detail, facts) = ("BUSY".to_owned(), String::new(), Default::default());

    let outputs = resume.on(Input::Frame(Box::new(ServerFrame::Rejected { id: 2, code, detail, facts })));

    assert!(matches!(&outputs[..], [Output::Reconnect { .. }]));
    assert!(matches!(&resume.on(Input::Online)[..], [Output::Subscribe(_)]));
}

#[test]
fn frames_of_other_topics_change_nothing() {
    let mut world = World::new();
    world.deliver_everything();
    let before = world.view.clone();
    let other = Topic::User;

    world.input(Input::Frame(Box::new(ServerFrame::Reset { topic: other, reason: String::new() })));
    world.input(Input::Frame(Box::new(ServerFrame::Revoked { topic: other, reason: String::new() })));
    world.input(Input::Frame(Box::new(ServerFrame::Events { topic: other, events: Vec::new() })));

    assert_eq!((world.view, world.subscriptions), (before, 1));
    assert!(world.resume.is_live());
}
