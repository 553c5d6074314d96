//! Every list and search, and everything the admins of the server do, goes by an index, on both databases. With `BULQ_PLAN_ROWS=1000000` (see `scripts/plans`) the
//! databases plan freely over as many rows, and what each statement took is printed; with few rows they are told to
//! scan only where nothing else is left.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod plans {
    pub(crate) mod explain;
    pub(crate) mod filled;
    pub(crate) mod heard;
}

use bulq_domain::State;
use bulq_storage::admin::{NewEntry, Thing};
use bulq_storage::{
    Database, DatabaseConfig, Page, accounts, admin, catalogue, groups, ledger, migrate, mine, notifications,
    receipts, runs, thread,
};
use bulq_testkit::Kind;
use plans::filled::{Filled, name_of};
use plans::{explain, heard};
use std::time::Instant;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_and_search_goes_by_an_index() {
    heard::listen();
    let rows = std::env::var("BULQ_PLAN_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);

    let mut scans = Vec::new();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let fresh = bulq_testkit::database(kind).await;
        let db = Database::connect(&DatabaseConfig::new(fresh.url())).await.unwrap();
        migrate::up(&db).await.unwrap();
        let filled = plans::filled::fill(&db, fresh.url(), rows).await;
        heard::take();
        ask_everything(&db, &filled).await;
        let statements = heard::take();
        assert!(statements.len() > 20, "only {} statements were heard", statements.len());
        scans.extend(explain::scans(fresh.url(), &statements, rows < 100_000).await);
        if kind == Kind::Postgres {
            let blocks = explain::blocks_for_no_name(fresh.url(), &statements).await;
            assert_eq!(blocks.len(), 3, "of groups, products and stores");
            assert!(
                blocks.iter().all(|(_, blocks)| *blocks <= 10),
                "an index is read from its beginning: {blocks:?}"
            );
        }
        db.close().await;
    }

    assert!(scans.is_empty(), "read from end to end:\n{}", scans.join("\n\n"));
}

/// Says how long it took, in the middle of so many times.
macro_rules! ask {
    ($db:ident, $call:expr) => {
        ask!($db, _n, $call)
    };
    // `n` counts the times.
    ($db:ident, $n:ident, $call:expr) => {{
        let mut took = Vec::new();
        for $n in 0..TIMES {
            let began = Instant::now();
            $call.await.unwrap();
            took.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        took.sort_by(f64::total_cmp);
        eprintln!("{:>9} {:>8.2} ms  {}", $db.kind(), took[TIMES / 2], stringify!($call));
    }};
}

/// The databases plan a statement anew for its first five uses on a connection.
const TIMES: usize = 9;

async fn ask_everything(db: &Database, of: &Filled) {
    let page = Page::first(50);
    let name = name_of(1234);
    let (word, part) = (&name[..5], &name[1..9]);
    // All; by two letters; by a word that a hundredth has; by a part that few have; by one that none has.
    for query in [None, Some(&name[..2]), Some(word), Some(part), Some("zzz")] {
        eprintln!("{query:?}");
        ask!(db, catalogue::products(db, &page, query));
        ask!(db, catalogue::stores(db, &page, query));
        ask!(db, mine::find_groups(db, of.user, query.unwrap_or_default(), 10));
        ask!(db, mine::find_runs(db, of.user, query.unwrap_or_default(), 10));
    }
    let mistyped = name.replacen(&name[2..3], "x", 1);
    ask!(db, catalogue::similar_products(db, &mistyped));
    ask!(db, catalogue::similar_products(db, word));
    ask!(db, catalogue::similar_stores(db, &mistyped));
    ask!(db, catalogue::find_product(db, &name, None));
    ask!(db, catalogue::members_of_family(db, of.product, &page));
    ask!(db, catalogue::products_of_store(db, of.store, &page));
    ask!(db, catalogue::offer(db, of.store, of.product));
    ask!(db, catalogue::prices(db, of.product, &page));
    ask!(db, catalogue::prices_in_store(db, of.product, of.store, &page));
    ask!(db, groups::groups_of(db, of.user, &page));
    ask!(db, groups::members(db, of.group, &page));
    ask!(db, groups::member_count(db, of.group));
    ask!(db, groups::invites(db, of.group, &page));
    ask!(db, groups::invite_by_token(db, b"hash"));
    ask!(db, runs::runs_of_group(db, of.group, None, &page));
    ask!(db, runs::runs_of_group(db, of.group, Some(State::Active), &page));
    ask!(db, runs::live_run_count(db, of.group));
    ask!(db, thread::messages(db, of.run, &page, Some("about")));
    ask!(db, receipts::receipts(db, of.run, &page));
    ask!(db, receipts::is_named(db, b"hash"));
    ask!(db, notifications::notifications(db, of.user, &page));
    ask!(db, notifications::unread_count(db, of.user));
    ask!(db, ledger::entries(db, of.group, &page));
    ask!(db, ledger::entries_of(db, of.group, of.product, &page));
    ask!(db, accounts::sessions_of(db, of.product, 0));
    ask!(db, accounts::sessions_page(db, of.product, 0, &page));
    ask!(db, accounts::counts_of(db, of.product));
    ask!(db, accounts::bids_of(db, of.product));
    ask!(db, accounts::events_by(db, of.product));
    ask!(db, accounts::notes_to(db, of.product));
    ask!(db, accounts::messages_by(db, of.product));
    ask!(db, accounts::receipts_by(db, of.product));
    ask!(db, accounts::spent(db, of.product));
    ask!(db, accounts::saved(db, of.product));
    ask_as_admin(db, of, &name).await;
}

/// The page in the middle of a list that begins so.
macro_rules! behind {
    ($first:expr) => {
        Page { limit: 50, after: $first.await.unwrap().next }
    };
}

async fn ask_as_admin(db: &Database, of: &Filled, name: &str) {
    let page = Page::first(50);
    // All; those that begin so, which is all of the people and groups; a tenth of them; none.
    for (people, things) in
        [("", ""), ("us", &name[..2]), ("user 1", &name[..4]), ("USER1", &name[..9]), ("zzz", "zzz")]
    {
        eprintln!("{people:?}, {things:?}");
        ask!(db, admin::users(db, &page, people));
        ask!(db, admin::groups(db, &page, people));
        ask!(db, admin::products(db, &page, things));
        ask!(db, admin::stores(db, &page, things));
    }
    let next = behind!(admin::users(db, &page, "user5"));
    ask!(db, admin::users(db, &next, ""));
    let next = behind!(admin::groups(db, &page, "group 5"));
    ask!(db, admin::groups(db, &next, ""));
    let next = behind!(admin::products(db, &page, &name[..2]));
    ask!(db, admin::products(db, &next, ""));
    let next = behind!(admin::stores(db, &page, &name[..2]));
    ask!(db, admin::stores(db, &next, ""));
    ask!(db, admin::entries(db, &page));
    let next = behind!(admin::entries(db, &page));
    ask!(db, admin::entries(db, &next));
    ask!(db, admin::registration_is_open(db));
    act_as_admin(db, of).await;
}

/// Each time with another thing that nothing but its own rows name.
async fn act_as_admin(db: &Database, of: &Filled) {
    let entry = |n: usize| NewEntry {
        id: Uuid::from_u128(0x1000_0000_0000 + n as u128),
        admin_id: of.user,
        action: "try",
        target: "thing",
        target_id: None,
        detail: "{}".to_owned(),
        at: 1,
    };
    let mut entries = (0..).map(entry);
    let mut note = || entries.next().expect("there is always another");
    let id = |n: usize| Uuid::from_u128(n as u128);
    ask!(db, n, admin::rename_user(db, id(10 + n), Some(&format!("renamed{n}")), None, &note()));
    ask!(db, n, admin::set_admin(db, id(10 + n), true, &note()));
    ask!(db, n, admin::disable(db, id(10 + n), &note()));
    ask!(db, n, admin::enable(db, id(10 + n), &note()));
    ask!(db, n, admin::erase_user(db, id(10 + n), &note()));
    ask!(db, n, admin::rename_group(db, id(10 + n), "Renamed", &note()));
    ask!(db, n, admin::disable_group(db, id(10 + n), Some(1), &note()));
    // Groups up to 200 have runs.
    ask!(db, n, admin::remove_group(db, id(180 + 10 * TIMES + n), &note()));
    for (thing, first) in [(Thing::Product, 10), (Thing::Store, 30)] {
        ask!(db, n, admin::verify(db, thing, id(first + n), Some(1), &note()));
        ask!(db, n, admin::disable_thing(db, thing, id(first + n), Some(1), &note()));
    }
    ask!(db, n, admin::merge_products(db, id(50 + n), id(80 + n), &note()));
    ask!(db, n, admin::merge_stores(db, id(50 + n), id(80 + n), &note()));
    // Of these, runs name every other.
    ask!(db, n, admin::remove_product(db, id(110 + 2 * n), &note()));
    ask!(db, n, admin::remove_store(db, id(110 + 2 * n), &note()));
}
