//! Cancelling while it is still about wishes: planning, active, confirmed.

use crate::support::{Cast, q, stories};
use bulq_client::commands;
use bulq_client::domain::{Event, Reason, State};
use serde_json::json;

fn reason() -> Reason {
    Reason::try_from("the van broke down".to_owned()).expect("a good reason")
}

stories! {
    async fn the_leader_cancels_in_every_state(app) {
        let cast = Cast::assemble(app).await;
        for state in [State::Planning, State::Active, State::Confirmed] {
            let run = cast.run().await;
            let screen = cast.open(&cast.a, run).await;
            if state >= State::Active {
                cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
            }
            if state == State::Confirmed {
                cast.leader.command(run, &commands::confirm()).await.committed();
            }
            let cancel = commands::cancel(reason(), None);

            assert_eq!(cast.a.command(run, &cancel).await.code(), Some("LEADER_ONLY"));
            let outsider = cast.outsider.command_raw(run, commands::new_id(), &cancel).await.unwrap();
            assert!([403, 404].contains(&outsider.status), "{}", outsider.text);
            let preview = cast.leader.cancellation(run).await.unwrap();
            assert_eq!(preview.state, state);
            let stale = commands::cancel(reason(), Some(preview.seq - 1));
            assert_eq!(cast.leader.command(run, &stale).await.code(), Some("EXPECTED_SEQ_CONFLICT"));

            let seq = cast.leader.command(run, &commands::cancel(reason(), Some(preview.seq))).await.committed();

            let view = screen.wait_for_seq(seq).await.unwrap();
            assert_eq!((view.state, view.cancel_reason.as_deref()), (State::Cancelled, Some("the van broke down")));
            let event = screen.events().last().unwrap().event.clone();
            assert!(matches!(event, Event::RunCancelled { void_bids, .. } if void_bids == preview.void_bids), "{event:?}");
            let again = cast.leader.command_raw(run, commands::new_id(), &cancel).await.unwrap();
            assert_eq!((again.status, again.problem().code.as_str()), (409, "COMMAND_NOT_ALLOWED_IN_STATE"));
            let late = cast.a.command(run, &commands::bid(cast.p2, q("1"))).await;
            assert_eq!(late.code(), Some("COMMAND_NOT_ALLOWED_IN_STATE"));
            assert_eq!(cast.a.run(run).await.unwrap().state, State::Cancelled, "still readable");
        }
    }

    async fn a_cancellation_needs_a_reason(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        for body in [json!({}), json!({"reason": ""}), json!({"reason": "  "}), json!({"reason": "x".repeat(501)}), json!({"reason": null})] {
            let path = format!("/api/v1/runs/{run}/cancel");
            let answer = cast.leader.raw("POST", &path, Some(&body), &[]).await.unwrap();
            assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        }
        assert_eq!(cast.leader.run(run).await.unwrap().state, State::Planning);
    }
}
