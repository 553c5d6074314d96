//! Limits: what is just allowed and what is just not.

use crate::support::{Cast, q, stories};
use bulq_client::commands;
use serde_json::json;

stories! {
    /// The 101st product is refused; a bid on an existing one at the limit is not.
    async fn a_run_holds_a_hundred_products(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let mut products = Vec::new();
        for i in 0..101 {
            products.push(cast.product(&format!("Product {i}")).await);
        }
        for product in &products[..100] {
            cast.a.command(run, &commands::bid(*product, q("1"))).await.committed();
        }

        let refused = cast.a.command(run, &commands::bid(products[100], q("1"))).await;
        assert_eq!(refused.code(), Some("TOO_MANY_PRODUCTS"));
        let raw = cast.b.command_raw(run, commands::new_id(), &commands::bid(products[100], q("1"))).await.unwrap();
        assert_eq!(raw.status, 422);
        let raw = cast.b.command_raw(run, commands::new_id(), &commands::bid(products[7], q("1"))).await.unwrap();
        assert_eq!(raw.status, 200);
    }

    async fn quantities_that_are_none_are_refused(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let path = format!("/api/v1/runs/{run}/bids/{}", cast.p1);

        for quantity in ["\"0.0001\"", "0.0001", "-1", "\"-1\"", "1e3", "\"1e3\"", "\"NaN\"", "10000", "\"10000\"", "\"9999.001\"",
            "2147483648", "9223372036854775807", "\"1,5\"", "true", "[]", "{}", "null", "\"\"", "\" 1\"", "\"0x1\""] {
            let body = format!(r#"{{"quantity":{quantity}}}"#);
            let answer = cast.a.raw_text("PUT", &path, Some(body), &[]).await.unwrap();
            assert_eq!(answer.status, 422, "{quantity}: {}", answer.text);
            assert!(answer.header("content-type").unwrap().starts_with("application/problem+json"));
        }
        for quantity in ["NaN", "01", "+1", "", "1.", "."] {
            let body = format!(r#"{{"quantity":{quantity}}}"#);
            let answer = cast.a.raw_text("PUT", &path, Some(body), &[]).await.unwrap();
            assert_eq!(answer.status, 400, "{quantity}: {}", answer.text);
        }
        let half_a_step = cast.a.raw("PUT", &path, Some(&json!({"quantity": "0.005"})), &[]).await.unwrap();
        assert_eq!((half_a_step.status, half_a_step.problem().code.as_str()), (422, "QUANTITY_NOT_A_MULTIPLE_OF_STEP"));
        assert_eq!(cast.a.run(run).await.unwrap().seq, 2, "nothing happened");

        for quantity in [json!("9999"), json!(2), json!(0.25), json!("0.01")] {
            let answer = cast.a.raw("PUT", &path, Some(&json!({"quantity": quantity})), &[]).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }

    async fn bodies_that_are_none_are_refused(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let path = format!("/api/v1/runs/{run}/bids/{}", cast.p2);
        let put = |body: String| cast.a.raw_text("PUT", &path, Some(body), &[]);

        for comment in ["ß".repeat(500), String::new()] {
            let body = json!({"quantity": "1", "comment": comment}).to_string();
            assert_eq!(put(body).await.unwrap().status, 200);
        }
        let too_long = json!({"quantity": "1", "comment": "ß".repeat(501)}).to_string();
        assert_eq!(put(too_long).await.unwrap().status, 422);
        for body in [r#"{"quantity":"1","unknown":1}"#, r#"{"quantity":"1","quantity":"2"}"#, r#"{"quantity":"1","product_id":"x"}"#,
            r#"{"quantity":"3","min":"4"}"#, r#"{"quantity":"3","max":"2"}"#, r#"{"quantity":"1","comment":7}"#, "{}", ""] {
            let answer = put(body.to_owned()).await.unwrap();
            assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        }
        for body in [r#"{"quantity":"1""#, "[", "nonsense", "{\"quantity\":\"1\"} trailing", "\u{feff}{}"] {
            let answer = put(body.to_owned()).await.unwrap();
            assert_eq!(answer.status, 400, "{body:?}: {}", answer.text);
        }
        let body = r#"{"quantity":"1"}"#.to_owned();
        let plain = cast.a.raw_text("PUT", &path, Some(body.clone()), &[("content-type", "text/plain")]).await.unwrap();
        assert_eq!(plain.status, 415, "{}", plain.text);
        let huge = json!({"quantity": "1", "comment": "x".repeat(70_000)}).to_string();
        assert_eq!(put(huge).await.unwrap().status, 413);
        let key = [("idempotency-key", "not-a-uuid")];
        assert_eq!(cast.a.raw_text("PUT", &path, Some(body), &key).await.unwrap().status, 422);
    }
}
