//! The runs of the demo: what people have planned, agreed on, and given up.

use super::world::{Group, World};
use super::{later, text};
use crate::edge::Edge;
use bulq_actors::Who;
use bulq_domain::command::{Cancel, Nothing, PlaceBid, SetReady};
use bulq_domain::{Command, CommandId, Comment, Product, ProductId, Quantity, Reason, RunId, StoreId};
use bulq_protocol::run::CreateRun;
use bulq_storage::{Page, catalogue};
use rand::RngExt;
use rand::rngs::StdRng;
use uuid::Uuid;

const REMARKS: &[&str] = &[
    "for bread every week",
    "happy with any brand",
    "only if it fills a pack",
    "sharing with my sister",
    "as last time",
    "for the kindergarten party",
];

pub(super) async fn tell(edge: &Edge, world: &World, rng: &mut StdRng) -> Result<(), String> {
    let [co_op, neighbours] = world.groups.as_slice() else {
        return Err("groups.csv has two groups".to_owned());
    };
    given_up(edge, co_op, world.store("Drogerie")?, rng).await?;
    later::tell(edge, world, rng).await?;
    agreed(edge, co_op, world.store("Frutteria")?, "Nuts and dried fruit before the holidays", rng).await?;
    thought_of(edge, co_op, world.store("Olivarda")?, rng).await?;
    going_on(edge, co_op, world.store("Kornspeicher")?, "Flour, oats and grains: let us fill the sacks", rng)
        .await?;
    agreed(edge, neighbours, world.store("Kelterei")?, "Juice for the yard party", rng).await?;
    going_on(edge, neighbours, world.store("Mlečna")?, "Cheese and butter from the dairy", rng).await
}

/// Active, with bids of most members: the run to watch.
async fn going_on(
    edge: &Edge,
    group: &Group,
    store: StoreId,
    comment: &str,
    rng: &mut StdRng,
) -> Result<(), String> {
    let run = create(edge, group, &group.members[0], store, comment).await?;
    let shelf = shelf(edge, store).await?;
    let shown = &shelf[..shelf.len().min(14)];
    for member in &group.members[..group.members.len() - 1] {
        bid_for_some(edge, run, member, shown, 5, rng).await?;
    }
    for member in &group.members[1..3] {
        ready(edge, run, member).await?;
    }
    Ok(())
}

/// Planning: only its leader has said anything.
async fn thought_of(edge: &Edge, group: &Group, store: StoreId, rng: &mut StdRng) -> Result<(), String> {
    let run =
        create(edge, group, &group.members[1], store, "Olive oil by the canister, some time in spring?")
            .await?;
    let shelf = shelf(edge, store).await?;
    bid_for_some(edge, run, &group.members[1], &shelf, 3, rng).await
}

/// Who leads a run that was agreed on.
pub(super) fn leader_of(group: &Group) -> &Who {
    &group.members[2 % group.members.len()]
}

/// Confirmed: everybody was ready, the list is closed.
async fn agreed(
    edge: &Edge,
    group: &Group,
    store: StoreId,
    comment: &str,
    rng: &mut StdRng,
) -> Result<(), String> {
    let run = create(edge, group, leader_of(group), store, comment).await?;
    let shelf = shelf(edge, store).await?;
    let shown = &shelf[..shelf.len().min(10)];
    let bidders: Vec<_> = group.members.iter().take(5).collect();
    for member in &bidders {
        bid_for_some(edge, run, member, shown, 4, rng).await?;
    }
    for member in &bidders {
        ready(edge, run, member).await?;
    }
    ask(edge, run, leader_of(group), Command::Confirm(Nothing {})).await
}

/// Cancelled, with some bids that came to nothing.
async fn given_up(edge: &Edge, group: &Group, store: StoreId, rng: &mut StdRng) -> Result<(), String> {
    let run = create(edge, group, &group.members[0], store, "Soap and washing powder in big packs").await?;
    let shelf = shelf(edge, store).await?;
    for member in &group.members[..3] {
        bid_for_some(edge, run, member, &shelf, 2, rng).await?;
    }
    let reason =
        Reason::try_from("the store is closed for stocktaking this month".to_owned()).map_err(text)?;
    let cancel = Cancel { reason, expected_seq: None, outcomes: Vec::new() };
    ask(edge, run, &group.members[0], Command::Cancel(cancel)).await
}

pub(super) async fn create(
    edge: &Edge,
    group: &Group,
    leader: &Who,
    store: StoreId,
    comment: &str,
) -> Result<RunId, String> {
    let comment = Comment::try_from(comment.to_owned()).map_err(text)?;
    let new = CreateRun {
        store_id: store,
        comment: Some(comment),
        planned_on: None,
        bidding_deadline: None,
        auto_confirm: false,
    };
    Ok(edge.create_run(leader, group.id, new, Some(new_id())).await.map_err(text)?.run)
}

/// What the store sells, as the rules know it.
pub(super) async fn shelf(edge: &Edge, store: StoreId) -> Result<Vec<Product>, String> {
    let mut page = Page::first(Page::MAX);
    let mut shelf = Vec::new();
    loop {
        let part = catalogue::products_of_store(edge.db(), store.0, &page).await.map_err(text)?;
        for row in part.items {
            let offer = catalogue::Offer {
                product_id: row.product.id,
                name: row.product.name,
                brand: row.product.brand,
                unit: row.product.unit,
                step_thousandths: row.product.step_thousandths,
                price: row.price,
                pack_thousandths: row.pack_thousandths,
                minimum_thousandths: row.minimum_thousandths,
                family_id: row.product.family_id,
            };
            shelf.push(crate::catalogue::product_terms(offer)?);
        }
        match part.next {
            Some(next) => page.after = Some(next),
            None => return Ok(shelf),
        }
    }
}

async fn bid_for_some(
    edge: &Edge,
    run: RunId,
    who: &Who,
    shelf: &[Product],
    most: usize,
    rng: &mut StdRng,
) -> Result<(), String> {
    for _ in 0..rng.random_range(1..=most) {
        let product = &shelf[rng.random_range(0..shelf.len())];
        let mut bid = wish(product, rng);
        if rng.random_bool(0.2) {
            let remark = REMARKS[rng.random_range(0..REMARKS.len())];
            bid.comment = Comment::try_from(remark.to_owned()).ok();
        }
        ask(edge, run, who, Command::PlaceBid(bid)).await?;
    }
    Ok(())
}

/// A few per cent of a pack, often with some tolerance.
pub(super) fn wish(product: &Product, rng: &mut StdRng) -> PlaceBid {
    let step = product.step.thousandths();
    let pack = product.pack.map_or(10 * step.max(1000), Quantity::thousandths);
    // Nobody asks for 0.13 kg: whole units, or halves of small packs.
    let grain = if pack > 3000 { step.max(1000) } else { step.max(500) }.next_multiple_of(step);
    let most = (pack / 4 / grain).max(1);
    let quantity = grain * rng.random_range(1..=most);
    let room = if rng.random_bool(0.4) { grain * rng.random_range(1..=most.min(4)) } else { 0 };
    let of = |thousandths: u32| Quantity::from_thousandths(thousandths.into()).unwrap_or(product.step);
    place(product.id, of(quantity), Some(of(quantity + room)), false)
}

pub(super) fn place(
    product_id: ProductId,
    quantity: Quantity,
    max: Option<Quantity>,
    fill: bool,
) -> PlaceBid {
    PlaceBid {
        product_id,
        quantity,
        min: None,
        max,
        interested_only: false,
        comment: None,
        on_behalf_of: None,
        fill,
    }
}

async fn ready(edge: &Edge, run: RunId, who: &Who) -> Result<(), String> {
    ask(edge, run, who, Command::SetReady(SetReady { ready: true })).await
}

pub(super) async fn ask(edge: &Edge, run: RunId, who: &Who, command: Command) -> Result<(), String> {
    edge.command(who, run, command, Some(new_id())).await.map(drop).map_err(text)
}

pub(super) fn new_id() -> CommandId {
    CommandId(Uuid::now_v7())
}
