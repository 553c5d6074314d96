//! Weighing and costs: who owes what.

use crate::cast::{A, B, L, P1, P2, P3, P4, Trip, id};
use bulq_domain::command::{CostSplit, DefaultCost, NewRun};
use bulq_domain::run::{Entry, What};
use bulq_domain::{Code, Event, Label, Money};

fn weighs(trip: &mut Trip, who: &str, received: &str) {
    let fields = format!(r#","user_id":"{}","product_id":"{P1}","received":"{received}""#, id(who));
    trip.says(L, "set_received", &fields);
}

/// A gets 3 and B 1 of P1 for 800, paid by L; B gets 1 of P2 for 1200, paid by A.
fn handing_out() -> Trip {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "3"), (B, P1, "1"), (B, P2, "1")]);
    trip.buys(L, P1, "4", 800);
    trip.buys(A, P2, "1", 1200);
    trip.says(L, "finish_shopping", "");
    trip
}

fn costs(trip: &mut Trip, label: &str, amount: i64, split: &str) -> u64 {
    trip.says(L, "add_cost", &format!(r#","label":"{label}","amount":{amount},"split":"{split}""#));
    trip.run.seq
}

#[test]
fn what_the_scales_miss_is_shared_by_received_quantity() {
    let mut trip = handing_out();

    weighs(&mut trip, A, "2.5");

    assert_eq!(trip.allocated(P1), [(A, "2.5", 571), (B, "1", 229)]);
    assert_eq!(trip.shrink(P1), "0.5");
}

/// Everything is lost on the way: only those who were to get some pay for it.
#[test]
fn nothing_weighed_for_somebody_who_gets_nothing_is_no_change() {
    let mut trip = handing_out();

    weighs(&mut trip, L, "0");
    weighs(&mut trip, A, "0");
    weighs(&mut trip, B, "0");

    assert_eq!(trip.allocated(P1), [(A, "0", 400), (B, "0", 400)]);
    assert_eq!(trip.shrink(P1), "4");
}

#[test]
fn costs_are_shared_by_value_equally_or_by_quantity() {
    // Goods: A 600, B 200 + 1200.
    for (split, a, b) in [("by_value", 300, 700), ("equally", 500, 500), ("by_quantity", 600, 400)] {
        let mut trip = handing_out();
        assert_eq!(trip.owed(), [(A, 600), (B, 1400)]);

        let cost = costs(&mut trip, "fuel", 1000, split);

        assert_eq!(trip.owed(), [(A, 600 + a), (B, 1400 + b)], "{split}");
        assert_eq!(trip.run.spent(), (Money(2000), Money(1000)));
        trip.says(L, "remove_cost", &format!(r#","cost":{cost}"#));
        assert_eq!(trip.owed(), [(A, 600), (B, 1400)]);
        assert_eq!(trip.refused(L, "remove_cost", &format!(r#","cost":{cost}"#)), Code::CostNotFound);
    }
}

#[test]
fn of_two_odd_cents_each_bears_one() {
    let mut trip = handing_out();
    costs(&mut trip, "fuel", 1, "equally");
    assert_eq!(trip.owed(), [(A, 601), (B, 1400)]);

    costs(&mut trip, "ferry", 1, "equally");

    assert_eq!(trip.owed(), [(A, 601), (B, 1401)]);
}

#[test]
fn amounts_of_costs_have_limits() {
    let trip = handing_out();
    let adds = |amount: i64| format!(r#","label":"fuel","amount":{amount},"split":"equally""#);
    for amount in [0, -1, 100_000_000] {
        assert_eq!(trip.refused(L, "add_cost", &adds(amount)), Code::AmountOutOfRange, "{amount}");
    }
    for amount in [1, 99_999_999] {
        assert!(trip.decide(L, "add_cost", &adds(amount)).is_ok(), "{amount}");
    }
}

#[test]
fn every_transfer_explains_itself() {
    let mut trip = handing_out();
    let fuel = costs(&mut trip, "fuel", 1000, "equally");
    let label: Label = "fuel".to_owned().try_into().unwrap();

    // L paid 1800; A paid 1200 and owes 1100; B owes 1900.
    assert_eq!(trip.transfers(), [(B, A, 100), (B, L, 1800)]);

    let settlement = trip.run.settlement();
    let entry = |what: What, amount: i64| Entry { what, amount: Money(amount) };
    let product = crate::cast::product;
    let own = [
        entry(What::Item(product(P1)), 200),
        entry(What::Item(product(P2)), 1200),
        entry(What::Cost(fuel, label), 500),
    ];
    assert_eq!(settlement.transfers[0].because[..3], own);
    assert_eq!(settlement.transfers[0].because[3..], [entry(What::Transfer(id(L)), -1800)]);
    assert_eq!(settlement.transfers[1].because[3..], [entry(What::Transfer(id(A)), -100)]);
    let balances: Vec<_> = settlement.balances.iter().map(|b| (b.user_id, b.paid.0, b.owes.0)).collect();
    assert_eq!(balances, [(id(L), 1800, 0), (id(A), 1200, 1100), (id(B), 0, 1900)]);
}

#[test]
fn who_paid_and_owes_sees_both_in_the_explanation() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "1"), (B, P1, "3"), (B, P2, "1")]);
    trip.buys(L, P1, "4", 800);
    trip.buys(B, P2, "1", 300);
    trip.says(L, "finish_shopping", "");

    let settlement = trip.run.settlement();

    let b = settlement.transfers.iter().find(|explained| explained.transfer.from == id(B)).unwrap();
    let product = crate::cast::product;
    let because: Vec<_> = b.because.iter().map(|entry| (entry.what.clone(), entry.amount.0)).collect();
    let expected =
        [(What::Item(product(P1)), 600), (What::Item(product(P2)), 300), (What::PaidItem(product(P2)), -300)];
    assert_eq!(because, expected);
}

#[test]
fn a_groups_costs_begin_with_shopping_and_are_the_leaders() {
    let label: Label = "fuel".to_owned().try_into().unwrap();
    let fuel = DefaultCost { label: label.clone(), amount: Money(500), split: CostSplit::Equally };
    let mut trip = Trip::created(|new| NewRun { costs: vec![fuel], ..new });
    trip.bids(A, P1, "1");
    assert!(trip.run.costs.is_empty());

    trip.start();

    let added = Event::CostAdded { label, amount: Money(500), split: CostSplit::Equally, payer_id: id(L) };
    assert_eq!(trip.log.last(), Some(&added));
    assert_eq!((trip.run.costs.len(), trip.run.costs[0].id), (1, trip.run.seq));
    assert!(trip.owed().is_empty(), "nothing is owed before anything is handed out");
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.settled(), [(L, 500, 500)], "nobody got anything: it stays with who paid");
}

#[test]
fn nobody_is_shown_a_line_of_nothing() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "1"), (B, P1, "1")]);
    trip.buys(L, P1, "2", 200);
    trip.says(L, "add_cost", r#","label":"bag","amount":1,"split":"equally""#);
    trip.says(L, "finish_shopping", "");

    let lines = |who: &str| {
        let settlement = trip.run.settlement();
        let found = settlement.transfers.iter().find(|t| t.transfer.from == id(who));
        found.unwrap().because.iter().map(|entry| entry.amount.0).collect::<Vec<_>>()
    };

    assert_eq!((lines(A), lines(B)), (vec![100, 1], vec![100]));
}

/// Item by item: what the extras of earlier ones cost decides who gets those of the next.
#[test]
fn extras_go_to_whose_extras_cost_least_so_far() {
    let bids = |product: &str, quantity: u32, max: u32| {
        format!(r#","product_id":"{product}","quantity":{quantity},"max":{max}"#)
    };
    // A took one for 100; B four for 10 cents each, or for 30.
    for (total, expected) in [(140, [(A, "1", 10), (B, "2", 20)]), (420, [(A, "2", 20), (B, "1", 10)])] {
        let mut trip = Trip::new();
        for (who, bid) in
            [(A, bids(P4, 4, 5)), (B, bids(P2, 10, 14)), (A, bids(P3, 1, 2)), (B, bids(P3, 1, 2))]
        {
            trip.says(who, "place_bid", &bid);
        }
        trip.start();
        for (product, quantity, total) in [(P4, "5", 500), (P2, "14", total), (P3, "3", 30)] {
            trip.buys(L, product, quantity, total);
        }

        trip.says(L, "finish_shopping", "");

        assert_eq!(trip.allocated(P3), expected);
    }
}
