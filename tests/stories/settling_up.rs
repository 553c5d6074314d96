//! Over several runs: who owes whom in the group, why, and what payments change.

use crate::support::{Cast, cents, id, is_settled, stories};
use bulq_client::domain::{CommandId, UserId};
use bulq_client::protocol::money::{GroupBalances, LedgerKind, NewPayment};
use bulq_client::{Client, ClientError, Page, commands};
use futures_util::future::join_all;

/// L paid 3199 and owes 800, A owes 1400, B owes 999.
async fn a_run_is_completed(cast: &Cast) {
    let wishes = [(&cast.leader, cast.p1, "2"), (&cast.a, cast.p1, "3.5"), (&cast.b, cast.p2, "1")];
    let run = cast.shopped(&wishes, &[(cast.p1, "5.5", 2200), (cast.p2, "1", 999)]).await;
    cast.everything_is_fetched(run).await;
    cast.lead(run, [commands::complete()]).await;
    is_settled(&cast.a, run).await;
}

/// Of L, A and B.
async fn balances(cast: &Cast) -> [i64; 3] {
    let now = cast.b.balances(cast.group).await.unwrap();
    assert_eq!(now.balances.iter().map(|b| b.balance.0).sum::<i64>(), 0);
    [&cast.leader, &cast.a, &cast.b].map(|who| of(&now, id(who)))
}

fn of(now: &GroupBalances, user: UserId) -> i64 {
    now.balances.iter().find(|b| b.user_id == user).map_or(0, |b| b.balance.0)
}

fn to(who: &Client, amount: i64) -> NewPayment {
    NewPayment { from: None, to: id(who), amount: cents(amount), note: None }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String) {
    match answer {
        Err(ClientError::Problem(problem)) => (problem.status, problem.code),
        other => panic!("no problem but {other:?}"),
    }
}

fn key() -> CommandId {
    commands::new_id()
}

stories! {
    async fn two_runs_and_payments_level_out(app) {
        let cast = Cast::assemble(app).await;
        assert_eq!(balances(&cast).await, [0, 0, 0]);
        a_run_is_completed(&cast).await;
        assert_eq!(balances(&cast).await, [2399, -1400, -999]);
        a_run_is_completed(&cast).await;
        assert_eq!(balances(&cast).await, [4798, -2800, -1998]);
        let now = cast.a.balances(cast.group).await.unwrap();
        let transfers: Vec<_> = now.transfers.iter().map(|t| (t.from, t.to, t.amount.0)).collect();
        assert_eq!(transfers.len(), 2);
        assert!(transfers.contains(&(id(&cast.a), id(&cast.leader), 2800)));

        let once = key();
        let paid = cast.a.record_payment(cast.group, once, &to(&cast.leader, 2800)).await.unwrap();
        assert_eq!(of(&paid, id(&cast.a)), 0);
        cast.a.record_payment(cast.group, once, &to(&cast.leader, 2800)).await.unwrap();
        assert_eq!(balances(&cast).await, [1998, 0, -1998], "the same key counts once");
        let other = cast.a.record_payment(cast.group, once, &to(&cast.leader, 1)).await;
        assert_eq!(refused(other), (422, "COMMAND_ID_REUSED".to_owned()));
        let by_who_was_paid = NewPayment { from: Some(id(&cast.b)), ..to(&cast.leader, 2500) };
        cast.leader.record_payment(cast.group, key(), &by_who_was_paid).await.unwrap();
        assert_eq!(balances(&cast).await, [-502, 0, 502], "paid too much: owed back");

        let ledger = cast.c.ledger(cast.group, Some(id(&cast.a)), &Page::of(100)).await.unwrap().items;
        let lines: Vec<_> = ledger.iter().map(|line| (line.kind, line.amount.0)).collect();
        assert_eq!(lines, [(LedgerKind::Payment, 2800), (LedgerKind::Run, -1400), (LedgerKind::Run, -1400)]);
        assert!(ledger.iter().all(|line| line.user_id == id(&cast.a)));
        assert_eq!(ledger[0].with, Some(id(&cast.leader)));
    }

    async fn impossible_payments_are_refused(app) {
        let cast = Cast::assemble(app).await;
        let (group, a, b) = (cast.group, &cast.a, &cast.b);
        for amount in [0, -1, 100_000_000] {
            assert_eq!(refused(a.record_payment(group, key(), &to(b, amount)).await).0, 422);
        }
        assert_eq!(refused(a.record_payment(group, key(), &to(a, 5)).await).0, 422, "to oneself");
        assert_eq!(refused(a.record_payment(group, key(), &to(&cast.outsider, 5)).await).0, 422);
        assert_eq!(refused(cast.outsider.record_payment(group, key(), &to(a, 5)).await).0, 404);
        let of_others = NewPayment { from: Some(id(a)), ..to(b, 5) };
        assert_eq!(refused(cast.c.record_payment(group, key(), &of_others).await), (403, "NOT_YOUR_PAYMENT".to_owned()));
        assert_eq!(refused(cast.outsider.balances(group).await).0, 404);
        assert_eq!(refused(cast.outsider.ledger(group, None, &Page::default()).await).0, 404);
        assert_eq!(balances(&cast).await, [0, 0, 0]);
    }

    /// Ten copies of one payment at once, and ten different ones: nothing counts twice, nothing is lost.
    async fn payments_at_once_all_count_once(app) {
        let cast = Cast::assemble(app).await;
        let pay = |key: CommandId| {
            let (a, group, payment) = (cast.a.clone(), cast.group, to(&cast.b, 100));
            tokio::spawn(async move { a.record_payment(group, key, &payment).await.map(drop) })
        };
        let one = key();

        let copies = join_all((0..10).map(|_| pay(one)).collect::<Vec<_>>()).await;
        let others = join_all((0..10).map(|_| pay(key())).collect::<Vec<_>>()).await;

        assert!(copies.into_iter().chain(others).all(|answer| answer.unwrap().is_ok()));
        assert_eq!(balances(&cast).await, [0, 1100, -1100]);
    }

    /// Who leaves takes no debt along; cancelling while handing out leaves what is picked up in the books.
    async fn debts_outlive_membership_and_cancellation(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.shopped(&[(&cast.a, cast.p1, "3"), (&cast.b, cast.p1, "2")], &[(cast.p1, "5", 1000)]).await;
        cast.lead(run, [commands::pick_up(id(&cast.a), None), crate::support::cancel()]).await;
        assert_eq!(balances(&cast).await, [600, -600, 0]);

        cast.a.leave_group(cast.group).await.unwrap();

        assert_eq!(balances(&cast).await, [600, -600, 0]);
        let by_the_leader = NewPayment { from: Some(id(&cast.a)), ..to(&cast.leader, 600) };
        cast.leader.record_payment(cast.group, key(), &by_the_leader).await.unwrap();
        assert_eq!(balances(&cast).await, [0, 0, 0]);
    }
}
