//! The same command id takes effect once, for the life of the run.

use crate::support::{Cast, q, stories};
use bulq_client::protocol::live::ServerFrame;
use bulq_client::{LiveSocket, commands};

stories! {
    async fn a_repeated_command_counts_once(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let (id, bid) = (commands::new_id(), commands::bid(cast.p2, q("2")));

        let first = cast.a.command_raw(run, id, &bid).await.unwrap();
        let again = cast.a.command_raw(run, id, &bid).await.unwrap();

        assert_eq!((first.status, again.status), (200, 200));
        assert_eq!(first.text, again.text, "the same answer, byte for byte");
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));

        app.kill().await;
        app.launch().await;
        let after_restart = cast.a.command_raw(run, id, &bid).await.unwrap();
        assert_eq!(after_restart.text, first.text, "also after a restart");
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        let frame_id = socket.command(run, Some(id), bid).await.unwrap();
        let answer = socket.next_where(|f| matches!(f, ServerFrame::Committed { id, .. } if *id == frame_id)).await.unwrap();
        let ServerFrame::Committed { seq, .. } = answer else { unreachable!() };
        assert_eq!(seq, first.json["seq"], "also over the live connection");
    }

    async fn an_id_cannot_be_used_for_something_else(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let id = commands::new_id();
        cast.a.command_with_id(run, id, &commands::bid(cast.p2, q("2"))).await.committed();

        let other_body = cast.a.command_raw(run, id, &commands::bid(cast.p2, q("3"))).await.unwrap();
        let other_person = cast.b.command_raw(run, id, &commands::bid(cast.p2, q("2"))).await.unwrap();

        assert_eq!((other_body.status, other_body.problem().code.as_str()), (422, "COMMAND_ID_REUSED"));
        assert_eq!((other_person.status, other_person.problem().code.as_str()), (422, "COMMAND_ID_REUSED"));
    }

    /// A rejection is as final as a success: the same id is refused even when the run would take it now.
    async fn a_rejection_stays_one(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        cast.leader.command(run, &commands::confirm()).await.committed();
        let id = commands::new_id();
        let late = cast.a.command_with_id(run, id, &commands::bid(cast.p2, q("3"))).await;
        assert_eq!(late.code(), Some("COMMAND_NOT_ALLOWED_IN_STATE"));

        cast.leader.command(run, &commands::step_back()).await.committed();

        let again = cast.a.command_with_id(run, id, &commands::bid(cast.p2, q("3"))).await;
        assert_eq!(again, late, "all answers to one id are equal");
        app.kill().await;
        app.launch().await;
        assert_eq!(cast.a.command_with_id(run, id, &commands::bid(cast.p2, q("3"))).await, late, "also after a restart");
        cast.a.command(run, &commands::bid(cast.p2, q("3"))).await.committed();
    }

    /// Twenty copies of one command at once: one effect, one answer.
    async fn copies_in_flight_have_one_effect(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let id = commands::new_id();
        let copies = (0..20).map(|_| {
            let (a, product) = (cast.a.clone(), cast.p2);
            tokio::spawn(async move { a.command_raw(run, id, &commands::bid(product, q("4"))).await.unwrap().text })
        });
        let mut answers = Vec::new();
        for copy in copies.collect::<Vec<_>>() {
            answers.push(copy.await.unwrap());
        }

        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
        let log = cast.a.whole_log(run, 0).await.unwrap();
        assert_eq!(log.iter().filter(|e| e.event.kind() == "bid_placed").count(), 1);
    }
}
