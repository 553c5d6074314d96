//! Access and refresh tokens. The numbers are those of the matrix in docs/reliability.md.

use crate::support::{App, Launch, stories};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bulq::security::tokens::{ACCESS_S, REFRESH_S, TokenKind, Tokens};
use bulq_client::protocol::account::Tokens as Pair;
use bulq_client::{Client, ClientError, RawResponse};
use bulq_testkit::{Kind, tamper};
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

const PASSWORD: &str = "correct horse battery";

async fn login(app: &App, username: &str, password: &str) -> RawResponse {
    let body = json!({ "username": username, "password": password });
    app.client().raw("POST", "/api/v1/auth/login", Some(&body), &[]).await.unwrap()
}

async fn refresh(app: &App, token: &str) -> RawResponse {
    let body = json!({ "refresh_token": token });
    app.client().raw("POST", "/api/v1/auth/refresh", Some(&body), &[]).await.unwrap()
}

async fn me(app: &App, token: &str) -> RawResponse {
    let header = format!("Bearer {token}");
    app.client().raw("GET", "/api/v1/auth/me", None, &[("authorization", &header)]).await.unwrap()
}

fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

fn code(answer: &RawResponse) -> (u16, String) {
    (answer.status, answer.problem().code)
}

/// The secret the server keeps in its data folder, to write tokens it would have written.
fn signer(app: &App) -> Tokens {
    Tokens::new(&std::fs::read_to_string(app.data.join("secret")).unwrap().trim().to_owned().into())
}

/// Every value replaced by the name of its type.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => json!("string"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("boolean"),
        Value::Null => json!("null"),
    }
}

fn golden(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

async fn pair(app: &App) -> (Client, Pair) {
    let anna = app.person("anna").await;
    let tokens = anna.tokens().unwrap();
    (anna, tokens)
}

stories! {
    async fn jwt_01_a_login_gives_tokens_that_work(app) {
        app.person("anna").await;

        let answer = login(app, "Anna", PASSWORD).await;

        assert_eq!(answer.status, 200);
        let access = answer.json["access_token"].as_str().unwrap();
        assert_eq!(me(app, access).await.json["username"], "anna");
    }

    async fn jwt_02_a_wrong_password_is_401(app) {
        app.person("anna").await;

        for (name, password) in [("anna", "correct horse batterz"), ("anna", ""), ("nobody", PASSWORD), ("", ""), ("anna", "Correct horse battery")] {
            let answer = login(app, name, password).await;
            assert_eq!(code(&answer), (401, "LOGIN_REFUSED".to_owned()), "{name} {password}");
            assert_eq!(answer.problem().detail, "username or password is wrong", "the same for everybody");
        }
    }

    async fn jwt_03_an_access_token_opens_what_is_protected(app) {
        let (_, tokens) = pair(app).await;

        for scheme in ["Bearer", "bearer", "BEARER"] {
            let header = format!("{scheme} {}", tokens.access_token);
            let answer = app.client().raw("GET", "/api/v1/groups", None, &[("authorization", &header)]).await.unwrap();
            assert_eq!(answer.status, 200, "{scheme}");
        }
    }

    async fn jwt_04_no_token_is_401(app) {
        let answer = app.client().raw("GET", "/api/v1/auth/me", None, &[]).await.unwrap();
        assert_eq!(code(&answer), (401, "NOT_AUTHENTICATED".to_owned()));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));

        let (_, tokens) = pair(app).await;
        for header in ["", "Bearer", "Bearer ", "Basic YTpi", &tokens.access_token, &format!("Token {}", tokens.access_token)] {
            let answer = app.client().raw("GET", "/api/v1/auth/me", None, &[("authorization", header)]).await.unwrap();
            assert_eq!(answer.status, 401, "{header:?}");
        }
        let in_url = format!("/api/v1/auth/me?access_token={0}&token={0}", tokens.access_token);
        assert_eq!(app.client().raw("GET", &in_url, None, &[]).await.unwrap().status, 401, "never in the URL");
    }

    async fn jwt_05_a_refresh_token_gives_new_tokens(app) {
        let (_, before) = pair(app).await;

        let answer = refresh(app, &before.refresh_token).await;

        assert_eq!(answer.status, 200);
        let after: Pair = serde_json::from_str(&answer.text).unwrap();
        assert!(after.access_token != before.access_token && after.refresh_token != before.refresh_token);
        assert_eq!(me(app, &after.access_token).await.status, 200);
        assert_eq!(refresh(app, &after.refresh_token).await.status, 200);
    }

    /// A token used twice is in two hands: everything that came of its login ends.
    async fn jwt_05_a_refresh_token_used_twice_ends_its_login(app) {
        let (_, first) = pair(app).await;
        let other: Pair = serde_json::from_str(&login(app, "anna", PASSWORD).await.text).unwrap();
        let second: Pair = serde_json::from_str(&refresh(app, &first.refresh_token).await.text).unwrap();

        assert_eq!(code(&refresh(app, &first.refresh_token).await), (401, "REFRESH_REFUSED".to_owned()));

        assert_eq!(me(app, &second.access_token).await.status, 401);
        assert_eq!(refresh(app, &second.refresh_token).await.status, 401);
        assert_eq!(me(app, &other.access_token).await.status, 200, "another login goes on");
    }

    async fn jwt_06_an_expired_or_tampered_refresh_token_is_401(app) {
        let (anna, tokens) = pair(app).await;
        let session: Uuid = claims(&tokens.refresh_token)["sid"].as_str().unwrap().parse().unwrap();
        let past = bulq::clock::now() - TimeDelta::seconds(REFRESH_S + 60);
        let expired = signer(app).issue(TokenKind::Refresh, anna.user_id().unwrap(), session, past);

        assert_eq!(refresh(app, &expired).await.status, 401);
        for broken in broken(&tokens.refresh_token) {
            assert_eq!(refresh(app, &broken).await.status, 401, "{broken}");
        }
        assert_eq!(refresh(app, &tokens.refresh_token).await.status, 200, "none of this has ended the login");
    }

    async fn jwt_07_an_access_token_is_no_refresh_token(app) {
        let (_, tokens) = pair(app).await;

        assert_eq!(refresh(app, &tokens.access_token).await.status, 401);
        assert_eq!(me(app, &tokens.refresh_token).await.status, 401, "nor the other way round");
        assert_eq!(me(app, &tokens.access_token).await.status, 200);
    }

    async fn jwt_08_a_disabled_user_cannot_refresh_or_log_in(app) {
        let (_, tokens) = pair(app).await;
        tamper(app.database.url(), "update users set disabled_at = 1").await;

        assert_eq!(code(&refresh(app, &tokens.refresh_token).await), (401, "REFRESH_REFUSED".to_owned()));
        assert_eq!(code(&login(app, "anna", PASSWORD).await), (401, "LOGIN_REFUSED".to_owned()));
    }

    async fn jwt_09_an_expired_or_tampered_access_token_is_401(app) {
        let (anna, tokens) = pair(app).await;
        let session: Uuid = claims(&tokens.access_token)["sid"].as_str().unwrap().parse().unwrap();
        let (user, now) = (anna.user_id().unwrap(), bulq::clock::now());
        let issue = |kind, at| signer(app).issue(kind, user, session, at);

        assert_eq!(me(app, &issue(TokenKind::Access, now)).await.status, 200, "this is how it is signed");
        let expired = issue(TokenKind::Access, now - TimeDelta::seconds(ACCESS_S + 60));
        assert_eq!(code(&me(app, &expired).await), (401, "SESSION_ENDED".to_owned()));
        for broken in broken(&tokens.access_token) {
            assert_eq!(me(app, &broken).await.status, 401, "{broken}");
        }
        let foreign = Tokens::new(&"another secret of more than 32 characters".to_owned().into());
        assert_eq!(me(app, &foreign.issue(TokenKind::Access, user, session, now)).await.status, 401);
        let nowhere = signer(app).issue(TokenKind::Access, user, Uuid::now_v7(), now);
        assert_eq!(me(app, &nowhere).await.status, 401, "a session there never was");
    }

    async fn jwt_10_a_refresh_token_outlives_an_access_token(app) {
        let (_, tokens) = pair(app).await;
        let life = |token: &str| claims(token)["exp"].as_i64().unwrap() - claims(token)["iat"].as_i64().unwrap();

        assert_eq!((life(&tokens.access_token), life(&tokens.refresh_token)), (ACCESS_S, REFRESH_S));
        assert_eq!(i64::try_from(tokens.expires_in).unwrap(), ACCESS_S);
    }

    async fn jwt_11_every_route_but_the_public_ones_needs_a_token(app) {
        let document = app.client().raw("GET", "/api/v1/openapi.json", None, &[]).await.unwrap().json;
        let mut public = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let method = method.to_uppercase();
                if operation.get("security").is_none() {
                    public.push(format!("{method} {path}"));
                    continue;
                }
                let id = Uuid::now_v7().to_string();
                let concrete: String = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part }).collect::<Vec<_>>().join("/");
                for headers in [vec![], vec![("authorization", "Bearer x.y.z")], vec![("cookie", "bulq_session=x")]] {
                    let answer = app.client().raw(&method, &concrete, Some(&json!({})), &headers).await.unwrap();
                    assert!([401, 403].contains(&answer.status), "{method} {path} {headers:?}: {}", answer.status);
                }
            }
        }
        let listed: Vec<&str> = PUBLIC.lines().collect();
        assert_eq!(public, listed, "what is public is decided, not found out");
    }

    async fn jwt_12_a_missing_role_is_403(app) {
        let (anna, _) = pair(app).await;
        let group = anna.create_group("Sunday", "EUR").await.unwrap().id;
        let boris = app.person("boris").await;
        boris.accept_invite(&anna.invite_token(group).await.unwrap()).await.unwrap();

        let path = format!("/api/v1/groups/{group}");
        let answer = boris.raw("PATCH", &path, Some(&json!({"name": "Monday"})), &[]).await.unwrap();

        assert_eq!(code(&answer), (403, "GROUP_ADMIN_ONLY".to_owned()));
    }

    async fn jwt_13_the_shape_of_a_login_is_golden(app) {
        app.person("anna").await;

        let answer = login(app, "anna", PASSWORD).await;

        assert_eq!(shape(&answer.json), golden(include_str!("golden/login.json")));
    }

    async fn jwt_14_the_shape_of_a_refresh_is_golden(app) {
        let (_, tokens) = pair(app).await;

        let answer = refresh(app, &tokens.refresh_token).await;

        assert_eq!(shape(&answer.json), golden(include_str!("golden/refresh.json")));
    }

    async fn a_token_is_worth_nothing_after_logout(app) {
        let (anna, tokens) = pair(app).await;

        anna.logout().await.unwrap();

        assert_eq!(me(app, &tokens.access_token).await.status, 401);
        assert_eq!(refresh(app, &tokens.refresh_token).await.status, 401);
    }

    async fn a_session_has_one_cookie(app) {
        app.person("anna").await;
        let body = json!({ "username": "anna", "password": PASSWORD });
        let answer = app.client().raw("POST", "/api/v1/auth/session", Some(&body), &[]).await.unwrap();
        let written = answer.header("set-cookie").unwrap().to_owned();
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(written.contains(attribute), "{written}");
        }
        let cookie = written.split(';').next().unwrap().to_owned();
        let secret = cookie.split_once('=').unwrap().1.to_owned();
        let get = async |cookie: &str| app.client().raw("GET", "/api/v1/auth/me", None, &[("cookie", cookie)]).await;

        assert_eq!(get(&cookie).await.unwrap().status, 200);
        for other in [
            format!("{cookie}; {cookie}"),
            format!("{cookie}x"),
            cookie[..cookie.len() - 1].to_owned(),
            "bulq_session=".to_owned(),
            format!("bulq_session=' or 1=1 --; x={secret}"),
            format!("Bulq_Session={secret}"),
            format!("__Host-bulq_session={secret}"),
        ] {
            assert_eq!(get(&other).await.unwrap().status, 401, "{other}");
        }
        let bearer = format!("Bearer {secret}");
        assert_eq!(me(app, &secret).await.status, 401);
        assert_eq!(app.client().raw("GET", "/api/v1/auth/me", None, &[("authorization", &bearer)]).await.unwrap().status, 401);
    }

    /// A header this large is refused or the connection is closed; the server goes on.
    async fn a_cookie_of_a_megabyte_is_refused(app) {
        let cookie = format!("bulq_session={}", "x".repeat(1_000_000));

        match app.client().raw("GET", "/api/v1/auth/me", None, &[("cookie", &cookie)]).await {
            Ok(answer) => assert!((400..500).contains(&answer.status), "{}", answer.status),
            Err(ClientError::Transport(_)) => {}
            Err(other) => panic!("{other}"),
        }

        assert_eq!(app.client().raw("GET", "/readyz", None, &[]).await.unwrap().status, 200);
    }
}

/// Truncated, extended, with a bit flipped in each part, with another algorithm, with SQL and the like inside.
fn broken(token: &str) -> Vec<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, sign] = parts[..] else { panic!("a JWT has three parts") };
    let flipped = |at: usize| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (second, third) = (head.len() + 1, head.len() + body.len() + 2);
    vec![
        token[..token.len() - 1].to_owned(),
        token[..third - 1].to_owned(),
        head.to_owned(),
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{token}A"),
        format!("{token}.{sign}"),
        format!("{token} {token}"),
        flipped(3),
        flipped(second + 10),
        flipped(third + 5),
        flipped(third),
        format!("{head}.{body}."),
        format!("{}.{body}.", encode(r#"{"alg":"none"}"#)),
        format!("{}.{body}.{sign}", encode(r#"{"alg":"HS512","typ":"JWT"}"#)),
        format!("{}.{body}.{sign}", encode(r#"{"alg":"RS256","typ":"JWT"}"#)),
        format!(
            "{head}.{}.{sign}",
            encode(r#"{"sub":"x' or 1=1 --","sid":"x","typ":"access","exp":99999999999}"#)
        ),
        format!("{head}.{}.{sign}", encode("{}")),
        "' or 1=1 --".to_owned(),
        "null".to_owned(),
        token.to_uppercase(),
    ]
}

const PUBLIC: &str = include_str!("golden/public.txt");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_logs_nobody_out() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let app = App::start_with(kind, Launch::default()).await;
        let (_, tokens) = pair(&app).await;

        app.stop().await;
        app.launch().await;

        assert_eq!(me(&app, &tokens.access_token).await.status, 200, "{kind:?}");
        assert_eq!(refresh(&app, &tokens.refresh_token).await.status, 200, "{kind:?}");
        app.finish().await;
    }
}
