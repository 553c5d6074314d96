//! What is written is there, byte for byte, once, without a hole.

use crate::scribe::Scribe;
use crate::world::World;
use bulq_storage::journal::{self, CommitError};
use uuid::Uuid;

on_both! {
    a_log_has_no_hole,
    a_change_that_leaves_a_hole_is_refused,
    loading_gives_back_every_byte,
    a_run_is_loaded_from_its_snapshot_and_the_tail,
    an_older_snapshot_never_replaces_a_newer_one,
    a_rejection_is_kept_without_an_event,
    doubt_is_settled_by_seq_and_epoch,
    a_part_of_the_log_can_be_read,
    nothing_to_write_is_no_error,
    an_unknown_run_is_not_there,
}

async fn a_log_has_no_hole(world: World) {
    let mut scribe = Scribe::new(&world);
    journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();
    for quantity in 1..=5 {
        let change = scribe.bid(world.members[0], world.products[0], quantity);
        journal::commit(&world.db, &[change]).await.unwrap();
    }

    let loaded = journal::load(&world.db, scribe.id).await.unwrap().unwrap();

    let seqs: Vec<_> = loaded.events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=scribe.seq()).collect::<Vec<_>>());
    assert_eq!((loaded.seq, loaded.epoch), (scribe.seq(), 1));
}

async fn a_change_that_leaves_a_hole_is_refused(world: World) {
    let mut scribe = Scribe::new(&world);
    let created = scribe.create(world.leader);
    let _lost = scribe.bid(world.leader, world.products[0], 1);
    let later = scribe.bid(world.leader, world.products[0], 2);

    let together = journal::commit(&world.db, &[created.clone(), later.clone()]).await;
    assert!(matches!(together, Err(CommitError::Rejected { .. })), "{together:?}");

    journal::commit(&world.db, &[created]).await.unwrap();
    let apart = journal::commit(&world.db, &[later]).await;
    assert!(matches!(apart, Err(CommitError::Fenced { ref runs }) if *runs == [scribe.id]), "{apart:?}");
}

async fn loading_gives_back_every_byte(world: World) {
    let mut scribe = Scribe::new(&world);
    let mut changes = vec![scribe.create(world.leader)];
    changes.push(scribe.bid(world.members[0], world.products[0], 3));
    changes.push(scribe.reject(world.members[1], r#"{"code":"NO_BID",  "detail":"…"}"#));
    changes[0].events[0].body = format!(" {} ", changes[0].events[0].body).into();
    journal::commit(&world.db, &changes).await.unwrap();

    let loaded = journal::load(&world.db, scribe.id).await.unwrap().unwrap();

    let written: Vec<_> = changes.iter().flat_map(|change| &change.events).collect();
    assert_eq!(loaded.events.len(), written.len());
    for (read, written) in loaded.events.iter().zip(written) {
        assert_eq!(read.body, *written.body);
        assert_eq!((read.seq, read.at, read.kind.as_str()), (written.seq, written.at, written.kind));
        assert_eq!((read.actor_id, read.command_id), (written.actor_id, written.command_id));
    }
    let mut commands: Vec<_> = changes.into_iter().filter_map(|change| change.command).collect();
    commands.sort_by_key(|command| (command.first_seq, command.command_id));
    assert_eq!(loaded.commands, commands);
}

async fn a_run_is_loaded_from_its_snapshot_and_the_tail(world: World) {
    let mut scribe = Scribe::new(&world);
    let created = scribe.create(world.leader);
    let snapshot = scribe.snapshot();
    let bid = scribe.bid(world.members[0], world.products[0], 3);
    let tail = bid.events.len();
    journal::commit(&world.db, &[created, bid]).await.unwrap();
    journal::keep_snapshot(&world.db, scribe.id, &snapshot).await.unwrap();

    let loaded = journal::load(&world.db, scribe.id).await.unwrap().unwrap();

    assert_eq!(loaded.events.first().unwrap().seq, snapshot.seq + 1);
    assert_eq!(loaded.events.len(), tail);
    assert_eq!(loaded.snapshot, Some(snapshot));
    assert_eq!(loaded.seq, scribe.seq());
    assert_eq!(loaded.commands.len(), 2);
}

async fn an_older_snapshot_never_replaces_a_newer_one(world: World) {
    let mut scribe = Scribe::new(&world);
    let created = scribe.create(world.leader);
    let old = scribe.snapshot();
    let bid = scribe.bid(world.leader, world.products[0], 1);
    let new = scribe.snapshot();
    journal::commit(&world.db, &[created, bid]).await.unwrap();

    for snapshot in [&old, &new, &old] {
        journal::keep_snapshot(&world.db, scribe.id, snapshot).await.unwrap();
    }

    assert_eq!(journal::load(&world.db, scribe.id).await.unwrap().unwrap().snapshot, Some(new));
}

async fn a_rejection_is_kept_without_an_event(world: World) {
    let mut scribe = Scribe::new(&world);
    journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();
    let refused = scribe.reject(world.members[0], "{}");
    let asked = refused.command.clone().unwrap();
    journal::commit(&world.db, &[refused]).await.unwrap();

    let kept = journal::command(&world.db, scribe.id, asked.command_id).await.unwrap();

    assert_eq!(kept, Some(asked));
    assert_eq!(journal::load(&world.db, scribe.id).await.unwrap().unwrap().seq, scribe.seq());
    assert_eq!(journal::command(&world.db, scribe.id, Uuid::nil()).await.unwrap(), None);
}

async fn doubt_is_settled_by_seq_and_epoch(world: World) {
    let mut scribe = Scribe::new(&world);
    journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();

    let asked = [(1, 1), (2, 1), (2, 2), (3, 1)];
    let mut answers = Vec::new();
    for (seq, epoch) in asked {
        answers.push(journal::is_committed(&world.db, scribe.id, seq, epoch).await.unwrap());
    }

    assert_eq!(answers, [true, true, false, false]);
}

async fn a_part_of_the_log_can_be_read(world: World) {
    let mut scribe = Scribe::new(&world);
    let changes: Vec<_> = std::iter::once(scribe.create(world.leader))
        .chain((1..=6).map(|n| scribe.bid(world.leader, world.products[0], n)))
        .collect();
    journal::commit(&world.db, &changes).await.unwrap();

    let part = journal::events_after(&world.db, scribe.id, 2, 3).await.unwrap();

    assert_eq!(part.iter().map(|event| event.seq).collect::<Vec<_>>(), [3, 4, 5]);
    assert!(journal::events_after(&world.db, scribe.id, scribe.seq(), 3).await.unwrap().is_empty());
}

async fn nothing_to_write_is_no_error(world: World) {
    journal::commit(&world.db, &[]).await.unwrap();
}

async fn an_unknown_run_is_not_there(world: World) {
    assert_eq!(journal::load(&world.db, Uuid::now_v7()).await.unwrap(), None);
}
