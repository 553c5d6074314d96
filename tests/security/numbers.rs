//! Numbers that are none, too large, too fine or too small, in every field that takes one.

use crate::support::{Cast, stories};
use bulq_client::domain::RunId;

/// No quantity: 0 to 9999 with at most three decimals, written as a text or without an exponent.
const NO_QUANTITY: &[&str] = &[
    "-1",
    "\"-1\"",
    "-0.001",
    "\"-0\"",
    "0.0001",
    "\"0.0001\"",
    "\"1.0000\"",
    "9999.001",
    "\"9999.001\"",
    "10000",
    "\"10000\"",
    "2147483647",
    "2147483648",
    "2147483649",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "1e9",
    "\"1e9\"",
    "1E-3",
    "1e400",
    "\"1,5\"",
    "\"1 000\"",
    "\"+1\"",
    "\"01x\"",
    "\"0x10\"",
    "\"NaN\"",
    "\"Infinity\"",
    "\"١\"",
    "\"½\"",
    "\"1\\u0000\"",
    "\" 1\"",
    "\"\"",
    "\".5\"",
    "\"5.\"",
    "\"1.2.3\"",
    "true",
    "[1]",
    "{}",
];
/// No money: whole minor units, not negative.
const NO_MONEY: &[&str] = &[
    "-1",
    "-9223372036854775808",
    "0.5",
    "1.0",
    "1e2",
    "1e400",
    "9223372036854775808",
    "18446744073709551616",
    "\"1\"",
    "\"\"",
    "true",
    "[1]",
    "{}",
];
/// Well-formed, and more than any sum of them could hold.
const MUCH: &[&str] =
    &["9223372036854775807", "9223372036854775806", "9007199254740993", "4611686018427387904"];

/// A route and a body with `#` where the number goes.
fn fields(cast: &Cast, run: RunId, shopping: RunId) -> Vec<(&'static str, String, &'static str, bool)> {
    let (p1, store) = (cast.p1, cast.store);
    let bid = format!("/api/v1/runs/{run}/bids/{p1}");
    let offer = format!("/api/v1/stores/{store}/products/{p1}");
    let purchase = format!("/api/v1/runs/{shopping}/items/{p1}/purchase");
    vec![
        ("PUT", bid.clone(), r#"{"quantity":#}"#, true),
        ("PUT", bid.clone(), r#"{"quantity":"5","min":#}"#, true),
        ("PUT", bid, r#"{"quantity":"5","max":#}"#, true),
        ("POST", "/api/v1/products".to_owned(), r#"{"name":"Rye","unit":"kg","step":#}"#, true),
        ("PUT", offer.clone(), r#"{"pack":#}"#, true),
        ("PUT", offer.clone(), r#"{"minimum":#}"#, true),
        ("PUT", purchase.clone(), r#"{"quantity":#,"total":100}"#, true),
        ("PUT", offer, r#"{"price":#}"#, false),
        ("PUT", purchase, r#"{"quantity":"1","total":#}"#, false),
        (
            "POST",
            format!("/api/v1/runs/{shopping}/costs"),
            r#"{"label":"Fuel","amount":#,"split":"equally"}"#,
            false,
        ),
        ("PUT", format!("/api/v1/runs/{shopping}/items/{p1}/price"), r#"{"price":#}"#, false),
    ]
}

stories! {
    async fn a_number_that_is_none_is_refused(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let shopping = cast.shopping(&[(&cast.a, cast.p1, "2")]).await;
        let seqs = async || (cast.leader.run(run).await.unwrap().seq, cast.leader.run(shopping).await.unwrap().seq);
        let before = seqs().await;
        let mut tried = 0;

        for (method, path, body, is_quantity) in fields(&cast, run, shopping) {
            for number in if is_quantity { NO_QUANTITY } else { NO_MONEY } {
                let body = body.replace('#', number);
                let answer = cast.leader.raw_text(method, &path, Some(body.clone()), &[]).await.unwrap();
                assert!([400, 422].contains(&answer.status), "{method} {path} {body}: {} {}", answer.status, answer.text);
                tried += 1;
            }
        }

        assert!(tried >= 300, "{tried}");
        assert_eq!(seqs().await, before, "nothing happened");
    }

    /// Sums and products of what is just allowed: refused or right, never a fault.
    async fn what_overflows_is_refused(app) {
        let cast = Cast::assemble(app).await;
        let group = cast.group;
        let (boris, payment) = (cast.b.user_id().unwrap(), format!("/api/v1/groups/{group}/payments"));
        for much in MUCH {
            let price = format!(r#"{{"price":{much},"pack":"9999"}}"#);
            let offer = format!("/api/v1/stores/{}/products/{}", cast.store, cast.p2);
            let answer = cast.leader.raw_text("PUT", &offer, Some(price), &[]).await.unwrap();
            assert!(answer.status < 500, "{} {}", answer.status, answer.text);
            let run = cast.run().await;
            for who in [&cast.leader, &cast.a, &cast.b, &cast.c] {
                let bid = format!("/api/v1/runs/{run}/bids/{}", cast.p2);
                let answer = who.raw_text("PUT", &bid, Some(r#"{"quantity":"9999"}"#.to_owned()), &[]).await.unwrap();
                assert!(answer.status < 500, "{} {}", answer.status, answer.text);
            }
            for path in ["", "/plan", "/cancellation", "/settlement", "/distribution"] {
                let answer = cast.leader.raw("GET", &format!("/api/v1/runs/{run}{path}"), None, &[]).await.unwrap();
                assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.text);
            }
            for _ in 0..3 {
                let body = format!(r#"{{"to":"{boris}","amount":{much}}}"#);
                let answer = cast.a.raw_text("POST", &payment, Some(body), &[]).await.unwrap();
                assert!(answer.status < 500, "{} {}", answer.status, answer.text);
            }
            for path in [format!("/api/v1/groups/{group}/balances"), format!("/api/v1/groups/{group}/ledger")] {
                let answer = cast.a.raw("GET", &path, None, &[]).await.unwrap();
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            }
            let cancel = format!("/api/v1/runs/{run}/cancel");
            let reason = r#"{"reason":"too much"}"#.to_owned();
            assert!(cast.leader.raw_text("POST", &cancel, Some(reason), &[]).await.unwrap().status < 500);
        }
    }
}
