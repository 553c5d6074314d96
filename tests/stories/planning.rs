//! Planning: what moves by itself, and what the view says about what one may do.

use crate::support::{Cast, q, stories};
use bulq_client::commands;
use bulq_client::domain::{CommandKind, Role, State};

stories! {
    /// With auto_confirm the last ready confirms; stepping back reopens and asks for readiness again.
    async fn the_last_ready_confirms_if_asked_to(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run_with(|new| new.auto_confirm = true).await;
        cast.leader.command(run, &commands::bid(cast.p2, q("1"))).await.committed();
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();

        cast.a.command(run, &commands::ready(true)).await.committed();
        assert_eq!(cast.a.run(run).await.unwrap().state, State::Active);
        cast.leader.command(run, &commands::ready(true)).await.committed();
        assert_eq!(cast.a.run(run).await.unwrap().state, State::Confirmed);

        cast.leader.command(run, &commands::step_back()).await.committed();
        let view = cast.a.run(run).await.unwrap();
        assert_eq!(view.state, State::Active);
        assert!(view.participants.iter().all(|p| !p.ready), "readiness is asked for anew");
        let refused = cast.leader.command(run, &commands::step_back()).await;
        assert_eq!(refused.code(), Some("OTHERS_HAVE_BIDS"));
    }

    /// The view says who I am and what I may do; the HTTP answer carries the events as in the log.
    async fn a_view_says_what_its_viewer_may_do(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let mine = cast.leader.run(run).await.unwrap().viewer.unwrap();
        assert_eq!(mine.role, Role::Leader);
        assert!(mine.may.contains(&CommandKind::Open) && mine.may.contains(&CommandKind::Cancel));
        assert!(!mine.may.contains(&CommandKind::SetReady), "ready means nothing without a bid");
        let theirs = cast.a.run(run).await.unwrap().viewer.unwrap();
        assert_eq!((theirs.role, theirs.may), (Role::Member, vec![CommandKind::PlaceBid]));

        let bulq_client::Outcome::Committed { seq, events } = cast.a.command(run, &commands::bid(cast.p2, q("1"))).await else {
            panic!("the bid is taken");
        };
        let kinds: Vec<_> = events.iter().map(|e| e.event.kind()).collect();
        assert_eq!(kinds, ["participant_joined", "product_added", "bid_placed", "run_opened"]);
        assert_eq!(cast.a.whole_log(run, seq - 4).await.unwrap(), events);
        assert_eq!(cast.a.run(run).await.unwrap().viewer.unwrap().role, Role::Participant);
    }
}
