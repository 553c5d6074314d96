//! A view that is kept up with events is the view somebody would be shown now.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use bulq_domain::command::{Cancel, EditDetails, Nothing, Person, PlaceBid, RetractBid, SetReady};
use bulq_domain::event::Departure;
use bulq_domain::run::Unit;
use bulq_domain::{
    Command, Comment, Context, Event, GroupId, Money, NewRun, Product, ProductId, Quantity, Recorded, Run,
    RunId, Seq, ShortagePolicy, StoreId, UserId,
};
use bulq_protocol::RunView;
use bulq_protocol::wire::{EventEnvelope, envelope, event_body};
use std::sync::Arc;
use uuid::Uuid;

const RUNS: u64 = 150;
const STEPS: usize = 150;

#[test]
fn a_folded_view_equals_a_fresh_one_at_every_seq() {
    for seed in 0..RUNS {
        let mut world = World::new(seed);
        let mut views = vec![RunView::of(&world.run)];
        for step in 0..STEPS {
            let events = world.step();
            for view in &mut views {
                events.iter().for_each(|event| view.apply(event));
            }

            let fresh = RunView::of(&world.run);
            for view in &views {
                assert_eq!(view, &fresh, "seed {seed}, step {step}");
            }
            if step % 30 == 0 {
                views.push(fresh);
            }
        }
    }
}

#[test]
fn events_that_are_in_the_view_already_change_nothing() {
    let mut world = World::new(7);
    let events: Vec<_> = (0..STEPS).flat_map(|_| world.step()).collect();
    let mut view = RunView::of(&world.run);

    events.iter().for_each(|event| view.apply(event));

    assert_eq!(view, RunView::of(&world.run));
}

#[test]
fn a_view_is_read_from_its_text_as_it_was_written() {
    let mut world = World::new(8);
    (0..STEPS).for_each(|_| drop(world.step()));
    let view = RunView::of(&world.run);

    let text = serde_json::to_string(&view).unwrap();

    assert_eq!(serde_json::from_str::<RunView>(&text).unwrap(), view);
}

/// A run to which things happen at random. The same seed, the same run.
struct World {
    run: Run,
    dice: Dice,
}

/// splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let new = NewRun {
            group_id: GroupId(Uuid::from_u128(1)),
            store_id: StoreId(Uuid::from_u128(2)),
            store_name: "Mill".into(),
            currency: "EUR".parse().unwrap(),
            comment: None,
            planned_on: None,
            bidding_deadline: None,
            auto_confirm: dice.one_in(2),
            shortage_policy: ShortagePolicy::default(),
            costs: Vec::new(),
        };
        let mut events = Run::create(new, &context(0, 0)).into_iter();
        let run =
            Run::begin(RunId(Uuid::from_u128(3)), &through_the_wire(1, 0, &events.next().unwrap())).unwrap();
        let mut world = Self { run, dice };
        world.record(events.collect());
        world
    }

    /// Something is asked, or somebody leaves or returns. What came of it, as a client receives it.
    fn step(&mut self) -> Vec<Recorded> {
        let who = self.dice.below(6);
        let events = match self.dice.below(60) {
            0 => self.run.member_left(user(who.max(1)), Departure::Left),
            1 | 2 => self.run.member_returned(user(who)),
            3 if self.dice.one_in(20) => self.run.member_left(user(0), Departure::Removed),
            _ => self.asked(who),
        };
        self.record(events)
    }

    fn asked(&mut self, who: u64) -> Vec<Event> {
        let product = self.dice.below(5);
        let command = self.command(product);
        self.run.decide(&command, &context(who, product)).unwrap_or_default()
    }

    fn command(&mut self, product: u64) -> Command {
        let product_id = product_id(product);
        let on_behalf_of = self.dice.one_in(8).then(|| user(5));
        match self.dice.below(40) {
            0..=4 => Command::RetractBid(RetractBid { product_id, on_behalf_of }),
            5..=12 => Command::SetReady(SetReady { ready: !self.dice.one_in(6) }),
            13 | 14 => Command::StepBack(Nothing {}),
            15 => Command::Confirm(Nothing {}),
            16 => Command::Open(Nothing {}),
            17 | 18 => self.edit(),
            19 if self.dice.one_in(6) => {
                let reason = "no van".to_owned().try_into().unwrap();
                Command::Cancel(Cancel { reason, expected_seq: None, outcomes: Vec::new() })
            }
            _ => self.bid(product_id, on_behalf_of),
        }
    }

    fn bid(&mut self, product_id: ProductId, on_behalf_of: Option<UserId>) -> Command {
        let quantity = self.dice.below(15);
        Command::PlaceBid(PlaceBid {
            product_id,
            quantity: pieces(quantity),
            min: self.dice.one_in(3).then(|| pieces(quantity / 2)),
            max: self.dice.one_in(2).then(|| pieces(quantity + 5)),
            interested_only: self.dice.one_in(10),
            comment: self.dice.one_in(4).then(|| comment("ripe ones")),
            on_behalf_of,
            fill: self.dice.one_in(10),
        })
    }

    fn edit(&mut self) -> Command {
        Command::EditDetails(EditDetails {
            comment: self.dice.one_in(2).then(|| comment(if self.dice.one_in(2) { "" } else { "by bike" })),
            planned_on: self
                .dice
                .one_in(2)
                .then(|| self.dice.one_in(2).then(|| "2026-12-01".parse().unwrap())),
            bidding_deadline: self
                .dice
                .one_in(2)
                .then(|| self.dice.one_in(2).then(|| "2026-12-01T10:00:00Z".parse().unwrap())),
        })
    }

    fn record(&mut self, events: Vec<Event>) -> Vec<Recorded> {
        let take = |event: Event| {
            let recorded = through_the_wire(self.run.seq + 1, 0, &event);
            self.run.apply(&recorded);
            recorded
        };
        events.into_iter().map(take).collect()
    }
}

/// The event as a client reads it from a frame.
fn through_the_wire(seq: Seq, by: u64, event: &Event) -> Recorded {
    let at = context(by, 0).at + std::time::Duration::from_micros(seq);
    let text = envelope(seq, at, Some(user(by)), None, &event_body(event));
    serde_json::from_str::<EventEnvelope>(&text).unwrap().into()
}

fn context(who: u64, number: u64) -> Context {
    let product = Product {
        id: product_id(number),
        name: format!("product {number}").into(),
        unit: Unit::Piece,
        step: Quantity::ONE,
        pack: [None, Some(pieces(12)), Some(pieces(6))][number as usize % 3],
        minimum: pieces(number),
        price: (number != 2).then_some(Money(129)),
        family_id: None,
    };
    Context {
        by: user(who),
        name: format!("person {who}").into(),
        at: "2026-11-21T08:00:00Z".parse().unwrap(),
        command_id: None,
        product: Some(Arc::new(product)),
        person: Some(Person { id: user(5), name: "person 5".into() }),
    }
}

fn user(number: u64) -> UserId {
    UserId(Uuid::from_u128(u128::from(number) + 100))
}

fn product_id(number: u64) -> ProductId {
    ProductId(Uuid::from_u128(u128::from(number) + 200))
}

fn pieces(count: u64) -> Quantity {
    Quantity::from_thousandths(count * 1000).unwrap()
}

fn comment(text: &str) -> Comment {
    text.to_owned().try_into().unwrap()
}
