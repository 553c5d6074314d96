//! Accounts, a group or more, products and runs: what a scenario plays with.

use super::{Failure, say};
use bulq_client::protocol::account::Me;
use bulq_client::protocol::catalogue::{NewProduct, NewStore, PutAvailability};
use bulq_client::protocol::run::CreateRun;
use bulq_client::{Client, ClientError, commands};
use bulq_domain::run::Unit;
use bulq_domain::{GroupId, Money, ProductId, Quantity, RunId, StoreId};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use uuid::Uuid;

/// A group takes this many live runs.
const RUNS_OF_A_GROUP: usize = 100;
/// The server hashes two passwords at a time.
const ACCOUNTS_AT_ONCE: usize = 2;
const REQUESTS_AT_ONCE: usize = 8;

pub(super) struct Cast {
    /// The first leads every run.
    pub(super) people: Vec<Client>,
    pub(super) runs: Vec<RunId>,
    pub(super) products: Vec<ProductId>,
}

impl Cast {
    /// Everybody is in every group; a run's products are those the store sells.
    pub(super) async fn hire(
        server: &Client,
        people: usize,
        runs: usize,
        products: usize,
    ) -> Result<Self, Failure> {
        say(&format!("making {people} accounts, {runs} runs, {products} products"));
        let people = accounts(server, people.max(1)).await?;
        let leader = &people[0];
        let (store, products) = catalogue(leader, products).await?;
        let mut all = Vec::with_capacity(runs);
        while all.len() < runs {
            let group = group(&people).await?;
            let count = (runs - all.len()).min(RUNS_OF_A_GROUP);
            all.extend(runs_of(leader, group, store, count).await?);
        }
        Ok(Self { people, runs: all, products })
    }

    /// The leader bids on the first product of every run: from here on one bid of theirs is one event.
    pub(super) async fn open_runs(&self) -> Result<(), Failure> {
        let bid = |run: &RunId| {
            let (leader, run, product) = (self.people[0].clone(), *run, self.products[0]);
            async move { leader.command(run, &commands::bid(product, Quantity::ONE)).await.seq() }
        };
        let bids = stream::iter(&self.runs).map(bid).buffer_unordered(REQUESTS_AT_ONCE);
        let done = bids.filter(|seq| std::future::ready(seq.is_some())).count().await;
        if done == self.runs.len() { Ok(()) } else { Err("a first bid was not committed".into()) }
    }

    /// Person `i`, going round.
    pub(super) fn person(&self, i: usize) -> &Client {
        &self.people[i % self.people.len()]
    }

    /// The access token of person `i`, going round.
    pub(super) fn token(&self, i: usize) -> Result<String, Failure> {
        let tokens = self.person(i).tokens().ok_or(ClientError::NotLoggedIn)?;
        Ok(tokens.access_token)
    }
}

async fn accounts(server: &Client, count: usize) -> Result<Vec<Client>, Failure> {
    // Unlike those of an earlier round on the same server.
    let round = &Uuid::new_v4().simple().to_string()[..10];
    let register = |i: usize| async move {
        let client = server.anonymous();
        let _: Me =
            client.register(&format!("load-{round}-{i}"), &format!("Person {i}"), "load-load").await?;
        Ok::<_, Failure>(client)
    };
    stream::iter(0..count).map(register).buffered(ACCOUNTS_AT_ONCE).try_collect().await
}

async fn catalogue(leader: &Client, count: usize) -> Result<(StoreId, Vec<ProductId>), Failure> {
    let store = NewStore::named("Load store");
    let store = leader.create_store(&store).await?.id;
    let product = |i: usize| async move {
        let new = NewProduct::named(format!("Load product {i}"), Unit::Piece);
        let id = leader.create_product(&new).await?.id;
        let terms = PutAvailability { price: Some(Money(199)), pack: None, minimum: None, note: None };
        leader.put_availability(store, id, &terms).await?;
        Ok::<_, Failure>(id)
    };
    let products = stream::iter(0..count).map(product).buffered(REQUESTS_AT_ONCE).try_collect().await?;
    Ok((store, products))
}

async fn group(people: &[Client]) -> Result<GroupId, Failure> {
    let group = people[0].create_group("Load group", "EUR").await?.id;
    let token = &people[0].invite_token(group).await?;
    let join = |person: &Client| {
        let person = person.clone();
        async move { person.accept_invite(token).await }
    };
    stream::iter(&people[1..])
        .map(join)
        .buffer_unordered(REQUESTS_AT_ONCE)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    Ok(group)
}

async fn runs_of(
    leader: &Client,
    group: GroupId,
    store: StoreId,
    count: usize,
) -> Result<Vec<RunId>, Failure> {
    let new = &CreateRun {
        store_id: store,
        comment: None,
        planned_on: None,
        bidding_deadline: None,
        auto_confirm: false,
    };
    let create = |_| async move { Ok::<_, Failure>(leader.create_run(group, new).await?.run_id) };
    stream::iter(0..count).map(create).buffered(REQUESTS_AT_ONCE).try_collect().await
}
