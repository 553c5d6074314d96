//! Whole lives of runs, played at random by twenty people on bad connections, while the server is killed and the
//! database crashes. Afterwards the judge looks at everything everybody was told.

mod script;

use crate::support::{App, Cast, History, Launch, all_answers_stay, id, judge};
use bulq_client::domain::{Command, RunId, UserId};
use bulq_client::{Client, ClientError, LiveRun, Status};
use bulq_testkit::{Kind, PgServer};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const PEOPLE: usize = 20;
/// Of the people, so many leave the group now and then and come back.
const RESTLESS: usize = 2;
const RUNS: usize = 4;
const KILLS: usize = 10;
/// After so many commands somebody turns to the next run even if this one has not ended.
const PATIENCE: usize = 60;
const AGAIN: Duration = Duration::from_millis(50);

/// Somebody, and what they did in each run.
struct Player {
    client: Client,
    restless: bool,
    histories: Vec<History>,
    screens: Vec<(usize, LiveRun)>,
}

struct World {
    cast: Cast,
    people: Vec<UserId>,
    runs: Vec<RunId>,
    invite: String,
    stop: AtomicBool,
}

impl Player {
    fn new(client: Client, restless: bool) -> Self {
        let histories = (0..RUNS).map(|_| History::default()).collect();
        Self { client, restless, histories, screens: Vec::new() }
    }

    async fn play(mut self, world: Arc<World>, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        for run in 0..RUNS {
            if !world.stop.load(Ordering::Relaxed) {
                self.play_run(&world, run, &mut random).await;
            }
        }
        self
    }

    async fn play_run(&mut self, world: &World, number: usize, random: &mut StdRng) {
        let run = world.runs[number];
        let mut screen = self.open(number, run).await;
        let mut departures = usize::from(self.restless) * 2;
        for _ in 0..PATIENCE {
            let view = screen.view();
            if world.stop.load(Ordering::Relaxed) || !view.state.is_live() {
                return;
            }
            if departures > 0 && random.random_bool(0.05) {
                departures -= 1;
                self.go_and_come_back(world, random).await;
                screen = self.open(number, run).await;
            }
            if matches!(screen.status(), Status::Ended { .. }) {
                return;
            }
            let command = script::next(random, world, &view, id(&self.client));
            self.ask(random, number, run, &screen, command).await;
            tokio::time::sleep(Duration::from_millis(random.random_range(0..40))).await;
        }
    }

    async fn ask(
        &mut self,
        random: &mut StdRng,
        number: usize,
        run: RunId,
        screen: &LiveRun,
        command: Command,
    ) {
        let history = &mut self.histories[number];
        match random.random_range(0..10) {
            0..5 => drop(history.ask(screen, command).await),
            5..7 => drop(history.ask_over_http(&self.client, run, command).await),
            7 => {
                history.look(&self.client, run).await;
                drop(history.ask(screen, command).await);
                history.look(&self.client, run).await;
            }
            again => history.ask_many_times(&self.client, screen, run, command, again == 9).await,
        }
        if random.random_bool(0.02) {
            screen.cut().await;
        }
    }

    /// Who has just come back is let in as soon as the run has heard of it, and shown the door once more if it hears of
    /// the leaving only now.
    async fn open(&mut self, number: usize, run: RunId) -> LiveRun {
        let screen = loop {
            match LiveRun::open(&self.client, run).await {
                Ok(screen) => break screen,
                Err(ClientError::Ended { reason })
                    if matches!(reason.as_str(), "NOT_A_MEMBER" | "removed_from_group") =>
                {
                    tokio::time::sleep(AGAIN).await;
                }
                Err(other) => panic!("a member sees the run: {other}"),
            }
        };
        self.screens.push((number, screen.clone()));
        screen
    }

    /// Asks again and again: the server may be away.
    async fn go_and_come_back(&self, world: &World, random: &mut StdRng) {
        while self.client.leave_group(world.cast.group).await.is_err() && self.is_member(world).await {
            tokio::time::sleep(AGAIN).await;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..200))).await;
        while self.client.accept_invite(&world.invite).await.is_err() && !self.is_member(world).await {
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// As far as anybody can say.
    async fn is_member(&self, world: &World) -> bool {
        loop {
            match self.client.group(world.cast.group).await {
                Ok(_) => return true,
                Err(error) if error.status() == Some(404) => return false,
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    }
}

/// The server is killed; with a database of its own that crashes too, now and then.
async fn make_trouble(app: &App, postgres: Option<&PgServer>, random: &mut StdRng) {
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(500..2500))).await;
        match postgres.filter(|_| kill % 4 == 3) {
            Some(postgres) => {
                postgres.stop_immediate().await;
                tokio::time::sleep(Duration::from_millis(random.random_range(0..300))).await;
                postgres.start().await;
            }
            None => {
                app.kill().await;
                app.launch().await;
            }
        }
    }
}

async fn assemble(app: &App) -> (World, Vec<Player>) {
    let cast = Cast::assemble(app).await;
    let mut clients = vec![cast.leader.clone(), cast.a.clone(), cast.b.clone(), cast.c.clone()];
    clients.extend(cast.more(app, PEOPLE - 4).await);
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(cast.run().await);
    }
    let people = clients.iter().map(id).collect();
    let invite = cast.leader.invite_token(cast.group).await.unwrap();
    let restless = |i: usize| i >= PEOPLE - RESTLESS;
    let players =
        clients.into_iter().enumerate().map(|(i, client)| Player::new(client, restless(i))).collect();
    (World { cast, people, runs, invite, stop: AtomicBool::new(false) }, players)
}

async fn chaos(app: &App, postgres: Option<&PgServer>) {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (world, players) = assemble(app).await;
    let world = Arc::new(world);
    let playing: Vec<_> = players
        .into_iter()
        .enumerate()
        .map(|(i, player)| tokio::spawn(player.play(world.clone(), seed.wrapping_add(i as u64))))
        .collect();

    make_trouble(app, postgres, &mut random).await;
    world.stop.store(true, Ordering::Relaxed);
    let mut players = Vec::new();
    for (number, player) in playing.into_iter().enumerate() {
        players.push(player.await.unwrap());
        eprintln!("player {number} has stopped");
    }

    let clients: Vec<Client> = players.iter().map(|player| player.client.clone()).collect();
    let (mut acknowledged, mut reached) = (0, Vec::new());
    for (number, run) in world.runs.iter().enumerate() {
        let histories: Vec<History> =
            players.iter_mut().map(|player| std::mem::take(&mut player.histories[number])).collect();
        let screens = players.iter().flat_map(|player| &player.screens).filter(|(of, _)| *of == number);
        let screens: Vec<LiveRun> = screens.map(|(_, screen)| screen.clone()).collect();
        judge(&world.cast.leader, *run, &histories, &screens).await;
        eprintln!("run {number} is judged");
        all_answers_stay(*run, &clients, &histories).await;
        let asked = histories.iter().flat_map(|history| &history.asked);
        acknowledged +=
            asked.filter(|asked| asked.answers.iter().any(|answer| answer.seq().is_some())).count();
        reached.push(world.cast.leader.run(*run).await.unwrap().state.as_str());
    }
    eprintln!("{acknowledged} commands were acknowledged; the runs got to {reached:?}");
    assert!(acknowledged > 10 * KILLS, "hardly anything was done: this shows nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_lives_under_kills_on_sqlite() {
    let app = App::start(Kind::Sqlite).await;
    chaos(&app, None).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_lives_under_kills_and_crashes_on_postgres() {
    let postgres = Arc::new(PgServer::private().await);
    let app = App::start_on(postgres.clone().database().await, Launch::default()).await;
    chaos(&app, Some(&postgres)).await;
    app.finish().await;
}
