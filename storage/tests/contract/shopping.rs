//! A run from its first bid to the last pick-up, and what the tables say on the way.

use crate::scribe::Scribe;
use crate::world::World;
use bulq_domain::State;
use bulq_storage::{accounts, journal, ledger, verify};
use serde_json::{Value, json};
use uuid::Uuid;

on_both! {
    a_whole_run_is_in_the_tables,
    a_whole_run_in_one_batch_is_in_the_tables,
    a_cancelled_run_keeps_what_was_bought,
    an_item_stays_listed_without_any_bid,
    whoever_returns_takes_part_again,
    the_lead_goes_over,
}

/// Commits what somebody says, and compares every table.
pub(crate) async fn say(world: &World, scribe: &mut Scribe, by: Uuid, command: Value) {
    let change = scribe.say(by, &command).unwrap();
    journal::commit(&world.db, &[change]).await.unwrap();
    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), [], "after {command}");
}

/// Anna wants 4 of the first product, Boris 2 of it and 6 of the second; the shopping has begun.
pub(crate) async fn shopping(world: &World) -> Scribe {
    let mut scribe = Scribe::new(world);
    let changes = [
        scribe.create(world.leader),
        scribe.bid(world.members[0], world.products[0], 4),
        scribe.bid(world.members[1], world.products[0], 2),
        scribe.bid(world.members[1], world.products[1], 6),
        scribe.confirm(world.leader).unwrap(),
        scribe.say(world.leader, &json!({"type": "start_shopping"})).unwrap(),
    ];
    journal::commit(&world.db, &changes).await.unwrap();
    scribe
}

/// As [`shopping`], to the end: this was bought, and what is Anna's and Boris's is left with the leader.
pub(crate) async fn ended(world: &World, purchases: impl IntoIterator<Item = Value>) -> Scribe {
    let mut scribe = shopping(world).await;
    for command in purchases.into_iter().chain(to_the_end(world)) {
        say(world, &mut scribe, world.leader, command).await;
    }
    scribe
}

/// What the leader says once everything is bought.
pub(crate) fn to_the_end(world: &World) -> [Value; 4] {
    [
        json!({"type": "finish_shopping"}),
        json!({"type": "left_with_leader", "user_id": world.members[0]}),
        json!({"type": "left_with_leader", "user_id": world.members[1]}),
        json!({"type": "complete"}),
    ]
}

fn story(world: &World) -> Vec<(Uuid, Value)> {
    let (leader, anna, boris) = (world.leader, world.members[0], world.members[1]);
    let (rice, lentils, oil) = (world.products[0], world.products[1], world.products[2]);
    vec![
        (leader, json!({"type": "appoint_helper", "user_id": anna})),
        (anna, json!({"type": "record_purchase", "product_id": rice, "quantity": 4, "total": 1000})),
        (
            leader,
            json!({"type": "add_purchase", "product_id": rice, "quantity": 2, "total": 401, "picked": oil}),
        ),
        (leader, json!({"type": "record_purchase", "product_id": lentils, "quantity": 9, "total": 77})),
        (leader, json!({"type": "undo_purchase", "product_id": lentils})),
        (leader, json!({"type": "record_purchase", "product_id": lentils, "quantity": 5, "total": 500})),
        (leader, json!({"type": "add_item", "product_id": oil, "quantity": 1, "for": boris})),
        (
            leader,
            json!({"type": "record_purchase", "product_id": oil, "quantity": 1, "total": 900, "payer": boris}),
        ),
        (leader, json!({"type": "add_cost", "label": "fuel", "amount": 300, "split": "equally"})),
        (leader, json!({"type": "finish_shopping"})),
        (boris, json!({"type": "place_bid", "product_id": lentils, "quantity": 5})),
        (anna, json!({"type": "add_cost", "label": "parking", "amount": 50, "split": "by_value"})),
        (leader, json!({"type": "finish_adjusting"})),
        (leader, json!({"type": "set_received", "user_id": anna, "product_id": rice, "received": 3})),
        (leader, json!({"type": "pick_up", "user_id": anna})),
        (leader, json!({"type": "undo_pick_up", "user_id": anna})),
        (leader, json!({"type": "pick_up", "user_id": anna, "product_id": rice})),
        (leader, json!({"type": "left_with_leader", "user_id": boris})),
    ]
}

async fn a_whole_run_is_in_the_tables(world: World) {
    let mut scribe = shopping(&world).await;

    for (by, command) in story(&world) {
        say(&world, &mut scribe, by, command).await;
    }
    let parking = scribe.run().costs[1].id;
    say(&world, &mut scribe, world.members[0], json!({"type": "remove_cost", "cost": parking})).await;
    say(&world, &mut scribe, world.leader, json!({"type": "complete"})).await;

    check_the_books(&world, &scribe).await;
}

async fn a_whole_run_in_one_batch_is_in_the_tables(world: World) {
    let mut scribe = Scribe::new(&world);
    let mut batch = vec![
        scribe.create(world.leader),
        scribe.bid(world.members[0], world.products[0], 4),
        scribe.bid(world.members[1], world.products[0], 2),
        scribe.bid(world.members[1], world.products[1], 6),
        scribe.confirm(world.leader).unwrap(),
        scribe.say(world.leader, &json!({"type": "start_shopping"})).unwrap(),
    ];

    for (by, command) in story(&world) {
        batch.push(scribe.say(by, &command).unwrap());
    }
    let parking = scribe.run().costs[1].id;
    batch.push(scribe.say(world.members[0], &json!({"type": "remove_cost", "cost": parking})).unwrap());
    batch.push(scribe.say(world.leader, &json!({"type": "complete"})).unwrap());
    journal::commit(&world.db, &batch).await.unwrap();

    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
    check_the_books(&world, &scribe).await;
}

async fn check_the_books(world: &World, scribe: &Scribe) {
    assert_eq!(scribe.run().state, State::Completed);
    for (rows, count) in [
        ("run_items", 3),
        ("run_items where requested_thousandths = 6000 and bought_thousandths = 6000 and total = 1401", 1),
        ("run_purchases", 4),
        ("run_purchases where picked_product_id is not null and part = 1", 1),
        ("allocations", 4),
        ("allocations where taken = 'left_with_leader'", 3),
        ("run_costs", 1),
        ("run_balances", 3),
    ] {
        assert_eq!(world.count(rows).await, count, "{rows}");
    }
    let balances = ledger::balances(&world.db, world.group).await.unwrap();
    assert_eq!(balances.iter().map(|person| person.balance).sum::<i64>(), 0);
    let paid: i64 = 1000 + 401 + 500 + 900 + 300;
    let mut spent = 0;
    for user in [world.leader, world.members[0], world.members[1]] {
        spent +=
            accounts::spent(&world.db, user).await.unwrap().iter().map(|spent| spent.amount).sum::<i64>();
    }
    assert_eq!(spent, paid);
}

async fn a_cancelled_run_keeps_what_was_bought(world: World) {
    let mut scribe = shopping(&world).await;
    let (rice, lentils) = (world.products[0], world.products[1]);
    for (product, total) in [(rice, 600), (lentils, 300)] {
        let buy = json!({"type": "record_purchase", "product_id": product, "quantity": 6, "total": total});
        say(&world, &mut scribe, world.leader, buy).await;
    }
    say(&world, &mut scribe, world.leader, json!({"type": "finish_shopping"})).await;
    say(&world, &mut scribe, world.leader, json!({"type": "pick_up", "user_id": world.members[0]})).await;
    assert_eq!(world.count("allocations").await, 3);

    say(&world, &mut scribe, world.leader, json!({"type": "cancel", "reason": "rain"})).await;

    assert_eq!(world.count("run_items where outcome = 'kept_by_payer'").await, 2);
    assert_eq!(world.count("allocations").await, 3);
    assert_eq!(world.count("allocations where taken = 'picked_up'").await, 1);
    let balances = ledger::balances(&world.db, world.group).await.unwrap();
    let balances: Vec<_> = balances.into_iter().map(|person| (person.user_id, person.balance)).collect();
    assert_eq!(balances, [(world.leader, 400), (world.members[0], -400)]);
}

async fn an_item_stays_listed_without_any_bid(world: World) {
    let mut scribe = shopping(&world).await;

    journal::commit(&world.db, &[scribe.leave(world.members[1])]).await.unwrap();

    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
    assert_eq!(world.count("bids").await, 1);
    assert_eq!(world.count("run_products").await, 2);
}

async fn whoever_returns_takes_part_again(world: World) {
    let mut scribe = shopping(&world).await;
    let anna = world.members[0];
    journal::commit(&world.db, &[scribe.leave(anna)]).await.unwrap();
    assert_eq!(world.count("participants where removed").await, 1);

    journal::commit(&world.db, &[scribe.come_back(anna)]).await.unwrap();

    assert_eq!(world.count("participants where removed").await, 0);
    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
}

async fn the_lead_goes_over(world: World) {
    let mut scribe = shopping(&world).await;
    let anna = world.members[0];
    let offer = json!({"type": "offer_handover", "to": anna});

    say(&world, &mut scribe, world.leader, offer.clone()).await;
    assert_eq!(world.count("runs where handover_to is not null").await, 1);
    say(&world, &mut scribe, world.leader, json!({"type": "withdraw_handover"})).await;
    assert_eq!(world.count("runs where handover_to is not null").await, 0);
    say(&world, &mut scribe, world.leader, json!({"type": "appoint_helper", "user_id": anna})).await;
    say(&world, &mut scribe, world.leader, offer).await;
    say(&world, &mut scribe, anna, json!({"type": "accept_handover"})).await;

    let rows = format!("runs where handover_to is null and leader_id = {}", world.id(anna));
    assert_eq!(world.count(&rows).await, 1);
    assert_eq!(world.count("participants where helper").await, 0);
}
