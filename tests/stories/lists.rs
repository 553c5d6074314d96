//! Every list the server's own document names, asked in the same way.

use crate::support::{Cast, stories};
use bulq_client::commands;
use serde_json::Value;

/// GET paths with `limit` and `cursor`, as the document has them.
fn lists(document: &Value) -> Vec<String> {
    let paged = |item: &Value| {
        let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        parameters.iter().any(|parameter| parameter["name"] == "cursor")
    };
    let paths = document["paths"].as_object().unwrap();
    paths.iter().filter(|(_, item)| paged(item)).map(|(path, _)| path.clone()).collect()
}

stories! {
    async fn every_list_pages_and_refuses_alike(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p2, crate::support::q("1"))).await.committed();
        let document = cast.leader.raw("GET", "/api/v1/openapi.json", None, &[]).await.unwrap().json;
        let (group, product, store) = (cast.group.to_string(), cast.p3.to_string(), cast.store.to_string());

        let lists = lists(&document);
        for path_of in &lists {
            let path = path_of
                .replace("{group}", &group)
                .replace("{run}", &run.to_string())
                .replace("{product}", &product)
                .replace("{store}", &store);
            assert!(!path.contains('{'), "{path} is about something this story does not know");
            let ask = async |query: &str| cast.leader.raw("GET", &format!("{path}?{query}"), None, &[]).await.unwrap();

            let page = ask("limit=1").await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            let keys: Vec<_> = page.json.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["items", "next_cursor"], "{path}");
            let first = page.json["items"].as_array().unwrap().clone();
            assert!(first.len() <= 1, "{path}");
            if let Some(cursor) = page.json["next_cursor"].as_str() {
                let next = ask(&format!("limit=1&cursor={cursor}")).await.json["items"].as_array().unwrap().clone();
                assert!(next.len() == 1 && next != first, "{path}: {next:?} after {first:?}");
            }
            for query in ["limit=0", "limit=101", "limit=x", "cursor=!", "cursor=AAAA", "colour=red"] {
                let refused = ask(query).await;
                assert_eq!(refused.status, 422, "{path}?{query}: {}", refused.text);
                assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{path}?{query}");
                assert!(!refused.problem().code.is_empty(), "{path}?{query}");
            }
            let (longest, longer) = (ask(&format!("q={}", "я".repeat(100))).await, ask(&format!("q={}", "я".repeat(101))).await);
            let searches = document["paths"][path_of]["get"]["parameters"].as_array().unwrap().iter().any(|parameter| parameter["name"] == "q");
            assert_eq!((longest.status, longer.status), (if searches { 200 } else { 422 }, 422), "{path}: {}", longer.text);
            let stranger = app.client().raw("GET", &path, None, &[]).await.unwrap();
            assert_eq!((stranger.status, stranger.problem().status), (401, 401), "{path}");
        }
        assert!(lists.len() >= 15, "{lists:?}");

        for whole in [
            format!("/api/v1/runs/{run}/events"),
            format!("/api/v1/runs/{run}/families"),
            "/api/v1/products/similar?name=oat%20milk".to_owned(),
            "/api/v1/stores/similar?name=mill".to_owned(),
        ] {
            let list = cast.leader.raw("GET", &whole, None, &[]).await.unwrap();
            let keys: Vec<_> = list.json.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!((keys, &list.json["next_cursor"]), (vec!["items", "next_cursor"], &Value::Null), "{whole}");
        }
    }
}
