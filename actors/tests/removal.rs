//! Somebody is removed at any instant: while they only look, with commands of theirs queued or in flight, while they open the
//! run anew. Nothing that happens after the removal reaches them, and nothing of theirs happens after it.
//!
//! The actors and their sockets, over SQLite; the edge is a list of members.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bulq_actors::run::Membership;
use bulq_actors::{BoxFuture, GateError, Gatekeeper, HubHandle, Live, LiveConfig, Who, transport, upgrade};
use bulq_client::{Client, LiveSocket, commands};
use bulq_domain::event::Departure;
use bulq_domain::run::Unit;
use bulq_domain::{
    Command, CommandId, Context, GroupId, NewRun, Product, ProductId, Quantity, RunId, Seq, StoreId,
    Timestamp, UserId,
};
use bulq_storage::{Database, DatabaseConfig, journal, migrate};
use bulq_testkit::{Kind, TestDatabase};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

const TRIES: usize = 10_000;
/// At the same time, so that commits are shared.
const RUNS: usize = 80;
const SEED: u64 = 7;
/// A frame that is not there by then never comes.
const PATIENCE: Duration = Duration::from_secs(20);

const LEADER: UserId = UserId(Uuid::from_u128(0x11));
const MEMBERS: [UserId; 2] = [UserId(Uuid::from_u128(0x12)), UserId(Uuid::from_u128(0x13))];
const GROUP: GroupId = GroupId(Uuid::from_u128(0x21));
const STORE: StoreId = StoreId(Uuid::from_u128(0x22));
const PRODUCT: ProductId = ProductId(Uuid::from_u128(0x23));

/// Who is in the group, as far as each run is concerned.
#[derive(Default)]
struct Gate {
    members: Mutex<HashSet<(RunId, UserId)>>,
    asked: AtomicU64,
}

impl Gate {
    fn let_in(&self, run: RunId, user: UserId) {
        self.members.lock().unwrap().insert((run, user));
    }

    fn keep_out(&self, run: RunId, user: UserId) {
        self.members.lock().unwrap().remove(&(run, user));
    }

    fn check(&self, who: &Who, run: RunId) -> Result<(), GateError> {
        if self.members.lock().unwrap().contains(&(run, who.user)) {
            Ok(())
        } else {
            Err(GateError::NotFound)
        }
    }
}

impl Gatekeeper for Gate {
    fn admit<'a>(&'a self, who: &'a Who, run: RunId) -> BoxFuture<'a, Result<(), GateError>> {
        Box::pin(async move {
            let admitted = self.check(who, run);
            tokio::task::yield_now().await;
            admitted
        })
    }

    fn admit_group<'a>(&'a self, _: &'a Who, _: GroupId) -> BoxFuture<'a, Result<(), GateError>> {
        Box::pin(async { Err(GateError::NotFound) })
    }

    /// One in three is not known from memory.
    fn context_now(
        &self,
        who: &Who,
        run: RunId,
        _: &Command,
        command_id: Option<CommandId>,
    ) -> Option<Result<Context, GateError>> {
        let slow = self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
        if slow { None } else { Some(self.check(who, run).map(|()| context(who.user, command_id))) }
    }

    fn context<'a>(
        &'a self,
        who: &'a Who,
        run: RunId,
        _: &'a Command,
        command_id: Option<CommandId>,
    ) -> BoxFuture<'a, Result<Context, GateError>> {
        Box::pin(async move {
            let context = self.check(who, run).map(|()| context(who.user, command_id));
            tokio::task::yield_now().await;
            context
        })
    }

    fn group_snapshot<'a>(&'a self, _: &'a Who, _: GroupId) -> BoxFuture<'a, Result<String, GateError>> {
        Box::pin(async { Err(GateError::NotFound) })
    }

    fn user_snapshot<'a>(&'a self, _: &'a Who) -> BoxFuture<'a, Result<String, GateError>> {
        Box::pin(async { Err(GateError::NotFound) })
    }
}

fn now() -> Timestamp {
    static TICKS: AtomicI64 = AtomicI64::new(1_790_000_000_000_000);
    Timestamp::from_timestamp_micros(TICKS.fetch_add(1, Ordering::Relaxed)).unwrap()
}

fn context(by: UserId, command_id: Option<CommandId>) -> Context {
    let product = Product {
        id: PRODUCT,
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
        at: now(),
        command_id,
        product: Some(Arc::new(product)),
        person: None,
    }
}

fn new_id() -> CommandId {
    CommandId(Uuid::new_v4())
}

/// Ever another quantity, so that every bid is an event.
fn bid() -> Command {
    static BIDS: AtomicU64 = AtomicU64::new(0);
    let count = BIDS.fetch_add(1, Ordering::Relaxed) % 9000 + 1;
    commands::bid(PRODUCT, Quantity::from_thousandths(count * 1000).unwrap())
}

/// The rows that runs refer to.
async fn people_and_things(database: &TestDatabase) {
    let blob = |id: Uuid| format!("x'{}'", id.simple());
    let user = |id: &UserId| {
        format!(
            "insert into users (id, username, name, password_hash, created_at) values ({0}, lower(hex({0})), 'Somebody', '!', 0);",
            blob(id.0)
        )
    };
    let people: String = [LEADER, MEMBERS[0], MEMBERS[1]].iter().map(user).collect();
    let (leader, group, store, product) = (blob(LEADER.0), blob(GROUP.0), blob(STORE.0), blob(PRODUCT.0));
    let things = format!(
        "insert into groups (id, name, name_key, currency, created_by, created_at) values ({group}, 'G', 'g', 'EUR', {leader}, 0);
         insert into stores (id, name, name_key, created_by, created_at) values ({store}, 'S', 's', {leader}, 0);
         insert into products (id, name, name_key, unit, step_thousandths, created_by, created_at)
         values ({product}, 'Rice', 'rice', 'piece', 1000, {leader}, 0);"
    );
    bulq_testkit::tamper(database.url(), &(people + &things)).await;
}

struct Stage {
    live: Live,
    gate: Arc<Gate>,
    url: String,
}

async fn connect(
    request: HttpRequest,
    stream: web::Payload,
    stage: web::Data<(Live, Arc<Gate>)>,
    hub: web::Data<HubHandle>,
) -> Result<HttpResponse, actix_web::Error> {
    let user = request.headers().get("x-user").unwrap().to_str().unwrap().parse().unwrap();
    let who = Who { user: UserId(user), name: "Somebody".into(), session: Uuid::new_v4() };
    upgrade(&request, stream, who, &stage.0, &hub, stage.1.clone())
}

impl Stage {
    fn set(db: Database) -> Self {
        let config = LiveConfig { frames_per_second: None, sockets_per_user: None, ..LiveConfig::default() };
        let live = Live::start(db, config, Arc::new(now));
        let gate = Arc::<Gate>::default();
        let shared = web::Data::new((live.clone(), gate.clone()));
        let workers = live.clone();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = HttpServer::new(move || {
            let hub = web::Data::new(workers.register_worker());
            App::new().app_data(shared.clone()).app_data(hub).route("/api/v1/ws", web::get().to(connect))
        });
        let server = server.on_connect(transport::on_connect).workers(1).disable_signals().listen(listener);
        actix::spawn(server.unwrap().run());
        Self { live, gate, url }
    }

    async fn lead(&self, run: RunId) -> Seq {
        self.live.command(run, bid(), context(LEADER, Some(new_id()))).await.expect("a leader's bid").seq
    }
}

/// One member's socket, which has the run open.
struct Screen {
    user: UserId,
    run: RunId,
    socket: LiveSocket,
}

impl Screen {
    async fn open(stage: &Stage, run: RunId, user: UserId) -> Self {
        let client = Client::new(&stage.url).unwrap();
        let socket = LiveSocket::connect_with(&client, "", &[("x-user", &user.0.to_string())]).await.unwrap();
        let mut screen = Self { user, run, socket };
        screen.join(stage).await;
        screen
    }

    async fn join(&mut self, stage: &Stage) {
        stage.gate.let_in(self.run, self.user);
        self.socket.subscribe(self.run, None).await.unwrap();
        self.until(|text| text.starts_with(r#"{"type":"subscribed""#)).await;
    }

    /// The frames until this one, which is the last of them.
    async fn until(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut texts = Vec::new();
        let reading = async {
            while !texts.last().is_some_and(|text: &String| wanted(text)) {
                texts.push(self.socket.next_text().await.expect("the socket stays open"));
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, reading).await.is_ok();
        assert!(in_time, "it never came; what came: {texts:#?}");
        texts
    }
}

/// Every seq a frame names.
fn seqs(text: &str) -> impl Iterator<Item = Seq> + '_ {
    text.split(r#""seq":"#).skip(1).filter_map(|rest| {
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    })
}

async fn a_few_turns(rng: &mut StdRng) {
    for _ in 0..rng.random_range(0..6) {
        tokio::task::yield_now().await;
    }
}

/// Returns from which seq to which the member was not in the run.
async fn remove(stage: &Stage, gone: &mut Screen, witness: &mut Screen, rng: &mut StdRng) -> (Seq, Seq) {
    let (run, user) = (gone.run, gone.user);
    let (own, others) = (rng.random_range(0..3), rng.random_range(0..3));
    let leader = async {
        for _ in 0..others {
            stage.lead(run).await;
        }
    };
    let removal = async {
        for _ in 0..own {
            gone.socket.command(run, Some(new_id()), bid()).await.unwrap();
        }
        if rng.random_ratio(1, 4) {
            gone.socket.subscribe(run, None).await.unwrap();
        }
        if own > 0 && rng.random_ratio(1, 4) {
            // What was asked is not only queued any more.
            gone.until(|_| true).await;
        }
        a_few_turns(rng).await;
        if rng.random_bool(0.5) {
            stage.gate.keep_out(run, user);
            a_few_turns(rng).await;
        }
        stage.live.shut_out_of_group(GROUP, user);
        let left = stage.live.membership(run, user, Membership::Gone(Departure::Removed), new_id()).await;
        stage.gate.keep_out(run, user);
        // Too late, and the last try.
        gone.socket.command(run, Some(new_id()), bid()).await.unwrap();
        left.expect("a run takes in who left").seq
    };
    let (left, ()) = tokio::join!(removal, leader);

    let after = stage.lead(run).await;
    assert!(after > left);
    witness.until(|text| seqs(text).any(|seq| seq >= after)).await;
    let ping = gone.socket.new_id();
    gone.socket.send_text(format!(r#"{{"type":"ping","id":{ping}}}"#)).await.unwrap();
    let pong = format!(r#"{{"type":"pong","id":{ping}}}"#);
    let seen = gone.until(|text| text == pong).await;
    let late = seen.iter().find(|text| seqs(text).any(|seq| seq > left));
    assert!(late.is_none(), "removed at {left}, and was sent {late:?}");

    let back =
        stage.live.membership(run, user, Membership::Back, new_id()).await.expect("and who is back").seq;
    gone.join(stage).await;
    (left, back)
}

async fn play(stage: Arc<Stage>, db: Database, seed: u64, tries: usize) {
    let (run, mut rng) = (RunId(Uuid::from_u128(u128::from(seed) << 32)), StdRng::seed_from_u64(seed));
    let new = NewRun {
        group_id: GROUP,
        store_id: STORE,
        store_name: "Mill".into(),
        currency: "EUR".parse().unwrap(),
        comment: None,
        planned_on: None,
        bidding_deadline: None,
        auto_confirm: false,
        shortage_policy: bulq_domain::ShortagePolicy::default(),
        costs: Vec::new(),
    };
    stage.live.create_run(run, new, context(LEADER, Some(new_id()))).await.expect("a run");
    stage.lead(run).await;
    let mut first = Screen::open(&stage, run, MEMBERS[0]).await;
    let mut second = Screen::open(&stage, run, MEMBERS[1]).await;
    let mut away = Vec::new();
    for _ in 0..tries {
        let (gone, witness) =
            if rng.random_bool(0.5) { (&mut first, &mut second) } else { (&mut second, &mut first) };
        let user = gone.user;
        let (left, back) = remove(&stage, gone, witness, &mut rng).await;
        away.push((user, left, back));
    }

    let mut log = Vec::new();
    loop {
        let after = log.len() as i64;
        let more = journal::events_after(&db, run.0, after, 1000).await.unwrap();
        if more.is_empty() {
            break;
        }
        log.extend(more);
    }
    for (user, left, back) in away {
        let between = &log[left as usize..back as usize - 1];
        assert!(
            between.iter().all(|event| event.actor_id != Some(user.0)),
            "{user} acted between {left} and {back}"
        );
    }
}

#[actix::test]
async fn nobody_sees_or_does_anything_after_their_removal() {
    eprintln!("seed {SEED}");
    let database = bulq_testkit::database(Kind::Sqlite).await;
    let db = Database::connect(&DatabaseConfig::new(database.url())).await.unwrap();
    migrate::up(&db).await.unwrap();
    people_and_things(&database).await;
    let stage = Arc::new(Stage::set(db.clone()));

    let play = |n| actix::spawn(play(stage.clone(), db.clone(), SEED * 1000 + n, TRIES / RUNS));
    let runs: Vec<_> = (0..RUNS as u64).map(play).collect();

    for run in runs {
        run.await.expect("every try holds");
    }
}
