//! The database goes away and comes back.

use crate::scribe::Scribe;
use crate::world::World;
use bulq_storage::journal::{self, CommitError};
use bulq_storage::verify;
use bulq_testkit::PgServer;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_survives_a_crash_and_the_rest_can_be_tried_again() {
    let server = Arc::new(PgServer::private().await);
    let world = World::in_database(server.clone().database().await).await;
    let mut scribe = Scribe::new(&world);
    journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();
    let bid = scribe.bid(world.members[0], world.products[0], 2);

    server.stop_immediate().await;
    // A batch that is one statement commits by itself: when its connection breaks, nobody can say what became of it.
    let away = journal::commit(&world.db, std::slice::from_ref(&bid)).await;
    let (CommitError::Down(fault) | CommitError::Unknown(fault)) = away.unwrap_err() else {
        panic!("it is no refusal")
    };
    assert!(fault.is_passing(), "{fault:?}");

    server.start().await;
    assert!(!journal::is_committed(&world.db, bid.run_id, bid.last_seq, bid.epoch).await.unwrap());
    while let Err(error) = journal::commit(&world.db, std::slice::from_ref(&bid)).await {
        assert!(matches!(error, CommitError::Down(_) | CommitError::Unknown(_)), "{error}");
        assert!(!journal::is_committed(&world.db, bid.run_id, bid.last_seq, bid.epoch).await.unwrap());
    }
    assert_eq!(journal::load(&world.db, scribe.id).await.unwrap().unwrap().seq, scribe.seq());
    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
}
