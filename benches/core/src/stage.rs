//! Runs of a given size: every person bids on every product.

use bulq_domain::command::{Nothing, Person, PlaceBid, RecordPurchase};
use bulq_domain::run::Unit;
use bulq_domain::{
    Command, Context, Event, GroupId, Money, NewRun, Product, ProductId, Quantity, Recorded, Run, RunId,
    State, StoreId, Timestamp, UserId,
};
use bulq_protocol::wire::{self, Frame};
use std::sync::Arc;
use uuid::Uuid;

/// Products × people of every bench.
pub const SIZES: [(u32, u32); 9] =
    [(1, 1), (1, 10), (1, 100), (10, 1), (10, 10), (10, 100), (100, 1), (100, 10), (100, 100)];

/// A run, and two commands that take turns on its last product, so that every decision is a change.
#[derive(Debug)]
pub struct Stage {
    pub run: Run,
    turns: [Command; 2],
    context: Context,
    turn: usize,
}

impl Stage {
    /// # Panics
    /// If the rules refuse what is placed here.
    #[must_use]
    pub fn new(products: u32, people: u32) -> Self {
        Self::of(products, people, sack)
    }

    /// Everything is bought, by everybody in turn, and shopping is about to end.
    ///
    /// # Panics
    /// If the rules refuse what is done here.
    #[must_use]
    pub fn shopped(products: u32, people: u32) -> Self {
        let mut stage = Self::of(products, people, loose);
        if stage.run.state == State::Planning {
            stage.lead(&Command::Open(Nothing {}), context(0, 0));
        }
        stage.lead(&Command::Confirm(Nothing {}), context(0, 0));
        stage.lead(&Command::StartShopping(Nothing {}), context(0, 0));
        for product in 0..products {
            let payer = product % people;
            let wanted = (0..people).map(|person| person % 5 + 1).sum();
            let person = Some(Person { id: user(payer), name: name(payer) });
            let buy = RecordPurchase {
                product_id: product_id(product),
                quantity: kilos(wanted),
                // Nothing that divides well.
                total: Money(i64::from(wanted) * 199 + i64::from(product) * 37 + 1),
                payer: Some(user(payer)),
                picked: None,
                expected_seq: None,
            };
            stage.lead(&Command::RecordPurchase(buy), Context { person, ..context(0, product) });
        }
        stage
    }

    /// [`Stage::shopped`], and shopping has ended: everybody has a share and owes for it.
    ///
    /// # Panics
    /// If the rules refuse what is done here.
    #[must_use]
    pub fn handing_out(products: u32, people: u32) -> Self {
        let mut stage = Self::shopped(products, people);
        let events = stage.end_of_shopping();
        stage.record(events, 0);
        assert_eq!(stage.run.state, State::Distributing, "as much was bought as was wanted");
        stage
    }

    fn of(products: u32, people: u32, product_of: fn(u32) -> Product) -> Self {
        let mut stage = Self {
            run: empty_run(),
            turns: [bid(products - 1, 3, 5), bid(products - 1, 4, 6)],
            context: context_of(people - 1, product_of(products - 1)),
            turn: 0,
        };
        for product in 0..products {
            for person in 0..people {
                let command = bid(product, person % 5 + 1, person % 5 + 4);
                let events = stage.run.decide(&command, &context_of(person, product_of(product)));
                stage.record(events.expect("a plain bid is accepted"), person);
            }
        }
        stage
    }

    /// Decides that shopping is over: who gets how much, and what it costs them.
    ///
    /// # Panics
    /// If the rules refuse it.
    #[must_use]
    pub fn end_of_shopping(&self) -> Vec<Event> {
        let end = Command::FinishShopping(Nothing {});
        self.run.decide(&end, &context(0, 0)).expect("the leader ends shopping")
    }

    /// The next events of this run, `count` bids long, without applying them.
    ///
    /// # Panics
    /// If the rules refuse a bid.
    #[must_use]
    pub fn what_comes(&mut self, count: usize) -> Vec<Recorded> {
        let (before, mut next) = (self.run.clone(), Vec::with_capacity(count));
        for _ in 0..count {
            for event in self.decide() {
                next.push(recorded(self.run.seq + 1, self.context.by, event));
                self.run.apply(&next[next.len() - 1]);
            }
        }
        self.run = before;
        next
    }

    /// Decides the next bid.
    ///
    /// # Panics
    /// If the rules refuse it.
    pub fn decide(&mut self) -> Vec<Event> {
        self.turn ^= 1;
        self.run.decide(&self.turns[self.turn], &self.context).expect("a plain bid is accepted")
    }

    /// Everything a server does with a bid before it writes: decides, applies, encodes, frames.
    pub fn place(&mut self) -> Frame {
        let first = self.run.seq + 1;
        let events = self.decide();
        let texts: Vec<Arc<str>> = events
            .into_iter()
            .map(|event| {
                let body = wire::event_body(&event);
                let next = recorded(self.run.seq + 1, self.context.by, event);
                self.run.apply(&next);
                wire::envelope(next.seq, next.at, next.by, next.command_id, &body)
            })
            .collect();
        Frame::new(self.run.id, first, texts.iter().map(|text| &**text))
    }

    fn lead(&mut self, command: &Command, context: Context) {
        let events = self.run.decide(command, &context);
        self.record(events.unwrap_or_else(|no| panic!("{command:?}: {no:?}")), 0);
    }

    fn record(&mut self, events: Vec<Event>, person: u32) {
        for event in events {
            self.run.apply(&recorded(self.run.seq + 1, user(person), event));
        }
    }
}

fn empty_run() -> Run {
    let new = NewRun {
        group_id: GroupId(Uuid::from_u128(1)),
        store_id: StoreId(Uuid::from_u128(2)),
        store_name: "Mill".into(),
        currency: "EUR".parse().expect("a currency"),
        comment: None,
        planned_on: None,
        bidding_deadline: None,
        auto_confirm: false,
        shortage_policy: bulq_domain::ShortagePolicy::default(),
        costs: Vec::new(),
    };
    let mut events = Run::create(new, &context(0, 0)).into_iter();
    let first = recorded(1, user(0), events.next().expect("a run begins with an event"));
    let mut run = Run::begin(RunId(Uuid::from_u128(3)), &first).expect("that event begins a run");
    for event in events {
        run.apply(&recorded(run.seq + 1, user(0), event));
    }
    run
}

fn bid(product: u32, quantity: u32, max: u32) -> Command {
    Command::PlaceBid(PlaceBid {
        product_id: product_id(product),
        quantity: kilos(quantity),
        min: None,
        max: Some(kilos(max)),
        interested_only: false,
        comment: None,
        on_behalf_of: None,
        fill: false,
    })
}

fn context(person: u32, product: u32) -> Context {
    context_of(person, sack(product))
}

fn context_of(person: u32, product: Product) -> Context {
    Context {
        by: user(person),
        name: name(person),
        at: at(u64::from(person)),
        command_id: Some(bulq_domain::CommandId(Uuid::from_u128(4))),
        product: Some(Arc::new(product)),
        person: None,
    }
}

fn name(person: u32) -> Arc<str> {
    format!("Person {person}").into()
}

/// Sold in sacks of 25 kg, bid on by half a kilo.
fn sack(number: u32) -> Product {
    Product {
        id: product_id(number),
        name: format!("Product {number}, organic").into(),
        unit: Unit::Kg,
        step: Quantity::from_thousandths(500).unwrap_or(Quantity::ONE),
        pack: Some(kilos(25)),
        minimum: Quantity::ZERO,
        price: Some(Money(i64::from(number) * 7 + 99)),
        family_id: None,
    }
}

/// The same, sold in any amount.
fn loose(number: u32) -> Product {
    Product { pack: None, ..sack(number) }
}

fn kilos(count: u32) -> Quantity {
    Quantity::from_thousandths(u64::from(count) * 1000).unwrap_or(Quantity::MAX)
}

fn user(number: u32) -> UserId {
    UserId(Uuid::from_u128(1_000_000 + u128::from(number)))
}

fn product_id(number: u32) -> ProductId {
    ProductId(Uuid::from_u128(2_000_000 + u128::from(number)))
}

fn recorded(seq: u64, by: UserId, event: Event) -> Recorded {
    let command_id = Some(bulq_domain::CommandId(Uuid::from_u128(4)));
    Recorded { seq, at: at(seq), by: Some(by), command_id, event }
}

fn at(micros: u64) -> Timestamp {
    let micros = 1_790_000_000_000_000 + i64::try_from(micros).unwrap_or(0);
    Timestamp::from_timestamp_micros(micros).unwrap_or_default()
}
