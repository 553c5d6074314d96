//! The admins of the server: who they are, what they may do to people, groups, products and stores, and that it is noted.

use crate::support::{App, Cast, q, stories};
use bulq_client::protocol::catalogue::NewStore;
use bulq_client::{Client, ClientError, LiveSocket, RawResponse, commands};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whoever comes first is admin of the server.
async fn cast_and_admin(app: &App) -> (Cast, Client) {
    let cast = Cast::assemble(app).await;
    let admin = cast.leader.clone();
    (cast, admin)
}

async fn ask(who: &Client, method: &str, path: &str, body: Option<Value>) -> RawResponse {
    who.raw(method, &format!("/api/v1/admin/{path}"), body.as_ref(), &[]).await.unwrap()
}

stories! {
    async fn nobody_else_gets_in(app) {
        let (cast, admin) = cast_and_admin(app).await;
        for (method, path, body) in [
            ("GET", "users", None),
            ("GET", "groups", None),
            ("GET", "log", None),
            ("GET", "status", None),
            ("GET", "registration", None),
            ("PUT", "registration", Some(json!({ "open": false }))),
            ("PATCH", &*format!("users/{}", cast.a.user_id().unwrap()), Some(json!({ "is_admin": true }))),
            ("DELETE", &*format!("groups/{}", cast.group), None),
            ("DELETE", &*format!("products/{}", cast.p1), None),
            ("POST", &*format!("stores/{}/merge", cast.store), Some(json!({ "into": cast.store }))),
        ] {
            let answer = ask(&cast.a, method, path, body).await;
            assert_eq!((answer.status, answer.problem().code.as_str()), (403, "SITE_ADMIN_ONLY"), "{method} {path}");
        }
        assert_eq!(ask(&admin, "GET", "users?q=an", None).await.json["items"][0]["username"], "anna");
        let groups = ask(&admin, "GET", "groups?q=the", None).await;
        assert_eq!((&groups.json["items"][0]["members"], groups.json["items"].as_array().map(Vec::len)), (&json!(4), Some(1)));
        let status = ask(&admin, "GET", "status", None).await;
        assert_eq!((&status.json["database_up"], &status.json["draining"]), (&json!(true), &json!(false)));
    }

    async fn a_disabled_admin_can_be_demoted(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let path = format!("users/{}", cast.a.user_id().unwrap());
        for change in [json!({ "is_admin": true }), json!({ "disabled": true }), json!({ "is_admin": false })] {
            let answer = ask(&admin, "PATCH", &path, Some(change)).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let again = ask(&admin, "PATCH", &path, Some(json!({ "is_admin": true }))).await;
        assert_eq!(again.status, 404, "nobody who cannot log in becomes one");
    }

    async fn a_disabled_user_is_out_at_once(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        socket.next().await.unwrap();
        let path = format!("users/{}", cast.a.user_id().unwrap());

        let answer = ask(&admin, "PATCH", &path, Some(json!({ "disabled": true }))).await;

        assert_eq!((answer.status, &answer.json["disabled"]), (200, &json!(true)), "{}", answer.text);
        assert_eq!(socket.closed().await.unwrap().0, 4009);
        assert_eq!(cast.a.raw("GET", "/api/v1/groups", None, &[]).await.unwrap().status, 401);
        let login = app.client().login("anna", "correct horse battery").await;
        assert!(matches!(login, Err(ClientError::Problem(_))), "{login:?}");
        assert_eq!(ask(&admin, "PATCH", &path, Some(json!({ "disabled": false }))).await.status, 200);
        app.client().login("anna", "correct horse battery").await.unwrap();
        let me = format!("users/{}", admin.user_id().unwrap());
        assert_eq!(ask(&admin, "PATCH", &me, Some(json!({ "disabled": true }))).await.problem().code, "THAT_IS_YOU");
        assert_eq!(ask(&admin, "PATCH", &me, Some(json!({ "is_admin": false }))).await.problem().code, "LAST_ADMIN");
        let actions = ask(&admin, "GET", "log", None).await;
        let actions: Vec<_> = actions.json["items"].as_array().unwrap().iter().map(|e| e["action"].clone()).collect();
        assert_eq!(actions, ["enable", "disable"]);
    }

    async fn registration_can_be_closed(app) {
        let (_cast, admin) = cast_and_admin(app).await;

        assert_eq!(ask(&admin, "PUT", "registration", Some(json!({ "open": false }))).await.json["open"], false);
        let refused = app.client().register("late", "Late", "correct horse battery").await;
        assert!(matches!(&refused, Err(ClientError::Problem(p)) if p.code == "REGISTRATION_CLOSED"), "{refused:?}");
        assert_eq!(ask(&admin, "PUT", "registration", Some(json!({ "open": true }))).await.status, 200);
        app.person("late").await;
    }

    async fn two_of_the_same_become_one_when_no_live_run_names_it(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let twin = cast.product("Olive oil tin").await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        let merge = async |from, into| ask(&admin, "POST", &format!("products/{from}/merge"), Some(json!({ "into": into }))).await;

        let refused = merge(cast.p2, twin).await;
        assert_eq!((refused.status, refused.problem().code.as_str()), (409, "IN_LIVE_RUNS"));
        assert_eq!(refused.json["runs"], json!([run]));
        assert_eq!(merge(twin, cast.p2).await.status, 204);
        assert_eq!(cast.b.product(twin).await.unwrap().merged_into, Some(cast.p2));
        assert_eq!(cast.b.search("olive oil tin").await.unwrap().products.len(), 1);
        let bid = cast.b.command_raw(run, commands::new_id(), &commands::bid(twin, q("1"))).await.unwrap();
        assert_eq!(bid.problem().code, "PRODUCT_NOT_FOUND", "{}", bid.text);
        cast.b.command(run, &commands::bid(cast.p2, q("1"))).await.committed();
    }

    async fn what_books_name_stays_and_the_rest_goes(app) {
        let (cast, admin) = cast_and_admin(app).await;
        cast.run().await;
        let lonely = cast.leader.create_store(&NewStore::named("Lonely")).await.unwrap().id;

        let verified = ask(&admin, "PATCH", &format!("stores/{}", cast.store), Some(json!({ "verified": true }))).await;
        assert_eq!((verified.status, cast.a.store(cast.store).await.unwrap().verified), (204, true));
        assert_eq!(ask(&admin, "DELETE", &format!("stores/{}", cast.store), None).await.problem().code, "IN_RUNS");
        assert_eq!(ask(&admin, "DELETE", &format!("groups/{}", cast.group), None).await.problem().code, "IN_RUNS");
        assert_eq!(ask(&admin, "DELETE", &format!("stores/{lonely}"), None).await.status, 204);
        assert_eq!(ask(&admin, "DELETE", &format!("stores/{lonely}"), None).await.status, 404);
        assert_eq!(ask(&admin, "DELETE", &format!("products/{}", cast.p3), None).await.status, 204);
        let empty = cast.a.create_group("Empty", "EUR").await.unwrap().id;
        assert_eq!(ask(&admin, "DELETE", &format!("groups/{empty}"), None).await.status, 204);
        assert_eq!(cast.a.raw("GET", &format!("/api/v1/groups/{empty}"), None, &[]).await.unwrap().status, 404);
    }

    /// The document says which deeds there are; one that is not in the table here fails the story.
    async fn every_deed_leaves_a_line(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let (spare, gone) = (cast.product("Olive oil can").await, cast.product("Nobody wants it").await);
        let shop = async |name: &str| cast.leader.create_store(&NewStore::named(name)).await.unwrap().id;
        let (second, third) = (shop("Second").await, shop("Third").await);
        let empty = cast.a.create_group("Empty", "EUR").await.unwrap().id;
        let user = cast.b.user_id().unwrap();
        let path = format!("users/{user}");
        let deeds = [
            ("patch users/{user}", path.clone(), json!({ "is_admin": true }), "promote"),
            ("patch users/{user}", path.clone(), json!({ "is_admin": false }), "demote"),
            ("patch users/{user}", path.clone(), json!({ "disabled": true }), "disable"),
            ("patch users/{user}", path, json!({ "disabled": false }), "enable"),
            ("delete groups/{group}", format!("groups/{empty}"), Value::Null, "remove"),
            ("patch products/{product}", format!("products/{}", cast.p1), json!({ "verified": true }), "verify"),
            ("post products/{product}/merge", format!("products/{spare}/merge"), json!({ "into": cast.p2 }), "merge"),
            ("delete products/{product}", format!("products/{gone}"), Value::Null, "remove"),
            ("patch stores/{store}", format!("stores/{}", cast.store), json!({ "verified": false }), "verify"),
            ("post stores/{store}/merge", format!("stores/{second}/merge"), json!({ "into": cast.store }), "merge"),
            ("delete stores/{store}", format!("stores/{third}"), Value::Null, "remove"),
            ("put registration", "registration".to_owned(), json!({ "open": false }), "close_registration"),
            ("put registration", "registration".to_owned(), json!({ "open": true }), "open_registration"),
        ];

        for (n, (deed, path, body, action)) in deeds.iter().enumerate() {
            let method = deed.split(' ').next().unwrap().to_uppercase();
            let done = ask(&admin, &method, path, (!body.is_null()).then(|| body.clone())).await;
            assert!(matches!(done.status, 200 | 204), "{deed}: {}", done.text);
            let log = ask(&admin, "GET", "log?limit=100", None).await.json["items"].as_array().unwrap().clone();
            assert_eq!((log.len(), &log[0]["action"]), (n + 1, &json!(action)), "{deed}");
            assert_eq!(log[0]["admin_id"], json!(admin.user_id().unwrap()), "{deed}");
            let target = log[0]["target_id"].as_str().unwrap_or("registration");
            assert!(path.contains(target), "{deed}: {target}");
        }
        let known: BTreeSet<_> = deeds.iter().map(|(deed, ..)| (*deed).to_owned()).collect();
        let document = admin.raw("GET", "/api/v1/openapi.json", None, &[]).await.unwrap().json;
        assert_eq!(known, deeds_of(&document));
    }
}

/// Everything under `/admin/` that is not only looking.
fn deeds_of(document: &Value) -> BTreeSet<String> {
    let mut deeds = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1/admin/") else { continue };
        let methods = item.as_object().unwrap().keys().filter(|method| *method != "get");
        deeds.extend(methods.map(|method| format!("{method} {path}")));
    }
    deeds
}
