//! Whatever is tampered with, `verify` sees it.

use crate::scribe::Scribe;
use crate::world::World;
use bulq_storage::{journal, verify};

on_both! {
    an_untouched_run_has_no_difference,
    every_tampered_row_is_found,
    a_hole_in_the_log_is_found,
    an_unknown_run_differs,
}

async fn lively(world: &World) -> Scribe {
    let mut scribe = Scribe::new(world);
    let mut changes = vec![
        scribe.create(world.leader),
        scribe.bid(world.members[0], world.products[0], 3),
        scribe.bid(world.members[1], world.products[0], 2),
    ];
    changes[2].snapshot = Some(scribe.snapshot());
    journal::commit(&world.db, &changes).await.unwrap();
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

async fn a_hole_in_the_log_is_found(world: World) {
    let scribe = lively(&world).await;
    world.sql("delete from run_events where seq = 3").await;

    let found = verify::verify_run(&world.db, scribe.id).await.unwrap();

    assert!(found.iter().any(|difference| difference.what == "seq of event 3"), "{found:?}");
}

async fn an_unknown_run_differs(world: World) {
    assert!(!verify::verify_run(&world.db, uuid::Uuid::now_v7()).await.unwrap().is_empty());
}
