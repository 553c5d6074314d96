//! Who is told what: stored with the event, pushed at once, merged per run, and counted truthfully.

use crate::support::{Cast, cents, id, q, stories};
use bulq_client::domain::State;
use bulq_client::domain::run::NoticeKind;
use bulq_client::protocol::live::{ServerFrame, Snapshot, Topic};
use bulq_client::protocol::notification::Notification;
use bulq_client::{Client, LiveSocket, Page, commands};

async fn told(who: &Client) -> Vec<Notification> {
    let told = who.notifications(&Page::of(100)).await.unwrap().items;
    let unread: u64 = told.iter().filter(|one| !one.read).map(|one| one.count).sum();
    assert_eq!(unread, who.unread_count().await.unwrap(), "the count agrees with the list");
    told
}

/// Kind and count of all there is.
async fn heard(who: &Client) -> Vec<(NoticeKind, u64)> {
    told(who).await.iter().map(|one| (one.kind, one.count)).collect()
}

async fn my_topic(who: &Client) -> (LiveSocket, u64) {
    let mut socket = LiveSocket::connect(who).await.unwrap();
    socket.subscribe_to(Topic::User, None).await.unwrap();
    let answer = socket.next_where(|f| matches!(f, ServerFrame::Subscribed { .. })).await.unwrap();
    let ServerFrame::Subscribed { snapshot: Some(Snapshot::User(mine)), .. } = answer else {
        panic!("a snapshot of what waits for me")
    };
    (socket, mine.unread)
}

stories! {
    /// Everybody but its author hears of each step of a run, once, in one line; who takes no part hears nothing.
    async fn a_whole_run_is_one_line_with_a_truthful_count(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.wish(run, &[(&cast.a, cast.p2, "1"), (&cast.b, cast.p2, "1")]).await;
        assert_eq!(heard(&cast.leader).await, [(NoticeKind::StateChanged, 1)], "A's bid opened the run");
        assert_eq!(heard(&cast.a).await, [], "not to its author");
        for who in [&cast.a, &cast.b] {
            who.command(run, &commands::ready(true)).await.committed();
        }
        assert_eq!(heard(&cast.leader).await, [(NoticeKind::EveryoneReady, 2)]);

        cast.lead(run, [
            commands::confirm(),
            commands::start_shopping(),
            commands::appoint_helper(id(&cast.a)),
            commands::bought(cast.p2, q("2"), cents(300), None),
            commands::finish_shopping(),
        ]).await;
        cast.everything_is_fetched(run).await;
        let seq = cast.lead(run, [commands::complete()]).await;

        let a = told(&cast.a).await;
        assert_eq!((a.len(), a[0].kind, a[0].count, a[0].run_id), (1, NoticeKind::StateChanged, 5, run));
        assert_eq!((a[0].state, a[0].read, &*a[0].store_name), (Some(State::Completed), false, "Mill"));
        assert!(a[0].seq <= seq && a[0].created_at <= a[0].updated_at);
        assert_eq!(heard(&cast.b).await, [(NoticeKind::StateChanged, 4)]);
        assert_eq!(heard(&cast.leader).await, [(NoticeKind::EveryoneReady, 2)], "nothing of what one did oneself");
        assert_eq!(heard(&cast.c).await, []);

        cast.a.mark_read(a[0].id).await.unwrap();
        assert_eq!((cast.a.unread_count().await.unwrap(), cast.b.unread_count().await.unwrap()), (0, 4));
        assert!(told(&cast.a).await[0].read);
        cast.b.mark_all_read().await.unwrap();
        assert_eq!(cast.b.unread_count().await.unwrap(), 0);
        let not_mine = cast.b.mark_read(a[0].id).await.unwrap_err();
        assert_eq!(not_mine.status(), Some(404));
    }

    /// What comes after reading is unread, whether it is a line of its own or not.
    async fn what_comes_after_reading_is_unread(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
        cast.lead(run, [commands::confirm()]).await;
        cast.a.mark_all_read().await.unwrap();

        cast.lead(run, [commands::start_shopping()]).await;

        assert_eq!(cast.a.unread_count().await.unwrap(), 1);
        told(&cast.a).await;
        let other = cast.run().await;
        cast.wish(other, &[(&cast.a, cast.p2, "1")]).await;
        cast.lead(other, [commands::confirm()]).await;
        assert_eq!(cast.a.unread_count().await.unwrap(), 2, "another run is another line");
        let lines = told(&cast.a).await;
        assert_eq!(lines[0].run_id, other, "latest first");
    }

    /// On my own topic a hint comes at once; a restart loses nothing of what is stored.
    async fn hints_come_on_my_own_topic(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
        let (mut socket, unread) = my_topic(&cast.a).await;
        assert_eq!(unread, 0);

        let seq = cast.lead(run, [commands::confirm()]).await;
        let hint = socket.next_where(|f| matches!(f, ServerFrame::Events { topic: Topic::User, .. })).await.unwrap();

        let ServerFrame::Events { events, .. } = hint else { unreachable!() };
        assert_eq!(events, [serde_json::json!({"type": "notified", "run_id": run, "kind": "state_changed", "seq": seq})]);
        assert_eq!(heard(&cast.a).await, [(NoticeKind::StateChanged, 1)], "stored when it is said");
        app.kill().await;
        app.launch().await;
        assert_eq!(heard(&cast.a).await, [(NoticeKind::StateChanged, 1)]);
        assert_eq!(my_topic(&cast.a).await.1, 1);
    }

    /// Leaving while shopping warns the leader, a removal tells who was removed, and an offer whom it is for.
    async fn people_are_told_what_concerns_them(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopping(&[(&cast.a, cast.p2, "1"), (&cast.c, cast.p2, "1")]).await;
        cast.leader.mark_all_read().await.unwrap();
        cast.c.mark_all_read().await.unwrap();
        let screen = cast.open(&cast.leader, run).await;

        cast.leader.remove_member(cast.group, id(&cast.c)).await.unwrap();
        screen.wait_for(|view| view.participants.iter().any(|p| p.removed)).await.unwrap();

        assert_eq!(cast.leader.unread_count().await.unwrap(), 1);
        assert_eq!(told(&cast.leader).await[0].kind, NoticeKind::WantedShrunk);
        let c = told(&cast.c).await;
        assert_eq!((c[0].kind, cast.c.unread_count().await.unwrap()), (NoticeKind::Removed, 1));
        cast.a.mark_all_read().await.unwrap();
        cast.lead(run, [commands::offer_handover(id(&cast.a))]).await;
        assert_eq!(told(&cast.a).await[0].kind, NoticeKind::HandoverOffered);
        assert_eq!(cast.a.unread_count().await.unwrap(), 1);
        assert_eq!(cast.leader.unread_count().await.unwrap(), 1);
        cast.a.command(run, &commands::decline_handover()).await.committed();
        assert_eq!(told(&cast.leader).await[0].kind, NoticeKind::HandoverEnded);
    }
}
