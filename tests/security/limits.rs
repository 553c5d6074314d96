//! How often somebody may come. Each test runs with what a server remembers by itself and with Redis.

use crate::support::{App, Cast, Launch, q};
use bulq_client::protocol::live::ServerFrame;
use bulq_client::{Client, LiveSocket, RawResponse, commands};
use bulq_testkit::{Kind, RedisServer};
use futures_util::future::join_all;
use serde_json::json;
use std::time::{Duration, Instant};

/// `limits! { async fn name(app) { … } }`: in the process and on Redis, behind a proxy that is believed.
macro_rules! limits {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($app: &App) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_the_process() {
                let app = App::start_with(Kind::Sqlite, limited(&[])).await;
                story(&app).await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                let redis = RedisServer::start();
                let app = App::start_with(Kind::Sqlite, limited(&[("REDIS_URL", &redis.url())])).await;
                story(&app).await;
                app.finish().await;
            }
        }
    )+};
}

fn limited(more: &[(&'static str, &str)]) -> Launch {
    let own = [("BULQ_RATE_LIMITS", "on"), ("BULQ_TRUSTED_PROXIES", "127.0.0.1")];
    let all = own.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned()));
    Launch { environment: all.collect() }
}

async fn login_from(app: &App, place: &str, username: &str, password: &str) -> RawResponse {
    login_with(&app.client(), place, username, password).await
}

async fn login_with(client: &Client, place: &str, username: &str, password: &str) -> RawResponse {
    let body = json!({ "username": username, "password": password });
    client.raw("POST", "/api/v1/auth/login", Some(&body), &[("x-forwarded-for", place)]).await.unwrap()
}

/// Logins as said by place, name and password, none of them right: `first` are looked at and the others refused, but for five
/// in each further minute the machine takes for it.
async fn a_thousand(app: &App, first: usize, login: impl Fn(usize) -> (String, String, String)) {
    let (client, logins) = (app.client(), (0..1000).map(login).collect::<Vec<_>>());
    let (began, mut looked_at) = (Instant::now(), 0);
    for some in logins.chunks(25) {
        let tried = some.iter().map(|(place, name, password)| login_with(&client, place, name, password));
        for answer in join_all(tried).await {
            if answer.status == 401 {
                looked_at += 1;
            } else {
                assert_too_often(&answer);
            }
        }
    }
    let minutes = usize::try_from(began.elapsed().as_secs() / 60).unwrap();
    assert!((first..=first + 5 * minutes).contains(&looked_at), "{looked_at} in {minutes} minutes");
}

fn assert_too_often(answer: &RawResponse) {
    assert_eq!((answer.status, answer.problem().code.as_str()), (429, "RATE_LIMITED"), "{}", answer.text);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

async fn register_from(app: &App, place: &str, username: &str) -> (RawResponse, Client) {
    let body = json!({ "username": username, "name": username, "password": "correct horse battery" });
    let client = app.client();
    let answer = client
        .raw("POST", "/api/v1/auth/register", Some(&body), &[("x-forwarded-for", place)])
        .await
        .unwrap();
    if answer.status == 201 {
        client.set_tokens(Some(serde_json::from_str(&answer.text).unwrap()));
    }
    (answer, client)
}

limits! {
    async fn one_name_a_thousand_passwords_many_places(app) {
        register_from(app, "192.0.2.1", "anna").await;

        // The account was made with this name, too.
        a_thousand(app, 4, |i| {
            let spelling = if i % 2 == 0 { "anna" } else { "ANNA" };
            (format!("198.51.{}.{}", i / 250, i % 250), spelling.to_owned(), format!("wrong password {i}"))
        })
        .await;

        assert_too_often(&login_from(app, "203.0.113.1", "anna", "correct horse battery").await);
    }

    async fn a_thousand_names_one_password_one_place(app) {
        a_thousand(app, 5, |i| ("192.0.2.1".to_owned(), format!("user-{i}"), "password1".to_owned())).await;

        assert_eq!(login_from(app, "192.0.2.2", "user-0", "password1").await.status, 401, "another place");
    }

    async fn an_invented_place_in_front_changes_nothing(app) {
        for i in 0..5 {
            assert_eq!(login_from(app, &format!("10.1.1.{i}, 192.0.2.1"), &format!("user-{i}"), "x").await.status, 401);
        }
        for i in 5..20 {
            assert_too_often(&login_from(app, &format!("10.1.1.{i}, 192.0.2.1"), &format!("user-{i}"), "x").await);
        }
    }

    async fn a_line_of_ipv6_is_one_place(app) {
        for i in 0..5 {
            assert_eq!(login_from(app, &format!("2001:db8:1:2::{i}"), &format!("user-{i}"), "x").await.status, 401);
        }
        for i in 5..20 {
            assert_too_often(&login_from(app, &format!("2001:db8:1:2:{i}::1"), &format!("user-{i}"), "x").await);
        }
        assert_eq!(login_from(app, "2001:db8:1:3::1", "user-1", "x").await.status, 401);
    }

    async fn accounts_are_made_no_faster_than_logins(app) {
        for i in 0..5 {
            assert_eq!(register_from(app, "192.0.2.1", &format!("user-{i}")).await.0.status, 201);
        }
        assert_too_often(&register_from(app, "192.0.2.1", "user-5").await.0);
        assert_eq!(register_from(app, "192.0.2.2", "user-5").await.0.status, 201);
    }

    /// The door for pages is the same door.
    async fn a_login_with_a_cookie_counts_too(app) {
        let body = json!({ "username": "nobody", "password": "wrong password" });
        for expected in [401, 401, 401, 401, 401, 429, 429] {
            let answer = app.client().raw("POST", "/api/v1/auth/session", Some(&body), &[("x-forwarded-for", "192.0.2.1")]).await.unwrap();
            assert_eq!(answer.status, expected);
        }
    }

    async fn a_password_is_not_guessed_from_within(app) {
        let (_, anna) = register_from(app, "192.0.2.1", "anna").await;
        for _ in 0..5 {
            assert_eq!(anna.change_password("wrong password", "another good one").await.unwrap_err().status(), Some(403));
        }
        assert_eq!(anna.change_password("correct horse battery", "another good one").await.unwrap_err().status(), Some(429));
        assert_eq!(anna.erase_me("correct horse battery").await.unwrap_err().status(), Some(429));
    }

    /// As by a device that was left lying about: what needs the password is counted together.
    async fn a_password_is_not_guessed_by_changing_a_name(app) {
        let (_, anna) = register_from(app, "192.0.2.1", "anna").await;
        let rename = async |password: &str| {
            let body = json!({ "name": "Anya", "password": password });
            anna.raw("PATCH", "/api/v1/auth/me", Some(&body), &[]).await.unwrap()
        };
        for _ in 0..5 {
            assert_eq!(rename("wrong password").await.status, 403);
        }

        assert_too_often(&rename("correct horse battery").await);
        let preference = anna.raw("PATCH", "/api/v1/auth/me", Some(&json!({ "theme": "dark" })), &[]).await.unwrap();
        assert_eq!((preference.status, &preference.json["name"]), (200, &json!("anna")), "what needs none is not counted");
    }

    async fn twenty_bids_a_minute_over_http_and_live_together(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        for i in 1..=10 {
            let bid = commands::bid(cast.p2, q(&i.to_string()));
            assert_eq!(cast.a.command_raw(run, commands::new_id(), &bid).await.unwrap().status, 200);
        }
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        for i in 11..=20 {
            socket.command(run, None, commands::bid(cast.p2, q(&i.to_string()))).await.unwrap();
            let answer = socket.next_where(|f| matches!(f, ServerFrame::Committed { .. } | ServerFrame::Unknown { .. })).await.unwrap();
            assert!(matches!(answer, ServerFrame::Committed { .. }), "{i}: {answer:?}");
        }

        socket.command(run, None, commands::bid(cast.p2, q("21"))).await.unwrap();
        let answer = socket.next_where(|f| matches!(f, ServerFrame::Committed { .. } | ServerFrame::Unknown { .. })).await.unwrap();
        let ServerFrame::Unknown { retry_after_ms, code, .. } = answer else { panic!("{answer:?}") };
        assert!(code.as_deref() == Some("RATE_LIMITED") && (1..=60_000).contains(&retry_after_ms));
        let bid = commands::bid(cast.p2, q("21"));
        assert_too_often(&cast.a.command_raw(run, commands::new_id(), &bid).await.unwrap());
        assert_eq!(cast.b.command_raw(run, commands::new_id(), &bid).await.unwrap().status, 200, "others go on");
        assert_eq!(cast.a.run(run).await.unwrap().products[0].bids.len(), 2, "and anna may still look");
    }

    async fn a_hundred_of_anything_a_minute(app) {
        let (_, anna) = register_from(app, "192.0.2.1", "anna").await;
        let (_, boris) = register_from(app, "192.0.2.1", "boris").await;
        let get = async |who: &Client| who.raw("GET", "/api/v1/auth/me", None, &[("x-forwarded-for", "192.0.2.9")]).await.unwrap();

        for i in 0..100 {
            assert_eq!(get(&anna).await.status, 200, "{i}");
        }
        assert_too_often(&get(&anna).await);
        assert_eq!(get(&boris).await.status, 200, "a person, not a place");

        let nobody = app.client();
        for i in 0..100 {
            assert_eq!(get(&nobody).await.status, 401, "{i}");
        }
        assert_too_often(&get(&nobody).await);
        assert_eq!(get(&boris).await.status, 200, "whoever is known is not locked out with strangers");
        assert_eq!(nobody.raw("GET", "/healthz", None, &[]).await.unwrap().status, 200);
    }

    async fn the_twenty_first_socket_takes_the_place_of_the_oldest(app) {
        let (_, anna) = register_from(app, "192.0.2.1", "anna").await;
        let mut sockets = Vec::new();
        for _ in 0..21 {
            let mut socket = LiveSocket::connect(&anna).await.unwrap();
            socket.next().await.unwrap();
            sockets.push(socket);
        }

        let closed = tokio::time::timeout(Duration::from_secs(5), sockets[0].closed()).await.expect("soon");
        assert_eq!(closed.unwrap().0, 4009);
        for socket in &mut sockets[1..] {
            socket.send_text(r#"{"type":"ping","id":1}"#).await.unwrap();
            socket.next().await.unwrap();
        }
    }
}

/// What a stranger says about where it comes from is not believed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_trusted_proxy_nobody_is_believed() {
    let environment = vec![("BULQ_RATE_LIMITS", "on".to_owned())];
    let app = App::start_with(Kind::Sqlite, Launch { environment }).await;
    for i in 0..5 {
        assert_eq!(login_from(&app, &format!("192.0.2.{i}"), &format!("user-{i}"), "x").await.status, 401);
    }

    for i in 5..10 {
        assert_too_often(&login_from(&app, &format!("192.0.2.{i}"), &format!("user-{i}"), "x").await);
    }

    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_has_only_so_many_connections() {
    let environment =
        vec![("BULQ_RATE_LIMITS", "on".to_owned()), ("BULQ_CONNECTIONS_PER_ADDRESS", "10".to_owned())];
    let app = App::start_with(Kind::Sqlite, Launch { environment }).await;
    let address = app.url.trim_start_matches("http://").to_owned();
    let mut held = Vec::new();
    for _ in 0..30 {
        held.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;

    let mut ended = 0;
    for stream in &held {
        let mut byte = [0];
        if matches!(stream.try_read(&mut byte), Ok(0)) {
            ended += 1;
        }
    }
    assert!((20..30).contains(&ended), "{ended} of 30 were ended");

    drop(held);
    let alive = async || app.client().raw("GET", "/healthz", None, &[]).await.is_ok_and(|a| a.status == 200);
    let mut tries = 0;
    while !alive().await {
        tries += 1;
        assert!(tries < 100, "the server serves again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.finish().await;
}
