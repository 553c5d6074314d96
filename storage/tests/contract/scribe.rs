//! Drives a run by the domain's own rules and writes down what a run's actor would send to the journal.

use crate::world::{T0, World};
use bulq_domain::command::{Nothing, Person, PlaceBid, RetractBid, SetReady};
use bulq_domain::run::Unit;
use bulq_domain::{
    Command, CommandId, Context, Event, GroupId, NewRun, Product, ProductId, Quantity, Recorded, Rejection,
    Run, RunId, StoreId, Timestamp, UserId,
};
use bulq_storage::journal::{Change, CommandRow, EventRow, NoticeRow, SnapshotRow};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) struct Scribe {
    pub(crate) id: Uuid,
    pub(crate) epoch: i64,
    /// The epoch the database has, as far as this writer knows.
    pub(crate) stored_epoch: i64,
    /// Microseconds since the beginning; each event takes one more.
    pub(crate) clock: i64,
    /// As `clock`.
    pub(crate) deadline: i64,
    run: Option<Run>,
    store: Uuid,
    group: Uuid,
}

impl Scribe {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            id: Uuid::now_v7(),
            epoch: 1,
            stored_epoch: 0,
            clock: 0,
            deadline: 1,
            run: None,
            store: world.store,
            group: world.group,
        }
    }

    pub(crate) fn run(&self) -> &Run {
        self.run.as_ref().unwrap()
    }

    pub(crate) fn seq(&self) -> i64 {
        self.run.as_ref().map_or(0, |run| run.seq as i64)
    }

    pub(crate) fn create(&mut self, leader: Uuid) -> Change {
        let new = NewRun {
            group_id: GroupId(self.group),
            store_id: StoreId(self.store),
            store_name: "Wholesale".into(),
            currency: "EUR".parse().unwrap(),
            comment: Some("for „Слава“ 🎉".to_owned().try_into().unwrap()),
            planned_on: "2026-02-03".parse().ok(),
            bidding_deadline: Timestamp::from_timestamp_micros(T0 + self.deadline),
            auto_confirm: false,
            shortage_policy: bulq_domain::ShortagePolicy::default(),
            costs: Vec::new(),
        };
        let context = self.context(leader, None);
        let events = Run::create(new, &context);
        self.write(&context, events)
    }

    pub(crate) fn bid(&mut self, by: Uuid, product: Uuid, quantity: u64) -> Change {
        let bid = PlaceBid {
            product_id: ProductId(product),
            quantity: Quantity::from_thousandths(quantity * 1000).unwrap(),
            min: None,
            max: None,
            interested_only: false,
            comment: Some(format!("{quantity} \"please\"\n").try_into().unwrap()),
            on_behalf_of: None,
            fill: false,
        };
        self.ask(by, &Command::PlaceBid(bid), Some(product)).unwrap()
    }

    pub(crate) fn retract(&mut self, by: Uuid, product: Uuid) -> Result<Change, Rejection> {
        let bid = RetractBid { product_id: ProductId(product), on_behalf_of: None };
        self.ask(by, &Command::RetractBid(bid), None)
    }

    pub(crate) fn ready(&mut self, by: Uuid, ready: bool) -> Result<Change, Rejection> {
        self.ask(by, &Command::SetReady(SetReady { ready }), None)
    }

    pub(crate) fn step_back(&mut self, by: Uuid) -> Result<Change, Rejection> {
        self.ask(by, &Command::StepBack(Nothing {}), None)
    }

    pub(crate) fn confirm(&mut self, by: Uuid) -> Result<Change, Rejection> {
        self.ask(by, &Command::Confirm(Nothing {}), None)
    }

    pub(crate) fn leave(&mut self, user: Uuid) -> Change {
        let events = self.run().member_left(UserId(user), bulq_domain::event::Departure::Left);
        let context = self.context(user, None);
        self.write(&context, events)
    }

    pub(crate) fn come_back(&mut self, user: Uuid) -> Change {
        let events = self.run().member_returned(UserId(user));
        let context = self.context(user, None);
        self.write(&context, events)
    }

    pub(crate) fn ask(
        &mut self,
        by: Uuid,
        command: &Command,
        product: Option<Uuid>,
    ) -> Result<Change, Rejection> {
        let context = self.context(by, product);
        let events = self.run().decide(command, &context)?;
        Ok(self.write(&context, events))
    }

    /// A command as a client sends it, with whatever it names looked up: every person is a member, and every product
    /// but the item itself one of the item's family.
    pub(crate) fn say(&mut self, by: Uuid, body: &Value) -> Result<Change, Rejection> {
        let command = Command::from_json(&body.to_string()).unwrap();
        let item = body["product_id"].as_str().and_then(|id| id.parse().ok()).map(ProductId);
        let (product, person) = command.names();
        let mut context = self.context(by, None);
        context.product =
            product.map(|id| Arc::new(Product { family_id: item.filter(|item| *item != id), ..sold(id.0) }));
        context.person = person.map(|id| Person { id, name: "Somebody".into() });
        let events = self.run().decide(&command, &context)?;
        Ok(self.write(&context, events))
    }

    /// A change that says no: a command row and nothing else.
    pub(crate) fn reject(&mut self, by: Uuid, outcome: &str) -> Change {
        let context = self.context(by, None);
        let mut change = self.write(&context, Vec::new());
        let command = change.command.as_mut().unwrap();
        command.outcome = Some(outcome.to_owned());
        change
    }

    pub(crate) fn snapshot(&self) -> SnapshotRow {
        SnapshotRow { seq: self.seq(), body: serde_json::to_string(self.run()).unwrap(), at: T0 }
    }

    fn context(&self, by: Uuid, product: Option<Uuid>) -> Context {
        Context {
            by: UserId(by),
            name: "Somebody".into(),
            at: Timestamp::from_timestamp_micros(T0 + self.clock + self.seq()).unwrap(),
            command_id: Some(CommandId(Uuid::now_v7())),
            product: product.map(|id| Arc::new(sold(id))),
            person: None,
        }
    }

    fn write(&mut self, context: &Context, events: Vec<Event>) -> Change {
        let first_seq = self.seq() + 1;
        let mut notices = Vec::new();
        let events = events.into_iter().map(|event| self.record(context, event, &mut notices)).collect();
        let expected_epoch = std::mem::replace(&mut self.stored_epoch, self.epoch);
        let command = CommandRow {
            command_id: context.command_id.unwrap().0,
            actor_id: context.by.0,
            fingerprint: -7,
            first_seq,
            seq: self.seq(),
            outcome: None,
        };
        Change {
            run_id: self.id,
            expected_epoch,
            epoch: self.epoch,
            first_seq,
            last_seq: self.seq(),
            events,
            notices,
            command: Some(command),
        }
    }

    fn record(&mut self, context: &Context, event: Event, notices: &mut Vec<NoticeRow>) -> EventRow {
        let seq = self.seq() + 1;
        let recorded = Recorded {
            seq: seq as u64,
            at: context.at,
            by: Some(context.by),
            command_id: context.command_id,
            event,
        };
        if let Some(run) = &self.run {
            let at = context.at.timestamp_micros();
            let told = run.notices(&recorded).into_iter();
            notices.extend(told.map(|n| NoticeRow { user_id: n.user.0, seq, kind: n.kind.as_str(), at }));
        }
        match &mut self.run {
            None => self.run = Run::begin(RunId(self.id), &recorded),
            Some(run) => run.apply(&recorded),
        }
        EventRow {
            seq,
            command_id: context.command_id.map(|id| id.0),
            actor_id: Some(context.by.0),
            at: context.at.timestamp_micros(),
            kind: recorded.event.kind(),
            body: serde_json::to_string(&recorded.event).unwrap().into(),
            event: recorded.event,
        }
    }
}

fn sold(id: Uuid) -> Product {
    Product {
        id: ProductId(id),
        name: "Rice".into(),
        unit: Unit::Piece,
        step: Quantity::ONE,
        pack: Quantity::from_thousandths(6000).ok(),
        minimum: Quantity::ZERO,
        price: Some(bulq_domain::Money(250)),
        family_id: None,
    }
}
