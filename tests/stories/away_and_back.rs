//! Away and back.

use crate::support::{App, Cast, q, stories};
use bulq_client::domain::{RunId, Seq};
use bulq_client::protocol::live::{ClientFrame, ServerFrame, Topic};
use bulq_client::{LiveRun, LiveSocket, commands};

async fn seven_bids(cast: &Cast, run: RunId) -> Seq {
    let mut seq = 0;
    for n in 1..=7 {
        seq = cast.b.command(run, &commands::bid(cast.p2, q(&n.to_string()))).await.committed();
    }
    seq
}

async fn subscribed(socket: &mut LiveSocket, run: RunId, after: Option<Seq>) -> (Seq, Vec<Seq>, bool) {
    let id = socket.subscribe(run, after).await.expect("subscribes");
    let frame =
        socket.next_where(|frame| matches!(frame, ServerFrame::Subscribed { id: of, .. } if *of == id)).await;
    let ServerFrame::Subscribed { seq, snapshot, events, .. } = frame.expect("an answer") else {
        unreachable!()
    };
    (seq, events.unwrap_or_default().iter().map(|e| e.seq).collect(), snapshot.is_some())
}

async fn agrees_with_a_fresh_look(cast: &Cast, screen: &LiveRun, run: RunId) {
    let mut fresh = cast.a.run(run).await.unwrap();
    let mut view = (*screen.wait_for_seq(fresh.seq).await.unwrap()).clone();
    (fresh.viewer, view.viewer) = (None, None);
    assert_eq!(view, fresh);
}

async fn prepared(app: &App) -> (Cast, RunId) {
    let cast = Cast::assemble(app).await;
    let run = cast.run().await;
    cast.b.command(run, &commands::bid(cast.p2, q("9"))).await.committed();
    (cast, run)
}

stories! {
    /// Off while 7 events happen: on return with seq n exactly n+1 … n+7 arrive.
    async fn exactly_the_missed_events_arrive(app) {
        let (cast, run) = prepared(app).await;
        let n = cast.a.run(run).await.unwrap().seq;
        let last = seven_bids(&cast, run).await;
        assert_eq!(last, n + 7);

        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        let (seq, events, snapshot) = subscribed(&mut socket, run, Some(n)).await;

        assert_eq!((seq, snapshot), (n + 7, false));
        assert_eq!(events, (n + 1..=n + 7).collect::<Vec<_>>());
        let (seq, events, _) = subscribed(&mut socket, run, Some(seq)).await;
        assert_eq!((seq, events), (n + 7, vec![]), "nothing missed, nothing sent");
    }

    /// Lying cursors get a snapshot or an error, never a wrong answer.
    async fn lying_cursors_get_a_snapshot(app) {
        let (cast, run) = prepared(app).await;
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();

        for after in [1_000_000, u64::MAX, u64::MAX / 2] {
            let (seq, events, snapshot) = subscribed(&mut socket, run, Some(after)).await;
            assert_eq!((events.len(), snapshot), (0, true), "after {after}");
            assert_eq!(seq, cast.a.run(run).await.unwrap().seq);
        }
        let (_, events, snapshot) = subscribed(&mut socket, run, Some(0)).await;
        assert!(!snapshot && events[0] == 1, "from the very beginning");
    }

    /// The server is killed and started again: logins hold, sockets come back, nothing acknowledged is missing.
    async fn a_killed_server_comes_back_as_it_was(app) {
        let (cast, run) = prepared(app).await;
        let screen = cast.open(&cast.a, run).await;
        let seq = seven_bids(&cast, run).await;
        screen.wait_for_seq(seq).await.unwrap();

        app.kill().await;
        app.launch().await;

        assert_eq!(cast.a.me().await.unwrap().username, "anna", "the login holds");
        let seq = screen.command_until_known(commands::bid(cast.p1, q("1.5"))).await.committed();
        screen.wait_for_seq(seq).await.unwrap();
        agrees_with_a_fresh_look(&cast, &screen, run).await;
        let events = screen.events();
        assert!(events.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq), "no gap across the restart");
    }

    /// A long way behind: the log is read instead of memory, and beyond a thousand events a snapshot comes.
    async fn far_behind_the_log_or_a_snapshot_is_read(app) {
        let (cast, run) = prepared(app).await;
        let writer = cast.open(&cast.b, run).await;
        for round in 0..14 {
            let bids = (1..=80).map(|n| writer.command(commands::bid(cast.p2, q(&(n + round).to_string()))));
            for bid in bids {
                bid.await.committed();
            }
        }
        let last = cast.a.run(run).await.unwrap().seq;
        assert!(last > 1100);
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();

        let (seq, events, snapshot) = subscribed(&mut socket, run, Some(last - 900)).await;
        assert_eq!((seq, events.len(), snapshot), (last, 900, false));
        let (seq, events, snapshot) = subscribed(&mut socket, run, Some(3)).await;
        assert_eq!((seq, events.len(), snapshot), (last, 0, true));
    }

    /// On SIGTERM sockets are told when to come back, and what was asked is finished.
    async fn a_stopping_server_says_goodbye(app) {
        let (cast, run) = prepared(app).await;
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        subscribed(&mut socket, run, None).await;
        let id = socket.command(run, Some(commands::new_id()), commands::bid(cast.p2, q("3"))).await.unwrap();
        socket.next_where(|f| matches!(f, ServerFrame::Committed { id: of, .. } if *of == id)).await.unwrap();

        app.ask_to_stop().await;
        let (code, reason) = socket.closed().await.unwrap();

        assert_eq!(code, 1001);
        assert!(reason.contains("ms"), "{reason}");
        app.stop().await;
        app.launch().await;
        assert_eq!(cast.a.run(run).await.unwrap().products[0].bids.len(), 2);
    }

    /// The frames of the wire: ping, unsubscribe, the group's and my own topic.
    async fn other_topics_can_be_watched(app) {
        let (cast, run) = prepared(app).await;
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        let welcome = socket.next().await.unwrap();
        assert!(matches!(welcome, ServerFrame::Welcome { heartbeat_s: 25, .. }), "{welcome:?}");
        socket.send(&ClientFrame::Ping { id: 42 }).await.unwrap();
        assert!(matches!(socket.next().await.unwrap(), ServerFrame::Pong { id: 42 }));

        for (id, topic) in [(1, Topic::Group(cast.group)), (2, Topic::User)] {
            socket.send(&ClientFrame::Subscribe { id, topic, after: None }).await.unwrap();
            let answer = socket.next().await.unwrap();
            assert!(matches!(answer, ServerFrame::Subscribed { id: of, .. } if of == id), "{answer:?}");
        }
        cast.leader.command(run, &commands::confirm()).await.committed();
        let frame = socket.next_where(|f| matches!(f, ServerFrame::Events { .. })).await.unwrap();
        let ServerFrame::Events { topic, events } = frame else { unreachable!() };
        assert_eq!((topic, &events[0]["state"]), (Topic::Group(cast.group), &serde_json::json!("confirmed")));
    }

    /// Everybody sees who else has the run open, and who has left it.
    async fn people_see_who_else_is_there(app) {
        let (cast, run) = prepared(app).await;
        let mut a = LiveSocket::connect(&cast.a).await.unwrap();
        subscribed(&mut a, run, None).await;
        let mut b = LiveSocket::connect(&cast.b).await.unwrap();
        subscribed(&mut b, run, None).await;
        let (a_id, b_id) = (cast.a.user_id().unwrap(), cast.b.user_id().unwrap());
        let shows = |users: Vec<bulq_client::domain::UserId>| {
            move |frame: &ServerFrame| matches!(frame, ServerFrame::Presence { viewers, .. } if *viewers == users)
        };

        a.next_where(shows(vec![a_id, b_id])).await.unwrap();
        b.close().await.unwrap();
        a.next_where(shows(vec![a_id])).await.unwrap();
    }
}
