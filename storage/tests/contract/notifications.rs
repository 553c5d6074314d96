//! What people are told, merged as long as they do not look.

use crate::scribe::Scribe;
use crate::world::{T0, World};
use bulq_storage::journal::{self, NoticeRow};
use bulq_storage::notifications::{self, Notification};
use bulq_storage::{Page, verify};
use uuid::Uuid;

on_both! {
    what_follows_within_five_minutes_is_taken_in,
    whatever_was_read_takes_nothing_in,
    everybody_is_told_by_themselves,
    a_notification_says_which_state_the_run_entered,
    nobody_is_told_of_a_batch_without_notices,
    nothing_is_lost_while_somebody_reads,
    a_notification_belongs_to_one_person,
}

const MINUTE: i64 = 60 * 1_000_000;

/// A bid about which these people are told so many minutes after the beginning.
async fn tell(world: &World, scribe: &mut Scribe, minutes: i64, people: &[Uuid]) {
    let mut change = scribe.bid(world.leader, world.products[0], 1 + scribe.seq() as u64 % 9);
    let seq = change.last_seq;
    let notice = |&user_id| NoticeRow { user_id, seq, kind: "mention", at: T0 + minutes * MINUTE };
    change.notices = people.iter().map(notice).collect();
    journal::commit(&world.db, &[change]).await.unwrap();
}

async fn created(world: &World) -> Scribe {
    let mut scribe = Scribe::new(world);
    journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();
    scribe
}

async fn told(world: &World, user: Uuid) -> Vec<Notification> {
    notifications::notifications(&world.db, user, &Page::first(50)).await.unwrap().items
}

async fn unread(world: &World, user: Uuid) -> i64 {
    notifications::unread_count(&world.db, user).await.unwrap()
}

async fn what_follows_within_five_minutes_is_taken_in(world: World) {
    let mut scribe = created(&world).await;
    let anna = world.members[0];

    tell(&world, &mut scribe, 0, &[anna]).await;
    tell(&world, &mut scribe, 1, &[anna, anna]).await;
    tell(&world, &mut scribe, 4, &[anna]).await;
    let merged_seq = scribe.seq();
    tell(&world, &mut scribe, 5, &[anna]).await;
    tell(&world, &mut scribe, 9, &[anna]).await;

    let rows = told(&world, anna).await;
    assert_eq!(rows.iter().map(|row| row.count).collect::<Vec<_>>(), [2, 4]);
    let first = &rows[1];
    assert_eq!((first.created_at, first.updated_at), (T0, T0 + 4 * MINUTE));
    assert_eq!((first.seq, first.run_id, first.group_id), (merged_seq, scribe.id, world.group));
    assert_eq!((first.store_name.as_str(), first.kind.as_str()), ("Wholesale", "mention"));
    assert_eq!(unread(&world, anna).await, 6);
}

async fn whatever_was_read_takes_nothing_in(world: World) {
    let mut scribe = created(&world).await;
    let anna = world.members[0];
    tell(&world, &mut scribe, 0, &[anna]).await;
    let first = told(&world, anna).await.remove(0);

    assert!(notifications::mark_read(&world.db, anna, first.id, T0 + 7).await.unwrap());
    assert!(notifications::mark_read(&world.db, anna, first.id, T0 + 8).await.unwrap());
    tell(&world, &mut scribe, 1, &[anna]).await;
    tell(&world, &mut scribe, 2, &[anna]).await;

    let rows = told(&world, anna).await;
    assert_eq!(rows.iter().map(|row| row.count).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((rows[0].read_at, rows[1].read_at), (None, Some(T0 + 7)));
    assert_eq!(unread(&world, anna).await, 2);
    assert_eq!(notifications::mark_all_read(&world.db, anna, T0 + 9).await.unwrap(), 1);
    assert_eq!(unread(&world, anna).await, 0);
}

async fn everybody_is_told_by_themselves(world: World) {
    let mut scribes = [created(&world).await, created(&world).await];
    let (anna, boris, nobody) = (world.members[0], world.members[1], Uuid::now_v7());

    for scribe in &mut scribes {
        tell(&world, scribe, 0, &[anna, boris, nobody]).await;
        tell(&world, scribe, 1, &[nobody, boris]).await;
    }

    assert_eq!(told(&world, anna).await.len(), 2);
    assert_eq!(told(&world, boris).await.len(), 2);
    assert_eq!((unread(&world, anna).await, unread(&world, boris).await), (2, 4));
    assert_eq!(world.count("notifications").await, 4);
    for scribe in &scribes {
        assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
    }
}

async fn a_notification_says_which_state_the_run_entered(world: World) {
    let mut scribe = created(&world).await;
    let anna = world.members[0];
    let bid = scribe.bid(anna, world.products[0], 6);
    let confirmed = scribe.confirm(world.leader).unwrap();

    journal::commit(&world.db, &[bid, confirmed]).await.unwrap();

    let rows = told(&world, anna).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].kind, "state_changed");
    assert_eq!(rows[0].body, r#"{"state":"confirmed"}"#);
}

async fn nobody_is_told_of_a_batch_without_notices(world: World) {
    let mut scribe = created(&world).await;

    journal::commit(&world.db, &[scribe.bid(world.leader, world.products[0], 6)]).await.unwrap();

    assert_eq!(world.count("notifications").await, 0);
}

async fn nothing_is_lost_while_somebody_reads(world: World) {
    let mut scribe = created(&world).await;
    let anna = world.members[0];
    let db = world.db.clone();
    let reading = tokio::spawn(async move {
        for n in 0..200 {
            notifications::mark_all_read(&db, anna, T0 + n).await.unwrap();
        }
    });

    for _ in 0..60 {
        tell(&world, &mut scribe, 0, &[anna]).await;
    }
    reading.await.unwrap();

    let rows = notifications::notifications(&world.db, anna, &Page::first(100)).await.unwrap();
    assert_eq!(rows.items.iter().map(|row| row.count).sum::<i64>(), 60);
}

async fn a_notification_belongs_to_one_person(world: World) {
    let mut scribe = created(&world).await;
    let (anna, boris) = (world.members[0], world.members[1]);
    tell(&world, &mut scribe, 0, &[anna]).await;
    let note = told(&world, anna).await.remove(0);

    assert!(!notifications::mark_read(&world.db, boris, note.id, T0).await.unwrap());
    assert_eq!(notifications::mark_all_read(&world.db, boris, T0).await.unwrap(), 0);
    assert!(told(&world, boris).await.is_empty());
    assert_eq!(unread(&world, anna).await, 1);
}
