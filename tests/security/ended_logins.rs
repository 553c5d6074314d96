//! A login that ends takes its open sockets with it, within two seconds.

use crate::support::{Cast, q, stories};
use bulq_client::{Client, ClientError, LiveSocket, commands};
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

async fn open(client: &Client) -> LiveSocket {
    let mut socket = LiveSocket::connect(client).await.unwrap();
    socket.next().await.unwrap();
    socket
}

async fn closes(mut socket: LiveSocket) -> u16 {
    tokio::time::timeout(Duration::from_secs(2), socket.closed())
        .await
        .expect("within two seconds")
        .unwrap()
        .0
}

async fn second_login(first: &Client) -> Client {
    let other = first.anonymous();
    other.login("anna", PASSWORD).await.unwrap();
    other
}

stories! {
    async fn each_way_a_login_ends_closes_its_sockets(app) {
        let anna = app.person("anna").await;

        let there = second_login(&anna).await;
        let socket = open(&there).await;
        there.logout().await.unwrap();
        assert_eq!(closes(socket).await, 4009, "logout");

        let socket = open(&second_login(&anna).await).await;
        let listed = anna.sessions().await.unwrap();
        anna.end_session(listed.iter().find(|session| !session.current).unwrap().id).await.unwrap();
        assert_eq!(closes(socket).await, 4009, "ended from elsewhere");

        let socket = open(&second_login(&anna).await).await;
        let mut mine = open(&anna).await;
        anna.change_password(PASSWORD, "another good one").await.unwrap();
        assert_eq!(closes(socket).await, 4009, "a new password");
        mine.send_text(r#"{"type":"ping","id":1}"#).await.unwrap();
        mine.next().await.unwrap();

        anna.logout_everywhere().await.unwrap();
        assert_eq!(closes(mine).await, 4009, "everywhere");
    }

    async fn a_reused_refresh_token_closes_the_sockets_of_its_login(app) {
        let anna = app.person("anna").await;
        let stolen = anna.tokens();
        anna.refresh().await.unwrap();
        let socket = open(&anna).await;

        let thief = app.client();
        thief.set_tokens(stolen);
        assert_eq!(thief.refresh().await.unwrap_err().status(), Some(401));

        assert_eq!(closes(socket).await, 4009);
    }

    /// Nothing that is sent after the answer to the logout takes effect.
    async fn a_command_behind_a_logout_is_not_heard(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        for _ in 0..5 {
            let anna = app.client();
            anna.login("anna", PASSWORD).await.unwrap();
            let mut socket = open(&anna).await;
            anna.logout().await.unwrap();
            let sent = socket.command(run, None, commands::bid(cast.p1, q("7"))).await;
            assert!(sent.is_ok() || matches!(sent, Err(ClientError::Closed { .. } | ClientError::Transport(_))));
            assert_eq!(closes(socket).await, 4009);
        }
        assert_eq!(cast.leader.run(run).await.unwrap().seq, 2, "the run has heard nothing");
    }

    /// Whoever opens sockets while the login ends has none when it has ended.
    async fn no_socket_slips_through_while_a_login_ends(app) {
        let anna = app.person("anna").await;
        let other = second_login(&anna).await;
        let opening: Vec<_> = (0..15).map(|_| {
            let other = other.clone();
            tokio::spawn(async move { LiveSocket::connect(&other).await })
        }).collect();

        other.logout().await.unwrap();

        for opened in opening {
            if let Ok(mut socket) = opened.await.unwrap() {
                let end = tokio::time::timeout(Duration::from_secs(2), socket.closed()).await.expect("within two seconds");
                assert!(matches!(end, Ok((4009, _))), "{end:?}");
            }
        }
    }
}
