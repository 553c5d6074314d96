//! Texts that other programs would obey. Here they are texts: kept as they are or refused, never a fault.

use crate::support::{Cast, stories};
use bulq_client::domain::RunId;
use bulq_client::{Client, RawResponse};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

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

/// A text that a route takes in its body.
struct Field {
    method: &'static str,
    /// As the document has it.
    route: &'static str,
    body: Value,
    /// Where the text is in the body, and in an answer that shows it.
    at: &'static str,
    /// What may be said besides a yes and "this is none".
    also: Option<u16>,
}

const fn field(method: &'static str, route: &'static str, at: &'static str, body: Value) -> Field {
    Field { method, route, body, at, also: None }
}

/// Each with a body in which `?` is the text.
fn fields(cast: &Cast) -> Vec<Field> {
    let (user, group) = ("/api/v1/admin/users/{user}", "/api/v1/groups/{group}");
    let (me, register, login) = ("/api/v1/auth/me", "/api/v1/auth/register", "/api/v1/auth/login");
    let password = "correct horse battery"; // pragma: allowlist secret
    let mut fields = vec![
        field("PATCH", "/api/v1/admin/groups/{group}", "/name", json!({"name": "?"})),
        field("PATCH", user, "/name", json!({"name": "?"})),
        field("PATCH", user, "/username", json!({"username": "?"})),
        field("POST", login, "/username", json!({"username": "?", "password": password})),
        field("PATCH", me, "/name", json!({"name": "?", "password": password})),
        field("PATCH", me, "/username", json!({"username": "?", "password": password})),
        field("POST", register, "/name", json!({"username": "{new}", "name": "?", "password": password})),
        field("POST", register, "/username", json!({"username": "?", "name": "x", "password": password})),
        field("POST", "/api/v1/groups", "/name", json!({"name": "?", "currency": "EUR"})),
        field("POST", "/api/v1/groups", "/currency", json!({"name": "Sunday", "currency": "?"})),
        field("PATCH", group, "/name", json!({"name": "?"})),
        field(
            "PATCH",
            group,
            "/default_costs/0/label",
            json!({"default_costs": [{"label": "?", "amount": 1, "split": "equally"}]}),
        ),
        field(
            "POST",
            "/api/v1/groups/{group}/payments",
            "/note",
            json!({"to": cast.b.user_id().unwrap(), "amount": 1, "note": "?"}),
        ),
        field(
            "POST",
            "/api/v1/groups/{group}/runs",
            "/comment",
            json!({"store_id": cast.store, "comment": "?"}),
        ),
        field("PATCH", "/api/v1/runs/{run}", "/comment", json!({"comment": "?"})),
        field(
            "PUT",
            "/api/v1/runs/{run}/bids/{product_id}",
            "/comment",
            json!({"quantity": "1", "comment": "?"}),
        ),
        field("POST", "/api/v1/runs/{run}/cancel", "/reason", json!({"reason": "?"})),
        field(
            "POST",
            "/api/v1/runs/{run}/costs",
            "/label",
            json!({"label": "?", "amount": 1, "split": "equally"}),
        ),
        field("POST", "/api/v1/runs/{run}/messages", "/text", json!({"text": "?"})),
        field("PUT", "/api/v1/stores/{store}/products/{product}", "/note", json!({"note": "?"})),
    ];
    for (method, route) in [("POST", "/api/v1/products"), ("PATCH", "/api/v1/products/{product}")] {
        for (at, mut body) in [
            ("/name", json!({"name": "?"})),
            ("/brand", json!({"brand": "?"})),
            ("/tags/0", json!({"tags": ["?"]})),
            ("/aliases/en/0", json!({"aliases": {"en": ["?"]}})),
            ("/aliases/ru/0", json!({"aliases": {"ru": ["?"]}})),
            ("/aliases/sr/0", json!({"aliases": {"sr": ["?"]}})),
        ] {
            if method == "POST" {
                body["unit"] = json!("kg");
                if at != "/name" {
                    body["name"] = json!("Rice");
                }
            }
            fields.push(field(method, route, at, body));
        }
    }
    for (method, route) in [("POST", "/api/v1/stores"), ("PATCH", "/api/v1/stores/{store}")] {
        for at in ["/name", "/chain", "/address", "/hours"] {
            let mut body = json!({ &at[1..]: "?" });
            if method == "POST" && at != "/name" {
                body["name"] = json!("Store");
            }
            fields.push(field(method, route, at, body));
        }
    }
    for field in &mut fields {
        field.also = match field.at {
            "/username" if field.route == login => Some(401),
            "/username" => Some(409),
            _ => None,
        };
    }
    fields
}

/// Every text in a body that the document knows, but those that are only hashed or compared, and the second door for logins.
fn texts_of(document: &Value) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let mut found = Vec::new();
            look_for_texts(document, schema, String::new(), &mut found);
            texts.extend(found.into_iter().map(|at| format!("{} {path} {at}", method.to_uppercase())));
        }
    }
    texts.retain(|text| {
        !["password", "refresh_token"].iter().any(|end| text.ends_with(end))
            && !text.contains("/auth/session ")
    });
    texts
}

fn look_for_texts(document: &Value, schema: &Value, at: String, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        return look_for_texts(document, document.pointer(&name[1..]).unwrap(), at, found);
    }
    for one in ["oneOf", "anyOf", "allOf"].iter().filter_map(|all| schema[all].as_array()).flatten() {
        look_for_texts(document, one, at.clone(), found);
    }
    let is = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&json!(kind)))
    };
    let is_narrow = ["format", "pattern", "enum", "const"].iter().any(|narrow| schema.get(*narrow).is_some());
    if is("string") && !is_narrow {
        found.push(at.clone());
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        look_for_texts(document, inner, format!("{at}/{name}"), found);
    }
    if schema["items"].is_object() {
        look_for_texts(document, &schema["items"], format!("{at}/0"), found);
    }
}

/// The things the routes are about.
struct Things {
    run: RunId,
    shopping: RunId,
}

async fn refused_or_kept(cast: &Cast, things: &Things, field: &Field, text: &str) {
    let run = match field.at {
        "/reason" => cast.run().await,
        "/label" => things.shopping,
        _ => things.run,
    };
    let somebody = cast.outsider.user_id().unwrap().to_string();
    let mut path = field.route.to_owned();
    for (name, id) in [
        ("{user}", somebody),
        ("{group}", cast.group.to_string()),
        ("{run}", run.to_string()),
        ("{store}", cast.store.to_string()),
        ("{product}", cast.p1.to_string()),
        ("{product_id}", cast.p1.to_string()),
    ] {
        path = path.replace(name, &id);
    }
    let mut body = field.body.clone();
    *body.pointer_mut(field.at).unwrap() = json!(text);
    if body["username"] == "{new}" {
        body["username"] = json!(format!("n{}", Uuid::new_v4().simple()));
    }
    let answer = cast.leader.raw(field.method, &path, Some(&body), &[]).await.unwrap();
    let what = format!("{} {path} {} {text:?}: {} {}", field.method, field.at, answer.status, answer.text);
    assert!(
        [200, 201, 204, 400, 422].contains(&answer.status) || field.also == Some(answer.status),
        "{what}"
    );
    match answer.json.pointer(field.at) {
        Some(Value::String(kept)) if answer.status < 300 => {
            let expected = text.trim();
            assert!(
                *kept == expected || field.at == "/username" && *kept == expected.to_lowercase(),
                "{what}"
            );
        }
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
        format!("/api/v1/search?q={encoded}"),
        format!("/api/v1/products/similar?name={encoded}"),
        format!("/api/v1/stores/similar?name={encoded}"),
        format!("/api/v1/admin/users?q={encoded}"),
        format!("/api/v1/admin/groups?q={encoded}"),
        format!("/api/v1/admin/products?q={encoded}"),
        format!("/api/v1/admin/stores?q={encoded}"),
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
    /// Those of the document; one that is not tried here fails the story.
    async fn every_text_is_a_text(app) {
        let cast = Cast::assemble(app).await;
        let things = Things { run: cast.run().await, shopping: cast.shopping(&[(&cast.a, cast.p1, "2")]).await };
        let document = app.client().raw("GET", "/api/v1/openapi.json", None, &[]).await.unwrap().json;
        let fields = fields(&cast);
        let known: BTreeSet<_> = fields.iter().map(|f| format!("{} {} {}", f.method, f.route, f.at)).collect();
        assert_eq!(known, texts_of(&document));

        let mut tried = 0;
        for (n, field) in fields.iter().enumerate() {
            for (i, text) in HOSTILE.iter().enumerate() {
                refused_or_kept(&cast, &things, field, &variants(text)[(n + i) % 3]).await;
                tried += 1;
            }
        }
        assert!(tried >= 3_000, "{tried}");
        assert_eq!(cast.b.me().await.unwrap().username, "boris", "the table of users is still there");
    }

    async fn every_address_is_an_address(app) {
        let cast = Cast::assemble(app).await;
        let mut tried = 0;
        for text in HOSTILE {
            for answer in in_the_address(&cast.leader, text).await {
                assert!(answer.status < 500, "{text:?}: {} {}", answer.status, answer.text);
                assert!(answer.header("x-injected").is_none() && answer.header("set-cookie").is_none());
                let id = answer.header("x-request-id").unwrap();
                assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{id}");
                tried += 1;
            }
        }
        assert!(tried >= 1_200, "{tried}");
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
