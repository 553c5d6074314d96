//! What admins of the server do: merged rows lose nothing, what books name stays, and every deed is noted.

use crate::scribe::Scribe;
use crate::shopping::{ended, say, shopping, to_the_end};
use crate::world::{T0, World, product_fields, store_fields};
use bulq_storage::admin::{self, AdminError, MergeError, NewEntry, RemoveError, Thing};
use bulq_storage::catalogue::{
    self, Aliases, Availability, NewObservation, NewProduct, NewStore, ProductFields,
};
use bulq_storage::groups::{self, AcceptError, MembershipLimits, NewInvite};
use bulq_storage::{Page, accounts, journal, runs, verify};
use serde_json::json;
use uuid::Uuid;

on_both! {
    two_products_become_one_with_all_that_was_known,
    other_names_tags_and_family_are_carried_over,
    of_other_names_as_many_are_carried_over_as_there_is_room_for,
    members_of_a_family_that_goes_belong_to_the_one_that_stays,
    two_stores_become_one_with_all_that_was_known,
    prices_of_one_day_become_one_history,
    runs_that_are_over_keep_what_was_merged,
    two_products_of_one_live_run_become_one_and_its_lines_stay,
    what_a_live_run_looks_up_is_not_merged,
    what_was_picked_in_a_run_is_named_by_it,
    unlike_products_are_not_merged,
    what_runs_name_is_not_removed,
    what_nobody_names_goes_for_good,
    the_last_admin_of_the_server_stays,
    of_two_admins_who_disable_each_other_at_once_one_stays,
    registration_is_open_until_somebody_closes_it,
    everybody_and_all_groups_are_listed,
    what_begins_alike_is_listed_page_by_page,
    what_is_disabled_is_found_by_nobody_but_admins,
    a_run_goes_on_with_what_is_disabled,
    nobody_joins_a_disabled_group,
    somebody_is_renamed_if_the_username_is_free,
    an_admin_erases_somebody_and_the_books_stay,
}

fn entry(world: &World, action: &'static str) -> NewEntry {
    let (target, target_id, detail) = ("thing", None, "{}".to_owned());
    NewEntry { id: Uuid::now_v7(), admin_id: world.leader, action, target, target_id, detail, at: T0 }
}

async fn sell(world: &World, store: Uuid, product: Uuid, price: i64) {
    let seen = Availability {
        store_id: store,
        product_id: product,
        price: Some(price),
        pack_thousandths: None,
        minimum_thousandths: None,
        note: None,
        observation_id: Uuid::now_v7(),
        by: world.leader,
        at: T0 + price,
    };
    catalogue::put_availability(&world.db, &seen).await.unwrap();
}

async fn second_store(world: &World) -> Uuid {
    let new =
        NewStore { id: Uuid::now_v7(), fields: store_fields("Wholesail"), created_by: world.leader, at: T0 };
    catalogue::create_store(&world.db, new).await.unwrap().id
}

async fn see(world: &World, product: Uuid, price: i64, after: i64) -> bool {
    let seen = NewObservation {
        id: Uuid::now_v7(),
        product_id: product,
        store_id: world.store,
        price,
        pack_thousandths: None,
        run_id: None,
        by: world.leader,
        at: T0 + after,
    };
    catalogue::observe_price(&world.db, &seen).await.unwrap()
}

/// The latest first.
async fn prices(world: &World, product: Uuid) -> Vec<i64> {
    let page = catalogue::prices(&world.db, product, &Page::first(99)).await.unwrap();
    page.items.iter().map(|seen| seen.price).collect()
}

/// A run that is over: six of the first product were bought, of which the third was picked for the last two.
async fn bought_and_picked(world: &World) -> Scribe {
    let [rice, _, oil] = world.products[..] else { panic!("three products") };
    let purchases = [
        json!({"type": "record_purchase", "product_id": rice, "quantity": 4, "total": 400}),
        json!({"type": "add_purchase", "product_id": rice, "quantity": 2, "total": 300, "picked": oil}),
    ];
    ended(world, purchases).await
}

/// A run of the world's group that names the first product.
async fn run(world: &World, state: &str) -> Uuid {
    let run = Uuid::now_v7();
    let ids = [run, world.group, world.store, world.leader, world.products[0]].map(|id| world.id(id));
    let [id, group, store, leader, product] = ids;
    world
        .sql(&format!(
            "insert into runs (id, group_id, store_id, leader_id, state, seq, epoch, created_at, updated_at)
                 values ({id}, {group}, {store}, {leader}, '{state}', 1, 1, {T0}, {T0});
             insert into run_products (run_id, product_id, position, name, unit, step_thousandths, minimum_thousandths)
                 values ({id}, {product}, 1, 'Rice', 'piece', 1000, 0)"
        ))
        .await;
    run
}

async fn log(world: &World) -> Vec<String> {
    let page = admin::entries(&world.db, &Page::first(10)).await.unwrap();
    page.items.into_iter().map(|entry| entry.action).collect()
}

async fn two_products_become_one_with_all_that_was_known(world: World) {
    let (from, into, other) = (world.products[0], world.products[1], second_store(&world).await);
    run(&world, "completed").await;
    sell(&world, world.store, from, 100).await;
    sell(&world, world.store, into, 120).await;
    sell(&world, other, from, 90).await;

    admin::merge_products(&world.db, from, into, &entry(&world, "merge")).await.unwrap();

    let price = async |store| catalogue::offer(&world.db, store, into).await.unwrap().unwrap().price;
    assert_eq!((price(world.store).await, price(other).await), (Some(120), Some(90)));
    assert_eq!(catalogue::prices(&world.db, into, &Page::first(9)).await.unwrap().items.len(), 3);
    let gone = catalogue::product(&world.db, from).await.unwrap().unwrap();
    assert_eq!(gone.merged_into, Some(into));
    assert_eq!(catalogue::offer(&world.db, world.store, from).await.unwrap(), None);
    assert!(catalogue::products(&world.db, &Page::first(9), Some("Rice")).await.unwrap().items.is_empty());
    assert_eq!(catalogue::products(&world.db, &Page::first(9), None).await.unwrap().items.len(), 2);
    let again = admin::merge_products(&world.db, from, into, &entry(&world, "merge")).await;
    assert!(matches!(again, Err(MergeError::NotThere)), "{again:?}");
    let itself = admin::merge_products(&world.db, into, into, &entry(&world, "merge")).await;
    assert!(matches!(itself, Err(MergeError::NotThere)), "{itself:?}");
    assert_eq!(log(&world).await, ["merge"]);
}

async fn product(world: &World, fields: ProductFields) -> Uuid {
    let new = NewProduct { id: Uuid::now_v7(), fields, created_by: world.leader, at: T0 };
    catalogue::create_product(&world.db, new).await.unwrap().id
}

fn aliases(of: &[(&str, &[&str])]) -> Aliases {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    of.iter().map(|(language, all)| ((*language).to_owned(), names(all))).collect()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn found(world: &World, query: &str) -> Vec<Uuid> {
    let page = catalogue::products(&world.db, &Page::first(9), Some(query)).await.unwrap();
    page.items.iter().map(|product| product.id).collect()
}

async fn other_names_tags_and_family_are_carried_over(world: World) {
    let family =
        product(&world, ProductFields { is_family: true, ..product_fields("Everything of rice") }).await;
    let from = ProductFields {
        aliases: aliases(&[("en", &["Long grain", "Patna"]), ("ru", &["Рис длинный"])]),
        tags: strings(&["dry", "Vegan"]),
        family_id: Some(family),
        ..product_fields("Rice, long")
    };
    let into = ProductFields {
        aliases: aliases(&[("en", &["patna"]), ("sr", &["Pirinač"])]),
        tags: strings(&["vegan", "shelf 3"]),
        ..product_fields("Long rice")
    };
    let (from, into) = (product(&world, from).await, product(&world, into).await);

    admin::merge_products(&world.db, from, into, &entry(&world, "merge")).await.unwrap();

    let stays = catalogue::product(&world.db, into).await.unwrap().unwrap();
    let names: Aliases = serde_json::from_str(&stays.aliases).unwrap();
    let expected = [("en", &["patna", "Long grain"][..]), ("ru", &["Рис длинный"]), ("sr", &["Pirinač"])];
    assert_eq!(names, aliases(&expected));
    let tags: Vec<String> = serde_json::from_str(&stays.tags).unwrap();
    assert_eq!((tags, stays.name.as_str()), (strings(&["vegan", "shelf 3", "dry"]), "Long rice"));
    assert_eq!(stays.family_id, Some(family));
    for query in ["long grain", "рис длинный", "pirinac", "dry", "shelf"] {
        assert_eq!(found(&world, query).await, [into], "{query}");
    }
    let members = catalogue::members_of_family(&world.db, family, &Page::first(9)).await.unwrap().items;
    assert_eq!(members.iter().map(|member| member.id).collect::<Vec<_>>(), [into]);
}

async fn of_other_names_as_many_are_carried_over_as_there_is_room_for(world: World) {
    let numbered = |what: &str, most: usize| (0..most).map(|n| format!("{what} {n}")).collect::<Vec<_>>();
    let full = |what: &str| ProductFields {
        aliases: [("en".to_owned(), numbered(what, catalogue::MAX_ALIASES - 1))].into(),
        tags: numbered(what, catalogue::MAX_TAGS - 1),
        ..product_fields(what)
    };
    let (from, into) = (product(&world, full("Goes")).await, product(&world, full("Stays")).await);

    admin::merge_products(&world.db, from, into, &entry(&world, "merge")).await.unwrap();

    let stays = catalogue::product(&world.db, into).await.unwrap().unwrap();
    let names: Aliases = serde_json::from_str(&stays.aliases).unwrap();
    let with_one_more = |most| [numbered("Stays", most - 1), numbered("Goes", 1)].concat();
    assert_eq!(names["en"], with_one_more(catalogue::MAX_ALIASES));
    let tags: Vec<String> = serde_json::from_str(&stays.tags).unwrap();
    assert_eq!(tags, with_one_more(catalogue::MAX_TAGS));
}

async fn members_of_a_family_that_goes_belong_to_the_one_that_stays(world: World) {
    let family = |name| ProductFields { is_family: true, ..product_fields(name) };
    let (from, into) = (product(&world, family("Beans")).await, product(&world, family("Pulses")).await);
    let member = ProductFields { family_id: Some(from), ..product_fields("Black beans") };
    let member = product(&world, member).await;

    admin::merge_products(&world.db, from, into, &entry(&world, "merge")).await.unwrap();

    let members = catalogue::members_of_family(&world.db, into, &Page::first(9)).await.unwrap().items;
    assert_eq!(members.iter().map(|member| member.id).collect::<Vec<_>>(), [member]);
    let single = product(&world, product_fields("Chickpeas")).await;
    let unlike = admin::merge_products(&world.db, single, into, &entry(&world, "merge")).await;
    assert!(matches!(unlike, Err(MergeError::Unlike)), "{unlike:?}");
}

async fn two_stores_become_one_with_all_that_was_known(world: World) {
    let (from, into) = (second_store(&world).await, world.store);
    sell(&world, from, world.products[0], 100).await;
    sell(&world, from, world.products[1], 100).await;
    sell(&world, into, world.products[0], 120).await;

    admin::merge_stores(&world.db, from, into, &entry(&world, "merge")).await.unwrap();

    let sold = catalogue::products_of_store(&world.db, into, &Page::first(9)).await.unwrap().items;
    let prices: Vec<_> = sold.iter().map(|row| (row.product.name.as_str(), row.price)).collect();
    assert_eq!(prices, [("Lentils", Some(100)), ("Rice", Some(120))]);
    assert_eq!(catalogue::stores(&world.db, &Page::first(9), None).await.unwrap().items.len(), 1);
    assert_eq!(catalogue::store(&world.db, from).await.unwrap().unwrap().merged_into, Some(into));
}

/// Both were seen on one day in one store: in the order of the times, and the latest of them is what news differs from.
async fn prices_of_one_day_become_one_history(world: World) {
    let (from, into) = (world.products[0], world.products[1]);
    for (product, price, after) in [(from, 100, 10), (into, 100, 10), (into, 120, 20), (from, 110, 30)] {
        assert!(see(&world, product, price, after).await);
    }

    admin::merge_products(&world.db, from, into, &entry(&world, "merge")).await.unwrap();

    assert_eq!(prices(&world, into).await, [110, 120, 100, 100]);
    assert!(prices(&world, from).await.is_empty());
    assert!(!see(&world, into, 110, 40).await, "that is what it cost last");
    assert!(see(&world, into, 120, 50).await);
}

async fn runs_that_are_over_keep_what_was_merged(world: World) {
    let (run, other) = (bought_and_picked(&world).await, second_store(&world).await);
    let (rice, lentils, oil) = (world.products[0], world.products[1], world.products[2]);

    admin::merge_products(&world.db, rice, lentils, &entry(&world, "merge")).await.unwrap();
    admin::merge_products(&world.db, oil, lentils, &entry(&world, "merge")).await.unwrap();
    admin::merge_stores(&world.db, world.store, other, &entry(&world, "merge")).await.unwrap();

    assert_eq!(verify::verify_run(&world.db, run.id).await.unwrap(), []);
    let loaded = journal::load(&world.db, run.id).await.unwrap().unwrap();
    assert_eq!(loaded.events.len() as i64, run.seq());
    let listed = runs::runs_of_group(&world.db, world.group, None, &Page::first(9)).await.unwrap().items;
    assert_eq!((listed.len(), listed[0].store_name.as_str()), (1, "Wholesale"), "as it was then");
    let history = catalogue::prices_in_store(&world.db, lentils, other, &Page::first(9)).await.unwrap().items;
    assert_eq!(history.iter().map(|seen| seen.price).collect::<Vec<_>>(), [150, 100]);
    assert!(history.iter().all(|seen| seen.run_id == Some(run.id)), "{history:?}");
    let removed = admin::remove_product(&world.db, rice, &entry(&world, "remove")).await;
    assert!(matches!(removed, Err(RemoveError::InRuns { runs: 1 })), "{removed:?}");
}

async fn what_was_picked_in_a_run_is_named_by_it(world: World) {
    let (rice, lentils, oil) = (world.products[0], world.products[1], world.products[2]);
    let mut live = shopping(&world).await;
    let picked =
        json!({"type": "record_purchase", "product_id": rice, "quantity": 6, "total": 600, "picked": oil});
    say(&world, &mut live, world.leader, picked).await;

    let removed = admin::remove_product(&world.db, oil, &entry(&world, "remove")).await;
    admin::merge_products(&world.db, oil, lentils, &entry(&world, "merge")).await.unwrap();

    assert!(matches!(removed, Err(RemoveError::InRuns { runs: 1 })), "{removed:?}");
    let removed = admin::remove_product(&world.db, oil, &entry(&world, "remove")).await;
    assert!(matches!(removed, Err(RemoveError::InRuns { runs: 1 })), "{removed:?}");
    assert_eq!(verify::verify_run(&world.db, live.id).await.unwrap(), []);
    assert_eq!(prices(&world, lentils).await, [100], "what was picked is lentils now");
}

/// Both are wanted in it. It goes on with both, and what is paid for either is a price of the one that stays.
async fn two_products_of_one_live_run_become_one_and_its_lines_stay(world: World) {
    let (rice, lentils) = (world.products[0], world.products[1]);
    let mut live = shopping(&world).await;

    admin::merge_products(&world.db, rice, lentils, &entry(&world, "merge")).await.unwrap();
    let bought = |product, total| json!({"type": "record_purchase", "product_id": product, "quantity": 6, "total": total});
    let undone = json!({"type": "undo_purchase", "product_id": rice});
    for command in [bought(rice, 600), bought(lentils, 600), undone, bought(rice, 660)] {
        say(&world, &mut live, world.leader, command).await;
    }

    assert_eq!(world.count("run_items").await, 2, "its lines stay");
    assert!(prices(&world, rice).await.is_empty());
    assert_eq!(prices(&world, lentils).await, [110, 100], "600 for 6 was seen once");
    for command in to_the_end(&world) {
        say(&world, &mut live, world.leader, command).await;
    }
    assert_eq!(catalogue::product(&world.db, rice).await.unwrap().unwrap().merged_into, Some(lentils));
}

async fn what_a_live_run_looks_up_is_not_merged(world: World) {
    let live = run(&world, "shopping").await;
    let other = second_store(&world).await;
    // True in SQL of either database.
    world.sql("update products set is_family = (1 = 1)").await;

    let family =
        admin::merge_products(&world.db, world.products[0], world.products[1], &entry(&world, "merge")).await;
    let store = admin::merge_stores(&world.db, world.store, other, &entry(&world, "merge")).await;

    assert!(matches!(family, Err(MergeError::InLiveRuns { runs }) if runs == [live]));
    assert!(matches!(store, Err(MergeError::InLiveRuns { runs }) if runs == [live]));
    admin::merge_products(&world.db, world.products[1], world.products[0], &entry(&world, "merge"))
        .await
        .unwrap();
    admin::merge_stores(&world.db, other, world.store, &entry(&world, "merge")).await.unwrap();
}

async fn unlike_products_are_not_merged(world: World) {
    let fields = ProductFields { unit: "kg".to_owned(), ..product_fields("Rice by weight") };
    let by_weight = product(&world, fields).await;

    let answer =
        admin::merge_products(&world.db, by_weight, world.products[0], &entry(&world, "merge")).await;

    assert!(matches!(answer, Err(MergeError::Unlike)), "{answer:?}");
    assert!(log(&world).await.is_empty());
}

async fn what_runs_name_is_not_removed(world: World) {
    run(&world, "completed").await;
    let remove = entry(&world, "remove");

    let product = admin::remove_product(&world.db, world.products[0], &remove).await;
    let store = admin::remove_store(&world.db, world.store, &remove).await;
    let group = admin::remove_group(&world.db, world.group, &remove).await;

    for answer in [product, store, group] {
        assert!(matches!(answer, Err(RemoveError::InRuns { runs: 1 })), "{answer:?}");
    }
    assert!(log(&world).await.is_empty());
}

async fn what_nobody_names_goes_for_good(world: World) {
    sell(&world, world.store, world.products[0], 100).await;

    admin::remove_product(&world.db, world.products[0], &entry(&world, "product")).await.unwrap();
    admin::remove_store(&world.db, world.store, &NewEntry { at: T0 + 1, ..entry(&world, "store") })
        .await
        .unwrap();
    admin::remove_group(&world.db, world.group, &NewEntry { at: T0 + 2, ..entry(&world, "group") })
        .await
        .unwrap();

    assert_eq!(log(&world).await, ["group", "store", "product"]);
    assert_eq!(world.count("price_observations").await, 0);
    assert_eq!(world.count("group_members").await, 0);
    let again = admin::remove_group(&world.db, world.group, &entry(&world, "group")).await;
    assert!(matches!(again, Err(RemoveError::NotThere)), "{again:?}");
}

async fn the_last_admin_of_the_server_stays(world: World) {
    let anna = world.members[0];
    let by = |admin_id| NewEntry { admin_id, ..entry(&world, "role") };
    let set = async |user, on| admin::set_admin(&world.db, user, on, &by(world.leader)).await;
    assert!(accounts::user(&world.db, world.leader).await.unwrap().unwrap().is_admin, "the first user");

    assert!(matches!(set(world.leader, false).await, Err(AdminError::LastAdmin)));
    assert!(matches!(set(Uuid::now_v7(), true).await, Err(AdminError::NoSuchUser)));
    set(anna, true).await.unwrap();
    set(world.leader, false).await.unwrap();
    assert!(matches!(set(anna, false).await, Err(AdminError::NotAdmin)), "they are none any more");
    let herself = admin::set_admin(&world.db, anna, false, &by(anna)).await;
    assert!(matches!(herself, Err(AdminError::LastAdmin)), "{herself:?}");
    assert_eq!(log(&world).await.len(), 2);
}

async fn of_two_admins_who_disable_each_other_at_once_one_stays(world: World) {
    let (one, other) = (world.leader, world.members[0]);
    let by = |admin_id| NewEntry { admin_id, ..entry(&world, "user") };
    admin::set_admin(&world.db, other, true, &by(one)).await.unwrap();

    for round in 0..6 {
        let deeds = [(one, other), (other, one)].map(|(author, target)| {
            let (db, entry) = (world.db.clone(), by(author));
            tokio::spawn(async move {
                match round % 2 {
                    0 => admin::disable(&db, target, &entry).await.map(drop),
                    _ => admin::set_admin(&db, target, false, &entry).await,
                }
            })
        });
        let [first, second] = deeds;
        let answers = [first.await.unwrap(), second.await.unwrap()];

        let done = answers.iter().position(Result::is_ok).expect("one of them was first");
        assert!(matches!(answers[1 - done], Err(AdminError::NotAdmin)), "{answers:?}");
        let (author, target) = if done == 0 { (one, other) } else { (other, one) };
        admin::enable(&world.db, target, &by(author)).await.unwrap();
        admin::set_admin(&world.db, target, true, &by(author)).await.unwrap();
    }
}

async fn registration_is_open_until_somebody_closes_it(world: World) {
    assert!(admin::registration_is_open(&world.db).await.unwrap());
    for open in [false, true, false] {
        admin::switch_registration(&world.db, open, &entry(&world, "registration")).await.unwrap();
        assert_eq!(admin::registration_is_open(&world.db).await.unwrap(), open);
    }
    assert_eq!(log(&world).await.len(), 3);
}

async fn everybody_and_all_groups_are_listed(world: World) {
    let names = async |page: &Page, beginning| {
        let page = admin::users(&world.db, page, beginning).await.unwrap();
        (page.items.into_iter().map(|user| user.username).collect::<Vec<_>>(), page.next)
    };

    let (first, next) = names(&Page::first(2), "").await;
    assert_eq!(first, ["anna", "boris"]);
    assert_eq!(names(&Page { limit: 9, after: next }, "").await.0, ["cveta", "leader"]);
    assert_eq!(names(&Page::first(9), "LEA").await.0, ["leader"]);
    run(&world, "active").await;
    let groups = admin::groups(&world.db, &Page::first(9), "sun").await.unwrap().items;
    assert_eq!((groups.len(), groups[0].members, groups[0].live_runs), (1, 1, 1));
    assert!(admin::groups(&world.db, &Page::first(9), "mon").await.unwrap().items.is_empty());
}

async fn what_begins_alike_is_listed_page_by_page(world: World) {
    for name in ["Moss", "Sun", "Sun 2", "Sun 10", "Tuesday"] {
        let (name, currency) = (name.to_owned(), "EUR".to_owned());
        let new = groups::NewGroup { id: Uuid::now_v7(), name, currency, created_by: world.leader, at: T0 };
        groups::create_group(&world.db, new, 100).await.unwrap();
    }
    let names = async |mut page: Page, beginning| {
        let mut names = Vec::new();
        loop {
            let part = admin::groups(&world.db, &page, beginning).await.unwrap();
            names.extend(part.items.into_iter().map(|group| group.name));
            match part.next {
                Some(next) => page.after = Some(next),
                None => return names,
            }
        }
    };

    assert_eq!(names(Page::first(1), "SUN ").await, ["Sun 10", "Sun 2"]);
    let before = admin::groups(&world.db, &Page::first(1), "").await.unwrap().next;
    let behind = Page { limit: 1, after: before };
    assert_eq!(
        names(behind, "sun ").await,
        ["Sun 10", "Sun 2"],
        "a place before all of them leaves none out"
    );
    let among = admin::groups(&world.db, &Page::first(1), "sun ").await.unwrap().next;
    assert_eq!(names(Page { limit: 9, after: among }, "sun").await[0], "Sun 2", "a place among them is kept");
}

async fn what_is_disabled_is_found_by_nobody_but_admins(world: World) {
    let (rice, store) = (world.products[0], world.store);
    sell(&world, store, rice, 100).await;
    let disable = async |thing, id, at| {
        assert!(admin::disable_thing(&world.db, thing, id, at, &entry(&world, "disable")).await.unwrap());
    };
    let names = async |query: Option<&str>| {
        let page = catalogue::products(&world.db, &Page::first(9), query).await.unwrap();
        page.items.into_iter().map(|product| product.name).collect::<Vec<_>>()
    };
    let sold =
        async || catalogue::products_of_store(&world.db, store, &Page::first(9)).await.unwrap().items.len();

    disable(Thing::Product, rice, Some(T0)).await;
    disable(Thing::Store, store, Some(T0)).await;

    assert_eq!(names(None).await, ["Lentils", "Olive oil"]);
    assert!(names(Some("rice")).await.is_empty() && names(Some("ri")).await.is_empty());
    assert!(catalogue::similar_products(&world.db, "Rice").await.unwrap().is_empty());
    assert!(catalogue::stores(&world.db, &Page::first(9), None).await.unwrap().items.is_empty());
    assert_eq!((sold().await, catalogue::offer(&world.db, store, rice).await.unwrap()), (0, None));
    let patch = catalogue::ProductPatch { brand: Some(Some("Mill".to_owned())), ..Default::default() };
    catalogue::patch_product(&world.db, rice, patch).await.unwrap();
    assert!(names(Some("rice")).await.is_empty(), "a correction does not bring it back");
    let all = admin::products(&world.db, &Page::first(9), "ri").await.unwrap().items;
    assert_eq!(all.iter().map(|product| product.disabled_at).collect::<Vec<_>>(), [Some(T0)]);
    let all = admin::stores(&world.db, &Page::first(9), "").await.unwrap().items;
    assert_eq!(all.iter().map(|store| store.disabled_at).collect::<Vec<_>>(), [Some(T0)]);

    disable(Thing::Product, rice, None).await;
    disable(Thing::Store, store, None).await;

    assert_eq!((names(Some("rice")).await, sold().await), (vec!["Rice".to_owned()], 1));
    assert_eq!(catalogue::stores(&world.db, &Page::first(9), Some("whole")).await.unwrap().items.len(), 1);
    assert_eq!(log(&world).await, ["disable"; 4]);
    let nothing = Uuid::now_v7();
    let missing =
        admin::disable_thing(&world.db, Thing::Store, nothing, None, &entry(&world, "enable")).await;
    assert!(!missing.unwrap());
}

async fn a_run_goes_on_with_what_is_disabled(world: World) {
    let rice = world.products[0];
    let mut live = shopping(&world).await;
    for (thing, id) in [(Thing::Product, rice), (Thing::Store, world.store)] {
        let done = admin::disable_thing(&world.db, thing, id, Some(T0), &entry(&world, "disable")).await;
        assert!(done.unwrap());
    }

    let buy = json!({"type": "record_purchase", "product_id": rice, "quantity": 6, "total": 600});
    say(&world, &mut live, world.leader, buy).await;
    for command in to_the_end(&world) {
        say(&world, &mut live, world.leader, command).await;
    }

    assert_eq!(prices(&world, rice).await, [100]);
}

async fn nobody_joins_a_disabled_group(world: World) {
    let hash = vec![7; 32];
    let (id, group_id, created_by) = (Uuid::now_v7(), world.group, world.leader);
    let invite = NewInvite {
        id,
        group_id,
        token_hash: hash.clone(),
        created_by,
        expires_at: None,
        max_uses: None,
        at: T0,
    };
    groups::create_invite(&world.db, invite).await.unwrap();
    let limits = MembershipLimits { members_per_group: 9, groups_per_user: 9 };
    let join = async |who| groups::accept_invite(&world.db, &hash, who, T0, limits).await;
    let disable = async |at| {
        assert!(admin::disable_group(&world.db, group_id, at, &entry(&world, "disable")).await.unwrap());
    };

    disable(Some(T0)).await;

    assert!(matches!(join(world.members[0]).await, Err(AcceptError::JoiningClosed)));
    let shown = groups::invite_by_token(&world.db, &hash).await.unwrap().unwrap();
    assert!(!shown.joining_open);
    let listed = admin::groups(&world.db, &Page::first(9), "sun").await.unwrap().items;
    assert_eq!(listed[0].disabled_at, Some(T0));
    assert_eq!(groups::group(&world.db, group_id).await.unwrap().unwrap().disabled_at, Some(T0));
    disable(None).await;
    join(world.members[0]).await.unwrap();
    assert!(admin::rename_group(&world.db, group_id, "Monday", &entry(&world, "rename")).await.unwrap());
    assert_eq!(admin::groups(&world.db, &Page::first(9), "mon").await.unwrap().items[0].name, "Monday");
    assert!(!admin::rename_group(&world.db, id, "Nothing", &entry(&world, "rename")).await.unwrap());
}

async fn somebody_is_renamed_if_the_username_is_free(world: World) {
    let (anna, boris) = (world.members[0], world.members[1]);
    let rename = async |user, username, name| {
        admin::rename_user(&world.db, user, username, name, &entry(&world, "rename")).await
    };

    rename(anna, Some("ana"), None).await.unwrap();
    rename(anna, None, Some("Ana")).await.unwrap();
    let taken = rename(boris, Some("ana"), Some("Boris too")).await;
    let nobody = rename(Uuid::now_v7(), None, Some("Nobody")).await;

    let found = accounts::user(&world.db, anna).await.unwrap().unwrap();
    assert_eq!((found.username.as_str(), found.name.as_str()), ("ana", "Ana"));
    assert!(matches!(taken, Err(AdminError::UsernameTaken { .. })), "{taken:?}");
    assert_eq!(accounts::user(&world.db, boris).await.unwrap().unwrap().name, "The boris", "nothing changed");
    assert!(matches!(nobody, Err(AdminError::NoSuchUser)), "{nobody:?}");
    assert_eq!(log(&world).await.len(), 2);
}

async fn an_admin_erases_somebody_and_the_books_stay(world: World) {
    let anna = world.members[0];
    let run = bought_and_picked(&world).await;
    let erase = async |user| admin::erase_user(&world.db, user, &entry(&world, "erase")).await;

    let erased = erase(anna).await.unwrap();

    assert_eq!(erased.runs, [run.id]);
    let found = accounts::user(&world.db, anna).await.unwrap().unwrap();
    assert!(found.erased_at.is_some() && found.username.starts_with('~'), "{found:?}");
    assert_eq!(verify::verify_run(&world.db, run.id).await.unwrap(), []);
    let again = erase(anna).await;
    assert!(matches!(again, Err(AdminError::NoSuchUser)), "{again:?}");
    let last = erase(world.leader).await;
    assert!(matches!(last, Err(AdminError::LastAdmin)), "{last:?}");
    assert_eq!(log(&world).await, ["erase"]);
}
