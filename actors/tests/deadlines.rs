//! Bidding closes once, at its deadline, whatever is stopped and started meanwhile. The test says what time it is.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use bulq_actors::deadlines::close_what_is_due;
use bulq_actors::{Clock, Live, LiveConfig};
use bulq_domain::command::{Nothing, PlaceBid};
use bulq_domain::event::Cause;
use bulq_domain::run::Unit;
use bulq_domain::{
    Command, CommandId, Context, Event, GroupId, NewRun, Product, ProductId, Quantity, RunId, State, StoreId,
    Timestamp, UserId,
};
use bulq_storage::accounts::{self, NewUser};
use bulq_storage::catalogue::{self, NewProduct, NewStore, ProductFields, StoreFields};
use bulq_storage::groups::{self, NewGroup};
use bulq_storage::{Database, DatabaseConfig, journal, migrate};
use bulq_testkit::Kind;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// 2026-01-01T00:00:00Z in microseconds.
const T0: i64 = 1_767_225_600_000_000;
const DEADLINE: i64 = T0 + 1_000_000;

/// A server without its edge: can be stopped and started, on one database.
struct Stage {
    db: Database,
    time: Arc<AtomicI64>,
    leader: UserId,
    bidder: UserId,
    group: GroupId,
    store: StoreId,
    product: ProductId,
    _fresh: bulq_testkit::TestDatabase,
}

impl Stage {
    async fn set(kind: Kind) -> Self {
        let fresh = bulq_testkit::database(kind).await;
        let db = Database::connect(&DatabaseConfig::new(fresh.url())).await.unwrap();
        migrate::up(&db).await.unwrap();
        let (leader, bidder) = (add_user(&db, "leader").await, add_user(&db, "bidder").await);
        let id = Uuid::now_v7();
        let group = NewGroup {
            id,
            name: "Sunday".to_owned(),
            currency: "EUR".to_owned(),
            created_by: leader,
            at: T0,
        };
        groups::create_group(&db, group, 100).await.unwrap();
        let fields = StoreFields { name: "Mill".to_owned(), ..StoreFields::default() };
        let store = NewStore { id, fields, created_by: leader, at: T0 };
        let (name, unit) = ("Rice".to_owned(), "piece".to_owned());
        let fields = ProductFields { name, unit, step_thousandths: 1000, ..ProductFields::default() };
        let product = NewProduct { id, fields, created_by: leader, at: T0 };
        catalogue::insert_catalogue(&db, &[store], &[product], &[]).await.unwrap();
        Self {
            db,
            time: Arc::new(AtomicI64::new(T0)),
            leader: UserId(leader),
            bidder: UserId(bidder),
            group: GroupId(id),
            store: StoreId(id),
            product: ProductId(id),
            _fresh: fresh,
        }
    }

    fn start(&self) -> Live {
        let time = self.time.clone();
        let clock: Clock =
            Arc::new(move || Timestamp::from_timestamp_micros(time.load(Ordering::SeqCst)).unwrap());
        Live::start(self.db.clone(), LiveConfig::default(), clock)
    }

    fn it_is(&self, time: i64) {
        self.time.store(time, Ordering::SeqCst);
    }

    fn context(&self, by: UserId) -> Context {
        let product = Product {
            id: self.product,
            name: "Rice".into(),
            unit: Unit::Piece,
            step: Quantity::ONE,
            pack: None,
            minimum: Quantity::ZERO,
            price: None,
            family_id: None,
        };
        Context {
            by,
            name: "Somebody".into(),
            at: Timestamp::from_timestamp_micros(self.time.load(Ordering::SeqCst)).unwrap(),
            command_id: Some(CommandId(Uuid::now_v7())),
            product: Some(Arc::new(product)),
            person: None,
        }
    }

    /// A run in which bidding is open until the deadline.
    async fn open_run(&self, live: &Live) -> RunId {
        let run = RunId(Uuid::now_v7());
        let new = NewRun {
            group_id: self.group,
            store_id: self.store,
            store_name: "Mill".into(),
            currency: "EUR".parse().unwrap(),
            comment: None,
            planned_on: None,
            bidding_deadline: Timestamp::from_timestamp_micros(DEADLINE),
            auto_confirm: false,
            shortage_policy: Default::default(),
            costs: Vec::new(),
        };
        live.create_run(run, new, self.context(self.leader)).await.unwrap();
        let bid = Command::PlaceBid(PlaceBid {
            product_id: self.product,
            quantity: Quantity::ONE,
            min: None,
            max: None,
            interested_only: false,
            comment: None,
            on_behalf_of: None,
            fill: false,
        });
        live.command(run, bid, self.context(self.bidder)).await.unwrap();
        run
    }

    /// Why the run was confirmed and at what time, each time it was.
    async fn confirmations(&self, run: RunId) -> Vec<(Cause, i64)> {
        let events = journal::events_after(&self.db, run.0, 0, 100).await.unwrap();
        let confirmed =
            events.iter().filter_map(|stored| match serde_json::from_str(&stored.body).unwrap() {
                Event::RunConfirmed { cause, .. } => Some((cause, stored.at)),
                _ => None,
            });
        confirmed.collect()
    }
}

async fn add_user(db: &Database, name: &str) -> Uuid {
    let new = NewUser {
        id: Uuid::now_v7(),
        username: name.to_owned(),
        name: name.to_owned(),
        password_hash: "!".to_owned(),
        language: "en".to_owned(),
        at: T0,
    };
    accounts::create_user(db, new).await.unwrap().id
}

/// Nothing is left of it in memory that the next one could see.
async fn stop(live: Live) {
    live.drain(std::time::Duration::from_secs(10)).await;
}

async fn state(live: &Live, run: RunId) -> State {
    live.read(run, |run| run.state).await.unwrap()
}

/// Both looks at once, as when a look takes longer than the time between two.
async fn look_twice(live: &Live) {
    let (one, other) = tokio::join!(close_what_is_due(live), close_what_is_due(live));
    one.and(other).unwrap();
}

async fn a_deadline_fires_once_across_restarts(kind: Kind) {
    let stage = Stage::set(kind).await;
    let live = stage.start();
    let (early, late) = (stage.open_run(&live).await, stage.open_run(&live).await);

    stage.it_is(DEADLINE - 1);
    look_twice(&live).await;
    assert_eq!(state(&live, early).await, State::Active, "not a moment before");

    stage.it_is(DEADLINE);
    live.deadline(early).await.unwrap();
    assert_eq!(state(&live, early).await, State::Confirmed);
    stop(live).await;

    stage.it_is(DEADLINE + 5_000_000);
    for _ in 0..2 {
        let live = stage.start();
        look_twice(&live).await;
        for run in [early, late] {
            live.deadline(run).await.unwrap();
            assert_eq!(state(&live, run).await, State::Confirmed);
        }
        stop(live).await;
    }
    assert_eq!(stage.confirmations(early).await, [(Cause::Deadline, DEADLINE)]);
    let [(Cause::Deadline, at)] = stage.confirmations(late).await[..] else { panic!("once") };
    assert!(at >= DEADLINE, "{at}");
}

async fn a_run_opened_again_after_its_deadline_stays_open(kind: Kind) {
    let stage = Stage::set(kind).await;
    let live = stage.start();
    let run = stage.open_run(&live).await;
    stage.it_is(DEADLINE);
    close_what_is_due(&live).await.unwrap();

    stage.it_is(DEADLINE + 1);
    live.command(run, Command::StepBack(Nothing {}), stage.context(stage.leader)).await.unwrap();
    look_twice(&live).await;
    stop(live).await;
    let live = stage.start();
    look_twice(&live).await;

    assert_eq!(state(&live, run).await, State::Active);
    assert_eq!(stage.confirmations(run).await, [(Cause::Deadline, DEADLINE)]);
    stop(live).await;
}

macro_rules! on_both {
    ($($name:ident),+) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                actix::System::new().block_on(super::$name(bulq_testkit::Kind::Sqlite));
            })+
        }
        mod postgres {
            $(#[test]
            fn $name() {
                actix::System::new().block_on(super::$name(bulq_testkit::Kind::Postgres));
            })+
        }
    };
}

on_both!(a_deadline_fires_once_across_restarts, a_run_opened_again_after_its_deadline_stays_open);
