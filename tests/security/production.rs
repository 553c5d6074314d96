//! In production: what is unsafe is refused by name, cookies are for TLS alone.

use crate::support::{App, Launch, bulq};
use bulq_testkit::Kind;
use serde_json::json;

const SAFE: &[(&str, &str)] = &[
    ("BULQ_ENV", "production"),
    ("BULQ_SECRET", "9f1c2b7e4a6d8035f1c2b7e4a6d80351"), // pragma: allowlist secret
    ("BULQ_ALLOWED_ORIGINS", "https://bulq.example"),
    ("BULQ_ALLOW_SQLITE", "yes"),
    ("BULQ_RATE_LIMITS", "on"),
];

async fn refusal(unsafe_setting: (&str, &str)) -> String {
    let folder = std::env::temp_dir().join(format!("bulq-refused-{}", uuid::Uuid::new_v4().simple()));
    let mut command = bulq();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&folder);
    let others = SAFE.iter().filter(|(name, _)| *name != unsafe_setting.0);
    command.envs(others.copied()).env(unsafe_setting.0, unsafe_setting.1);
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), command.output());
    let output = output.await.expect("it refuses by itself").unwrap();
    assert!(!output.status.success(), "{unsafe_setting:?} is served");
    assert!(!folder.join("bulq.db").exists(), "before anything is touched");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_unsafe_is_refused_by_name() {
    for (name, value) in [
        ("BULQ_SECRET", ""),
        ("BULQ_SECRET", "too short"),
        ("BULQ_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("BULQ_ALLOWED_ORIGINS", ""),
        ("BULQ_ALLOWED_ORIGINS", "*"),
        ("BULQ_ALLOWED_ORIGINS", "http://bulq.example"),
        ("BULQ_SECURE_COOKIES", "off"),
        ("BULQ_RATE_LIMITS", "off"),
        ("BULQ_ALLOW_UNSAFE_DURABILITY", "yes"),
        ("BULQ_TRUSTED_PROXIES", "everybody"),
    ] {
        let said = refusal((name, value)).await;
        assert!(said.contains(name), "{name}={value}: {said}");
        assert!(value.len() < 8 || name != "BULQ_SECRET" || !said.contains(value), "the secret is not shown");
    }
    assert!(refusal(("BULQ_ALLOW_SQLITE", "")).await.contains("DATABASE_URL"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_are_for_tls_alone() {
    let environment = SAFE.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let app = App::start_with(Kind::Sqlite, Launch { environment }).await;
    app.person("anna").await;
    let body = json!({ "username": "anna", "password": "correct horse battery" });

    let answer = app
        .client()
        .raw("POST", "/api/v1/auth/session", Some(&body), &[("origin", "https://bulq.example")])
        .await
        .unwrap();

    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-bulq_session="), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(answer.header("strict-transport-security").is_some());
    let host = format!("http://{}", app.url.trim_start_matches("http://"));
    let own =
        app.client().raw("POST", "/api/v1/auth/session", Some(&body), &[("origin", &host)]).await.unwrap();
    assert_eq!(own.status, 403, "the server's own address is no origin in production");
    app.finish().await;
}
