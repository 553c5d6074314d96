//! The people and products of the walkthroughs, and what they do, said as a client says it.

use bulq_domain::command::Person;
use bulq_domain::event::{Departure, Share};
use bulq_domain::run::{Notice, Taken, Unit};
use bulq_domain::{
    Code, Command, CommandKind, Context, Event, GroupId, Money, NewRun, Product, ProductId, Quantity,
    Recorded, Rejection, Run, RunId, ShortagePolicy, State, StoreId, Timestamp, UserId,
};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) const L: &str = "L";
pub(crate) const A: &str = "A";
pub(crate) const B: &str = "B";
pub(crate) const C: &str = "C";
/// In no run.
pub(crate) const X: &str = "X";

pub(crate) const P1: &str = "00000000-0000-0000-0000-0000000000a1";
pub(crate) const P2: &str = "00000000-0000-0000-0000-0000000000a2";
pub(crate) const P3: &str = "00000000-0000-0000-0000-0000000000a3";
/// Pieces in packs of 6, which stand before P3.
pub(crate) const P4: &str = "00000000-0000-0000-0000-0000000000a0";

/// A family, and a product of it.
pub(crate) const FAMILY: &str = "00000000-0000-0000-0000-0000000000f0";
pub(crate) const MEMBER: &str = "00000000-0000-0000-0000-0000000000f1";

pub(crate) fn id(who: &str) -> UserId {
    UserId(Uuid::from_u128(who.bytes().next().unwrap().into()))
}

fn who(id: UserId) -> &'static str {
    [L, A, B, C, X].into_iter().find(|name| self::id(name) == id).unwrap()
}

pub(crate) fn product(id: &str) -> ProductId {
    id.parse().unwrap()
}

/// Pieces, as many as anybody likes.
pub(crate) fn numbered(number: u32) -> String {
    ProductId(Uuid::from_u128(0x1000 + u128::from(number))).to_string()
}

pub(crate) fn q(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn catalogue(id: ProductId) -> Arc<Product> {
    let (unit, step, pack) = match id.to_string().as_str() {
        P1 => (Unit::Kg, "0.01", None),
        P3 => (Unit::Piece, "1", Some("12")),
        P4 => (Unit::Piece, "1", Some("6")),
        _ => (Unit::Piece, "1", None),
    };
    Arc::new(Product {
        id,
        name: "rice".into(),
        unit,
        step: q(step),
        pack: pack.map(q),
        minimum: Quantity::ZERO,
        price: Some(Money(100)),
        family_id: (id == product(MEMBER)).then(|| product(FAMILY)),
    })
}

pub(crate) fn shares(shares: &[Share]) -> Vec<(&'static str, &'static str, i64)> {
    shares.iter().map(|s| (who(s.user_id), text(s.quantity), s.share.0)).collect()
}

/// For comparing with what a test states.
fn text(quantity: Quantity) -> &'static str {
    quantity.to_string().leak()
}

pub(crate) fn purchase(product: &str, quantity: &str, total: u32) -> String {
    format!(r#","product_id":"{product}","quantity":"{quantity}","total":{total}"#)
}

pub(crate) fn says_all_by_its_name(kind: CommandKind) -> bool {
    Command::from_json(&format!(r#"{{"type":"{}"}}"#, kind.as_str())).is_ok()
}

/// A run and what happened in it.
pub(crate) struct Trip {
    pub(crate) run: Run,
    pub(crate) log: Vec<Event>,
}

impl Trip {
    /// L leads; in planning.
    pub(crate) fn new() -> Self {
        Self::created(|new| new)
    }

    pub(crate) fn created(but: impl FnOnce(NewRun) -> NewRun) -> Self {
        let new = but(NewRun {
            group_id: GroupId(Uuid::from_u128(1)),
            store_id: StoreId(Uuid::from_u128(2)),
            store_name: "Mill".into(),
            currency: "EUR".parse().unwrap(),
            comment: None,
            planned_on: None,
            bidding_deadline: None,
            auto_confirm: false,
            shortage_policy: ShortagePolicy::default(),
            costs: Vec::new(),
        });
        let mut events = Run::create(new, &context(L, None)).into_iter();
        let first = recorded(1, Some(L), events.next().unwrap());
        let run = Run::begin(RunId(Uuid::from_u128(3)), &first).unwrap();
        let mut trip = Self { run, log: Vec::new() };
        trip.record(events.collect(), Some(L));
        trip
    }

    /// Everybody bids, and shopping begins.
    pub(crate) fn shops(&mut self, bids: &[(&str, &str, &str)]) {
        bids.iter().for_each(|(who, product, quantity)| drop(self.bids(who, product, quantity)));
        self.start();
    }

    pub(crate) fn start(&mut self) {
        self.says(L, "confirm", "");
        self.says(L, "start_shopping", "");
    }

    pub(crate) fn bids(&mut self, who: &str, product: &str, quantity: &str) -> Vec<Notice> {
        self.says(who, "place_bid", &format!(r#","product_id":"{product}","quantity":"{quantity}""#))
    }

    pub(crate) fn bid_refused(&self, who: &str, product: &str, quantity: &str) -> Rejection {
        self.rejection(who, "place_bid", &format!(r#","product_id":"{product}","quantity":"{quantity}""#))
    }

    /// Whoever pays, L records it.
    pub(crate) fn buys(&mut self, payer: &str, product: &str, quantity: &str, total: u32) {
        let payer = format!(r#","payer":"{}""#, id(payer));
        self.says(L, "record_purchase", &(purchase(product, quantity, total) + &payer));
    }

    pub(crate) fn picks_up(&mut self, who: &str) {
        self.says(L, "pick_up", &format!(r#","user_id":"{}""#, id(who)));
    }

    pub(crate) fn decide(&self, by: &str, kind: &str, fields: &str) -> Result<Vec<Event>, Rejection> {
        let command = Command::from_json(&format!(r#"{{"type":"{kind}"{fields}}}"#)).unwrap();
        self.run.decide(&command, &context(by, Some(&command)))
    }

    /// As [`Self::decide`], where the catalogue knows no product.
    pub(crate) fn decide_without_catalogue(
        &self,
        by: &str,
        kind: &str,
        fields: &str,
    ) -> Result<Vec<Event>, Rejection> {
        let command = Command::from_json(&format!(r#"{{"type":"{kind}"{fields}}}"#)).unwrap();
        self.run.decide(&command, &Context { product: None, ..context(by, Some(&command)) })
    }

    /// Must be accepted. Whom it concerns.
    pub(crate) fn says(&mut self, by: &str, kind: &str, fields: &str) -> Vec<Notice> {
        let events = self.decide(by, kind, fields);
        self.record(events.unwrap(), Some(by))
    }

    pub(crate) fn rejection(&self, by: &str, kind: &str, fields: &str) -> Rejection {
        self.decide(by, kind, fields).unwrap_err()
    }

    pub(crate) fn refused(&self, by: &str, kind: &str, fields: &str) -> Code {
        self.rejection(by, kind, fields).code
    }

    pub(crate) fn leaves(&mut self, who: &str, how: Departure) -> Vec<Notice> {
        let events = self.run.member_left(id(who), how);
        self.record(events, None)
    }

    pub(crate) fn record(&mut self, events: Vec<Event>, by: Option<&str>) -> Vec<Notice> {
        let mut notices = Vec::new();
        for event in events {
            let next = recorded(self.run.seq + 1, by, event);
            notices.extend(self.run.notices(&next));
            self.run.apply(&next);
            self.log.push(next.event);
        }
        notices
    }

    pub(crate) fn may(&self, who: &str) -> Vec<CommandKind> {
        self.run.may(id(who))
    }

    pub(crate) const fn state(&self) -> State {
        self.run.state
    }

    pub(crate) fn wanted(&self, product: &str) -> String {
        self.run.line(self::product(product)).unwrap().wanted().to_string()
    }

    pub(crate) fn requested(&self, product: &str) -> String {
        self.run.line(self::product(product)).unwrap().item.as_ref().unwrap().requested.to_string()
    }

    /// Who gets how much of it and owes what, in the order of joining.
    pub(crate) fn allocated(&self, product: &str) -> Vec<(&'static str, &'static str, i64)> {
        let item = self.run.line(self::product(product)).unwrap().item.as_ref().unwrap();
        let person = |by: u32| who(self.run.participants[by as usize].user_id);
        item.allocations.iter().map(|a| (person(a.by), text(a.received), a.share.0)).collect()
    }

    /// Who has taken theirs, and how.
    pub(crate) fn taken(&self, product: &str) -> Vec<(&'static str, Option<Taken>)> {
        let item = self.run.line(self::product(product)).unwrap().item.as_ref().unwrap();
        let person = |by: u32| who(self.run.participants[by as usize].user_id);
        item.allocations.iter().map(|a| (person(a.by), a.taken)).collect()
    }

    /// What was bought of it and handed out to nobody.
    pub(crate) fn shrink(&self, product: &str) -> String {
        self.run.line(self::product(product)).unwrap().item.as_ref().unwrap().shrink().to_string()
    }

    /// Who owes how much.
    pub(crate) fn owed(&self) -> Vec<(&'static str, i64)> {
        let balances = self.run.balances();
        balances.iter().map(|b| (who(b.user_id), b.owes.0)).filter(|(_, owes)| *owes > 0).collect()
    }

    /// Who pays whom how much.
    pub(crate) fn transfers(&self) -> Vec<(&'static str, &'static str, i64)> {
        let transfers = self.run.settlement().transfers;
        transfers.iter().map(|t| (who(t.transfer.from), who(t.transfer.to), t.transfer.amount.0)).collect()
    }

    /// Who paid and owes what, as it went into the ledger.
    pub(crate) fn settled(&self) -> Vec<(&'static str, i64, i64)> {
        let Some(Event::RunSettled { balances }) = self.log.last() else { panic!("not settled") };
        balances.iter().map(|b| (who(b.user_id), b.paid.0, b.owes.0)).collect()
    }
}

fn context(by: &str, command: Option<&Command>) -> Context {
    let (product, person) = command.map_or((None, None), Command::names);
    Context {
        by: id(by),
        name: by.into(),
        at: at(0),
        command_id: None,
        product: product.map(catalogue),
        person: person.map(|id| Person { id, name: who(id).into() }),
    }
}

fn recorded(seq: u64, by: Option<&str>, event: Event) -> Recorded {
    Recorded { seq, at: at(seq), by: by.map(id), command_id: None, event }
}

pub(crate) fn at(seq: u64) -> Timestamp {
    Timestamp::from_timestamp_micros(1_790_000_000_000_000 + i64::try_from(seq).unwrap()).unwrap()
}
