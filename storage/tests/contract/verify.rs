//! Whatever is tampered with, `verify` sees it.

use crate::scribe::Scribe;
use crate::shopping::{say, shopping};
use crate::world::World;
use bulq_storage::{journal, verify};
use serde_json::json;

on_both! {
    an_untouched_run_has_no_difference,
    every_tampered_row_is_found,
    a_hole_in_the_log_is_found,
    an_unknown_run_differs,
    every_tampered_row_of_a_settled_run_is_found,
}

async fn lively(world: &World) -> Scribe {
    let mut scribe = Scribe::new(world);
    let changes = [
        scribe.create(world.leader),
        scribe.bid(world.members[0], world.products[0], 3),
        scribe.bid(world.members[1], world.products[0], 2),
    ];
    journal::commit(&world.db, &changes).await.unwrap();
    journal::keep_snapshot(&world.db, scribe.id, &scribe.snapshot()).await.unwrap();
    scribe
}

async fn an_untouched_run_has_no_difference(world: World) {
    let scribe = lively(&world).await;

    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
}

/// Each statement, and the one that undoes it.
const TAMPERING: &[(&str, &str)] = &[
    ("update runs set state = 'confirmed'", "update runs set state = 'active'"),
    ("update runs set seq = seq + 1", "update runs set seq = seq - 1"),
    ("update runs set epoch = 0", "update runs set epoch = 1"),
    ("update runs set updated_at = updated_at + 1", "update runs set updated_at = updated_at - 1"),
    ("update participants set ready = not ready", "update participants set ready = not ready"),
    ("update participants set position = -position", "update participants set position = -position"),
    ("update run_products set price = price + 1", "update run_products set price = price - 1"),
    (
        "update bids set max_thousandths = max_thousandths + 1",
        "update bids set max_thousandths = max_thousandths - 1",
    ),
    ("update bids set position = -position", "update bids set position = -position"),
    ("update run_commands set seq = seq + 1", "update run_commands set seq = seq - 1"),
    (
        "update run_snapshots set body = replace(body, 'active', 'planning')",
        "update run_snapshots set body = replace(body, 'planning', 'active')",
    ),
    ("update run_snapshots set seq = seq + 100", "update run_snapshots set seq = seq - 100"),
    (
        "update run_events set kind = 'bid_moved' where seq = 1",
        "update run_events set kind = 'run_created' where seq = 1",
    ),
    ("update run_events set epoch = 2 where seq = 2", "update run_events set epoch = 1 where seq = 2"),
];

async fn every_tampered_row_is_found(world: World) {
    let scribe = lively(&world).await;
    for (tamper, undo) in TAMPERING {
        world.sql(tamper).await;
        let found = verify::verify_run(&world.db, scribe.id).await.unwrap();
        assert!(!found.is_empty(), "not found: {tamper}");
        world.sql(undo).await;
    }
}

/// As [`TAMPERING`], for what a run leaves that went to its end.
const TAMPERING_AT_THE_END: &[(&str, &str)] = &[
    ("update runs set shortage_policy = 'first_come'", "update runs set shortage_policy = 'equal_awards'"),
    ("update runs set active_at = active_at + 1", "update runs set active_at = active_at - 1"),
    ("update runs set handover_to = leader_id", "update runs set handover_to = null"),
    ("update run_items set total = total + 1", "update run_items set total = total - 1"),
    (
        "update run_items set changed_seq = changed_seq + 1",
        "update run_items set changed_seq = changed_seq - 1",
    ),
    ("update run_items set outcome = 'returned'", "update run_items set outcome = null"),
    ("update run_purchases set part = part + 1", "update run_purchases set part = part - 1"),
    (
        "update run_purchases set picked_product_id = product_id",
        "update run_purchases set picked_product_id = null",
    ),
    ("update allocations set share = share + 1", "update allocations set share = share - 1"),
    ("update allocations set taken = null", "update allocations set taken = 'left_with_leader'"),
    ("update run_costs set split = 'by_value'", "update run_costs set split = 'equally'"),
    ("update run_balances set owes = owes + 1", "update run_balances set owes = owes - 1"),
    ("update ledger_entries set amount = -amount", "update ledger_entries set amount = -amount"),
    ("update ledger_entries set at = at + 1", "update ledger_entries set at = at - 1"),
];

async fn every_tampered_row_of_a_settled_run_is_found(world: World) {
    let mut scribe = shopping(&world).await;
    let (leader, product) = (world.leader, world.products[0]);
    for command in [
        json!({"type": "record_purchase", "product_id": product, "quantity": 6, "total": 600}),
        json!({"type": "add_cost", "label": "fuel", "amount": 100, "split": "equally"}),
        json!({"type": "finish_shopping"}),
        json!({"type": "left_with_leader", "user_id": world.members[0]}),
        json!({"type": "left_with_leader", "user_id": world.members[1]}),
        json!({"type": "complete"}),
    ] {
        say(&world, &mut scribe, leader, command).await;
    }

    for (tamper, undo) in TAMPERING_AT_THE_END {
        world.sql(tamper).await;
        let found = verify::verify_run(&world.db, scribe.id).await.unwrap();
        assert!(!found.is_empty(), "not found: {tamper}");
        world.sql(undo).await;
        assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), [], "not undone: {tamper}");
    }
}

async fn a_hole_in_the_log_is_found(world: World) {
    let scribe = lively(&world).await;
    world.sql("delete from run_events where seq = 3").await;

    let found = verify::verify_run(&world.db, scribe.id).await.unwrap();

    assert!(found.iter().any(|difference| difference.what == "seq of event 3"), "{found:?}");
}

async fn an_unknown_run_differs(world: World) {
    assert!(!verify::verify_run(&world.db, uuid::Uuid::now_v7()).await.unwrap().is_empty());
}
