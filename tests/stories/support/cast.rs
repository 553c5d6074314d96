//! The people and things of the walkthroughs: a leader, three members, an outsider, and three products.

use super::{App, cents, q};
use bulq_client::domain::{GroupId, ProductId, RunId, StoreId, run::Unit};
use bulq_client::protocol::catalogue::{NewProduct, NewStore, PutAvailability};
use bulq_client::protocol::run::CreateRun;
use bulq_client::{Client, LiveRun};

pub(crate) struct Cast {
    pub(crate) leader: Client,
    pub(crate) a: Client,
    pub(crate) b: Client,
    pub(crate) c: Client,
    pub(crate) outsider: Client,
    pub(crate) group: GroupId,
    pub(crate) store: StoreId,
    /// kg, step 0.01, any amount.
    pub(crate) p1: ProductId,
    /// Pieces, any number.
    pub(crate) p2: ProductId,
    /// Pieces in packs of 12, 150 cents each.
    pub(crate) p3: ProductId,
}

impl Cast {
    pub(crate) async fn assemble(app: &App) -> Self {
        let leader = app.person("leader").await;
        let group = leader.create_group("The walkthrough", "EUR").await.expect("a group").id;
        let token = leader.invite_token(group).await.expect("an invitation");
        let mut members = Vec::new();
        for name in ["anna", "boris", "chiara"] {
            let member = app.person(name).await;
            member.accept_invite(&token).await.expect("joins");
            members.push(member);
        }
        let store = NewStore::named("Mill");
        let store = leader.create_store(&store).await.expect("a store").id;
        let p1 = product(&leader, "Sushi rice", Unit::Kg, Some("0.01")).await;
        let p2 = product(&leader, "Olive oil tin", Unit::Piece, None).await;
        let p3 = product(&leader, "Oat milk", Unit::Piece, None).await;
        let crate_of_12 =
            PutAvailability { price: Some(cents(150)), pack: Some(q("12")), ..Default::default() };
        leader.put_availability(store, p3, &crate_of_12).await.expect("a price");
        let [a, b, c] = <[Client; 3]>::try_from(members).expect("three members");
        Self { leader, a, b, c, outsider: app.person("xavier").await, group, store, p1, p2, p3 }
    }

    pub(crate) async fn run(&self) -> RunId {
        self.run_with(|_| {}).await
    }

    pub(crate) async fn run_with(&self, set: impl FnOnce(&mut CreateRun)) -> RunId {
        let mut new = self.new_run();
        set(&mut new);
        self.leader.create_run(self.group, &new).await.expect("a run").run_id
    }

    pub(crate) fn new_run(&self) -> CreateRun {
        CreateRun {
            store_id: self.store,
            comment: None,
            planned_on: None,
            bidding_deadline: None,
            auto_confirm: false,
        }
    }

    pub(crate) async fn open(&self, who: &Client, run: RunId) -> LiveRun {
        LiveRun::open(who, run).await.expect("the run opens")
    }

    /// More members of the same group.
    pub(crate) async fn more(&self, app: &App, count: usize) -> Vec<Client> {
        let token = self.leader.invite_token(self.group).await.expect("an invitation");
        let mut members = Vec::new();
        for i in 0..count {
            let member = app.person(&format!("member-{i}")).await;
            member.accept_invite(&token).await.expect("joins");
            members.push(member);
        }
        members
    }

    pub(crate) async fn product(&self, name: &str) -> ProductId {
        product(&self.leader, name, Unit::Piece, None).await
    }
}

async fn product(by: &Client, name: &str, unit: Unit, step: Option<&str>) -> ProductId {
    let new = NewProduct { step: step.map(q), ..NewProduct::named(name, unit) };
    by.create_product(&new).await.expect("a product").id
}
