//! A run with its log, in a small world: seven people, eight products.

mod dice;

pub(crate) use dice::Dice;

use bulq_domain::command::{DefaultCost, Person};
use bulq_domain::run::Unit;
use bulq_domain::{
    Command, Context, Event, GroupId, Money, NewRun, Product, ProductId, Quantity, Recorded, Rejection, Run,
    RunId, Seq, ShortagePolicy, StoreId, Timestamp, UserId,
};
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;

/// Person 0 creates the run. Whoever has a higher number is not in the group.
pub(crate) const PEOPLE: u8 = 7;
/// The last two are not bid on: 6 is of the family 5, 7 of none.
pub(crate) const PRODUCTS: u8 = 8;

/// What the edge looks up for a command.
pub(crate) struct Catalogue {
    products: Vec<Arc<Product>>,
    names: Vec<Arc<str>>,
}

impl Catalogue {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            products: (0..PRODUCTS).map(|number| Arc::new(product(number))).collect(),
            names: (0..PEOPLE).map(|person| format!("person {person}").into()).collect(),
        })
    }

    fn product(&self, id: ProductId) -> Option<Arc<Product>> {
        self.products.iter().find(|product| product.id == id).cloned()
    }

    fn person(&self, id: UserId) -> Option<Person> {
        let name = self.names.get(usize::from(number_of(id)))?;
        Some(Person { id, name: name.clone() })
    }
}

/// What a run is created with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setup {
    pub(crate) auto_confirm: bool,
    pub(crate) policy: ShortagePolicy,
    /// The deadline is the time of the event with this seq.
    pub(crate) deadline: Option<Seq>,
    pub(crate) default_cost: Option<DefaultCostOf>,
}

/// An amount, and how it is shared.
pub(crate) type DefaultCostOf = (i64, bulq_domain::command::CostSplit);

/// A run with the log that made it.
pub(crate) struct World {
    pub(crate) run: Run,
    pub(crate) log: Vec<Recorded>,
    catalogue: Rc<Catalogue>,
}

impl World {
    pub(crate) fn new(catalogue: &Rc<Catalogue>, setup: Setup) -> Self {
        let new = NewRun {
            group_id: GroupId(Uuid::from_u128(1)),
            store_id: StoreId(Uuid::from_u128(2)),
            store_name: "Mill".into(),
            currency: "EUR".parse().unwrap(),
            comment: None,
            planned_on: None,
            bidding_deadline: setup.deadline.map(at),
            auto_confirm: setup.auto_confirm,
            shortage_policy: setup.policy,
            costs: setup.default_cost.into_iter().map(default_cost).collect(),
        };
        let context = Context {
            by: user(0),
            name: catalogue.names[0].clone(),
            at: at(1),
            command_id: None,
            product: None,
            person: None,
        };
        let mut events = Run::create(new, &context).into_iter();
        let first = recorded(1, Some(context.by), events.next().unwrap());
        let run = Run::begin(RunId(Uuid::from_u128(3)), &first).unwrap();
        let mut world = Self { run, log: vec![first], catalogue: catalogue.clone() };
        world.record(events.collect(), Some(context.by));
        world
    }

    /// The event as it would stand in the log.
    pub(crate) fn next(&self, event: Event, by: Option<UserId>) -> Recorded {
        recorded(self.run.seq + 1, by, event)
    }

    /// Applies and logs.
    pub(crate) fn take(&mut self, next: Recorded) {
        self.run.apply(&next);
        self.log.push(next);
    }

    pub(crate) fn record(&mut self, events: Vec<Event>, by: Option<UserId>) {
        for event in events {
            self.take(self.next(event, by));
        }
    }

    /// Everything the edge would have looked up for this command.
    pub(crate) fn context(&self, who: u8, command: &Command) -> Context {
        let (product, person) = command.names();
        Context {
            by: user(who),
            name: self.catalogue.names[usize::from(who)].clone(),
            at: at(self.run.seq),
            command_id: None,
            product: product.and_then(|id| self.catalogue.product(id)),
            person: person.and_then(|id| self.catalogue.person(id)),
        }
    }

    pub(crate) fn decide(&self, who: u8, command: &Command) -> Result<Vec<Event>, Rejection> {
        self.run.decide(command, &self.context(who, command))
    }

    /// Decides and, if accepted, applies. Returns how many events it was.
    pub(crate) fn ask(&mut self, who: u8, command: &Command) -> Result<usize, Rejection> {
        let events = self.decide(who, command)?;
        let count = events.len();
        self.record(events, Some(user(who)));
        Ok(count)
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
}

pub(crate) fn user(person: u8) -> UserId {
    UserId(Uuid::from_u128(1000 + u128::from(person)))
}

pub(crate) fn number_of(user: UserId) -> u8 {
    u8::try_from(user.0.as_u128() - 1000).unwrap()
}

pub(crate) fn product_id(product: u8) -> ProductId {
    ProductId(Uuid::from_u128(2000 + u128::from(product)))
}

/// Sold by weight, in sacks, in crates, with a minimum, without a price, in packs no step divides.
pub(crate) fn product(number: u8) -> Product {
    let (unit, step, pack, minimum, price) = match number {
        0 => (Unit::Kg, 10, None, 0, Some(Money(399))),
        1 => (Unit::Kg, 500, Some(5_000), 0, Some(Money(180))),
        2 => (Unit::Piece, 1000, Some(12_000), 24_000, Some(Money(99))),
        3 => (Unit::L, 250, None, 5000, None),
        4 => (Unit::Piece, 1000, Some(6000), 0, None),
        5 => (Unit::Kg, 1000, Some(2500), 0, Some(Money(1))),
        _ => (Unit::Piece, 1000, None, 0, Some(Money(250))),
    };
    Product {
        id: product_id(number),
        name: format!("product {number}").into(),
        unit,
        step: quantity(step),
        pack: pack.map(quantity),
        minimum: quantity(minimum),
        price,
        family_id: (number == 6).then(|| product_id(5)),
    }
}

pub(crate) fn quantity(thousandths: u64) -> Quantity {
    Quantity::from_thousandths(thousandths).unwrap()
}

/// So many steps of the product with this number.
pub(crate) fn steps(number: u8, steps: u64) -> Quantity {
    let step = match number {
        0 => 10,
        1 => 500,
        3 => 250,
        _ => 1000,
    };
    quantity(step * steps)
}

pub(crate) fn at(seq: Seq) -> Timestamp {
    Timestamp::from_timestamp_micros(1_790_000_000_000_000 + i64::try_from(seq).unwrap()).unwrap()
}

fn default_cost((amount, split): DefaultCostOf) -> DefaultCost {
    DefaultCost { label: "fuel".to_owned().try_into().unwrap(), amount: Money(amount), split }
}

fn recorded(seq: Seq, by: Option<UserId>, event: Event) -> Recorded {
    Recorded { seq, at: at(seq), by, command_id: None, event }
}
