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
    let away = journal::commit(&world.db, std::slice::from_ref(&bid)).await;
    let CommitError::Down(fault) = away.unwrap_err() else { panic!("something was sent") };
    assert!(fault.is_passing(), "{fault:?}");

    server.start().await;
    journal::commit(&world.db, &[bid]).await.unwrap();
    assert_eq!(journal::load(&world.db, scribe.id).await.unwrap().unwrap().seq, scribe.seq());
    assert_eq!(verify::verify_run(&world.db, scribe.id).await.unwrap(), []);
}
