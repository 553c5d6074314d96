//! Texts that other programs would obey. Here they are texts: kept as they are or refused, never a fault.

use crate::support::{Cast, stories};
use bulq_client::{Client, RawResponse};
use serde_json::{Value, json};

/// SQL, pages, headers, logs, templates, paths, and characters that play tricks.
const HOSTILE: &[&str] = &[
    "' or '1'='1",
    "'; drop table users; --",
    "\" or \"\"=\"",
    "') or ('a'='a",
    "1; select pg_sleep(10)",
    "' union select null,null,null --",
    "admin'--",
    "$1",
    "$$; select 1; $$",
    "\\'; --",
    "%27%20or%201%3D1",
    "x' and 1=(select count(*) from users) --",
    "%",
    "_",
    "%%%%",
    "\\%",
    "\\",
    "'\\''",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "<svg/onload=alert(1)>",
    "</textarea><script>",
    "&lt;script&gt;",
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "${jndi:ldap://x/a}",
    "{%debug%}",
    "__proto__",
    "constructor",
    "x\r\nSet-Cookie: a=b",
    "x\nINFO forged log line",
    "\u{1b}[31mred",
    "x%0d%0aX-Injected: 1",
    "\r\n\r\n<html>",
    "\t",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "/dev/null",
    "file:///etc/passwd",
    "$(id)",
    "`id`",
    "| id",
    "; id &",
    "() { :; }; echo",
    "\u{202e}gnp.exe",
    "\u{200b}",
    "\u{feff}x",
    "a\u{0}b",
    "\u{7f}",
    "\u{fffd}",
    "\u{e000}",
    "ﷺ",
    "Z̷͑a̵l̶g̸o̶",
    "🏳\u{fe0f}\u{200d}🌈",
    "İI",
    "ß",
    "ǆ",
    "null",
    "undefined",
    "NaN",
    "true",
    "0",
    "-1",
    "1e9",
    "%s%s%s%n",
    "{0}",
    "{}",
    "\u{d7ff}",
    "\u{10ffff}",
    "ｓｃｒｉｐｔ",
    "𝒶𝒹𝓂𝒾𝓃",
    "аdmin",
];

/// Alone, inside and again, so that trimming and cutting are tried too.
fn variants(text: &str) -> [String; 3] {
    [text.to_owned(), format!("a {text} b"), format!("{text}{text}")]
}

struct Field {
    method: &'static str,
    path: String,
    body: Value,
    name: &'static str,
}

async fn fields(cast: &Cast) -> Vec<Field> {
    let run = cast.run().await;
    let (group, store, p1) = (cast.group, cast.store, cast.p1);
    let field = |method, path: String, name, body| Field { method, path, body, name };
    let shop = || json!({"name": "Store"});
    let product = || json!({"name": "Rice", "unit": "kg"});
    vec![
        field("PATCH", format!("/api/v1/groups/{group}"), "name", json!({})),
        field("POST", "/api/v1/stores".to_owned(), "name", shop()),
        field("PATCH", format!("/api/v1/stores/{store}"), "chain", json!({})),
        field("PATCH", format!("/api/v1/stores/{store}"), "address", json!({})),
        field("POST", "/api/v1/products".to_owned(), "name", product()),
        field("POST", "/api/v1/products".to_owned(), "brand", product()),
        field("PUT", format!("/api/v1/stores/{store}/products/{p1}"), "note", json!({})),
        field("PATCH", "/api/v1/auth/me".to_owned(), "name", json!({})),
        field("PUT", format!("/api/v1/runs/{run}/bids/{p1}"), "comment", json!({"quantity": "1"})),
        field("PATCH", format!("/api/v1/runs/{run}"), "comment", json!({})),
    ]
}

async fn refused_or_kept(who: &Client, field: &Field, text: &str) {
    let mut body = field.body.clone();
    body[field.name] = json!(text);
    let answer = who.raw(field.method, &field.path, Some(&body), &[]).await.unwrap();
    let what = format!("{} {} {text:?}: {} {}", field.path, field.name, answer.status, answer.text);
    assert!([200, 201, 400, 422].contains(&answer.status), "{what}");
    match answer.json.get(field.name) {
        Some(Value::String(kept)) if answer.status < 300 => assert_eq!(kept, text.trim(), "{what}"),
        _ => assert!(!answer.text.contains("syntax") && !answer.text.contains("SQL"), "{what}"),
    }
}

/// In paths, queries and headers.
async fn in_the_address(who: &Client, text: &str) -> Vec<RawResponse> {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let mut answers = Vec::new();
    for path in [
        format!("/api/v1/stores?q={encoded}"),
        format!("/api/v1/products?q={encoded}"),
        format!("/api/v1/stores?cursor={encoded}"),
        format!("/api/v1/groups?limit={encoded}"),
        format!("/api/v1/groups?{encoded}=1"),
        format!("/api/v1/invites/{encoded}"),
        format!("/api/v1/runs/{encoded}"),
        format!("/api/v1/stores/{encoded}/products"),
        format!("/{encoded}"),
    ] {
        answers.push(who.raw("GET", &path, None, &[]).await.unwrap());
    }
    if text.chars().all(|c| !c.is_control() && c.is_ascii()) {
        for name in
            ["idempotency-key", "x-request-id", "user-agent", "x-forwarded-for", "accept-language", "cookie"]
        {
            answers.push(who.raw("GET", "/api/v1/auth/me", None, &[(name, text)]).await.unwrap());
        }
    }
    answers
}

stories! {
    async fn every_text_is_a_text(app) {
        let cast = Cast::assemble(app).await;
        let mut tried = 0;
        for field in fields(&cast).await {
            for text in HOSTILE.iter().flat_map(|text| variants(text)) {
                refused_or_kept(&cast.leader, &field, &text).await;
                tried += 1;
            }
        }
        assert!(tried >= 2_200, "{tried}");
        assert_eq!(cast.b.me().await.unwrap().username, "boris", "the table of users is still there");
    }

    async fn every_address_is_an_address(app) {
        let cast = Cast::assemble(app).await;
        let mut tried = 0;
        for text in HOSTILE {
            for answer in in_the_address(&cast.a, text).await {
                assert!(answer.status < 500, "{text:?}: {} {}", answer.status, answer.text);
                assert!(answer.header("x-injected").is_none() && answer.header("set-cookie").is_none());
                let id = answer.header("x-request-id").unwrap();
                assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{id}");
                tried += 1;
            }
        }
        assert!(tried >= 800, "{tried}");
    }

    /// Wildcards in a search are letters.
    async fn wildcards_find_nothing_rather_than_everything(app) {
        let cast = Cast::assemble(app).await;
        cast.product("100 % rye").await;
        for (text, found) in [("%", 0), ("_", 0), ("100 %", 1), ("\\", 0), ("' or 1=1 --", 0)] {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let answer = cast.a.raw("GET", &format!("/api/v1/products?q={encoded}"), None, &[]).await.unwrap();
            assert_eq!(answer.json["items"].as_array().unwrap().len(), found, "{text}");
        }
    }
}
