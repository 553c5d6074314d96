//! "Delete me": name and username go, the books stay.

use crate::support::{App, Cast, q, stories};
use bulq_client::domain::State;
use bulq_client::{Client, LiveSocket, commands};
use serde_json::json;
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

/// What the outbox brings comes a moment later.
async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within 10 s: {what}");
}

async fn members(of: &Client, cast: &Cast) -> Vec<String> {
    let path = format!("/api/v1/groups/{}/members", cast.group);
    let listed = of.raw("GET", &path, None, &[]).await.unwrap();
    listed.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["username"].as_str().unwrap().to_owned())
        .collect()
}

stories! {
    async fn who_it_was_goes_and_the_books_stay(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p1, q("2"))).await.committed();
        cast.b.command(run, &commands::bid(cast.p1, q("3"))).await.committed();
        cast.leader.command(run, &commands::cancel("bad weather".to_owned().try_into().unwrap(), None)).await.committed();
        let anna = cast.a.user_id().unwrap();
        assert_eq!(cast.a.erase_me("wrong").await.unwrap_err().code(), Some("PASSWORD_WRONG"));
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        let tokens = cast.a.tokens();

        cast.a.erase_me(PASSWORD).await.unwrap();

        assert_eq!(socket.closed().await.unwrap().0, 4009);
        cast.a.set_tokens(tokens);
        assert_eq!(cast.a.me().await.unwrap_err().status(), Some(401));
        assert_eq!(app.client().login("anna", PASSWORD).await.unwrap_err().status(), Some(401));
        let view = cast.leader.run(run).await.unwrap();
        let participant = view.participants.iter().find(|p| p.user_id == anna).unwrap();
        assert_eq!(&*participant.name, "(deleted)");
        for path in [format!("/api/v1/runs/{run}"), format!("/api/v1/runs/{run}/events"), format!("/api/v1/groups/{}/members", cast.group)] {
            let answer = cast.leader.raw("GET", &path, None, &[]).await.unwrap();
            assert!(answer.status == 200 && !answer.text.contains("anna"), "{path}: {}", answer.text);
        }
        app.person("anna").await;
        assert_eq!(cast.leader.run(run).await.unwrap().seq, view.seq, "the name is free, the books are as they were");
    }

    async fn live_runs_they_lead_are_cancelled_and_their_bids_retracted(app) {
        let cast = Cast::assemble(app).await;
        let led = cast.run().await;
        cast.a.command(led, &commands::bid(cast.p1, q("2"))).await.committed();
        let body = json!({"store_id": cast.store});
        let path = format!("/api/v1/groups/{}/runs", cast.group);
        let other = cast.b.raw("POST", &path, Some(&body), &[]).await.unwrap().json["run_id"].as_str().unwrap().parse().unwrap();
        cast.leader.command(other, &commands::bid(cast.p1, q("5"))).await.committed();

        let refused = cast.leader.erase_me(PASSWORD).await.unwrap_err();
        assert_eq!(refused.code(), Some("LAST_ADMIN"), "who came first is admin of the server");
        let path = format!("/api/v1/admin/users/{}", cast.b.user_id().unwrap());
        cast.leader.raw("PATCH", &path, Some(&json!({"is_admin": true})), &[]).await.unwrap();
        cast.leader.erase_me(PASSWORD).await.unwrap();

        until("the run is cancelled", async || cast.a.run(led).await.unwrap().state == State::Cancelled).await;
        until("the bid is retracted", async || {
            let view = cast.b.run(other).await.unwrap();
            view.products.iter().all(|line| line.bids.is_empty())
        }).await;
        assert_eq!(members(&cast.a, &cast).await, ["anna", "boris", "chiara"]);
        let rename = cast.a.raw("PATCH", &format!("/api/v1/groups/{}", cast.group), Some(&json!({"name": "Ours now"})), &[]).await.unwrap();
        assert_eq!(rename.status, 200, "whoever was there longest is admin now");
    }

    async fn somebody_alone_can_go_too(app) {
        let anna = app.person("anna").await;
        anna.create_group("Only me", "EUR").await.unwrap();

        anna.erase_me(PASSWORD).await.unwrap();

        assert_eq!(login_status(app).await, 401);
    }
}

async fn login_status(app: &App) -> u16 {
    app.client().login("anna", PASSWORD).await.unwrap_err().status().unwrap()
}
