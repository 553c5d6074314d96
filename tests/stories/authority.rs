//! Who may do what, when: every command by everybody in every state, over HTTP and over the live connection, as the
//! guard table says.
//!
//! What the table refuses is asked of one run per state, which must not change by it. What it allows is asked of a run
//! made for it alone, and must take effect.

use crate::support::{App, Cast, Launch, cents, id, q, reason};
use bulq_client::domain::command::{CostSplit, EditDetails};
use bulq_client::domain::rejection::Class;
use bulq_client::domain::{Command, CommandKind as K, Comment, Role, RunId, State, guard};
use bulq_client::protocol::live::ServerFrame;
use bulq_client::{Client, LiveSocket, Outcome, Refused, commands};
use bulq_testkit::Kind;
use futures_util::future::join_all;

/// Somebody with a role in every run; no role: never was in the group.
struct Person {
    client: Client,
    role: Option<Role>,
}

/// How a command travels.
#[derive(Clone, Copy, Debug)]
enum Way {
    Http,
    Live,
}

struct Stage {
    cast: Cast,
    people: Vec<Person>,
}

impl Stage {
    /// The last of the people is removed from the group only when the runs are there.
    async fn set(app: &App) -> (Self, Vec<(State, RunId)>) {
        let cast = Cast::assemble(app).await;
        let removed = cast.more(app, 1).await.remove(0);
        let mut runs = Vec::new();
        for state in State::ALL {
            let run = cast.run_in(State::Planning).await;
            let took_part = [commands::appoint_helper(id(&removed)), commands::dismiss_helper(id(&removed))];
            cast.lead(run, took_part).await;
            cast.lead_from_planning(run, state).await;
            runs.push((state, run));
        }
        cast.leader.remove_member(cast.group, id(&removed)).await.unwrap();
        for (state, run) in runs.iter().filter(|(state, _)| state.is_live()) {
            let screen = cast.open(&cast.leader, *run).await;
            let gone = screen.wait_for(|view| view.participants.iter().any(|p| p.removed)).await;
            assert_eq!(gone.unwrap().state, *state);
        }
        let people = [
            (&cast.leader, Some(Role::Leader)),
            (&cast.a, Some(Role::Helper)),
            (&cast.b, Some(Role::Participant)),
            (&cast.c, Some(Role::Member)),
            (&removed, Some(Role::Removed)),
            (&cast.outsider, None),
        ];
        let people = people.map(|(client, role)| Person { client: client.clone(), role }).into();
        (Self { cast, people }, runs)
    }

    /// A command of this kind that nothing but the guard table stands against.
    fn command(&self, kind: K, by: &Person) -> Command {
        let cast = &self.cast;
        let (b, c) = (id(&cast.b), id(&cast.c));
        match kind {
            K::Open => commands::open(),
            K::Confirm => commands::confirm(),
            K::StepBack => commands::step_back(),
            K::StartShopping => commands::start_shopping(),
            K::FinishShopping => commands::finish_shopping(),
            K::FinishAdjusting => commands::finish_adjusting(true, None),
            K::Complete => commands::complete(),
            K::Cancel => commands::cancel(reason(), None),
            K::EditDetails => commands::edit_details(EditDetails {
                comment: Comment::try_from("bring bags".to_owned()).ok(),
                planned_on: None,
                bidding_deadline: None,
            }),
            K::PlaceBid if by.role == Some(Role::Leader) => commands::bid(cast.p2, q("3")),
            K::PlaceBid => commands::bid(cast.p2, q("1")),
            K::RetractBid => commands::retract(cast.p1),
            K::SetReady => commands::ready(true),
            K::AddItem => commands::add_item(cast.p3, q("1"), None),
            K::RecordPurchase => commands::bought(cast.p1, q("7"), cents(7000), None),
            K::AddPurchase => commands::bought_more(cast.p1, q("1"), cents(100)),
            K::EditPurchase => commands::edit_purchase(cast.p1, None, q("2"), cents(190), None),
            K::UndoPurchase => commands::undo_purchase(cast.p1, None),
            K::ObservePrice => commands::observe_price(cast.p1, cents(120)),
            K::SetReceived => commands::set_received(b, cast.p1, q("1")),
            K::PickUp => commands::pick_up(b, None),
            K::UndoPickUp => commands::undo_pick_up(b, None),
            K::LeftWithLeader => commands::left_with_leader(b, None),
            K::AddCost => fuel(),
            K::RemoveCost => commands::remove_cost(1),
            K::AppointHelper => commands::appoint_helper(c),
            K::DismissHelper => commands::dismiss_helper(id(&cast.a)),
            K::OfferHandover => commands::offer_handover(b),
            K::AcceptHandover => commands::accept_handover(),
            K::DeclineHandover => commands::decline_handover(),
            K::WithdrawHandover => commands::withdraw_handover(),
        }
    }

    /// What must have happened for the command to make sense; returns the command, which may name what happened.
    async fn prepare(&self, run: RunId, state: State, kind: K, by: &Person) -> Command {
        let cast = &self.cast;
        match kind {
            K::StepBack if state == State::Active => {
                for who in [&cast.a, &cast.b] {
                    who.command(run, &commands::retract(cast.p1)).await.committed();
                }
            }
            K::EditPurchase | K::UndoPurchase => {
                cast.lead(run, [commands::bought(cast.p1, q("1"), cents(100), None)]).await;
            }
            K::UndoPickUp => {
                cast.lead(run, [commands::pick_up(id(&cast.b), None)]).await;
            }
            K::Complete => cast.everything_is_fetched(run).await,
            K::RemoveCost => return commands::remove_cost(cast.lead(run, [fuel()]).await),
            K::AcceptHandover | K::DeclineHandover if by.role != Some(Role::Leader) => {
                cast.lead(run, [commands::offer_handover(id(&by.client))]).await;
            }
            K::WithdrawHandover => {
                cast.lead(run, [commands::offer_handover(id(&cast.b))]).await;
            }
            _ => {}
        }
        self.command(kind, by)
    }
}

fn fuel() -> Command {
    commands::add_cost("Fuel".to_owned().try_into().expect("a label"), cents(900), CostSplit::Equally)
}

/// Allowed by the table, and still nothing this person could do: nobody offers the leader the lead, and who has no
/// bid has none to take back.
fn beside_the_point(kind: K, role: Role, state: State) -> Option<&'static str> {
    match (kind, role, state) {
        (K::AcceptHandover | K::DeclineHandover, Role::Leader, _) => Some("NO_HANDOVER"),
        (K::RetractBid, Role::Member, _)
        | (K::RetractBid, Role::Helper | Role::Participant, State::Planning) => Some("BID_NOT_FOUND"),
        _ => None,
    }
}

/// Status over HTTP and code; `Ok` where the table says yes.
fn verdict(kind: K, role: Option<Role>, state: State, way: Way) -> Result<(), (u16, &'static str)> {
    let Some(role) = role else {
        let code = match way {
            Way::Http => "NOT_FOUND",
            Way::Live => "RUN_NOT_FOUND",
        };
        return Err((404, code));
    };
    guard::check(kind, role, state).map_err(|rejection| match rejection.code.class() {
        Class::Forbidden => (403, rejection.code.as_str()),
        Class::Conflict => (409, rejection.code.as_str()),
        Class::Missing | Class::Invalid => unreachable!("the table knows people and states only"),
    })
}

/// One answer; over the live connection it has no status, so that of the verdict is taken.
async fn ask(way: Way, who: &Client, socket: &mut LiveSocket, run: RunId, command: Command) -> Outcome {
    match way {
        Way::Http => who.command(run, &command).await,
        Way::Live => {
            let frame = socket.command(run, Some(commands::new_id()), command).await.unwrap();
            let answers = |frame: &ServerFrame| Outcome::of_frame(frame).map(|(id, _)| id);
            let answer = socket.next_where(|f| answers(f) == Some(frame)).await.unwrap();
            Outcome::of_frame(&answer).expect("it answers").1
        }
    }
}

/// All that one person may not do in one state, asked of one run.
async fn refused(stage: &Stage, person: &Person, state: State, run: RunId) -> usize {
    let mut socket = LiveSocket::connect(&person.client).await.unwrap();
    let mut cases = 0;
    for &kind in K::ALL {
        for way in [Way::Http, Way::Live] {
            let Err((status, code)) = verdict(kind, person.role, state, way) else { continue };
            let outcome = ask(way, &person.client, &mut socket, run, stage.command(kind, person)).await;
            let Outcome::Rejected(Refused { status: told, code: said, .. }) = &outcome else {
                panic!("{kind:?} by {:?} in {state}, {way:?}: {outcome:?} and not {code}", person.role);
            };
            assert_eq!(said, code, "{kind:?} by {:?} in {state}, {way:?}", person.role);
            assert_eq!(told.unwrap_or(status), status, "{kind:?} by {:?} in {state}, {way:?}", person.role);
            cases += 1;
        }
    }
    cases
}

/// All that one person may do in one state, each of a run of its own.
async fn allowed(stage: &Stage, person: &Person, state: State) -> usize {
    let Some(role) = person.role else { return 0 };
    let mut socket = LiveSocket::connect(&person.client).await.unwrap();
    let mut cases = 0;
    for kind in guard::allowed(role, state) {
        for way in [Way::Http, Way::Live] {
            let run = stage.cast.run_in(state).await;
            let command = stage.prepare(run, state, kind, person).await;
            let outcome = ask(way, &person.client, &mut socket, run, command).await;
            match beside_the_point(kind, role, state) {
                Some(code) => {
                    assert_eq!(outcome.code(), Some(code), "{kind:?} by {role:?} in {state}, {way:?}")
                }
                None => {
                    let seq = outcome.seq();
                    assert!(seq.is_some(), "{kind:?} by {role:?} in {state}, {way:?}: {outcome:?}");
                    assert_eq!(stage.cast.leader.run(run).await.unwrap().seq, seq.unwrap(), "it took effect");
                }
            }
            cases += 1;
        }
    }
    cases
}

async fn the_table_holds(kind: Kind) {
    let environment = vec![("BULQ_LIVE_RUNS_PER_GROUP", "5000".to_owned())];
    let app = App::start_with(kind, Launch { environment }).await;
    let (stage, runs) = Stage::set(&app).await;
    let before = join_all(runs.iter().map(|(_, run)| stage.cast.leader.run(*run))).await;

    let pairs = || runs.iter().flat_map(|run| stage.people.iter().map(move |person| (run, person)));
    let no = join_all(pairs().map(|((state, run), person)| refused(&stage, person, *state, *run))).await;
    for ((_, run), before) in runs.iter().zip(before) {
        let after = stage.cast.leader.run(*run).await.unwrap();
        assert_eq!(after, before.unwrap(), "a refusal changes nothing");
    }
    let yes = join_all(pairs().map(|((state, _), person)| allowed(&stage, person, *state))).await;

    let (no, yes) = (no.iter().sum::<usize>(), yes.iter().sum::<usize>());
    eprintln!("{no} refused, {yes} allowed");
    assert_eq!(no + yes, K::ALL.len() * State::ALL.len() * stage.people.len() * 2, "every case was asked");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guard_table_holds_on_sqlite() {
    the_table_holds(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guard_table_holds_on_postgres() {
    the_table_holds(Kind::Postgres).await;
}
