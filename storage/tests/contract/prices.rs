//! Purchases leave what things cost.

use crate::scribe::Scribe;
use crate::shopping::{say, shopping};
use crate::world::World;
use bulq_storage::{Page, catalogue, journal};
use serde_json::json;
use uuid::Uuid;

on_both! {
    a_purchase_leaves_a_price_if_it_is_news,
    the_product_that_was_picked_has_the_price,
    one_batch_is_read_in_its_order,
}

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Of a product, the oldest first.
async fn prices(world: &World, product: Uuid) -> Vec<i64> {
    let page = catalogue::prices(&world.db, product, &Page::first(100)).await.unwrap();
    page.items.iter().rev().map(|observation| observation.price).collect()
}

async fn buy(world: &World, scribe: &mut Scribe, kind: &str, quantity: &str, total: i64) {
    let product = world.products[0];
    let command = json!({"type": kind, "product_id": product, "quantity": quantity, "total": total});
    say(world, scribe, world.leader, command).await;
}

async fn a_purchase_leaves_a_price_if_it_is_news(world: World) {
    let mut scribe = shopping(&world).await;
    let rice = world.products[0];

    buy(&world, &mut scribe, "record_purchase", "3", 500).await;
    assert_eq!(prices(&world, rice).await, [167]);
    buy(&world, &mut scribe, "add_purchase", "2", 301).await;
    assert_eq!(prices(&world, rice).await, [167, 151]);
    // The first part is 167 as before, and no news.
    buy(&world, &mut scribe, "add_purchase", "1", 151).await;
    assert_eq!(prices(&world, rice).await, [167, 151]);
    say(
        &world,
        &mut scribe,
        world.leader,
        json!({"type": "observe_price", "product_id": rice, "price": 151}),
    )
    .await;
    assert_eq!(prices(&world, rice).await, [167, 151]);

    scribe.clock = DAY;
    say(
        &world,
        &mut scribe,
        world.leader,
        json!({"type": "observe_price", "product_id": rice, "price": 151}),
    )
    .await;
    say(
        &world,
        &mut scribe,
        world.leader,
        json!({"type": "observe_price", "product_id": rice, "price": 149}),
    )
    .await;
    assert_eq!(prices(&world, rice).await, [167, 151, 151, 149]);
}

async fn the_product_that_was_picked_has_the_price(world: World) {
    let mut scribe = shopping(&world).await;
    let (rice, basmati) = (world.products[0], world.products[2]);

    let bought = json!({"type": "record_purchase", "product_id": rice, "quantity": 6, "total": 1200, "picked": basmati});
    say(&world, &mut scribe, world.leader, bought).await;
    buy(&world, &mut scribe, "add_purchase", "1", 300).await;

    assert_eq!(prices(&world, basmati).await, [200]);
    assert_eq!(prices(&world, rice).await, [300]);
    let seen = catalogue::prices(&world.db, basmati, &Page::first(1)).await.unwrap().items;
    assert_eq!((seen[0].run_id, seen[0].store_id), (Some(scribe.id), world.store));
}

async fn one_batch_is_read_in_its_order(world: World) {
    let mut scribe = shopping(&world).await;
    let rice = world.products[0];
    buy(&world, &mut scribe, "record_purchase", "1", 100).await;

    let mut batch = Vec::new();
    for price in [100, 110, 110, 100] {
        let seen = json!({"type": "observe_price", "product_id": rice, "price": price});
        batch.push(scribe.say(world.leader, &seen).unwrap());
    }
    for total in [120, 130] {
        let more = json!({"type": "add_purchase", "product_id": rice, "quantity": 1, "total": total});
        batch.push(scribe.say(world.leader, &more).unwrap());
    }
    journal::commit(&world.db, &batch).await.unwrap();

    assert_eq!(prices(&world, rice).await, [100, 110, 100, 120, 130]);
}
