//! Leaving a group, also as its last admin or as the leader of a run.

use crate::support::{Cast, q, reason, stories};
use bulq_client::commands;
use bulq_client::domain::event::Cause;
use bulq_client::domain::{Event, State};

stories! {
    /// The leader of a live run leaves: the run is cancelled, and says why.
    async fn a_run_without_its_leader_is_cancelled(app) {
        let cast = Cast::assemble(app).await;
        let run = {
            let new = bulq_client::protocol::run::CreateRun {
                store_id: cast.store, comment: None, planned_on: None, bidding_deadline: None, auto_confirm: false,
            };
            cast.a.create_run(cast.group, &new).await.unwrap().run_id
        };
        let screen = cast.open(&cast.b, run).await;
        cast.b.command(run, &commands::bid(cast.p2, q("2"))).await.committed();

        cast.a.leave_group(cast.group).await.unwrap();

        let view = screen.wait_for(|view| view.state == State::Cancelled).await.unwrap();
        assert_eq!(view.cancel_reason.as_deref(), Some("leader left"));
        assert!(view.times.cancelled_at.is_some());
        let cause = screen.events().iter().find_map(|e| match &e.event {
            Event::RunCancelled { cause, .. } => Some(*cause),
            _ => None,
        });
        assert_eq!(cause, Some(Cause::LeaderLeft));
    }

    /// The last admin cannot leave; with another one they can.
    async fn the_last_admin_stays(app) {
        let cast = Cast::assemble(app).await;
        let error = cast.leader.leave_group(cast.group).await.unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(409), Some("LAST_ADMIN")));
        assert_eq!(cast.leader.groups(&Default::default()).await.unwrap().items.len(), 1);
    }

    /// Who comes back is a participant again; what they wanted they must say anew.
    async fn coming_back_reactivates_the_participation(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let screen = cast.open(&cast.b, run).await;
        let a = cast.a.user_id().unwrap();
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        cast.a.leave_group(cast.group).await.unwrap();
        screen.wait_for(|view| view.participants.iter().any(|p| p.user_id == a && p.removed)).await.unwrap();

        let token = cast.leader.invite_token(cast.group).await.unwrap();
        cast.a.accept_invite(&token).await.unwrap();
        let back = screen.wait_for(|view| view.participants.iter().any(|p| p.user_id == a && !p.removed)).await.unwrap();
        assert!(back.products.is_empty(), "their bid is not back, and nobody else had one");
        cast.a.command(run, &commands::bid(cast.p2, q("5"))).await.committed();

        let view = cast.a.run(run).await.unwrap();
        assert_eq!(view.participants.iter().filter(|p| p.user_id == a).count(), 1);
        assert!(view.participants.iter().all(|p| !p.removed));
    }

    /// The run ended while they were away: in the group again, they read it like everybody else.
    async fn coming_back_opens_what_ended_meanwhile(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let screen = cast.open(&cast.b, run).await;
        let a = cast.a.user_id().unwrap();
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        cast.a.leave_group(cast.group).await.unwrap();
        screen.wait_for(|view| view.participants.iter().any(|p| p.user_id == a && p.removed)).await.unwrap();
        cast.leader.command(run, &commands::cancel(reason(), None)).await.committed();

        let token = cast.leader.invite_token(cast.group).await.unwrap();
        cast.a.accept_invite(&token).await.unwrap();

        let view = cast.open(&cast.a, run).await.view();
        assert_eq!(view.state, State::Cancelled);
        assert_eq!(cast.a.run(run).await.unwrap().seq, view.seq);
    }
}
