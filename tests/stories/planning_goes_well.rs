//! All goes well, up to confirmed.

use crate::support::{Cast, q, stories};
use bulq_client::commands;
use bulq_client::domain::{CommandKind, Event, Role, State, Total};

stories! {
    /// L bids, A's first bid opens the run, everybody gets ready, L confirms, A's next bid is refused.
    async fn a_run_is_planned_and_confirmed(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let screen = cast.open(&cast.b, run).await;
        assert_eq!(screen.view().state, State::Planning);

        cast.leader.command(run, &commands::bid(cast.p1, q("2.00"))).await.committed();
        assert_eq!(cast.leader.run(run).await.unwrap().state, State::Planning, "the leader's own bid opens nothing");

        let seq = cast.a.command(run, &commands::bid(cast.p1, q("3.50"))).await.committed();
        let view = screen.wait_for_seq(seq).await.unwrap();
        assert_eq!(view.state, State::Active);
        assert_eq!(view.products[0].wanted, "5.5".parse::<Total>().unwrap());

        screen.command(commands::bid(cast.p2, q("1"))).await.committed();
        for member in [&cast.a, &cast.b, &cast.leader] {
            member.command(run, &commands::ready(true)).await.committed();
        }
        let view = cast.leader.run(run).await.unwrap();
        assert_eq!(view.state, State::Active, "nothing moves by itself");
        screen.wait_for_seq(view.seq).await.unwrap();
        let told = screen.events().iter().filter(|e| e.event == Event::EveryoneReady {}).count();
        assert_eq!(told, 1, "everybody is told once that everyone is ready");

        let refused = cast.a.command(run, &commands::confirm()).await;
        assert_eq!(refused.code(), Some("LEADER_ONLY"));
        let seq = cast.leader.command(run, &commands::confirm()).await.committed();
        assert_eq!(screen.wait_for_seq(seq).await.unwrap().state, State::Confirmed);

        let late = cast.a.command(run, &commands::bid(cast.p1, q("1"))).await;
        assert_eq!(late.code(), Some("COMMAND_NOT_ALLOWED_IN_STATE"));
        let late = screen.command(commands::bid(cast.p1, q("1"))).await;
        assert_eq!(late.code(), Some("COMMAND_NOT_ALLOWED_IN_STATE"), "the same over the live connection");
    }

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
