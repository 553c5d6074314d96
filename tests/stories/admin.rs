//! The admins of the server: who they are, what they may do to people, groups, products and stores, and that it is noted.

use crate::support::{App, Cast, cents, q, stories};
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
            ("PATCH", &*format!("groups/{}", cast.group), Some(json!({ "disabled": true }))),
            ("DELETE", &*format!("users/{}", cast.b.user_id().unwrap()), None),
            ("GET", "products", None),
            ("GET", "stores", None),
            ("PATCH", &*format!("stores/{}", cast.store), Some(json!({ "disabled": true }))),
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

    async fn somebody_is_renamed_and_erased(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        let path = format!("users/{}", cast.a.user_id().unwrap());

        let renamed = ask(&admin, "PATCH", &path, Some(json!({ "username": "Anka", "name": "Anka" }))).await;
        assert_eq!((&renamed.json["username"], &renamed.json["name"]), (&json!("anka"), &json!("Anka")), "{}", renamed.text);
        let taken = ask(&admin, "PATCH", &path, Some(json!({ "username": "boris" }))).await;
        assert_eq!((taken.status, taken.problem().code.as_str()), (409, "USERNAME_TAKEN"));
        let wrong = ask(&admin, "PATCH", &path, Some(json!({ "username": "no spaces" }))).await;
        assert_eq!((wrong.status, wrong.problem().code.as_str()), (422, "INVALID_VALUES"), "{}", wrong.text);
        assert_eq!(cast.a.me().await.unwrap().username, "anka", "the login goes on");
        let log = ask(&admin, "GET", "log", None).await;
        assert!(!log.text.to_lowercase().contains("anka"), "a name would outlive its erasure: {}", log.text);

        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        assert_eq!(ask(&admin, "DELETE", &path, None).await.status, 204);
        assert_eq!(socket.closed().await.unwrap().0, 4009);
        assert_eq!(cast.a.raw("GET", "/api/v1/groups", None, &[]).await.unwrap().status, 401);
        let members = cast.b.raw("GET", &format!("/api/v1/groups/{}/members", cast.group), None, &[]).await.unwrap();
        assert!(!members.text.contains("Anka"), "{}", members.text);
        assert_eq!(ask(&admin, "DELETE", &path, None).await.status, 404);
        let me = format!("users/{}", admin.user_id().unwrap());
        assert_eq!(ask(&admin, "DELETE", &me, None).await.problem().code, "THAT_IS_YOU");
    }

    /// A run that names it goes on; nothing begins to.
    async fn what_is_disabled_goes_on_where_it_is_and_begins_nowhere(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let (run, other) = (cast.run().await, cast.run().await);
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        let disable = async |path: String, disabled: bool| {
            let done = ask(&admin, "PATCH", &path, Some(json!({ "disabled": disabled }))).await;
            assert_eq!(done.status, 204, "{}", done.text);
        };

        disable(format!("products/{}", cast.p2), true).await;
        cast.b.command(run, &commands::bid(cast.p2, q("1"))).await.committed();
        let elsewhere = cast.b.command_raw(other, commands::new_id(), &commands::bid(cast.p2, q("1"))).await.unwrap();
        assert_eq!(elsewhere.problem().code, "PRODUCT_NOT_FOUND", "{}", elsewhere.text);
        assert!(cast.b.search("olive oil tin").await.unwrap().products.is_empty());
        assert!(cast.b.product(cast.p2).await.unwrap().disabled);
        let listed = ask(&admin, "GET", "products?q=olive", None).await;
        assert_eq!(listed.json["items"][0]["disabled"], json!(true), "{}", listed.text);
        disable(format!("products/{}", cast.p2), false).await;
        cast.b.command(other, &commands::bid(cast.p2, q("1"))).await.committed();

        disable(format!("stores/{}", cast.store), true).await;
        let refused = cast.leader.create_run(cast.group, &cast.new_run()).await.unwrap_err();
        assert_eq!((refused.status(), refused.code()), (Some(422), Some("INVALID_VALUES")), "there is no such store");
        cast.b.command(run, &commands::bid(cast.p1, q("1"))).await.committed();
        disable(format!("stores/{}", cast.store), false).await;

        disable(format!("groups/{}", cast.group), true).await;
        let refused = cast.leader.create_run(cast.group, &cast.new_run()).await.unwrap_err();
        assert_eq!((refused.status(), refused.code()), (Some(409), Some("GROUP_DISABLED")));
        let token = cast.leader.invite_token(cast.group).await.unwrap();
        assert_eq!(cast.outsider.accept_invite(&token).await.unwrap_err().code(), Some("JOINING_CLOSED"));
        cast.b.command(run, &commands::bid(cast.p2, q("3"))).await.committed();
        assert!(cast.b.group(cast.group).await.unwrap().disabled);
        disable(format!("groups/{}", cast.group), false).await;
        cast.run().await;
    }

    async fn registration_can_be_closed(app) {
        let (_cast, admin) = cast_and_admin(app).await;

        assert_eq!(ask(&admin, "PUT", "registration", Some(json!({ "open": false }))).await.json["open"], false);
        let refused = app.client().register("late", "Late", "correct horse battery").await;
        assert!(matches!(&refused, Err(ClientError::Problem(p)) if p.code == "REGISTRATION_CLOSED"), "{refused:?}");
        assert_eq!(ask(&admin, "PUT", "registration", Some(json!({ "open": true }))).await.status, 200);
        app.person("late").await;
    }

    /// Both are wanted in a live run: it keeps both lines, and nothing new is wanted of the one that goes.
    async fn two_of_the_same_become_one_also_when_a_live_run_names_both(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let twin = cast.product("Olive oil canister").await;
        let (run, other) = (cast.run().await, cast.run().await);
        cast.a.command(run, &commands::bid(cast.p2, q("2"))).await.committed();
        cast.a.command(run, &commands::bid(twin, q("3"))).await.committed();
        let merge = async |from, into| ask(&admin, "POST", &format!("products/{from}/merge"), Some(json!({ "into": into }))).await;

        assert_eq!(merge(twin, cast.p2).await.status, 204);

        assert_eq!(cast.b.product(twin).await.unwrap().merged_into, Some(cast.p2));
        assert_eq!(cast.b.search("olive oil").await.unwrap().products.len(), 1);
        cast.b.command(run, &commands::bid(twin, q("1"))).await.committed();
        cast.b.command(run, &commands::bid(cast.p2, q("1"))).await.committed();
        let wanted: Vec<_> = cast.b.run(run).await.unwrap().products.iter().map(|line| line.wanted.to_string()).collect();
        assert_eq!(wanted, ["3", "4"]);
        let elsewhere = cast.b.command_raw(other, commands::new_id(), &commands::bid(twin, q("1"))).await.unwrap();
        assert_eq!(elsewhere.problem().code, "PRODUCT_NOT_FOUND", "{}", elsewhere.text);
        cast.lead(run, [commands::confirm(), commands::start_shopping()]).await;
        cast.lead(run, [commands::bought(twin, q("4"), cents(400), None), commands::finish_shopping()]).await;
        cast.everything_is_fetched(run).await;
        cast.lead(run, [commands::complete()]).await;
        let seen = cast.b.raw("GET", &format!("/api/v1/products/{}/prices", cast.p2), None, &[]).await.unwrap();
        assert_eq!((&seen.json["items"][0]["price"], &seen.json["items"][0]["run_id"]), (&json!(100), &json!(run)));
    }

    async fn stores_are_not_merged_while_runs_go_there(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let other = cast.leader.create_store(&NewStore::named("Mill behind the bridge")).await.unwrap().id;
        let run = cast.run().await;
        let merge = async |from, into| ask(&admin, "POST", &format!("stores/{from}/merge"), Some(json!({ "into": into }))).await;

        let refused = merge(cast.store, other).await;
        assert_eq!((refused.status, refused.problem().code.as_str()), (409, "IN_LIVE_RUNS"));
        assert_eq!(refused.json["runs"], json!([run]));
        assert_eq!(merge(other, cast.store).await.status, 204);
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

    /// Nobody wants the product any more, and no run was ever planned in the group: a receipt and a payment still name them.
    async fn what_only_receipts_and_payments_name_stays(app) {
        let (cast, admin) = cast_and_admin(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p2, q("1"))).await.committed();
        let receipt = format!("/api/v1/runs/{run}/receipts?product={}", cast.p2);
        let pdf = Some("%PDF-1.4 of the till".to_owned());
        let added = cast.a.raw_text("POST", &receipt, pdf, &[("content-type", "application/pdf")]).await.unwrap();
        assert_eq!(added.status, 201, "{}", added.text);
        cast.a.command(run, &commands::retract(cast.p2)).await.committed();
        assert_eq!(cast.a.run(run).await.unwrap().products.len(), 0, "nobody wants it");
        let quiet = cast.a.create_group("Quiet", "EUR").await.unwrap().id;
        cast.b.accept_invite(&cast.a.invite_token(quiet).await.unwrap()).await.unwrap();
        let paid = json!({ "to": cast.b.user_id().unwrap(), "amount": 1000 });
        let paid = cast.a.raw("POST", &format!("/api/v1/groups/{quiet}/payments"), Some(&paid), &[]).await.unwrap();
        assert_eq!(paid.status, 201, "{}", paid.text);

        for (path, code) in [(format!("products/{}", cast.p2), "IN_RUNS"), (format!("groups/{quiet}"), "HAS_OTHERS")] {
            let refused = ask(&admin, "DELETE", &path, None).await;
            assert_eq!((refused.status, refused.problem().code.as_str()), (409, code), "{path}: {}", refused.text);
        }
        assert_eq!(cast.b.group(quiet).await.unwrap().members, 2, "nothing has gone");
        assert_eq!(ask(&admin, "GET", "log", None).await.json["items"], json!([]), "and nothing was noted");
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
            ("patch users/{user}", path.clone(), json!({ "disabled": false }), "enable"),
            ("patch users/{user}", path.clone(), json!({ "name": "Boris the Great" }), "rename"),
            ("delete users/{user}", path, Value::Null, "erase"),
            ("patch groups/{group}", format!("groups/{empty}"), json!({ "name": "Nobody's" }), "rename"),
            ("patch groups/{group}", format!("groups/{empty}"), json!({ "disabled": true }), "disable"),
            ("patch groups/{group}", format!("groups/{empty}"), json!({ "disabled": false }), "enable"),
            ("delete groups/{group}", format!("groups/{empty}"), Value::Null, "remove"),
            ("patch products/{product}", format!("products/{}", cast.p1), json!({ "verified": true }), "verify"),
            ("patch products/{product}", format!("products/{}", cast.p1), json!({ "disabled": true }), "disable"),
            ("patch products/{product}", format!("products/{}", cast.p1), json!({ "disabled": false }), "enable"),
            ("post products/{product}/merge", format!("products/{spare}/merge"), json!({ "into": cast.p2 }), "merge"),
            ("delete products/{product}", format!("products/{gone}"), Value::Null, "remove"),
            ("patch stores/{store}", format!("stores/{}", cast.store), json!({ "verified": false }), "verify"),
            ("patch stores/{store}", format!("stores/{}", cast.store), json!({ "disabled": true }), "disable"),
            ("patch stores/{store}", format!("stores/{}", cast.store), json!({ "disabled": false }), "enable"),
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
