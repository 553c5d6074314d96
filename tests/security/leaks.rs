//! What must not get out: through answers, and through the log.

use crate::support::{App, Cast, Launch, bulq, free_port, stories};
use bulq_client::Client;
use bulq_testkit::Kind;
use serde_json::json;
use std::process::Stdio;
use std::time::Duration;
use uuid::Uuid;

stories! {
    /// Nobody learns from an answer whether somebody else's thing exists.
    async fn what_is_not_mine_is_as_if_it_were_not(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let nothing = Uuid::now_v7();
        for (mine, none) in [
            (format!("/api/v1/runs/{run}"), format!("/api/v1/runs/{nothing}")),
            (format!("/api/v1/runs/{run}/events"), format!("/api/v1/runs/{nothing}/events")),
            (format!("/api/v1/runs/{run}/plan"), format!("/api/v1/runs/{nothing}/plan")),
            (format!("/api/v1/runs/{run}/cancellation"), format!("/api/v1/runs/{nothing}/cancellation")),
            (format!("/api/v1/groups/{}", cast.group), format!("/api/v1/groups/{nothing}")),
            (format!("/api/v1/groups/{}/members", cast.group), format!("/api/v1/groups/{nothing}/members")),
            (format!("/api/v1/groups/{}/runs", cast.group), format!("/api/v1/groups/{nothing}/runs")),
        ] {
            let mut answers = Vec::new();
            for path in [&mine, &none] {
                let answer = cast.outsider.raw("GET", path, None, &[]).await.unwrap();
                let problem = answer.problem();
                answers.push((answer.status, problem.code, problem.title, problem.detail));
            }
            assert_eq!(answers[0], answers[1], "{mine}");
            assert_eq!(answers[0].0, 404, "{mine}");
        }
    }

    async fn an_invitation_that_is_none_says_nothing(app) {
        let cast = Cast::assemble(app).await;
        let token = cast.leader.invite_token(cast.group).await.unwrap();
        assert!(token.len() >= 22, "128 bits and more");
        for guess in [token[1..].to_owned(), format!("{token}x"), token.to_uppercase(), token.to_lowercase(), "x".to_owned(), Uuid::nil().to_string()] {
            if guess == token {
                continue;
            }
            let answer = app.client().raw("GET", &format!("/api/v1/invites/{guess}"), None, &[]).await.unwrap();
            assert_eq!((answer.status, answer.problem().code.as_str()), (404, "NOT_FOUND"), "{guess}");
            assert!(!answer.text.contains("walkthrough"));
        }
    }

    async fn a_wrong_path_shows_nothing_of_the_inside(app) {
        let cast = Cast::assemble(app).await;
        for path in ["/.env", "/.git/config", "/admin", "/server-status", "/debug/pprof", "/api", "/api/v1", "/api/v1/", "/api/v2/auth/me", "/api/v1/admin",
            "/api/v1/runs/1", "/api/v1/runs/not-a-uuid", "/api/v1/groups/00000000-0000-0000-0000-000000000000", "/bulq.db", "/secret", "/data/secret", "/..%2f..%2fetc/passwd", "//etc/passwd"] {
            for client in [&cast.a, &app.client()] {
                let answer = client.raw("GET", path, None, &[]).await.unwrap();
                // Where the browser app is served, it says itself that it has no such page.
                let is_app = answer.text.contains("<div id=\"root\">") && !path.starts_with("/api") && !path.contains('.');
                if is_app {
                    continue;
                }
                assert!([401, 404].contains(&answer.status), "{path}: {}", answer.status);
                for inside in ["src/", "bulq_", "sqlx", "actix", "panicked", "Uuid", "RunId", "/root", "/tmp", "postgres"] {
                    assert!(!answer.text.contains(inside), "{path}: {}", answer.text);
                }
            }
        }
    }

    async fn figures_are_not_for_whoever_comes_through_a_proxy(app) {
        let cast = Cast::assemble(app).await;
        for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
            let answer = cast.a.raw("GET", "/metrics", None, &[(header, "192.0.2.1")]).await.unwrap();
            assert_eq!(answer.status, 403, "{header}");
        }
        let figures = app.client().raw("GET", "/metrics", None, &[]).await.unwrap().text;
        for who in ["anna", "leader", &cast.group.to_string(), "127.0.0.1"] {
            assert!(!figures.contains(who), "{who}");
        }
    }
}

/// Where there is a token, neither the machine one asks from nor a login takes its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_for_who_has_the_token() {
    let token = "who-measures-may-look";
    let environment = vec![("BULQ_METRICS_TOKEN", token.to_owned())];
    let app = App::start_with(Kind::Sqlite, Launch { environment }).await;
    let admin = app.person("anna").await;
    let ask = async |path: &str, header: &str| {
        let headers = [("authorization", header), ("x-forwarded-for", "192.0.2.1")];
        app.client().raw("GET", path, None, &headers).await.unwrap()
    };

    for who in [&app.client(), &admin] {
        let answer = who.raw("GET", "/metrics", None, &[]).await.unwrap();
        assert_eq!((answer.status, answer.problem().code.as_str()), (403, "METRICS_CLOSED"));
    }
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        token,
        "Bearer who-measures-may-loo",
        "Bearer who-measures-may-lookk",
        "Bearer WHO-MEASURES-MAY-LOOK",
        "Bearer who-measures-may-look who-measures-may-look",
        "Basic d2hvLW1lYXN1cmVzLW1heS1sb29r",
    ] {
        let answer = ask("/metrics", wrong).await;
        assert_eq!(answer.status, 403, "{wrong:?}");
        assert!(!answer.text.contains("bulq_") && !answer.text.contains(token), "{wrong:?}: {}", answer.text);
    }
    for query in ["token", "access_token", "metrics_token"] {
        let path = format!("/metrics?{query}={token}");
        assert_eq!(app.client().raw("GET", &path, None, &[]).await.unwrap().status, 403, "{query}");
    }
    let figures = ask("/metrics", &format!("Bearer {token}")).await;
    assert_eq!(figures.status, 200);
    assert!(figures.text.contains("bulq_") && !figures.text.contains(token), "{}", figures.text);
    app.finish().await;
}

/// Everything that is secret is used once, rightly and wrongly, while the server logs all it can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_holds_no_secret() {
    let folder = std::env::temp_dir().join(format!("bulq-log-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("log");
    let address = format!("127.0.0.1:{}", free_port());
    let mut server = bulq()
        .args(["serve", "--listen", &address, "--data"])
        .arg(&folder)
        .env("RUST_LOG", "debug,sqlx=debug")
        .env("BULQ_SECRET", "the-secret-of-this-very-server-0123") // pragma: allowlist secret
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let client = Client::new(&format!("http://{address}")).unwrap();
    let mut tries = 0;
    while client.raw("GET", "/readyz", None, &[]).await.map_or(true, |answer| answer.status != 200) {
        tries += 1;
        assert!(tries < 600, "the server does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let secrets = use_every_secret(&client).await;

    server.kill().await.unwrap();
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("POST /api/v1/auth/login"), "the log is the one that was meant");
    for (what, secret) in secrets {
        assert!(!said.contains(&secret), "the log holds {what}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn use_every_secret(client: &Client) -> Vec<(&'static str, String)> {
    let password = "correct-horse-of-anna".to_owned();
    client.register("anna", "Anna", &password).await.unwrap();
    let first = client.tokens().unwrap();
    let second = client.refresh().await.unwrap();
    let wrong = "quite-another-horse".to_owned();
    client.anonymous().login("anna", &wrong).await.unwrap_err();
    client.anonymous().login("anna", &password).await.unwrap();
    let body = json!({ "username": "anna", "password": password });
    let session = client.raw("POST", "/api/v1/auth/session", Some(&body), &[]).await.unwrap();
    let cookie = session.header("set-cookie").unwrap().split([';', '=']).nth(1).unwrap().to_owned();
    client
        .anonymous()
        .raw("GET", "/api/v1/auth/me", None, &[("cookie", &format!("bulq_session={cookie}"))])
        .await
        .unwrap();
    let group = client.create_group("Sunday", "EUR").await.unwrap().id;
    let invite = client.invite_token(group).await.unwrap();
    client.anonymous().raw("GET", &format!("/api/v1/invites/{invite}"), None, &[]).await.unwrap();
    client.raw("POST", &format!("/api/v1/invites/{invite}/accept"), None, &[]).await.unwrap();
    let ticket = client.ws_ticket().await.unwrap().ticket;
    client.anonymous().raw("GET", &format!("/api/v1/ws?ticket={ticket}"), None, &[]).await.unwrap();
    let new = "a-new-horse-for-anna".to_owned();
    client.change_password(&password, &new).await.unwrap();
    let malformed = r#"{"username":"anna","password":"half-a-horse"#.to_owned();
    client.raw_text("POST", "/api/v1/auth/login", Some(malformed), &[]).await.unwrap();
    vec![
        ("a password", password),
        ("a wrong password", wrong),
        ("a new password", new),
        ("a malformed password", "half-a-horse".to_owned()),
        ("an access token", first.access_token),
        ("a refresh token", first.refresh_token),
        ("a second access token", second.access_token),
        ("a second refresh token", second.refresh_token),
        ("a cookie", cookie),
        ("an invitation", invite),
        ("a ticket", ticket),
        ("the server's secret", "the-secret-of-this-very-server".to_owned()),
        ("a hash", "$argon2id$".to_owned()),
    ]
}
