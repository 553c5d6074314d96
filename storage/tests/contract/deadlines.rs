//! Which runs are due.

use crate::scribe::Scribe;
use crate::world::{T0, World};
use bulq_storage::{journal, migrate, runs, verify};
use serde_json::json;

on_both! {
    a_run_is_due_at_its_deadline,
    a_run_that_was_opened_again_after_its_deadline_is_not_due,
    the_longest_overdue_come_first,
    runs_from_before_know_when_they_became_active,
}

/// A run with a bid of somebody else, so that bidding is open.
async fn open(world: &World, deadline: i64) -> Scribe {
    let mut scribe = Scribe::new(world);
    scribe.deadline = deadline;
    let changes = [scribe.create(world.leader), scribe.bid(world.members[0], world.products[0], 6)];
    journal::commit(&world.db, &changes).await.unwrap();
    scribe
}

async fn due(world: &World, now: i64) -> Vec<uuid::Uuid> {
    runs::due_deadlines(&world.db, T0 + now, 10).await.unwrap()
}

async fn next(world: &World, now: i64) -> Option<i64> {
    runs::next_deadline(&world.db, T0 + now).await.unwrap().map(|at| at - T0)
}

async fn a_run_is_due_at_its_deadline(world: World) {
    let mut scribe = open(&world, 1000).await;
    let mut planning = Scribe::new(&world);
    planning.deadline = 500;
    journal::commit(&world.db, &[planning.create(world.leader)]).await.unwrap();

    assert_eq!((due(&world, 999).await, next(&world, 999).await), (vec![], Some(1000)));
    assert_eq!((due(&world, 1000).await, next(&world, 1000).await), (vec![scribe.id], None));
    journal::commit(&world.db, &[scribe.confirm(world.leader).unwrap()]).await.unwrap();
    assert_eq!((due(&world, 1000).await, next(&world, 999).await), (vec![], None));
}

async fn a_run_that_was_opened_again_after_its_deadline_is_not_due(world: World) {
    let mut scribe = open(&world, 1000).await;
    let confirmed = scribe.confirm(world.leader).unwrap();
    scribe.clock = 2000;
    let again = scribe.step_back(world.leader).unwrap();
    journal::commit(&world.db, &[confirmed, again]).await.unwrap();

    assert_eq!((due(&world, 3000).await, next(&world, 0).await), (vec![], None));

    let later = json!({"type": "edit_details", "bidding_deadline": "2026-01-01T00:00:00.005Z"});
    journal::commit(&world.db, &[scribe.say(world.leader, &later).unwrap()]).await.unwrap();
    assert_eq!((due(&world, 4999).await, next(&world, 4999).await), (vec![], Some(5000)));
    assert_eq!(due(&world, 5000).await, [scribe.id]);
}

async fn the_longest_overdue_come_first(world: World) {
    let late = [open(&world, 3000).await.id, open(&world, 1000).await.id, open(&world, 2000).await.id];

    assert_eq!(due(&world, 9000).await, [late[1], late[2], late[0]]);
    assert_eq!(runs::due_deadlines(&world.db, T0 + 9000, 1).await.unwrap(), [late[1]]);
    assert_eq!(next(&world, 1500).await, Some(2000));
}

/// A database whose runs were written before that was kept.
async fn runs_from_before_know_when_they_became_active(mut world: World) {
    let in_time = open(&world, 1000).await;
    let mut late = open(&world, 1000).await;
    late.clock = 2000;
    let again = [late.confirm(world.leader).unwrap(), late.step_back(world.leader).unwrap()];
    journal::commit(&world.db, &again).await.unwrap();

    while is_applied(&world, "deadlines").await {
        migrate::down(&world.db, 1).await.unwrap();
    }
    migrate::up(&world.db).await.unwrap();
    world.reopen().await;

    assert_eq!(due(&world, 9000).await, [in_time.id]);
    for scribe in [&in_time, &late] {
        assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
    }
}

async fn is_applied(world: &World, name: &str) -> bool {
    let status = migrate::status(&world.db).await.unwrap();
    status.iter().any(|migration| migration.name == name && migration.applied)
}
