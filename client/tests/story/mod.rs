//! A run with a log, made by the rules themselves: what a server would have.

use bulq_client::commands;
use bulq_client::domain::run::Unit;
use bulq_client::domain::{
    Context, GroupId, NewRun, Product, ProductId, Quantity, Recorded, Run, RunId, Seq, StoreId, UserId,
};
use bulq_client::protocol::RunView;
use bulq_client::protocol::wire::{EventEnvelope, envelope, event_body};
use std::sync::Arc;
use uuid::Uuid;

/// `runs[n]` is the run after event n + 1.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) id: RunId,
    pub(crate) log: Vec<EventEnvelope>,
    runs: Vec<Run>,
}

impl Story {
    /// A run in which `bids` bids were placed.
    pub(crate) fn with_bids(bids: u32) -> Self {
        let id = RunId(Uuid::from_u128(77));
        let leader = context(0, 0);
        let new = NewRun {
            group_id: GroupId(Uuid::from_u128(1)),
            store_id: StoreId(Uuid::from_u128(2)),
            store_name: "Corner shop".into(),
            currency: "EUR".parse().unwrap(),
            comment: None,
            planned_on: None,
            bidding_deadline: None,
            auto_confirm: false,
            shortage_policy: bulq_domain::ShortagePolicy::default(),
            costs: Vec::new(),
        };
        let mut story = Self { id, log: Vec::new(), runs: Vec::new() };
        story.record(Run::create(new, &leader), &leader);
        for n in 0..bids {
            let context = context(n % 4, n % 3);
            let quantity = Quantity::from_thousandths(u64::from(n % 7 + 1) * 1000).unwrap();
            let command = commands::bid(context.product.as_ref().unwrap().id, quantity);
            let events = story.runs.last().unwrap().decide(&command, &context).unwrap();
            story.record(events, &context);
        }
        story
    }

    /// The seq of the last event.
    pub(crate) fn end(&self) -> Seq {
        self.log.len() as Seq
    }

    pub(crate) fn view_at(&self, seq: Seq) -> RunView {
        RunView::of(&self.runs[seq as usize - 1])
    }

    /// The events behind `after`, up to `last`.
    pub(crate) fn events(&self, after: Seq, last: Seq) -> Vec<EventEnvelope> {
        self.log[after.min(last) as usize..last as usize].to_vec()
    }

    fn record(&mut self, events: Vec<bulq_client::domain::Event>, context: &Context) {
        for event in events {
            let seq = self.end() + 1;
            let recorded = Recorded { seq, at: context.at, by: Some(context.by), command_id: None, event };
            let run = match self.runs.last() {
                None => Run::begin(self.id, &recorded).unwrap(),
                Some(run) => {
                    let mut run = run.clone();
                    run.apply(&recorded);
                    run
                }
            };
            self.runs.push(run);
            let text = envelope(seq, recorded.at, recorded.by, None, &event_body(&recorded.event));
            self.log.push(serde_json::from_str(&text).unwrap());
        }
    }
}

fn context(person: u32, product: u32) -> Context {
    let product = Product {
        id: ProductId(Uuid::from_u128(u128::from(product) + 500)),
        name: format!("product {product}").into(),
        unit: Unit::Kg,
        step: Quantity::ONE,
        pack: Quantity::from_thousandths(12_000).ok(),
        minimum: Quantity::ZERO,
        price: None,
        family_id: None,
    };
    Context {
        by: UserId(Uuid::from_u128(u128::from(person) + 100)),
        name: format!("person {person}").into(),
        at: "2026-11-21T08:00:00Z".parse().unwrap(),
        command_id: None,
        product: Some(Arc::new(product)),
        person: None,
    }
}
