//! Pages: which may act with the cookie of whoever looks at them, and what they may load.

use crate::support::{App, Launch};
use bulq_client::{LiveSocket, RawResponse};
use bulq_testkit::Kind;
use serde_json::{Value, json};
use uuid::Uuid;

const OURS: &str = "https://bulq.example";

async fn start() -> App {
    let environment = vec![("BULQ_ALLOWED_ORIGINS", OURS.to_owned())];
    App::start_with(Kind::Sqlite, Launch { environment }).await
}

/// A session kept by a cookie, as `name=value`.
async fn cookie(app: &App) -> String {
    app.person("anna").await;
    let body = json!({ "username": "anna", "password": "correct horse battery" });
    let answer =
        app.client().raw("POST", "/api/v1/auth/session", Some(&body), &[("origin", OURS)]).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

/// What is not our origin, however much it looks like it. `{host}` is the address of the server.
const FOREIGN: &[&str] = &[
    "null",
    "https://evil.example",
    "http://bulq.example",
    "https://bulq.example:443",
    "https://bulq.example:444",
    "https://bulq.example.",
    "https://bulq.example/",
    "https://bulq.example.evil.example",
    "https://bulq.exampleevil.example",
    "https://evil-bulq.example",
    "https://evil.example/https://bulq.example",
    "https://sub.bulq.example",
    "https://bulq.example@evil.example",
    "https://evil.example#bulq.example",
    "https://bulq%2eexample",
    "https://BULQ.EXAMPLE",
    "https://bulq.example https://evil.example",
    "https://bulq.example, https://evil.example",
    "wss://bulq.example",
    "file://",
    "https://{host}",
    "http://{host}0",
    "http://localhost",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_connection_is_for_our_pages() {
    let app = start().await;
    let cookie = cookie(&app).await;
    let host = app.url.trim_start_matches("http://");
    let open = async |headers: &[(&str, &str)]| LiveSocket::connect_with(&app.client(), "", headers).await;
    let status =
        async |headers: &[(&str, &str)]| open(headers).await.map(drop).map_err(|error| error.status());

    assert_eq!(status(&[("cookie", &cookie)]).await, Err(Some(403)), "no origin and a cookie");
    for foreign in FOREIGN {
        let origin = foreign.replace("{host}", host);
        assert_eq!(status(&[("cookie", &cookie), ("origin", &origin)]).await, Err(Some(403)), "{origin}");
    }
    let twice = [("cookie", &*cookie), ("origin", OURS), ("origin", "https://evil.example")];
    assert_eq!(status(&twice).await, Err(Some(403)), "two origins");
    let bearer = app.client();
    bearer.login("anna", "correct horse battery").await.unwrap();
    let token = format!("Bearer {}", bearer.tokens().unwrap().access_token);
    assert_eq!(
        status(&[("authorization", &token), ("origin", "https://evil.example")]).await,
        Err(Some(403))
    );

    for ours in [OURS.to_owned(), format!("http://{host}")] {
        assert!(open(&[("cookie", &cookie), ("origin", &ours)]).await.is_ok(), "{ours}");
    }
    assert!(open(&[("authorization", &token)]).await.is_ok(), "no page");
    app.finish().await;
}

/// Every route that changes something, taken from the document.
async fn changing_routes(app: &App) -> Vec<(String, String)> {
    let document = app.client().raw("GET", "/api/v1/openapi.json", None, &[]).await.unwrap().json;
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if !["get", "head"].contains(&method.as_str()) && operation.get("security").is_some() {
                let id = Uuid::now_v7().to_string();
                let parts = path.split('/').map(|part| if part.starts_with('{') { &id } else { part });
                routes.push((method.to_uppercase(), parts.collect::<Vec<_>>().join("/")));
            }
        }
    }
    assert!(routes.len() > 30, "the document lists them");
    routes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_foreign_page_changes_anything() {
    let app = start().await;
    let cookie = cookie(&app).await;
    let mut tried = 0;

    for (method, path) in changing_routes(&app).await {
        for origin in [
            None,
            Some("null"),
            Some("https://evil.example"),
            Some("http://bulq.example"),
            Some("https://bulq.example.evil.example"),
        ] {
            let mut headers = vec![("cookie", cookie.as_str())];
            headers.extend(origin.map(|origin| ("origin", origin)));
            let answer = app.client().raw(&method, &path, Some(&json!({})), &headers).await.unwrap();
            assert_eq!(
                (answer.status, answer.problem().code.as_str()),
                (403, "ORIGIN_NOT_ALLOWED"),
                "{method} {path} {origin:?}"
            );
            assert!(answer.header("access-control-allow-origin").is_none());
            tried += 1;
        }
    }

    assert!(tried >= 200, "{tried}");
    let me = app.client().raw("GET", "/api/v1/auth/me", None, &[("cookie", &cookie)]).await.unwrap();
    assert_eq!(me.json["username"], "anna", "still here, still called that");
    let body = json!({ "theme": "dark" });
    let ours = [("cookie", &*cookie), ("origin", OURS)];
    assert_eq!(app.client().raw("PATCH", "/api/v1/auth/me", Some(&body), &ours).await.unwrap().status, 200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_page_cannot_log_anybody_in() {
    let app = start().await;
    app.person("anna").await;
    let body = json!({ "username": "anna", "password": "correct horse battery" });

    for foreign in ["null", "https://evil.example"] {
        let answer = app
            .client()
            .raw("POST", "/api/v1/auth/session", Some(&body), &[("origin", foreign)])
            .await
            .unwrap();
        assert!(answer.status == 403 && answer.header("set-cookie").is_none());
    }

    app.finish().await;
}

fn allow(answer: &RawResponse) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jwt_15_a_page_of_an_allowed_origin_asks_and_is_answered() {
    let app = start().await;
    let anna = app.person("anna").await;
    let asks = async |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        app.client().raw("OPTIONS", "/api/v1/auth/me", None, &headers).await.unwrap()
    };

    let preflight = asks(OURS).await;
    assert_eq!((preflight.status, allow(&preflight)), (204, Some(OURS)));
    assert!(preflight.header("access-control-allow-methods").unwrap().contains("PATCH"));
    assert!(preflight.header("access-control-allow-headers").unwrap().contains("authorization"));
    let token = format!("Bearer {}", anna.tokens().unwrap().access_token);
    let headers = [("origin", OURS), ("authorization", &*token)];
    let answer = app.client().raw("GET", "/api/v1/auth/me", None, &headers).await.unwrap();
    assert_eq!((answer.status, allow(&answer)), (200, Some(OURS)));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert!(answer.header("vary").unwrap().to_lowercase().contains("origin"));
    let refused = app.client().raw("GET", "/api/v1/auth/me", None, &[("origin", OURS)]).await.unwrap();
    assert_eq!((refused.status, allow(&refused)), (401, Some(OURS)), "a no can be read too");

    for foreign in FOREIGN {
        let preflight = asks(foreign).await;
        assert_eq!((preflight.status, allow(&preflight)), (403, None), "{foreign}");
        let headers = [("origin", *foreign), ("authorization", &*token)];
        let answer = app.client().raw("GET", "/api/v1/auth/me", None, &headers).await.unwrap();
        assert_eq!(allow(&answer), None, "{foreign}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let app = start().await;
    for path in [
        "/",
        "/app.js",
        "/style.css",
        "/api/docs",
        "/api/v1/openapi.json",
        "/api/v1/auth/me",
        "/nowhere",
        "/api/v1/nowhere",
    ] {
        let answer = app.client().raw("GET", path, None, &[]).await.unwrap();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path} {name}");
        }
        assert!(answer.header("server").is_none() && answer.header("x-powered-by").is_none(), "{path}");
        if path.starts_with("/api/v1/") {
            assert_eq!(
                answer.header("content-security-policy"),
                Some("default-src 'none'; frame-ancestors 'none'"),
                "{path}"
            );
        }
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_run_our_own_scripts_and_nothing_else() {
    let app = start().await;
    for path in ["/", "/api/docs"] {
        let page = app.client().raw("GET", path, None, &[]).await.unwrap();
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let scripts = policy.split(';').map(str::trim).find(|part| part.starts_with("script-src"));

        assert_eq!(scripts, Some("script-src 'self'"), "{path}");
        for forbidden in ["unsafe-inline", "unsafe-eval", "http:", "https:", "*"] {
            assert!(!policy.contains(forbidden), "{path}: {policy}");
        }
        let text = page.text.to_lowercase();
        for inline in ["<script>", "javascript:", " onclick=", " onload=", " onerror=", "<style", " style="] {
            assert!(!text.contains(inline), "{path}: {inline}");
        }
        for reference in text
            .split(['"', '\'', ' ', '>'])
            .filter(|part| part.starts_with("src=") || part.starts_with("href="))
        {
            assert!(!reference.contains("//"), "{path} loads {reference}");
        }
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_lists_of_what_is_allowed_are_json() {
    let app = start().await;
    let answer = app.client().raw("GET", "/api/v1/guards", None, &[]).await.unwrap();
    assert!(
        matches!(answer.json, Value::Object(_)) && answer.header("content-type") == Some("application/json")
    );
    app.finish().await;
}
