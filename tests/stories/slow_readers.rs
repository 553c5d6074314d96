//! A client that stops reading costs bounded memory and is cut; the others notice nothing.

use crate::support::{Cast, q, stories};
use bulq_client::domain::command::PlaceBid;
use bulq_client::domain::{Command, Comment};
use bulq_client::protocol::live::{ClientFrame, Topic, close};
use bulq_client::{LiveSocket, commands};

stories! {
    async fn a_client_that_does_not_read_is_cut_and_may_resume(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let mut stuck = Vec::new();
        for _ in 0..5 {
            let mut socket = LiveSocket::connect(&cast.b).await.unwrap();
            socket.send(&ClientFrame::Subscribe { id: 1, topic: Topic::Run(run), after: None }).await.unwrap();
            stuck.push(socket);
        }
        let (writer, reader) = (cast.open(&cast.a, run).await, cast.open(&cast.c, run).await);
        let before = app.resident_kb().await;

        // 500 characters of four bytes each, so that megabytes go out and every buffer on the way fills up.
        let comment = Comment::try_from("\u{1f951}".repeat(500)).unwrap();
        let mut seq = 0;
        for round in 0..200u32 {
            let bids = (0..20).map(|n| {
                let Command::PlaceBid(bid) = commands::bid(cast.p2, q(&((round + n) % 9 + 1).to_string())) else { unreachable!() };
                writer.command(Command::PlaceBid(PlaceBid { comment: Some(comment.clone()), ..bid }))
            });
            let outcomes = futures_util::future::join_all(bids).await;
            seq = outcomes.iter().map(bulq_client::Outcome::committed).max().unwrap_or(seq);
        }

        let view = reader.wait_for_seq(seq).await.unwrap();
        assert_eq!(view.seq, seq, "the others have everything");
        let grown = app.resident_kb().await.saturating_sub(before);
        assert!(grown < 64 * 1024, "five stuck clients cost {grown} KB");
        let figures = cast.a.raw("GET", "/metrics", None, &[]).await.unwrap().text;
        assert!(figures.lines().any(|line| line == "bulq_slow_closes_total 5"), "all five were cut: {figures}");
        let mut codes = Vec::new();
        for mut socket in stuck {
            codes.push(socket.closed().await.map(|(code, _)| code).unwrap_or(1006));
        }
        assert!(codes.iter().all(|code| [close::TOO_SLOW, 1006].contains(code)), "{codes:?}");

        let mut back = LiveSocket::connect(&cast.b).await.unwrap();
        back.subscribe(run, Some(seq - 500)).await.unwrap();
        let answer = back.next_where(|f| matches!(f, bulq_client::protocol::live::ServerFrame::Subscribed { .. })).await.unwrap();
        let bulq_client::protocol::live::ServerFrame::Subscribed { events: Some(events), .. } = answer else {
            panic!("the missed events come")
        };
        assert_eq!(events.len(), 500);
    }
}
