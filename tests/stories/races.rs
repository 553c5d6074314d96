//! What only one of several can do, asked by all of them at once: one wins, the others are told why. Every race is run over HTTP
//! and over live connections, twenty times.

use crate::support::{App, Cast, Launch, cancel, cents, id, q, reason, stories};
use bulq_client::domain::{Command, RunId, Seq, ShortagePolicy};
use bulq_client::{Client, ClientError, LiveSocket, Outcome, commands};
use bulq_testkit::Kind;
use futures_util::future::join_all;

const ROUNDS: usize = 20;
/// So many races are run side by side, each in runs of its own.
const AT_ONCE: usize = 8;

/// Who asks for what, at the same time.
type Asked<'a> = Vec<(&'a Client, Command)>;

struct Race {
    name: &'static str,
    start: Start,
    /// The seq is the run's when the race begins.
    asked: for<'a> fn(&'a Cast, Seq) -> Asked<'a>,
    /// What a loser may hear: each is a 409, or says in the end who may.
    told: &'static [&'static str],
}

/// Where a run is when a race begins. Anna and Boris want two each.
#[derive(Clone, Copy)]
enum Start {
    Planning,
    Active,
    Confirmed,
    /// Anna helps.
    Shopping,
    /// All four are bought.
    Bought,
    /// Three were bought.
    Adjusting,
    /// Anna helps.
    Distributing,
    /// As before, and Boris has his.
    PickedUp,
    Fetched,
    /// The lead is offered to Anna.
    Offered,
}

impl Start {
    async fn reach(self, cast: &Cast) -> RunId {
        let wishes = [(&cast.a, cast.p2, "2"), (&cast.b, cast.p2, "2")];
        let help = commands::appoint_helper(id(&cast.a));
        let before = match self {
            Self::Planning => return cast.run().await,
            Self::Adjusting => return cast.shopped(&wishes, &[(cast.p2, "3", 300)]).await,
            Self::Active | Self::Confirmed | Self::Offered => {
                let run = cast.run().await;
                cast.wish(run, &wishes).await;
                run
            }
            Self::Shopping | Self::Bought => cast.shopping(&wishes).await,
            Self::Distributing | Self::PickedUp | Self::Fetched => {
                cast.shopped(&wishes, &[(cast.p2, "4", 400)]).await
            }
        };
        let more = match self {
            Self::Confirmed => vec![commands::confirm()],
            Self::Offered => vec![commands::offer_handover(id(&cast.a))],
            Self::Shopping | Self::Distributing => vec![help],
            Self::Bought => vec![help, commands::bought(cast.p2, q("4"), cents(400), None)],
            Self::PickedUp => vec![help, commands::pick_up(id(&cast.b), Some(cast.p2))],
            Self::Fetched => [&cast.a, &cast.b].map(|who| commands::pick_up(id(who), None)).to_vec(),
            Self::Planning | Self::Active | Self::Adjusting => Vec::new(),
        };
        cast.lead(before, more).await;
        before
    }
}

const NOT_IN_STATE: &[&str] = &["COMMAND_NOT_ALLOWED_IN_STATE"];
/// Against somebody who says what they have seen.
const LATE: &[&str] = &["COMMAND_NOT_ALLOWED_IN_STATE", "EXPECTED_SEQ_CONFLICT"];
const FETCHED: &[&str] = &["ALREADY_PICKED_UP"];
const NO_HANDOVER: &[&str] = &["NO_HANDOVER"];

fn race(
    name: &'static str,
    start: Start,
    told: &'static [&'static str],
    asked: for<'a> fn(&'a Cast, Seq) -> Asked<'a>,
) -> Race {
    Race { name, start, asked, told }
}

/// The leader says the same from four devices.
fn by_leader(cast: &Cast, command: Command) -> Asked<'_> {
    vec![(&cast.leader, command); 4]
}

fn cancel_what_was_seen(seen: Seq) -> Command {
    commands::cancel(reason(), Some(seen))
}

fn of_states() -> Vec<Race> {
    use Start::{Active, Adjusting, Bought, Confirmed, Fetched, Planning};
    vec![
        race("open", Planning, NOT_IN_STATE, |cast, _| by_leader(cast, commands::open())),
        race("confirm", Active, NOT_IN_STATE, |cast, _| by_leader(cast, commands::confirm())),
        race("confirm or cancel", Active, LATE, |cast, seen| {
            vec![(&cast.leader, commands::confirm()), (&cast.leader, cancel_what_was_seen(seen))]
        }),
        race("start shopping", Confirmed, NOT_IN_STATE, |cast, _| {
            by_leader(cast, commands::start_shopping())
        }),
        race("start shopping or step back", Confirmed, NOT_IN_STATE, |cast, _| {
            vec![(&cast.leader, commands::start_shopping()), (&cast.leader, commands::step_back())]
        }),
        race("finish shopping", Bought, NOT_IN_STATE, |cast, _| by_leader(cast, commands::finish_shopping())),
        race("finish shopping or cancel", Bought, LATE, |cast, seen| {
            vec![(&cast.leader, commands::finish_shopping()), (&cast.leader, cancel_what_was_seen(seen))]
        }),
        race("fifty finish adjusting", Adjusting, NOT_IN_STATE, |cast, _| {
            vec![(&cast.leader, commands::finish_adjusting(true, None)); 50]
        }),
        race("finish adjusting by every policy", Adjusting, NOT_IN_STATE, |cast, _| {
            let finish = |policy| (&cast.leader, commands::finish_adjusting(true, Some(policy)));
            ShortagePolicy::ALL.map(finish).to_vec()
        }),
        race("finish adjusting or cancel", Adjusting, LATE, |cast, seen| {
            let finish = commands::finish_adjusting(true, None);
            vec![(&cast.leader, finish), (&cast.leader, cancel_what_was_seen(seen))]
        }),
        race("complete", Fetched, NOT_IN_STATE, |cast, _| by_leader(cast, commands::complete())),
        race("complete or cancel", Fetched, NOT_IN_STATE, |cast, _| {
            let asked = [commands::complete(), cancel(), commands::complete(), cancel()];
            asked.map(|command| (&cast.leader, command)).to_vec()
        }),
        race("cancel", Active, NOT_IN_STATE, |cast, _| by_leader(cast, cancel())),
    ]
}

fn of_goods() -> Vec<Race> {
    use Start::{Bought, Distributing, PickedUp, Shopping};
    vec![
        race("two pick up the same", Distributing, FETCHED, |cast, _| {
            let pick_up = commands::pick_up(id(&cast.b), Some(cast.p2));
            vec![(&cast.leader, pick_up.clone()), (&cast.a, pick_up)]
        }),
        race("pick up one thing or all of it", Distributing, FETCHED, |cast, _| {
            let [one, all] = [Some(cast.p2), None].map(|what| commands::pick_up(id(&cast.b), what));
            vec![(&cast.leader, one), (&cast.a, all)]
        }),
        race("picked up or left with the leader", Distributing, FETCHED, |cast, _| {
            let left = commands::left_with_leader(id(&cast.b), None);
            vec![(&cast.leader, left), (&cast.a, commands::pick_up(id(&cast.b), None))]
        }),
        race("two take a pick-up back", PickedUp, &["NOT_PICKED_UP"], |cast, _| {
            let undo = commands::undo_pick_up(id(&cast.b), Some(cast.p2));
            vec![(&cast.leader, undo.clone()), (&cast.a, undo)]
        }),
        race("two shoppers, one item", Shopping, &["EXPECTED_SEQ_CONFLICT"], |cast, seen| {
            let bought = |quantity| commands::bought(cast.p2, q(quantity), cents(300), Some(seen));
            vec![(&cast.leader, bought("4")), (&cast.a, bought("3"))]
        }),
        race("a purchase or a cancel", Shopping, LATE, |cast, seen| {
            let buy = commands::bought(cast.p2, q("2"), cents(300), None);
            vec![(&cast.leader, cancel_what_was_seen(seen)), (&cast.a, buy)]
        }),
        race("a second part or a cancel", Bought, LATE, |cast, seen| {
            let more = commands::bought_more(cast.p2, q("1"), cents(90));
            vec![(&cast.leader, cancel_what_was_seen(seen)), (&cast.a, more)]
        }),
        race("two take a purchase back", Bought, &["NOT_BOUGHT"], |cast, _| {
            let undo = commands::undo_purchase(cast.p2, None);
            vec![(&cast.leader, undo.clone()), (&cast.a, undo)]
        }),
        race("two add the same item", Shopping, &["ALREADY_ON_LIST"], |cast, _| {
            let add = |quantity| commands::add_item(cast.p1, q(quantity), None);
            vec![(&cast.leader, add("1")), (&cast.a, add("2"))]
        }),
    ]
}

fn of_the_lead() -> Vec<Race> {
    use Start::{Active, Offered};
    vec![
        race("accept or decline", Offered, NO_HANDOVER, |cast, _| {
            vec![(&cast.a, commands::accept_handover()), (&cast.a, commands::decline_handover())]
        }),
        race("accept", Offered, NO_HANDOVER, |cast, _| vec![(&cast.a, commands::accept_handover()); 4]),
        race("decline", Offered, NO_HANDOVER, |cast, _| vec![(&cast.a, commands::decline_handover()); 4]),
        // Whoever has handed the lead over may not withdraw any more.
        race("accept or withdraw", Offered, &["NO_HANDOVER", "LEADER_ONLY"], |cast, _| {
            vec![(&cast.a, commands::accept_handover()), (&cast.leader, commands::withdraw_handover())]
        }),
        race("decline or withdraw", Offered, NO_HANDOVER, |cast, _| {
            vec![(&cast.a, commands::decline_handover()), (&cast.leader, commands::withdraw_handover())]
        }),
        race("withdraw", Offered, NO_HANDOVER, |cast, _| by_leader(cast, commands::withdraw_handover())),
        race("offered to two", Active, &["HANDOVER_OPEN"], |cast, _| {
            [&cast.a, &cast.b].map(|to| (&cast.leader, commands::offer_handover(id(to)))).to_vec()
        }),
    ]
}

fn races() -> Vec<Race> {
    let races: Vec<_> = [of_states(), of_goods(), of_the_lead()].into_iter().flatten().collect();
    // Each by two ways.
    assert!(races.len() >= 20, "{}", races.len());
    races
}

async fn over_http(run: RunId, asked: Asked<'_>) -> Vec<Outcome> {
    let asking = asked.into_iter().map(|(who, command)| {
        let who = who.clone();
        tokio::spawn(async move { who.command(run, &command).await })
    });
    join_all(asking.collect::<Vec<_>>()).await.into_iter().map(|outcome| outcome.unwrap()).collect()
}

/// One socket for each who asks, in their order.
async fn over_sockets(sockets: &mut [LiveSocket], run: RunId, asked: Asked<'_>) -> Vec<Outcome> {
    let asking = sockets.iter_mut().zip(asked).map(|(socket, (_, command))| async move {
        let asked = socket.command(run, Some(commands::new_id()), command).await.unwrap();
        loop {
            let frame = socket.next().await.unwrap();
            if let Some((answered, outcome)) = Outcome::of_frame(&frame)
                && answered == asked
            {
                return outcome;
            }
        }
    });
    join_all(asking).await
}

/// One won, the others were told why, and nothing but what the winner did has happened.
async fn one_has_won(race: &Race, cast: &Cast, run: RunId, outcomes: &[Outcome]) {
    let name = race.name;
    let won: Vec<Seq> = outcomes.iter().filter_map(Outcome::seq).collect();
    assert_eq!(won.len(), 1, "{name}: {outcomes:?}");
    assert_eq!(cast.b.run(run).await.unwrap().seq, won[0], "{name}: more has happened");
    for outcome in outcomes.iter().filter(|outcome| outcome.seq().is_none()) {
        let Outcome::Rejected(refused) = outcome else { panic!("{name}: {outcome:?}") };
        assert!(race.told.contains(&refused.code.as_str()), "{name}: {outcome:?}");
        if let Some(status) = refused.status {
            let expected = if refused.code == "LEADER_ONLY" { 403 } else { 409 };
            assert_eq!(status, expected, "{name}: {outcome:?}");
        }
    }
}

/// With another one first in every round.
async fn run_rounds(race: &Race, cast: &Cast, live: bool) {
    let runs = join_all((0..ROUNDS).map(|_| race.start.reach(cast))).await;
    let mut sockets = Vec::new();
    for (who, _) in (race.asked)(cast, 0).iter().filter(|_| live) {
        sockets.push(LiveSocket::connect(who).await.unwrap());
    }
    for (round, run) in runs.into_iter().enumerate() {
        let seen = cast.b.run(run).await.unwrap().seq;
        let mut asked = (race.asked)(cast, seen);
        let first = round % asked.len();
        asked.rotate_left(first);
        // The socket of each goes with them.
        if live && round > 0 {
            sockets.rotate_left(1);
        }
        let outcomes =
            if live { over_sockets(&mut sockets, run, asked).await } else { over_http(run, asked).await };
        one_has_won(race, cast, run, &outcomes).await;
    }
}

async fn run_all(app: &App, live: bool) {
    let cast = Cast::assemble(app).await;
    for some in races().chunks(AT_ONCE) {
        join_all(some.iter().map(|race| run_rounds(race, &cast, live))).await;
    }
}

async fn many_runs(kind: Kind) -> App {
    App::start_with(kind, Launch { environment: vec![("BULQ_LIVE_RUNS_PER_GROUP", "2000".to_owned())] }).await
}

macro_rules! on_both {
    ($($name:ident: $live:literal),+) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let app = many_runs(Kind::Sqlite).await;
                run_all(&app, $live).await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let app = many_runs(Kind::Postgres).await;
                run_all(&app, $live).await;
                app.finish().await;
            }
        }
    )+};
}

on_both! { one_wins_each_race_over_http: false, one_wins_each_race_over_live_connections: true }

stories! {
    async fn one_takes_a_username(app) {
        for round in 0..ROUNDS {
            let name = format!("nadia-{round}");
            let registering = (0..4).map(|_| {
                let (client, name) = (app.client(), name.clone());
                tokio::spawn(async move { client.register(&name, "Nadia", "correct horse battery").await })
            });
            let answers = join_all(registering.collect::<Vec<_>>()).await;
            one_is_in(answers.into_iter().map(|answer| answer.unwrap().map(drop)), "USERNAME_TAKEN");
        }
    }

    /// An invitation for one, and four who follow it.
    async fn one_follows_an_invitation_for_one(app) {
        let cast = Cast::assemble(app).await;
        let guests = guests(app, 4).await;
        for _ in 0..ROUNDS {
            let path = format!("/api/v1/groups/{}/invites", cast.group);
            let body = serde_json::json!({ "max_uses": 1 });
            let invite = cast.leader.raw("POST", &path, Some(&body), &[]).await.unwrap();
            let inside = rush_in(&guests, invite.json["token"].as_str().unwrap(), "INVITE_USED_UP").await;
            inside.leave_group(cast.group).await.unwrap();
        }
    }
}

async fn guests(app: &App, count: usize) -> Vec<Client> {
    let mut guests = Vec::new();
    for n in 0..count {
        guests.push(app.person(&format!("guest-{n}")).await);
    }
    guests
}

/// Returns who got in.
async fn rush_in(guests: &[Client], token: &str, told: &str) -> Client {
    let joining = guests.iter().cloned().map(|guest| {
        let token = token.to_owned();
        tokio::spawn(async move { guest.accept_invite(&token).await.map(drop) })
    });
    let answers = join_all(joining.collect::<Vec<_>>()).await;
    guests[one_is_in(answers.into_iter().map(|answer| answer.unwrap()), told)].clone()
}

/// Returns who it is.
fn one_is_in(answers: impl Iterator<Item = Result<(), ClientError>>, told: &str) -> usize {
    let mut inside = Vec::new();
    for (n, answer) in answers.enumerate() {
        match answer {
            Ok(()) => inside.push(n),
            Err(ClientError::Problem(full)) => assert_eq!((full.status, full.code.as_str()), (409, told)),
            Err(other) => panic!("no answer: {other}"),
        }
    }
    assert_eq!(inside.len(), 1, "{inside:?}");
    inside[0]
}

/// One place is left in the group, and six want it.
async fn one_joins_at_the_cap(kind: Kind) {
    let environment = vec![("BULQ_MEMBERS_PER_GROUP", "5".to_owned())];
    let app = App::start_with(kind, Launch { environment }).await;
    let cast = Cast::assemble(&app).await;
    let guests = guests(&app, 6).await;
    let token = cast.leader.invite_token(cast.group).await.unwrap();
    for _ in 0..ROUNDS {
        let inside = rush_in(&guests, &token, "GROUP_FULL").await;

        assert_eq!(cast.leader.group(cast.group).await.unwrap().members, 5);
        inside.leave_group(cast.group).await.unwrap();
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_joins_at_the_cap_on_sqlite() {
    one_joins_at_the_cap(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_joins_at_the_cap_on_postgres() {
    one_joins_at_the_cap(Kind::Postgres).await;
}
