//! A run, its log, and everything that can happen to them, drawn at random.

use bulq_domain::command::{Cancel, EditDetails, Nothing, Person, PlaceBid, RetractBid, SetReady};
use bulq_domain::event::Departure;
use bulq_domain::run::Unit;
use bulq_domain::{
    Command, CommandKind, Comment, Context, Event, GroupId, Money, NewRun, Product, ProductId, Quantity,
    Recorded, Rejection, Role, Run, RunId, Seq, StoreId, Timestamp, UserId,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) const PEOPLE: u8 = 6;
pub(crate) const PRODUCTS: u8 = 6;
/// The same cases every time; `PROPTEST_RNG_SEED=…` draws others.
const SEED: u64 = 20_261_121;

pub(crate) fn config(cases: u32) -> ProptestConfig {
    let drawn = ProptestConfig::default();
    let rng_seed = match drawn.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        given @ RngSeed::Fixed(_) => given,
    };
    ProptestConfig { cases, rng_seed, failure_persistence: None, max_shrink_iters: 20_000, ..drawn }
}

/// What happens, with people and products by number. Person 0 creates the run.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Ask(u8, Ask),
    Leave(u8, Departure),
    Return(u8),
}

#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Bid(Bid),
    Retract { product: u8, on_behalf_of: Option<u8> },
    Ready(bool),
    Edit { comment: Option<bool>, date: Option<bool> },
    Cancel { seq_off_by: Option<i8> },
    Simple(CommandKind),
}

/// Numbers are steps of the product.
#[derive(Clone, Debug)]
pub(crate) struct Bid {
    pub(crate) product: u8,
    pub(crate) quantity: u16,
    pub(crate) min: Option<u16>,
    pub(crate) max: Option<u16>,
    pub(crate) interested_only: bool,
    pub(crate) on_behalf_of: Option<u8>,
    pub(crate) fill: bool,
}

pub(crate) fn actions(length: usize) -> impl Strategy<Value = Vec<Action>> {
    prop::collection::vec(action(), length)
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        60 => (0..PEOPLE, ask()).prop_map(|(who, what)| Action::Ask(who, what)),
        1 => (1..PEOPLE, departure()).prop_map(|(who, how)| Action::Leave(who, how)),
        2 => (1..PEOPLE).prop_map(Action::Return),
    ]
}

/// As [`actions`], and the leader may go too, which ends the run.
pub(crate) fn actions_to_the_end(length: usize) -> impl Strategy<Value = Vec<Action>> {
    (actions(length), departure(), any::<bool>()).prop_map(|(mut actions, how, cancelled)| {
        let end = match cancelled {
            true => Action::Ask(0, Ask::Cancel { seq_off_by: Some(0) }),
            false => Action::Leave(0, how),
        };
        let at = actions.len().saturating_sub(20);
        actions.insert(at, end);
        actions
    })
}

fn departure() -> impl Strategy<Value = Departure> {
    prop_oneof![Just(Departure::Left), Just(Departure::Removed)]
}

fn ask() -> impl Strategy<Value = Ask> {
    let other = || prop::option::weighted(0.1, 0..PEOPLE);
    prop_oneof![
        24 => bid(other()).prop_map(Ask::Bid),
        4 => (0..PRODUCTS, other()).prop_map(|(product, on_behalf_of)| Ask::Retract { product, on_behalf_of }),
        8 => prop::bool::weighted(0.85).prop_map(Ask::Ready),
        1 => (any::<Option<bool>>(), any::<Option<bool>>()).prop_map(|(comment, date)| Ask::Edit { comment, date }),
        // Hardly ever a right one: it ends the run.
        1 => (-3i8..0).prop_map(|off| Ask::Cancel { seq_off_by: Some(off) }),
        6 => prop::sample::select(SIMPLE).prop_map(Ask::Simple),
    ]
}

const SIMPLE: &[CommandKind] = &[
    CommandKind::Open,
    CommandKind::Confirm,
    CommandKind::StepBack,
    CommandKind::StepBack,
    CommandKind::StartShopping,
    CommandKind::FinishShopping,
    CommandKind::Complete,
    CommandKind::AcceptHandover,
];

pub(crate) fn bid(on_behalf_of: impl Strategy<Value = Option<u8>>) -> impl Strategy<Value = Bid> {
    let bound = || prop::option::of(0u16..30);
    let flags = (prop::bool::weighted(0.1), prop::bool::weighted(0.2));
    (0..PRODUCTS, 0u16..20, bound(), bound(), flags, on_behalf_of).prop_map(
        |(product, quantity, min, max, (interested_only, fill), on_behalf_of)| Bid {
            product,
            quantity,
            // Mostly in order, so that most bids are accepted.
            min: min.map(|min| if min < 28 { min.min(quantity) } else { min }),
            max: max.map(|max| if max > 1 { max.max(quantity) } else { max }),
            interested_only,
            on_behalf_of,
            fill,
        },
    )
}

pub(crate) fn user(person: u8) -> UserId {
    UserId(Uuid::from_u128(1000 + u128::from(person)))
}

pub(crate) fn product_id(product: u8) -> ProductId {
    ProductId(Uuid::from_u128(2000 + u128::from(product)))
}

/// Sold by weight, in sacks, in crates, with a minimum, without a price, in packs no step divides.
pub(crate) fn product(number: u8) -> Product {
    let (unit, step, pack, minimum, price) = match number {
        0 => (Unit::Kg, 10, None, 0, Some(Money(399))),
        1 => (Unit::Kg, 500, Some(25_000), 0, Some(Money(180))),
        2 => (Unit::Piece, 1000, Some(12_000), 24_000, Some(Money(99))),
        3 => (Unit::L, 250, None, 5000, None),
        4 => (Unit::Piece, 1000, Some(6000), 0, None),
        _ => (Unit::Kg, 1000, Some(2500), 0, Some(Money(1))),
    };
    Product {
        id: product_id(number),
        name: format!("product {number}").into(),
        unit,
        step: quantity(step),
        pack: pack.map(quantity),
        minimum: quantity(minimum),
        price,
    }
}

pub(crate) fn quantity(thousandths: u64) -> Quantity {
    Quantity::from_thousandths(thousandths).unwrap()
}

fn steps(number: u8, steps: u16) -> Quantity {
    quantity(u64::from(product(number).step.thousandths()) * u64::from(steps))
}

/// A run with the log that made it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) run: Run,
    pub(crate) log: Vec<Recorded>,
}

impl World {
    pub(crate) fn new(auto_confirm: bool) -> Self {
        let new = NewRun {
            group_id: GroupId(Uuid::from_u128(1)),
            store_id: StoreId(Uuid::from_u128(2)),
            store_name: "Mill".into(),
            currency: "EUR".parse().unwrap(),
            comment: None,
            planned_on: None,
            bidding_deadline: None,
            auto_confirm,
        };
        let context = context(0, 0, None, 1);
        let mut events = Run::create(new, &context).into_iter();
        let first = recorded(1, Some(context.by), events.next().unwrap());
        let run = Run::begin(RunId(Uuid::from_u128(3)), &first).unwrap();
        let mut world = Self { run, log: vec![first] };
        world.record(events.collect(), Some(context.by));
        world
    }

    /// Applies and logs.
    pub(crate) fn record(&mut self, events: Vec<Event>, by: Option<UserId>) {
        for event in events {
            let next = recorded(self.run.seq + 1, by, event);
            self.run.apply(&next);
            self.log.push(next);
        }
    }

    /// What `who` asks, as a command with everything the edge would have looked up.
    pub(crate) fn command(&self, who: u8, ask: &Ask) -> (Command, Context) {
        let (command, number, other) = match ask {
            Ask::Bid(bid) => (place(bid), bid.product, bid.on_behalf_of),
            Ask::Retract { product, on_behalf_of } => {
                let on_behalf_of = on_behalf_of.map(user);
                let body = RetractBid { product_id: product_id(*product), on_behalf_of };
                (Command::RetractBid(body), *product, None)
            }
            Ask::Ready(ready) => (Command::SetReady(SetReady { ready: *ready }), 0, None),
            Ask::Edit { comment, date } => (edit(*comment, *date), 0, None),
            Ask::Cancel { seq_off_by } => (self.cancel(*seq_off_by), 0, None),
            Ask::Simple(kind) => (simple(*kind), 0, None),
        };
        let other = other.or(match ask {
            Ask::Retract { on_behalf_of, .. } => *on_behalf_of,
            _ => None,
        });
        (command, context(who, number, other, self.run.seq))
    }

    fn cancel(&self, seq_off_by: Option<i8>) -> Command {
        let expected_seq = seq_off_by.map(|off| self.run.seq.saturating_add_signed(off.into()));
        let reason = "no van".to_owned().try_into().unwrap();
        Command::Cancel(Cancel { reason, expected_seq, outcomes: Vec::new() })
    }

    /// Decides and, if accepted, applies. Returns how many events it was.
    pub(crate) fn ask(&mut self, who: u8, ask: &Ask) -> Result<usize, Rejection> {
        let (command, context) = self.command(who, ask);
        let events = self.run.decide(&command, &context)?;
        let count = events.len();
        self.record(events, Some(context.by));
        Ok(count)
    }

    pub(crate) fn step(&mut self, action: &Action) {
        match action {
            Action::Ask(who, ask) => drop(self.ask(*who, ask)),
            Action::Leave(who, how) => {
                let events = self.run.member_left(user(*who), *how);
                self.record(events, None);
            }
            Action::Return(who) => {
                let events = self.run.member_returned(user(*who));
                self.record(events, None);
            }
        }
    }

    pub(crate) fn snapshot(&self) -> String {
        serde_json::to_string(&self.run).unwrap()
    }

    /// The run as the log behind `from` makes it out of `from`.
    pub(crate) fn replayed(&self, from: Option<&str>) -> Run {
        let mut run = match from {
            Some(snapshot) => serde_json::from_str(snapshot).unwrap(),
            None => Run::begin(self.run.id, &self.log[0]).unwrap(),
        };
        let seq = run.seq;
        self.log.iter().filter(|recorded| recorded.seq > seq).for_each(|recorded| run.apply(recorded));
        run
    }

    pub(crate) fn is_removed(&self, who: u8) -> bool {
        self.run.role(user(who)) == Role::Removed
    }
}

/// A bid as a command.
fn place(bid: &Bid) -> Command {
    Command::PlaceBid(PlaceBid {
        product_id: product_id(bid.product),
        quantity: steps(bid.product, bid.quantity),
        min: bid.min.map(|min| steps(bid.product, min)),
        max: bid.max.map(|max| steps(bid.product, max)),
        interested_only: bid.interested_only,
        comment: None,
        on_behalf_of: bid.on_behalf_of.map(user),
        fill: bid.fill,
    })
}

fn edit(comment: Option<bool>, date: Option<bool>) -> Command {
    let text = |full: bool| if full { "by bike" } else { "" }.to_owned();
    Command::EditDetails(EditDetails {
        comment: comment.map(|full| Comment::try_from(text(full)).unwrap()),
        planned_on: date.map(|given| given.then(|| "2026-12-01".parse().unwrap())),
        bidding_deadline: None,
    })
}

/// A command that is said by its name.
pub(crate) fn simple(kind: CommandKind) -> Command {
    match kind {
        CommandKind::Open => Command::Open(Nothing {}),
        CommandKind::Confirm => Command::Confirm(Nothing {}),
        CommandKind::StepBack => Command::StepBack(Nothing {}),
        CommandKind::StartShopping => Command::StartShopping(Nothing {}),
        CommandKind::FinishShopping => Command::FinishShopping(Nothing {}),
        CommandKind::Complete => Command::Complete(Nothing {}),
        CommandKind::AcceptHandover => Command::AcceptHandover(Nothing {}),
        CommandKind::DeclineHandover => Command::DeclineHandover(Nothing {}),
        CommandKind::WithdrawHandover => Command::WithdrawHandover(Nothing {}),
        other => panic!("{other:?} needs more than its name"),
    }
}

fn context(who: u8, number: u8, other: Option<u8>, seq: Seq) -> Context {
    Context {
        by: user(who),
        name: name(who),
        at: at(seq),
        command_id: None,
        product: Some(Arc::new(product(number))),
        person: other.map(|other| Person { id: user(other), name: name(other) }),
    }
}

fn name(person: u8) -> Arc<str> {
    format!("person {person}").into()
}

fn recorded(seq: Seq, by: Option<UserId>, event: Event) -> Recorded {
    Recorded { seq, at: at(seq), by, command_id: None, event }
}

fn at(seq: Seq) -> Timestamp {
    Timestamp::from_timestamp_micros(1_790_000_000_000_000 + i64::try_from(seq).unwrap()).unwrap()
}
