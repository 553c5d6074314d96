//! Members who leave or are removed, in every state: what becomes of their wishes and goods, and where exactly their
//! screens go dark.

use crate::support::{Cast, cents, got, id, is_settled, owes, q, refusal, stories};
use bulq_client::domain::event::{Cause, Departure};
use bulq_client::domain::{Event, Role, RunId, Seq, State, UserId};
use bulq_client::protocol::group::MemberRole;
use bulq_client::protocol::live::{ServerFrame, Topic};
use bulq_client::{Client, LiveSocket, commands};
use std::collections::BTreeMap;

const LIVE: [State; 6] = [
    State::Planning,
    State::Active,
    State::Confirmed,
    State::Shopping,
    State::Adjusting,
    State::Distributing,
];

/// What a socket was shown of each run until it was told that there will be no more.
#[derive(Default)]
struct Shown {
    last: BTreeMap<RunId, Seq>,
    revoked: Vec<RunId>,
}

/// A socket with all these runs open.
async fn watching(who: &Client, runs: &[RunId]) -> LiveSocket {
    let mut socket = LiveSocket::connect(who).await.unwrap();
    for run in runs {
        socket.subscribe(*run, None).await.unwrap();
        socket.next_where(|f| matches!(f, ServerFrame::Subscribed { .. })).await.unwrap();
    }
    socket
}

/// Reads until all `runs` are revoked, then until a ping is answered: nothing may come in between.
async fn read_to_the_end(socket: &mut LiveSocket, runs: usize) -> Shown {
    let mut shown = Shown::default();
    let mut asked = false;
    loop {
        if shown.revoked.len() == runs && !asked {
            asked = true;
            socket.send(&bulq_client::protocol::live::ClientFrame::Ping { id: 9999 }).await.unwrap();
        }
        match socket.next().await.unwrap() {
            ServerFrame::Events { topic: Topic::Run(run), events } => {
                assert!(!shown.revoked.contains(&run), "an event after the end: {events:?}");
                for event in events {
                    shown.last.insert(run, event["seq"].as_u64().unwrap());
                }
            }
            ServerFrame::Revoked { topic: Topic::Run(run), reason } => {
                assert_eq!(reason, "removed_from_group");
                shown.revoked.push(run);
            }
            ServerFrame::Pong { id: 9999 } => return shown,
            _ => {}
        }
    }
}

/// The seq at which somebody went, and how.
async fn departure(reader: &Client, run: RunId, user: UserId) -> (Seq, Departure) {
    let log = reader.whole_log(run, 0).await.unwrap();
    let found = log.iter().rev().find_map(|e| match e.event {
        Event::MemberLeft { user_id, reason, .. } if user_id == user => Some((e.seq, reason)),
        _ => None,
    });
    found.expect("the log says that they went")
}

async fn go(cast: &Cast, who: &Client, how: Departure) {
    match how {
        Departure::Left => who.leave_group(cast.group).await.unwrap(),
        Departure::Removed => cast.leader.remove_member(cast.group, id(who)).await.unwrap(),
    }
}

async fn wait_until(cast: &Cast, run: RunId, wanted: impl Fn(&bulq_client::protocol::RunView) -> bool) {
    cast.open(&cast.leader, run).await.wait_for(|view| wanted(view)).await.unwrap();
}

stories! {
    /// One socket has a run in each state open: each goes dark right after the event that says so, and stays dark
    /// while the others go on. Who comes back takes part again.
    async fn screens_go_dark_at_the_event_that_says_so(app) {
        let cast = Cast::assemble(app).await;
        let b = id(&cast.b);
        let mut runs = Vec::new();
        for state in LIVE {
            runs.push(cast.run_in(state).await);
        }
        for how in [Departure::Removed, Departure::Left] {
            let mut socket = watching(&cast.b, &runs).await;

            go(&cast, &cast.b, how).await;
            for run in &runs {
                wait_until(&cast, *run, |view| view.participants.iter().any(|p| p.user_id == b && p.removed)).await;
                cast.lead(*run, ["while you", "were away"].map(note)).await;
            }
            let shown = read_to_the_end(&mut socket, runs.len()).await;

            for (run, state) in runs.iter().zip(LIVE) {
                let (seq, reason) = departure(&cast.leader, *run, b).await;
                assert_eq!((shown.last.get(run), reason), (Some(&seq), how), "{state}");
                let refused = cast.b.raw("GET", &format!("/api/v1/runs/{run}"), None, &[]).await.unwrap();
                assert_eq!((refused.status, refused.problem().code.as_str()), (403, "NOT_A_MEMBER"), "{state}");
                let late = cast.b.command(*run, &commands::bid(cast.p1, q("1"))).await;
                assert_eq!(refusal(&late), (403, "NOT_A_MEMBER"), "{state}");
                socket.subscribe(*run, Some(seq)).await.unwrap();
                let answer = socket.next().await.unwrap();
                assert!(matches!(&answer, ServerFrame::Rejected { code, .. } if code == "NOT_A_MEMBER"), "{state}: {answer:?}");
            }

            cast.invite(&cast.b).await;
            for (run, state) in runs.iter().zip(LIVE) {
                wait_until(&cast, *run, |view| view.participants.iter().any(|p| p.user_id == b && !p.removed)).await;
                let view = cast.b.run(*run).await.unwrap();
                assert_eq!(view.viewer.unwrap().role, Role::Participant, "{state}: who comes back takes part again");
                assert_eq!(view.participants.iter().filter(|p| p.user_id == b).count(), 1, "{state}");
                let (seq, _) = departure(&cast.leader, *run, b).await;
                socket.subscribe(*run, Some(seq)).await.unwrap();
                let answer = socket.next_where(|f| matches!(f, ServerFrame::Subscribed { .. })).await.unwrap();
                let ServerFrame::Subscribed { events: Some(events), .. } = answer else { panic!("{state}: the missed events come") };
                assert_eq!(events[0].seq, seq + 1, "{state}: from where the screen went dark");
            }
        }
    }

    /// Shopping: what is wanted shrinks; what was bought for C is a surplus then.
    async fn a_removal_while_shopping_leaves_a_surplus(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopping(&[(&cast.leader, cast.p1, "4"), (&cast.c, cast.p1, "6")]).await;
        cast.lead(run, [commands::bought(cast.p1, q("10"), cents(1000), None)]).await;

        go(&cast, &cast.c, Departure::Removed).await;
        wait_until(&cast, run, |view| view.products[0].wanted.to_string() == "4").await;
        cast.lead(run, [commands::finish_shopping()]).await;

        let open = cast.leader.adjustments(run).await.unwrap();
        assert_eq!((open.items[0].wanted.to_string(), open.items[0].surplus.to_string()), ("4".to_owned(), "6".to_owned()));
        cast.lead(run, [commands::finish_adjusting(true, None)]).await;
        let goods = cast.leader.distribution(run).await.unwrap();
        assert_eq!(got(&goods, &cast.leader, cast.p1), (q("10"), cents(1000)), "the rest goes to the leader");
        is_settled(&cast.leader, run).await;
    }

    /// Handing out: C's 6 stay theirs, and they still owe for them.
    async fn a_removal_while_handing_out_changes_no_debt(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(&[(&cast.leader, cast.p1, "4"), (&cast.c, cast.p1, "6")], &[(cast.p1, "10", 1000)]).await;

        go(&cast, &cast.c, Departure::Removed).await;
        wait_until(&cast, run, |view| view.participants.iter().any(|p| p.removed)).await;

        let goods = cast.leader.distribution(run).await.unwrap();
        assert_eq!((got(&goods, &cast.c, cast.p1), owes(&goods, &cast.c)), ((q("6"), cents(600)), cents(600)));
        cast.lead(run, [
            commands::pick_up(id(&cast.leader), None),
            commands::left_with_leader(id(&cast.c), None),
            commands::complete(),
        ]).await;
        let settlement = cast.leader.settlement(run).await.unwrap();
        assert_eq!((settlement.transfers[0].from, settlement.transfers[0].amount), (id(&cast.c), cents(600)));
        is_settled(&cast.leader, run).await;
    }

    /// The leader goes: every live run is cancelled, and the leader's own screen ends before that is said.
    async fn the_leader_goes_in_every_state(app) {
        let cast = Cast::assemble(app).await;
        let mut runs = Vec::new();
        for state in LIVE {
            runs.push(cast.run_in(state).await);
        }
        let done = [cast.run_in(State::Completed).await, cast.run_in(State::Cancelled).await];
        let ended = [cast.a.run(done[0]).await.unwrap().seq, cast.a.run(done[1]).await.unwrap().seq];
        cast.leader.set_role(cast.group, id(&cast.a), MemberRole::Admin).await.unwrap();
        let mut socket = watching(&cast.leader, &runs).await;

        cast.leader.leave_group(cast.group).await.unwrap();

        for (run, state) in runs.iter().zip(LIVE) {
            let view = cast.open(&cast.b, *run).await.wait_for(|view| view.state == State::Cancelled).await.unwrap();
            assert_eq!(view.cancel_reason.as_deref(), Some("leader left"), "{state}");
            assert!(view.times.cancelled_at.is_some(), "{state}");
            is_settled(&cast.b, *run).await;
            let log = cast.b.whole_log(*run, 0).await.unwrap();
            let cause = log.iter().find_map(|e| match e.event {
                Event::RunCancelled { cause, .. } => Some(cause),
                _ => None,
            });
            assert_eq!(cause, Some(Cause::LeaderLeft), "{state}");
        }
        let shown = read_to_the_end(&mut socket, runs.len()).await;
        for (run, state) in runs.iter().zip(LIVE) {
            let (seq, _) = departure(&cast.b, *run, id(&cast.leader)).await;
            assert_eq!(shown.last.get(run), Some(&seq), "{state}");
        }
        for (run, seq) in done.iter().zip(ended) {
            assert_eq!(cast.a.run(*run).await.unwrap().seq, seq, "a run that ended stays as it is");
            let refused = cast.leader.raw("GET", &format!("/api/v1/runs/{run}"), None, &[]).await.unwrap();
            assert_eq!(refused.status, 403);
        }
    }

    /// What is picked up when the leader goes stays owed; what was only bought goes back.
    async fn the_leader_goes_while_handing_out(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(&[(&cast.a, cast.p1, "3"), (&cast.b, cast.p1, "2")], &[(cast.p1, "5", 1000)]).await;
        cast.lead(run, [commands::pick_up(id(&cast.a), None)]).await;
        cast.leader.set_role(cast.group, id(&cast.a), MemberRole::Admin).await.unwrap();

        cast.leader.leave_group(cast.group).await.unwrap();
        cast.open(&cast.b, run).await.wait_for(|view| view.state == State::Cancelled).await.unwrap();

        let settlement = cast.b.settlement(run).await.unwrap();
        assert_eq!(settlement.transfers.len(), 1);
        let transfer = &settlement.transfers[0];
        assert_eq!((transfer.from, transfer.to, transfer.amount), (id(&cast.a), id(&cast.leader), cents(600)));
        is_settled(&cast.b, run).await;
    }

    /// A helper who goes and comes back helps no more until they are appointed again.
    async fn a_helper_who_comes_back_is_no_helper(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run_in(State::Shopping).await;
        let a = id(&cast.a);
        go(&cast, &cast.a, Departure::Left).await;
        // The run hears of it a moment later; until then it looks as if they were back.
        wait_until(&cast, run, |view| view.participants.iter().all(|p| p.user_id != a || p.removed)).await;
        cast.invite(&cast.a).await;
        wait_until(&cast, run, |view| view.participants.iter().any(|p| p.user_id == a && !p.removed)).await;

        let buy = commands::bought(cast.p2, q("2"), cents(200), None);
        assert_eq!(refusal(&cast.a.command(run, &buy).await), (403, "LEADER_OR_HELPER_ONLY"));
        cast.lead(run, [commands::appoint_helper(a)]).await;
        cast.a.command(run, &buy).await.committed();
    }
}

fn note(text: &str) -> bulq_client::domain::Command {
    let comment = bulq_client::domain::Comment::try_from(text.to_owned()).ok();
    commands::edit_details(bulq_client::domain::command::EditDetails {
        comment,
        planned_on: None,
        bidding_deadline: None,
    })
}
