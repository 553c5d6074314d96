//! Who owes what, and paying it back.

use crate::scribe::Scribe;
use crate::shopping::ended;
use crate::world::{T0, World};
use bulq_storage::ledger::{self, EntryKind, NewPayment, PaymentError};
use bulq_storage::{Page, Paged, accounts, verify};
use serde_json::json;
use uuid::Uuid;

on_both! {
    a_settled_run_and_a_payment_add_up,
    a_payment_is_recorded_once,
    only_people_of_the_group_pay_each_other,
    somebody_who_left_can_still_be_paid,
    a_ledger_that_does_not_add_up_is_found,
    somebody_who_is_erased_leaves_books_that_add_up,
    a_ledger_is_read_by_pages,
}

fn payment(world: &World, from: Uuid, to: Uuid, amount: i64) -> NewPayment {
    NewPayment {
        id: Uuid::now_v7(),
        group_id: world.group,
        from,
        to,
        amount,
        note: Some("in cash".to_owned()),
        recorded_by: to,
        at: T0 + 1_000_000,
    }
}

async fn balances(world: &World) -> Vec<(Uuid, i64)> {
    let rows = ledger::balances(&world.db, world.group).await.unwrap();
    rows.into_iter().map(|person| (person.user_id, person.balance)).collect()
}

/// A run for which the leader paid 600: Anna, who is in the group, owes 400, Boris 200.
async fn settled(world: &World) -> Scribe {
    world.join(world.members[0], "member").await;
    let rice = world.products[0];
    ended(world, [json!({"type": "record_purchase", "product_id": rice, "quantity": 6, "total": 600})]).await
}

async fn a_settled_run_and_a_payment_add_up(world: World) {
    let (leader, anna, boris) = (world.leader, world.members[0], world.members[1]);
    let scribe = settled(&world).await;
    assert_eq!(balances(&world).await, [(leader, 600), (boris, -200), (anna, -400)]);

    let paid = payment(&world, anna, leader, 400);
    assert!(ledger::record_payment(&world.db, &paid).await.unwrap());

    assert_eq!(balances(&world).await, [(leader, 200), (boris, -200)]);
    let page = ledger::entries_of(&world.db, world.group, anna, &Page::first(1)).await.unwrap();
    let rest = Page { limit: 9, after: page.next.clone() };
    let rest = ledger::entries_of(&world.db, world.group, anna, &rest).await.unwrap();
    let [payment] = &page.items[..] else { panic!("not one entry") };
    assert_eq!((payment.id, payment.kind, payment.amount), (paid.id, EntryKind::Payment, 400));
    assert_eq!((payment.counterparty, payment.note.as_deref()), (Some(leader), Some("in cash")));
    let [run] = &rest.items[..] else { panic!("not one entry") };
    assert_eq!((run.kind, run.amount, run.run_id), (EntryKind::Run, -400, Some(scribe.id)));
    assert_eq!((run.recorded_by, rest.next), (Some(leader), None));
    let all = ledger::entries(&world.db, world.group, &Page::first(9)).await.unwrap();
    assert_eq!(all.items.len(), 5);
    assert_eq!(verify::verify_ledgers(&world.db).await.unwrap(), []);
}

async fn a_payment_is_recorded_once(world: World) {
    let (leader, anna) = (world.leader, world.members[0]);
    world.join(anna, "member").await;
    let paid = payment(&world, anna, leader, 250);

    let tries: Vec<_> = (0..8)
        .map(|n| {
            let (db, paid) = (world.db.clone(), NewPayment { at: paid.at + n, ..paid.clone() });
            tokio::spawn(async move { ledger::record_payment(&db, &paid).await.unwrap() })
        })
        .collect();
    let mut recorded = 0;
    for answer in tries {
        recorded += u32::from(answer.await.unwrap());
    }
    let other = ledger::record_payment(&world.db, &NewPayment { amount: 1, ..paid.clone() }).await;

    assert_eq!(recorded, 1);
    assert!(matches!(other, Err(PaymentError::IdReused { id }) if id == paid.id), "{other:?}");
    assert_eq!(balances(&world).await, [(anna, 250), (leader, -250)]);
}

async fn only_people_of_the_group_pay_each_other(world: World) {
    let stranger = world.members[2];

    for (from, to) in [(stranger, world.leader), (world.leader, stranger)] {
        let answer = ledger::record_payment(&world.db, &payment(&world, from, to, 1)).await;
        assert!(matches!(answer, Err(PaymentError::NotInGroup { user }) if user == stranger), "{answer:?}");
    }

    assert_eq!(world.count("ledger_entries").await, 0);
}

async fn somebody_who_left_can_still_be_paid(world: World) {
    let anna = world.members[0];
    world.join(anna, "member").await;
    world.sql(&format!("update group_members set left_at = {T0} where user_id = {}", world.id(anna))).await;

    assert!(ledger::record_payment(&world.db, &payment(&world, world.leader, anna, 5)).await.unwrap());
}

async fn a_ledger_that_does_not_add_up_is_found(world: World) {
    let anna = world.members[0];
    world.join(anna, "member").await;
    ledger::record_payment(&world.db, &payment(&world, anna, world.leader, 5)).await.unwrap();

    world.sql("update ledger_entries set amount = 6 where amount = 5").await;

    assert_eq!(verify::verify_ledgers(&world.db).await.unwrap().len(), 1);
}

async fn somebody_who_is_erased_leaves_books_that_add_up(world: World) {
    let (leader, anna, boris) = (world.leader, world.members[0], world.members[1]);
    let run = settled(&world).await;
    ledger::record_payment(&world.db, &payment(&world, anna, leader, 150)).await.unwrap();
    let before = ledger::entries(&world.db, world.group, &Page::first(9)).await.unwrap();

    accounts::erase_user(&world.db, anna, T0 + 2_000_000).await.unwrap().unwrap();

    let rows = ledger::balances(&world.db, world.group).await.unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (row.user_id, row.name.as_str(), row.balance)).collect();
    let expected = [(leader, "The leader", 450), (boris, "The boris", -200), (anna, "(deleted)", -250)];
    assert_eq!(rows, expected);
    assert_eq!(ledger::entries(&world.db, world.group, &Page::first(9)).await.unwrap(), before);
    assert_eq!(verify::verify_ledgers(&world.db).await.unwrap(), []);
    assert_eq!(verify::verify_run(&world.db, run.id).await.unwrap(), []);
    assert!(ledger::record_payment(&world.db, &payment(&world, anna, leader, 250)).await.unwrap());
    assert_eq!(balances(&world).await, [(leader, 200), (boris, -200)], "what they owe can still be settled");
}

/// Payments of one moment too: everything is shown once, on whatever page.
async fn a_ledger_is_read_by_pages(world: World) {
    let (leader, anna) = (world.leader, world.members[0]);
    world.join(anna, "member").await;
    for amount in 1..=5 {
        ledger::record_payment(&world.db, &payment(&world, anna, leader, amount)).await.unwrap();
    }

    let everybody = async |page: Page| ledger::entries(&world.db, world.group, &page).await.unwrap();
    let hers = async |page: Page| ledger::entries_of(&world.db, world.group, anna, &page).await.unwrap();

    for limit in 1..=11 {
        let mut all = amounts(limit, everybody).await;
        all.sort_unstable();
        assert_eq!(all, [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]);
        assert_eq!(amounts(limit, hers).await, [5, 4, 3, 2, 1], "latest first");
    }
}

async fn amounts(limit: u32, read: impl AsyncFn(Page) -> Paged<ledger::Entry>) -> Vec<i64> {
    let mut amounts = Vec::new();
    let mut page = Page::first(limit);
    loop {
        let read = read(page).await;
        amounts.extend(read.items.iter().map(|entry| entry.amount));
        match read.next {
            None => return amounts,
            after => page = Page { limit, after },
        }
    }
}
