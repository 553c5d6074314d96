//! Bodies that are none: a typed 4xx, nothing changed, never a 5xx.

use crate::support::{App, Cast, stories};
use bulq_client::{Client, RawResponse};
use serde_json::{Value, json};

/// A route with a body it takes.
struct Taker {
    method: &'static str,
    path: String,
    good: Value,
}

async fn takers(cast: &Cast) -> Vec<Taker> {
    let run = cast.run().await;
    let taker = |method, path: String, good| Taker { method, path, good };
    vec![
        taker("POST", "/api/v1/groups".to_owned(), json!({"name": "A group", "currency": "EUR"})),
        taker(
            "POST",
            "/api/v1/stores".to_owned(),
            json!({"name": "A store", "chain": "C", "address": "Street 1"}),
        ),
        taker(
            "POST",
            "/api/v1/products".to_owned(),
            json!({"name": "Rice", "unit": "kg", "step": "0.01", "brand": "B"}),
        ),
        taker(
            "PATCH",
            "/api/v1/auth/me".to_owned(),
            json!({"name": "Somebody", "language": "ru", "theme": "dark"}),
        ),
        taker(
            "PUT",
            format!("/api/v1/runs/{run}/bids/{}", cast.p1),
            json!({"quantity": "2.5", "min": "1", "max": "3", "comment": "hm"}),
        ),
        taker(
            "POST",
            format!("/api/v1/groups/{}/runs", cast.group),
            json!({"store_id": cast.store, "comment": "hm", "auto_confirm": true}),
        ),
    ]
}

async fn send(
    who: &Client,
    taker: &Taker,
    body: impl Into<reqwest::Body>,
    headers: &[(&str, &str)],
) -> RawResponse {
    let url = format!("{}{}", who.base_url(), taker.path);
    let token = who.tokens().unwrap().access_token;
    let mut request = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .request(taker.method.parse().unwrap(), url)
        .bearer_auth(token);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body).send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    RawResponse { status, headers, text, json }
}

#[track_caller]
fn assert_refused(answer: &RawResponse, expected: &[u16], what: &str) {
    assert!(expected.contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
    assert!(answer.header("content-type").unwrap().starts_with("application/problem+json"), "{what}");
    for internal in ["panicked", "src/", ".rs:", "sqlx", "bulq_"] {
        assert!(!answer.text.contains(internal), "{what}: {}", answer.text);
    }
}

/// Texts that are no JSON, or too much of it.
fn broken() -> Vec<(String, Vec<u8>)> {
    let named = |name: &str, body: &[u8]| (name.to_owned(), body.to_vec());
    let mut all = vec![
        named("nothing", b""),
        named("NaN", br#"{"name": NaN}"#),
        named("infinity", br#"{"name": Infinity}"#),
        named("1e400", br#"{"name": 1e400}"#),
        named("a lone surrogate", br#"{"name": "\ud800"}"#),
        named("surrogates the wrong way round", br#"{"name": "\udc00\ud800"}"#),
        named("bad UTF-8", b"{\"name\": \"\xff\xfe\"}"),
        named("cut UTF-8", b"{\"name\": \"\xe2\x82\"}"),
        named("an overlong slash", b"{\"name\": \"\xc0\xaf\"}"),
        named("a byte order mark", b"\xef\xbb\xbf{}"),
        named("UTF-16", &"{\"name\":\"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        named(
            "UTF-16 with a mark",
            &std::iter::once(0xfeff)
                .chain("{}".encode_utf16())
                .flat_map(u16::to_be_bytes)
                .collect::<Vec<_>>(),
        ),
        named("a raw line break", b"{\"name\": \"a\nb\"}"),
        named("single quotes", b"{'name': 'x'}"),
        named("a comment", b"{\"name\": \"x\" /* */}"),
        named("a comma too many", b"{\"name\": \"x\",}"),
        named("no quotes", b"{name: 1}"),
        named("something behind", b"{} {}"),
        named("NUL", b"\0"),
        named("an array", b"[]"),
        named("a text", b"\"x\""),
        named("a number", b"7"),
        named("null", b"null"),
        named("a form", b"name=x&currency=EUR"),
        named(
            "XML",
            b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>",
        ),
    ];
    for depth in [100, 127, 128, 129, 1000, 30_000] {
        all.push((
            format!("{depth} deep"),
            format!("{{\"name\":{}{}}}", "[".repeat(depth), "]".repeat(depth)).into_bytes(),
        ));
        all.push((format!("{depth} deep, open"), "{\"a\":".repeat(depth.min(10_000)).into_bytes()));
    }
    all
}

stories! {
    async fn what_is_no_json_is_refused(app) {
        let cast = Cast::assemble(app).await;
        let mut tried = 0;
        for taker in takers(&cast).await {
            for (name, body) in broken() {
                let answer = send(&cast.a, &taker, body, &[]).await;
                assert_refused(&answer, &[400, 413, 422], &format!("{} {name}", taker.path));
                tried += 1;
            }
        }
        assert!(tried >= 220, "{tried}");
        goes_on(app, &cast).await;
    }

    async fn a_body_cut_at_any_byte_is_refused(app) {
        let cast = Cast::assemble(app).await;
        let mut tried = 0;
        for taker in takers(&cast).await {
            let good = taker.good.to_string().into_bytes();
            for end in 1..good.len() {
                let answer = send(&cast.a, &taker, good[..end].to_vec(), &[]).await;
                assert_refused(&answer, &[400], &format!("{} cut at {end}", taker.path));
                tried += 1;
            }
        }
        assert!(tried >= 310, "{tried}");
        goes_on(app, &cast).await;
    }

    async fn wrong_types_unknown_and_doubled_fields_are_refused(app) {
        let cast = Cast::assemble(app).await;
        let mut tried = 0;
        for taker in takers(&cast).await {
            let fields: Vec<_> = taker.good.as_object().unwrap().keys().cloned().collect();
            for field in &fields {
                for wrong in [json!([]), json!({}), json!([1]), json!({"a": 1}), json!(-1.5), json!(1e300)] {
                    let mut body = taker.good.clone();
                    body[field] = wrong.clone();
                    let answer = send(&cast.a, &taker, body.to_string(), &[]).await;
                    assert_refused(&answer, &[422], &format!("{} {field}={wrong}", taker.path));
                    tried += 1;
                }
                let good = taker.good.to_string();
                let doubled = format!("{},\"{field}\":{}}}", &good[..good.len() - 1], taker.good[field]);
                assert_refused(&send(&cast.a, &taker, doubled, &[]).await, &[422], &format!("{} {field} twice", taker.path));
                tried += 1;
            }
            for unknown in ["id", "is_admin", "__proto__", "constructor", "", "name\u{0}", "NAME"] {
                let mut body = taker.good.clone();
                body[unknown] = json!("x");
                assert_refused(&send(&cast.a, &taker, body.to_string(), &[]).await, &[422], &format!("{} {unknown:?}", taker.path));
                tried += 1;
            }
        }
        assert!(tried >= 165, "{tried}");
        goes_on(app, &cast).await;
    }

    async fn what_is_not_sent_as_json_is_not_read(app) {
        let cast = Cast::assemble(app).await;
        let mut tried = 0;
        for taker in takers(&cast).await {
            let good = taker.good.to_string();
            for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "application/xml",
                "application/json; charset=utf-16", "application/jsonx", "json", "", "*/*"] {
                let answer = send(&cast.a, &taker, good.clone(), &[("content-type", kind)]).await;
                assert_refused(&answer, &[415], &format!("{} as {kind:?}", taker.path));
                tried += 1;
            }
            for coding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "x"] {
                let answer = send(&cast.a, &taker, BOMB.to_vec(), &[("content-encoding", coding)]).await;
                assert_refused(&answer, &[415], &format!("{} {coding}", taker.path));
                tried += 1;
            }
            for size in [65_537, 1_000_000, 32_000_000] {
                let refused = send_large(&cast.a, &taker, size).await;
                assert!(refused, "{} with {size} bytes", taker.path);
                tried += 1;
            }
        }
        assert!(tried >= 108, "{tried}");
        goes_on(app, &cast).await;
    }
}

/// The beginning of ten megabytes of zeros, gzipped; nobody looks further.
const BOMB: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xed, 0xc1, 1, 13, 0, 0, 0, 0xc2, 0xa0, 0xf7, 0x4f];

/// Too much is answered with 413; the connection may end before everything is sent.
async fn send_large(who: &Client, taker: &Taker, size: usize) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = format!("{{\"name\":\"{}\"}}", "x".repeat(size));
    let request = client
        .request(taker.method.parse().unwrap(), format!("{}{}", who.base_url(), taker.path))
        .bearer_auth(who.tokens().unwrap().access_token)
        .header("content-type", "application/json")
        .body(body);
    request.send().await.map_or(true, |answer| answer.status().as_u16() == 413)
}

async fn goes_on(app: &App, cast: &Cast) {
    assert_eq!(app.client().raw("GET", "/readyz", None, &[]).await.unwrap().status, 200);
    assert_eq!(cast.a.me().await.unwrap().username, "anna");
    assert_eq!(cast.a.me().await.unwrap().name, "anna the tester", "nothing has changed");
}
