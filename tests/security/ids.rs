//! Ids that are none, of nothing, or of somebody else's thing, in every route that takes one.

use crate::support::{App, Cast, q};
use bulq_client::commands;
use bulq_testkit::Kind;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

/// A route as the document has it, with the names of what its path takes.
struct Route {
    method: String,
    path: String,
    names: Vec<String>,
}

async fn routes(app: &App) -> Vec<Route> {
    let document = app.client().raw("GET", "/api/v1/openapi.json", None, &[]).await.unwrap().json;
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let names: Vec<_> = path
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next())
                .map(str::to_owned)
                .collect();
            if !names.is_empty() && operation.get("security").is_some() {
                routes.push(Route { method: method.to_uppercase(), path: path.clone(), names });
            }
        }
    }
    routes
}

/// What exists and is Anna's to see, by the name it has in a path.
fn mine(cast: &Cast, run: Uuid, name: &str) -> String {
    let id = match name {
        "run" => run,
        "group" => cast.group.0,
        "store" => cast.store.0,
        "product" | "product_id" => cast.p1.0,
        "user" | "user_id" => cast.a.user_id().unwrap().0,
        // There is none of these yet: any id is one of nothing.
        _ => Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
    };
    if name == "cost" { "1".to_owned() } else { id.to_string() }
}

fn wrong_ids() -> Vec<(&'static str, String)> {
    vec![
        ("nothing", Uuid::now_v7().to_string()),
        ("nil", Uuid::nil().to_string()),
        ("no id", "rice".to_owned()),
        ("an id and more", format!("{}0", Uuid::now_v7())),
        ("half an id", Uuid::now_v7().to_string()[..18].to_owned()),
        ("10 KB", "a".repeat(10_000)),
        ("SQL", "'%20or%201=1--".to_owned()),
        ("NUL", "%00".to_owned()),
        ("a number", "-1".to_owned()),
        ("beyond any number", "9".repeat(40)),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_nothing_finds_nothing_anywhere() {
    let app = App::start(Kind::Sqlite).await;
    let cast = Cast::assemble(&app).await;
    let run = cast.run().await;
    cast.a.command(run, &commands::bid(cast.p1, q("1"))).await.committed();
    let before = cast.a.run(run).await.unwrap().seq;
    let mut tried = 0;

    let cast = &cast;
    for route in &routes(&app).await {
        for (at, name) in route.names.iter().enumerate() {
            let asked = wrong_ids().into_iter().map(|(what, wrong)| async move {
                let mut path = route.path.clone();
                for (other, name) in route.names.iter().enumerate() {
                    let id = if at == other { wrong.clone() } else { mine(cast, run.0, name) };
                    path = path.replace(&format!("{{{name}}}"), &id);
                }
                let body = (route.method != "GET").then(|| json!({}));
                let answer = cast.a.raw(&route.method, &path, body.as_ref(), &[]).await.unwrap();
                let status = answer.status;
                let refused = if what == "10 KB" { 414..415 } else { 400..500 };
                assert!(
                    refused.contains(&status),
                    "{} {}, {name} is {what}: {status} {}",
                    route.method,
                    route.path,
                    answer.text
                );
            });
            tried += join_all(asked).await.len();
        }
    }

    assert!(tried >= 300, "{tried}");
    assert_eq!(cast.a.run(run).await.unwrap().seq, before, "nothing happened");
    app.finish().await;
}

/// The same id is the same in any case of letters, and what is in another group's run is not in this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_somebody_elses_thing_is_an_id_of_nothing() {
    let app = App::start(Kind::Sqlite).await;
    let cast = Cast::assemble(&app).await;
    let run = cast.run().await;
    cast.leader.command(run, &commands::bid(cast.p1, q("1"))).await.committed();
    let theirs = app.person("yara").await;
    let group = theirs.create_group("Another", "EUR").await.unwrap().id;
    let foreign = theirs.create_run(group, &cast.new_run()).await.unwrap().run_id;
    theirs.command(foreign, &commands::bid(cast.p2, q("1"))).await.committed();
    let (yara, leader) = (theirs.user_id().unwrap(), cast.leader.user_id().unwrap());
    let foreign_log = theirs.whole_log(foreign, 0).await.unwrap().len();

    let mut tried = 0;
    for route in routes(&app).await.iter().filter(|route| ["run", "group"].contains(&route.names[0].as_str()))
    {
        let mut path =
            route.path.replace("{run}", &foreign.to_string()).replace("{group}", &group.to_string());
        for name in &route.names[1..] {
            let id = match name.as_str() {
                "user" | "user_id" => yara.to_string(),
                "product_id" => cast.p2.to_string(),
                name => mine(&cast, foreign.0, name),
            };
            path = path.replace(&format!("{{{name}}}"), &id);
        }
        let body: Option<Value> = (route.method != "GET").then(|| json!({}));
        let answer = cast.a.raw(&route.method, &path, body.as_ref(), &[]).await.unwrap();
        assert!(
            [403, 404, 415, 422].contains(&answer.status),
            "{} {path}: {} {}",
            route.method,
            answer.status,
            answer.text
        );
        assert!(!answer.text.contains("yara"), "{}", answer.text);
        tried += 1;
    }
    assert!(tried >= 50, "{tried}");
    assert_eq!(theirs.whole_log(foreign, 0).await.unwrap().len(), foreign_log, "nothing happened there");

    let boris = cast.b.user_id().unwrap();
    cast.b.command(run, &commands::bid(cast.p1, q("2"))).await.committed();
    let bid = format!("/api/v1/runs/{run}/bids/{}", cast.p1);
    let before = cast.b.run(run).await.unwrap().seq;
    for (method, body) in [
        ("PUT", json!({ "quantity": "1", "for": boris })),
        ("PUT", json!({ "quantity": "0", "for": boris })),
        ("DELETE", json!({ "for": boris })),
    ] {
        for who in [&cast.a, &cast.c] {
            let answer = who.raw(method, &bid, Some(&body), &[]).await.unwrap();
            let said = (answer.status, answer.problem().code);
            assert_eq!(said, (403, "ONLY_LEADER_BIDS_FOR_OTHERS".to_owned()), "{method} {body}");
        }
    }
    assert_eq!(cast.b.run(run).await.unwrap().seq, before, "his bid is what it was");
    for (user, product) in [(yara.0, cast.p1.0), (leader.0, cast.p2.0)] {
        let path = format!("/api/v1/runs/{run}/pickups/{user}/{product}");
        let answer = cast.leader.raw("PUT", &path, Some(&json!({})), &[]).await.unwrap();
        assert!([404, 409, 422].contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
    }
    let upper = format!("/api/v1/runs/{}", run.to_string().to_uppercase());
    assert_eq!(cast.leader.raw("GET", &upper, None, &[]).await.unwrap().json["id"], run.to_string());
    app.finish().await;
}
