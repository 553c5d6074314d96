//! A member is removed while the run is open on their screen.

use crate::support::{Cast, q, stories};
use bulq_client::domain::{Event, Total};
use bulq_client::protocol::live::ServerFrame;
use bulq_client::{LiveSocket, commands};

stories! {
    /// L 4, C 6; C is removed: the total is 4, C's screen is told and hears nothing more, C's GET is refused.
    async fn a_removed_member_sees_nothing_more(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.leader.command(run, &commands::bid(cast.p1, q("4"))).await.committed();
        cast.c.command(run, &commands::bid(cast.p1, q("6"))).await.committed();
        let screen = cast.open(&cast.leader, run).await;
        let c = cast.c.user_id().unwrap();
        let mut socket = LiveSocket::connect(&cast.c).await.unwrap();
        socket.subscribe(run, None).await.unwrap();
        socket.next_where(|f| matches!(f, ServerFrame::Subscribed { .. })).await.unwrap();

        cast.leader.remove_member(cast.group, c).await.unwrap();
        let view = screen.wait_for(|view| view.participants.iter().any(|p| p.user_id == c && p.removed)).await.unwrap();
        assert_eq!(view.products[0].wanted, "4".parse::<Total>().unwrap());
        cast.leader.command(run, &commands::bid(cast.p1, q("5"))).await.committed();

        let mut last = Vec::new();
        loop {
            match socket.next().await.unwrap() {
                ServerFrame::Events { events, .. } => last = events,
                ServerFrame::Revoked { reason, .. } => {
                    assert_eq!(reason, "removed_from_group");
                    break;
                }
                _ => {}
            }
        }
        let last = last.last().expect("the removal itself is shown");
        assert_eq!((last["type"].as_str(), last["user_id"].as_str()), (Some("member_left"), Some(&*c.to_string())));

        let refused = cast.c.raw("GET", &format!("/api/v1/runs/{run}"), None, &[]).await.unwrap();
        assert!([403, 404].contains(&refused.status), "{}", refused.text);
        let id = socket.command(run, Some(commands::new_id()), commands::bid(cast.p1, q("1"))).await.unwrap();
        let answer = socket.next_where(|f| matches!(f, ServerFrame::Rejected { id: of, .. } if *of == id)).await.unwrap();
        assert!(matches!(answer, ServerFrame::Rejected { .. }));
        socket.subscribe(run, Some(1)).await.unwrap();
        let answer = socket.next().await.unwrap();
        assert!(matches!(answer, ServerFrame::Rejected { .. }), "{answer:?}");
    }

    /// Removal against a storm of events and of the removed person's own commands: nothing later reaches them, and
    /// none of their commands takes effect later.
    async fn a_removal_in_a_storm_is_exact(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let c = cast.c.user_id().unwrap();
        let (theirs, ours) = (cast.open(&cast.c, run).await, cast.open(&cast.a, run).await);
        let storm = |screen: bulq_client::LiveRun, product| async move {
            for n in 1..=150u32 {
                screen.command(commands::bid(product, q(&n.to_string()))).await;
            }
        };
        let storms = [tokio::spawn(storm(theirs.clone(), cast.p2)), tokio::spawn(storm(ours.clone(), cast.p2))];
        ours.wait_for(|view| view.seq > 60).await.unwrap();

        cast.leader.remove_member(cast.group, c).await.unwrap();
        for storm in storms {
            storm.await.unwrap();
        }

        let log = cast.leader.whole_log(run, 0).await.unwrap();
        let left = log.iter().find(|e| matches!(e.event, Event::MemberLeft { user_id, .. } if user_id == c)).unwrap().seq;
        assert!(log.len() as u64 > left, "the storm went on");
        assert!(log.iter().all(|e| e.seq <= left || e.by != Some(c)), "a command of the removed person took effect later");
        assert!(theirs.events().iter().all(|e| e.seq <= left), "an event after the removal was shown");
    }
}
