//! Two writers can never both write, and a batch is written whole or not at all.

use crate::scribe::Scribe;
use crate::world::World;
use bulq_storage::journal::{self, Change, CommitError};
use uuid::Uuid;

on_both! {
    an_old_epoch_is_fenced,
    an_old_seq_is_fenced,
    a_run_is_created_once,
    a_takeover_raises_the_epoch_with_its_first_write,
    of_many_writers_of_one_seq_one_wins,
    a_command_id_takes_effect_once,
    a_command_id_twice_in_one_batch_is_a_duplicate,
    one_fenced_run_stops_the_whole_batch,
    bad_data_stops_the_whole_batch_and_says_so,
}

async fn created(world: &World) -> Scribe {
    let mut scribe = Scribe::new(world);
    journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();
    scribe
}

async fn fenced(world: &World, changes: &[Change]) -> Vec<Uuid> {
    match journal::commit(&world.db, changes).await {
        Err(CommitError::Fenced { runs }) => runs,
        other => panic!("not fenced but {other:?}"),
    }
}

async fn an_old_epoch_is_fenced(world: World) {
    let mut scribe = created(&world).await;
    world.sql("update runs set epoch = 5").await;

    let change = scribe.bid(world.leader, world.products[0], 1);

    assert_eq!(fenced(&world, &[change]).await, [scribe.id]);
}

async fn an_old_seq_is_fenced(world: World) {
    let mut scribe = created(&world).await;
    let change = scribe.bid(world.leader, world.products[0], 1);
    journal::commit(&world.db, std::slice::from_ref(&change)).await.unwrap();

    assert_eq!(fenced(&world, &[change]).await, [scribe.id]);
    assert_eq!(world.count("run_events").await, scribe.seq());
}

async fn a_run_is_created_once(world: World) {
    let mut scribe = Scribe::new(&world);
    let change = scribe.create(world.leader);
    journal::commit(&world.db, std::slice::from_ref(&change)).await.unwrap();

    assert_eq!(fenced(&world, &[change]).await, [scribe.id]);
}

async fn a_takeover_raises_the_epoch_with_its_first_write(world: World) {
    let mut old = created(&world).await;
    let mut stale = old.bid(world.leader, world.products[0], 1);
    let mut fresh = stale.clone();
    fresh.epoch = 2;
    fresh.command.as_mut().unwrap().command_id = Uuid::now_v7();
    journal::commit(&world.db, &[fresh]).await.unwrap();

    assert_eq!(fenced(&world, std::slice::from_ref(&stale)).await, [old.id]);
    stale.expected_epoch = 2;
    assert_eq!(fenced(&world, &[stale]).await, [old.id]);
    assert!(journal::is_committed(&world.db, old.id, old.seq(), 2).await.unwrap());
}

async fn of_many_writers_of_one_seq_one_wins(world: World) {
    let mut scribe = created(&world).await;
    let change = scribe.bid(world.members[0], world.products[0], 1);
    let writers = (0..8).map(|_| {
        let (db, mut change) = (world.db.clone(), change.clone());
        change.command.as_mut().unwrap().command_id = Uuid::now_v7();
        tokio::spawn(async move { journal::commit(&db, &[change]).await })
    });

    let mut won = 0;
    for writer in writers.collect::<Vec<_>>() {
        match writer.await.unwrap() {
            Ok(()) => won += 1,
            Err(CommitError::Fenced { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    assert_eq!(won, 1);
    assert_eq!(world.count("run_events").await, scribe.seq());
}

async fn a_command_id_takes_effect_once(world: World) {
    let mut scribe = created(&world).await;
    let first = scribe.bid(world.leader, world.products[0], 1);
    let command = first.command.as_ref().unwrap().command_id;
    let mut again = scribe.bid(world.leader, world.products[0], 2);
    again.command.as_mut().unwrap().command_id = command;
    journal::commit(&world.db, &[first]).await.unwrap();

    let answer = journal::commit(&world.db, &[again]).await;

    let Err(CommitError::DuplicateCommand { run, command_id }) = answer else { panic!("{answer:?}") };
    assert_eq!((run, command_id), (scribe.id, command));
}

async fn a_command_id_twice_in_one_batch_is_a_duplicate(world: World) {
    let mut scribe = created(&world).await;
    let first = scribe.bid(world.leader, world.products[0], 1);
    let mut again = scribe.bid(world.leader, world.products[0], 2);
    again.command = first.command.clone();

    let answer = journal::commit(&world.db, &[first, again]).await;

    assert!(matches!(answer, Err(CommitError::DuplicateCommand { .. })), "{answer:?}");
}

async fn one_fenced_run_stops_the_whole_batch(world: World) {
    let mut good = created(&world).await;
    let mut bad = created(&world).await;
    world.sql(&format!("update runs set epoch = 9 where id = {}", world.id(bad.id))).await;
    let before = world.count("run_events").await;

    let changes = [
        good.bid(world.leader, world.products[0], 1),
        bad.bid(world.leader, world.products[0], 1),
        good.bid(world.members[0], world.products[1], 1),
    ];

    assert_eq!(fenced(&world, &changes).await, [bad.id]);
    assert_eq!(world.count("run_events").await, before);
    assert_eq!(world.count("bids").await, 0);
    journal::commit(&world.db, &[changes[0].clone(), changes[2].clone()]).await.unwrap();
}

async fn bad_data_stops_the_whole_batch_and_says_so(world: World) {
    let mut good = created(&world).await;
    let mut bad = created(&world).await;
    let before = world.count("run_events").await;
    let nobody = Uuid::now_v7();
    let changes = [good.bid(world.leader, world.products[0], 1), bad.bid(nobody, world.products[0], 1)];

    let answer = journal::commit(&world.db, &changes).await;

    assert!(matches!(answer, Err(CommitError::Rejected { .. })), "{answer:?}");
    assert_eq!(world.count("run_events").await, before);
    journal::commit(&world.db, &changes[..1]).await.unwrap();
}
