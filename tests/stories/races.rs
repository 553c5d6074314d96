//! Two or fifty people do at once what only one can do: one wins, the others are told why. Twenty times over.

use crate::support::{App, Cast, Launch, cancel, cents, id, q, reason, refusal, stories};
use bulq_client::domain::{Command, RunId, State};
use bulq_client::{Client, ClientError, Outcome, commands};
use bulq_testkit::Kind;
use futures_util::future::join_all;

const ROUNDS: usize = 20;

/// Everybody asks at once. Returns who was not refused, and the others' codes.
async fn rush(run: RunId, asked: Vec<(&Client, Command)>) -> (Vec<usize>, Vec<String>) {
    let asked = asked.into_iter().map(|(who, command)| {
        let who = who.clone();
        tokio::spawn(async move { who.command(run, &command).await })
    });
    let outcomes: Vec<Outcome> =
        join_all(asked.collect::<Vec<_>>()).await.into_iter().map(|outcome| outcome.unwrap()).collect();
    let winners = outcomes.iter().enumerate().filter(|(_, outcome)| outcome.seq().is_some()).map(|(i, _)| i);
    let losers = outcomes.iter().filter(|outcome| outcome.seq().is_none()).map(|outcome| {
        let (status, code) = refusal(outcome);
        assert_eq!(status, 409, "{code}");
        code.to_owned()
    });
    (winners.collect(), losers.collect())
}

async fn count(cast: &Cast, run: RunId, kind: &str) -> usize {
    let log = cast.leader.whole_log(run, 0).await.unwrap();
    log.iter().filter(|e| e.event.kind() == kind).count()
}

stories! {
    async fn of_fifty_who_finish_adjusting_one_does(app) {
        let cast = Cast::assemble(app).await;
        for _ in 0..ROUNDS {
            let run = cast.shopped(&[(&cast.a, cast.p2, "2"), (&cast.b, cast.p2, "2")], &[(cast.p2, "3", 300)]).await;
            let finish = commands::finish_adjusting(true, None);

            let (winners, losers) = rush(run, vec![(&cast.leader, finish); 50]).await;

            assert_eq!((winners.len(), losers.len()), (1, 49));
            assert!(losers.iter().all(|code| code == "COMMAND_NOT_ALLOWED_IN_STATE"), "{losers:?}");
            assert_eq!(count(&cast, run, "adjusting_finished").await, 1);
        }
    }

    async fn of_two_pick_ups_one_counts(app) {
        let cast = Cast::assemble(app).await;
        for _ in 0..ROUNDS {
            let run = cast.shopped(&[(&cast.a, cast.p2, "2"), (&cast.b, cast.p2, "2")], &[(cast.p2, "4", 300)]).await;
            cast.lead(run, [commands::appoint_helper(id(&cast.a))]).await;
            let pick_up = commands::pick_up(id(&cast.b), Some(cast.p2));

            let (winners, losers) = rush(run, vec![(&cast.leader, pick_up.clone()), (&cast.a, pick_up)]).await;

            assert_eq!((winners.len(), losers), (1, vec!["ALREADY_PICKED_UP".to_owned()]));
            assert_eq!(count(&cast, run, "picked_up").await, 1);
        }
    }

    async fn an_offer_is_either_accepted_or_declined(app) {
        let cast = Cast::assemble(app).await;
        for round in 0..ROUNDS {
            let run = cast.run().await;
            cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
            cast.lead(run, [commands::offer_handover(id(&cast.a))]).await;
            let mut answers = vec![(&cast.a, commands::accept_handover()), (&cast.a, commands::decline_handover())];
            answers.rotate_left(round % 2);

            let (winners, losers) = rush(run, answers.clone()).await;

            assert_eq!((winners.len(), losers), (1, vec!["NO_HANDOVER".to_owned()]));
            let accepted = answers[winners[0]].1 == commands::accept_handover();
            let leads = if accepted { &cast.a } else { &cast.leader };
            assert_eq!(cast.b.run(run).await.unwrap().leader_id, id(leads));
        }
    }

    /// Withdrawn or accepted, never both: there is one leader.
    async fn an_offer_is_either_accepted_or_withdrawn(app) {
        let cast = Cast::assemble(app).await;
        for round in 0..ROUNDS {
            let run = cast.run().await;
            cast.wish(run, &[(&cast.a, cast.p2, "1")]).await;
            cast.lead(run, [commands::offer_handover(id(&cast.a))]).await;
            let mut asked = [(&cast.a, commands::accept_handover()), (&cast.leader, commands::withdraw_handover())];
            asked.rotate_left(round % 2);

            let asked = asked.map(|(who, command)| {
                let who = who.clone();
                tokio::spawn(async move { who.command(run, &command).await })
            });
            let outcomes = join_all(asked).await.into_iter().map(|outcome| outcome.unwrap()).collect::<Vec<_>>();

            assert_eq!(outcomes.iter().filter(|outcome| outcome.seq().is_some()).count(), 1, "{outcomes:?}");
            let lost = outcomes.iter().find_map(Outcome::code);
            assert!([Some("NO_HANDOVER"), Some("LEADER_ONLY")].contains(&lost), "{outcomes:?}");
        }
    }

    /// A purchase and a cancel on what was seen before it: whichever comes first stops the other.
    async fn a_cancel_meets_a_purchase(app) {
        let cast = Cast::assemble(app).await;
        let mut cancelled = 0;
        for round in 0..ROUNDS {
            let run = cast.shopping(&[(&cast.a, cast.p2, "2")]).await;
            cast.lead(run, [commands::appoint_helper(id(&cast.a))]).await;
            let seen = cast.leader.cancellation(run).await.unwrap().seq;
            let buy = commands::bought(cast.p2, q("2"), cents(300), None);
            let mut asked = vec![(&cast.leader, commands::cancel(reason(), Some(seen))), (&cast.a, buy)];
            asked.rotate_left(round % 2);

            let (winners, losers) = rush(run, asked).await;

            assert_eq!((winners.len(), losers.len()), (1, 1), "{losers:?}");
            let view = cast.leader.run(run).await.unwrap();
            let told = if view.state == State::Cancelled { "COMMAND_NOT_ALLOWED_IN_STATE" } else { "EXPECTED_SEQ_CONFLICT" };
            assert_eq!(losers, [told]);
            cancelled += usize::from(view.state == State::Cancelled);
        }
        eprintln!("{cancelled} of {ROUNDS} were cancelled");
    }

    /// Everything that ends a run at once: it ends once.
    async fn a_run_ends_once(app) {
        let cast = Cast::assemble(app).await;
        for _ in 0..ROUNDS {
            let run = cast.run_in(State::Distributing).await;
            cast.everything_is_fetched(run).await;
            let asked = [commands::complete(), cancel(), commands::complete(), cancel()];

            let (winners, losers) = rush(run, asked.map(|command| (&cast.leader, command)).to_vec()).await;

            assert_eq!((winners.len(), losers), (1, vec!["COMMAND_NOT_ALLOWED_IN_STATE".to_owned(); 3]));
            assert_eq!(count(&cast, run, "run_settled").await, 1);
        }
    }
}

/// One place is left in the group, and six want it.
async fn one_joins_at_the_cap(kind: Kind) {
    let environment = vec![("BULQ_MEMBERS_PER_GROUP", "5".to_owned())];
    let app = App::start_with(kind, Launch { environment }).await;
    let cast = Cast::assemble(&app).await;
    let mut guests = Vec::new();
    for n in 0..6 {
        guests.push(app.person(&format!("guest-{n}")).await);
    }
    let token = cast.leader.invite_token(cast.group).await.unwrap();
    for _ in 0..ROUNDS {
        let joining = guests.iter().cloned().map(|guest| {
            let token = token.clone();
            tokio::spawn(async move { guest.accept_invite(&token).await.map(|_| guest) })
        });
        let mut inside = Vec::new();
        for answer in join_all(joining.collect::<Vec<_>>()).await {
            match answer.unwrap() {
                Ok(guest) => inside.push(guest),
                Err(ClientError::Problem(full)) => {
                    assert_eq!((full.status, full.code.as_str()), (409, "GROUP_FULL"));
                }
                Err(other) => panic!("no answer: {other}"),
            }
        }

        assert_eq!(inside.len(), 1);
        assert_eq!(cast.leader.group(cast.group).await.unwrap().members, 5);
        inside[0].leave_group(cast.group).await.unwrap();
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
