//! With Redis: what is remembered there is shared and may be lost; what ended stays ended.

use crate::support::{App, Launch};
use bulq_client::LiveSocket;
use bulq_testkit::{Kind, RedisServer, SilentWire, TestDatabase};
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

async fn with(kind: Kind, redis: &RedisServer) -> App {
    App::start_with(kind, Launch { environment: vec![("REDIS_URL", redis.url())] }).await
}

async fn redis_is_up(app: &App) -> bool {
    let ready = app.client().raw("GET", "/readyz", None, &[]).await.unwrap();
    assert_eq!(ready.status, 200, "ready with and without Redis");
    ready.json["redis"].as_bool().unwrap()
}

async fn until_redis_is(up: bool, app: &App) {
    for _ in 0..400 {
        if redis_is_up(app).await == up {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("Redis is not {up}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_ended_while_redis_was_away_stays_ended() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let redis = RedisServer::start();
        let app = with(kind, &redis).await;
        let anna = app.person("anna").await;
        anna.me().await.unwrap();
        let tokens = anna.tokens();
        let mut socket = LiveSocket::connect(&anna).await.unwrap();

        redis.hang();
        anna.logout().await.unwrap();
        assert_eq!(socket.closed().await.unwrap().0, 4009);
        redis.go_on();
        until_redis_is(true, &app).await;

        anna.set_tokens(tokens);
        assert_eq!(anna.me().await.unwrap_err().status(), Some(401), "Redis still remembers it as good");
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_ends_on_one_server_ends_on_the_other() {
    let redis = RedisServer::start();
    let first = with(Kind::Postgres, &redis).await;
    let environment = vec![("REDIS_URL", redis.url()), ("BULQ_SECRET", secret_of(&first))];
    let second =
        App::start_on(TestDatabase::of_somebody_else(first.database.url()), Launch { environment }).await;
    let anna = first.person("anna").await;
    let there = second.client();
    there.set_tokens(anna.tokens());
    there.me().await.unwrap();

    anna.logout().await.unwrap();

    assert_eq!(there.me().await.unwrap_err().status(), Some(401));
    second.stop().await;
    first.finish().await;
}

fn secret_of(app: &App) -> String {
    std::fs::read_to_string(app.data.join("secret")).unwrap().trim().to_owned()
}

/// Requests are answered while it hangs, and after the first none of them asks it for anything: it cannot slow them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_is_asked_by_the_first_request_and_no_other() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let redis = RedisServer::start();
        let wire = SilentWire::to(&redis);
        let environment = vec![("REDIS_URL", wire.url()), ("BULQ_RATE_LIMITS", "on".to_owned())];
        let app = App::start_with(kind, Launch { environment }).await;
        let anna = app.person("anna").await;
        anna.me().await.unwrap();
        assert!(redis_is_up(&app).await);

        wire.fall_silent();
        anna.me().await.unwrap();
        for _ in 0..10 {
            anna.me().await.unwrap();
            anna.groups(&Default::default()).await.unwrap();
            anna.raw("GET", "/api/v1/stores", None, &[]).await.unwrap().accepted().unwrap();
        }
        anna.create_group("Sunday", "EUR").await.unwrap();

        assert!(!redis_is_up(&app).await);
        let asked: Vec<_> = wire.asked_in_vain().into_iter().filter(|name| name != "PING").collect();
        assert!(asked.len() <= 1, "the first gave it up: {asked:?}");
        assert!(!wire.asked_in_vain().is_empty(), "it was tried");
        app.finish().await;
    }
}

/// Who was counted by Redis is known to the server, too: nobody gets more tries by making it slow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_forgives_nobody() {
    let redis = RedisServer::start();
    let environment = vec![("REDIS_URL", redis.url()), ("BULQ_RATE_LIMITS", "on".to_owned())];
    let app = App::start_with(Kind::Sqlite, Launch { environment }).await;
    let log_in = async || app.client().login("nobody", "wrong password").await.unwrap_err().status();
    for _ in 0..4 {
        assert_eq!(log_in().await, Some(401));
    }

    redis.hang();
    assert_eq!(log_in().await, Some(401), "the fifth");
    assert_eq!(log_in().await, Some(429));
    assert!(!redis_is_up(&app).await);
    redis.go_on();
    until_redis_is(true, &app).await;

    assert_eq!(log_in().await, Some(429), "Redis may have heard of four only");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn losing_redis_loses_nothing() {
    let mut redis = RedisServer::start();
    let app = with(Kind::Sqlite, &redis).await;
    let anna = app.person("anna").await;
    let group = anna.create_group("Sunday", "EUR").await.unwrap().id;
    assert!(redis_is_up(&app).await);

    redis.hang();
    anna.me().await.unwrap();
    assert!(!redis_is_up(&app).await);
    redis.go_on();
    until_redis_is(true, &app).await;

    redis.stop();
    anna.create_group("Monday", "EUR").await.unwrap();
    app.client().login("anna", PASSWORD).await.unwrap();
    redis.run();
    until_redis_is(true, &app).await;
    assert_eq!(anna.groups(&Default::default()).await.unwrap().items.len(), 2);
    assert!(anna.raw("GET", &format!("/api/v1/groups/{group}"), None, &[]).await.unwrap().status == 200);

    app.stop().await;
    app.launch().await;
    anna.me().await.unwrap();
    anna.refresh().await.unwrap();
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_show_a_change_at_once() {
    let redis = RedisServer::start();
    for environment in [vec![], vec![("REDIS_URL", redis.url())]] {
        let app = App::start_with(Kind::Sqlite, Launch { environment }).await;
        let anna = app.person("anna").await;
        let names = async || {
            let listed = anna.raw("GET", "/api/v1/stores", None, &[]).await.unwrap();
            listed.json["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|s| s["name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert!(names().await.is_empty());

        for i in 0..5 {
            let body = serde_json::json!({ "name": format!("Store {i}") });
            let made = anna.raw("POST", "/api/v1/stores", Some(&body), &[]).await.unwrap();
            assert_eq!((made.status, names().await.len()), (201, i + 1));
            let path = format!("/api/v1/stores/{}", made.json["id"].as_str().unwrap());
            let body = serde_json::json!({ "name": format!("Renamed {i}") });
            assert_eq!(anna.raw("PATCH", &path, Some(&body), &[]).await.unwrap().status, 200);
            assert!(names().await.contains(&format!("Renamed {i}")));
        }
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_not_there_yet_does_not_keep_the_server_from_starting() {
    let mut redis = RedisServer::start();
    redis.stop();
    let app = with(Kind::Sqlite, &redis).await;
    app.person("anna").await.me().await.unwrap();

    redis.run();
    until_redis_is(true, &app).await;

    app.finish().await;
}

#[tokio::test]
async fn an_address_that_is_none_is_named() {
    let output = crate::support::run_to_end(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--redis-url",
        "rediss://u:hush-hush@x", // pragma: allowlist secret
    ])
    .await;

    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("REDIS_URL") && !said.contains("hush-hush"), "{said}");
}
