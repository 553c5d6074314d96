//! A live run against a server of a few lines, which does exactly what each test wants.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod story;

use bulq_client::domain::{CommandId, Seq};
use bulq_client::protocol::account::{Me, Tokens};
use bulq_client::protocol::live::{ClientFrame, ServerFrame, Snapshot, Topic, close};
use bulq_client::{Client, ClientError, Heard, LiveRun, LiveSocket, Outcome, Status, commands};
use futures_util::{SinkExt, StreamExt};
use std::sync::LazyLock;
use story::Story;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

static STORY: LazyLock<Story> = LazyLock::new(|| Story::with_bids(30));

struct Stub(TcpListener);

/// The server's end of a connection.
struct Peer(WebSocketStream<TcpStream>);

impl Stub {
    async fn start() -> (Self, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        client.set_tokens(Some(tokens()));
        (Self(listener), client)
    }

    async fn accept(&self) -> Peer {
        let (stream, _) = self.0.accept().await.unwrap();
        Peer(accept_async(stream).await.unwrap())
    }
}

impl Peer {
    async fn heard(&mut self) -> ClientFrame {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                return ClientFrame::from_json(&text).unwrap();
            }
        }
    }

    /// Waits for a subscription; returns its id and cursor.
    async fn subscription(&mut self) -> (u64, Option<Seq>) {
        match self.heard().await {
            ClientFrame::Subscribe { id, after, .. } => (id, after),
            other => panic!("not a subscription: {other:?}"),
        }
    }

    async fn command(&mut self) -> (u64, CommandId) {
        match self.heard().await {
            ClientFrame::Command { id, command_id, .. } => (id, command_id.expect("always an id")),
            other => panic!("not a command: {other:?}"),
        }
    }

    async fn say(&mut self, frame: ServerFrame) {
        self.0.send(Message::text(serde_json::to_string(&frame).unwrap())).await.unwrap();
    }

    async fn snapshot(&mut self, id: u64, seq: Seq) {
        let snapshot = Some(Snapshot::Run(Box::new(STORY.view_at(seq))));
        self.say(ServerFrame::Subscribed { id, topic: Topic::Run(STORY.id), seq, snapshot, events: None })
            .await;
    }

    async fn missed(&mut self, id: u64, after: Seq, seq: Seq) {
        let events = Some(STORY.events(after, seq));
        self.say(ServerFrame::Subscribed { id, topic: Topic::Run(STORY.id), seq, snapshot: None, events })
            .await;
    }

    async fn events(&mut self, after: Seq, last: Seq) {
        let events = STORY.events(after, last).iter().map(|e| serde_json::to_value(e).unwrap()).collect();
        self.say(ServerFrame::Events { topic: Topic::Run(STORY.id), events }).await;
    }

    async fn close(&mut self, code: u16) {
        self.0.close(Some(CloseFrame { code: code.into(), reason: "".into() })).await.unwrap();
    }
}

fn tokens() -> Tokens {
    let user = Me {
        id: STORY.log[0].by.unwrap(),
        username: "l".to_owned(),
        name: "L".to_owned(),
        is_admin: false,
        language: Default::default(),
        theme: Default::default(),
        created_at: STORY.log[0].at,
    };
    let (access_token, refresh_token) = ("access".to_owned(), "refresh".to_owned());
    Tokens { access_token, refresh_token, token_type: "bearer".to_owned(), expires_in: 900, user }
}

async fn opened(seq: Seq) -> (Stub, Peer, LiveRun) {
    let (stub, client) = Stub::start().await;
    let serve = async {
        let mut peer = stub.accept().await;
        let (id, after) = peer.subscription().await;
        assert_eq!(after, None);
        peer.snapshot(id, seq).await;
        peer
    };
    let (peer, live) = tokio::join!(serve, LiveRun::open(&client, STORY.id));
    (stub, peer, live.unwrap())
}

#[tokio::test]
async fn events_are_folded_as_they_come() {
    let (_stub, mut peer, live) = opened(2).await;

    peer.events(2, 9).await;
    let view = live.wait_for_seq(9).await.unwrap();

    assert_eq!(*view, STORY.view_at(9));
    assert_eq!(live.events().iter().map(|e| e.seq).collect::<Vec<_>>(), (3..=9).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cut_connection_resumes_where_it_was() {
    let (stub, mut peer, live) = opened(2).await;
    peer.events(2, 5).await;
    live.wait_for_seq(5).await.unwrap();

    drop(peer);
    let mut peer = stub.accept().await;
    let (id, after) = peer.subscription().await;
    peer.missed(id, 5, 12).await;
    live.wait_for_seq(12).await.unwrap();

    assert_eq!(after, Some(5));
    assert_eq!(*live.view(), STORY.view_at(12));
    assert_eq!(live.events().len(), 10);
}

#[tokio::test]
async fn a_gap_is_asked_for_on_the_same_connection() {
    let (_stub, mut peer, live) = opened(2).await;

    peer.events(4, 6).await;
    let (id, after) = peer.subscription().await;
    peer.missed(id, 2, 8).await;
    live.wait_for_seq(8).await.unwrap();

    assert_eq!(after, Some(2));
    assert_eq!(*live.view(), STORY.view_at(8));
}

#[tokio::test]
async fn reset_begins_anew_with_a_snapshot() {
    let (_stub, mut peer, live) = opened(2).await;

    peer.say(ServerFrame::Reset { topic: Topic::Run(STORY.id), reason: "rebuilt".to_owned() }).await;
    let (id, after) = peer.subscription().await;
    peer.snapshot(id, 20).await;
    live.wait_for_seq(20).await.unwrap();

    assert_eq!(after, None);
    assert_eq!(live.history(), vec![Heard::Snapshot(2), Heard::Snapshot(20)]);
}

#[tokio::test]
async fn revoked_ends_the_view_but_not_the_connection() {
    let (_stub, mut peer, live) = opened(2).await;

    peer.say(ServerFrame::Revoked { topic: Topic::Run(STORY.id), reason: "removed_from_group".to_owned() })
        .await;
    let ended = live.wait_for_seq(3).await;
    let asked = tokio::spawn({
        let live = live.clone();
        async move { live.command(commands::open()).await }
    });
    let (id, _) = peer.command().await;
    let (code, detail) = ("NOT_A_MEMBER".to_owned(), String::new());
    peer.say(ServerFrame::Rejected { id, code, detail, facts: Default::default() }).await;

    assert!(matches!(ended, Err(ClientError::Ended { reason }) if reason == "removed_from_group"));
    assert_eq!(asked.await.unwrap().code(), Some("NOT_A_MEMBER"));
}

#[tokio::test]
async fn a_connection_lost_before_the_answer_leaves_the_outcome_unknown() {
    let (_stub, mut peer, live) = opened(2).await;
    let asked = tokio::spawn({
        let live = live.clone();
        async move { live.command(commands::open()).await }
    });
    peer.command().await;

    drop(peer);

    assert_eq!(asked.await.unwrap(), Outcome::Unknown);
}

#[tokio::test]
async fn until_known_asks_again_with_the_same_id_over_the_next_connection() {
    let (stub, mut peer, live) = opened(2).await;
    let asked = tokio::spawn({
        let live = live.clone();
        async move { live.command_until_known(commands::open()).await }
    });

    let (id, first) = peer.command().await;
    peer.say(ServerFrame::Unknown { id, retry_after_ms: 1, code: None }).await;
    let (_, second) = peer.command().await;
    drop(peer);
    let mut peer = stub.accept().await;
    let (id, _) = peer.subscription().await;
    peer.missed(id, 2, 3).await;
    let (id, third) = peer.command().await;
    peer.say(ServerFrame::Committed { id, run: STORY.id, seq: 3 }).await;

    assert_eq!(asked.await.unwrap().seq(), Some(3));
    assert!(first == second && second == third);
}

#[tokio::test]
async fn many_commands_at_once_each_get_their_own_answer() {
    let (_stub, mut peer, live) = opened(2).await;
    let asked = (0..500).map(|_| {
        let live = live.clone();
        async move { live.command(commands::open()).await }
    });
    let serve = async {
        for _ in 0..500 {
            let (id, _) = peer.command().await;
            peer.say(ServerFrame::Committed { id, run: STORY.id, seq: id }).await;
        }
    };

    let (outcomes, ()) = tokio::join!(futures_util::future::join_all(asked), serve);

    let mut seqs: Vec<_> = outcomes.iter().map(Outcome::committed).collect();
    seqs.sort_unstable();
    seqs.dedup();
    assert_eq!(seqs.len(), 500);
}

#[tokio::test]
async fn too_slow_resumes_and_a_revoked_session_ends() {
    let (stub, mut peer, live) = opened(2).await;

    peer.close(close::TOO_SLOW).await;
    let mut peer = stub.accept().await;
    let (id, after) = peer.subscription().await;
    peer.missed(id, 2, 4).await;
    live.wait_for_seq(4).await.unwrap();
    peer.close(close::REVOKED).await;
    let status = live.wait_for_status(|status| matches!(status, Status::Ended { .. })).await.unwrap();

    assert_eq!(after, Some(2));
    assert!(matches!(status, Status::Ended { reason } if reason.contains("4009")));
    assert_eq!(live.command_until_known(commands::open()).await, Outcome::Unknown);
}

#[tokio::test]
async fn the_socket_shows_the_close_code() {
    let (stub, client) = Stub::start().await;
    let serve = async {
        let mut peer = stub.accept().await;
        peer.close(close::TOO_MANY_FRAMES).await;
    };
    let look = async { LiveSocket::connect(&client).await.unwrap().next().await };

    let ((), end) = tokio::join!(serve, look);

    assert!(matches!(end, Err(ClientError::Closed { code: close::TOO_MANY_FRAMES, .. })), "{end:?}");
}
