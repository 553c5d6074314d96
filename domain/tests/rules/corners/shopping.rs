//! Buying.

use crate::cast::{A, B, C, FAMILY, L, MEMBER, P1, P2, P3, Trip, id, numbered, product, purchase, q};
use bulq_domain::event::{Departure, Picked};
use bulq_domain::run::Item;
use bulq_domain::{Code, Event, Money, State};

/// A wants 2 of P1, B 1 of P2; in shopping.
fn in_the_shop() -> Trip {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "2"), (B, P2, "1")]);
    trip
}

fn item<'a>(trip: &'a Trip, product: &str) -> &'a Item {
    trip.run.line(self::product(product)).unwrap().item.as_ref().unwrap()
}

#[test]
fn parts_are_added_edited_and_taken_back() {
    let mut trip = in_the_shop();
    assert_eq!(trip.refused(L, "edit_purchase", &purchase(P1, "1", 100)), Code::NotBought);
    assert_eq!(trip.refused(L, "undo_purchase", &format!(r#","product_id":"{P1}""#)), Code::NotBought);
    trip.says(L, "record_purchase", &purchase(P1, "1", 100));
    trip.says(L, "add_purchase", &purchase(P1, "2", 300));
    trip.says(L, "edit_purchase", &(purchase(P1, "1.5", 200) + r#","part":1"#));
    assert_eq!((item(&trip, P1).bought(), item(&trip, P1).total()), (q("2.5"), Money(300)));
    let beyond = trip.refused(L, "edit_purchase", &(purchase(P1, "1", 100) + r#","part":2"#));
    assert_eq!(beyond, Code::NotBought);
    let same = purchase(P1, "1.5", 200) + r#","part":1"#;
    assert_eq!(trip.decide(L, "edit_purchase", &same).unwrap(), []);

    trip.says(L, "edit_purchase", &purchase(P1, "3", 500));
    assert_eq!(item(&trip, P1).parts.len(), 1, "one part takes the place of all");

    trip.says(L, "undo_purchase", &format!(r#","product_id":"{P1}""#));
    assert!(item(&trip, P1).parts.is_empty());
    trip.says(L, "add_purchase", &purchase(P1, "1", 100));
    assert_eq!(item(&trip, P1).bought(), q("1"), "a first part needs nothing before it");
}

#[test]
fn a_purchase_based_on_an_older_look_is_refused_with_the_line() {
    let mut trip = in_the_shop();
    trip.says(L, "record_purchase", &purchase(P1, "1", 100));
    let seq = trip.run.seq;
    let based_on = |seq: u64| format!(r#"{},"expected_seq":{seq}"#, purchase(P1, "2", 200));
    for kind in ["record_purchase", "add_purchase", "edit_purchase"] {
        let rejection = trip.rejection(L, kind, &based_on(seq - 1));
        assert_eq!(
            (rejection.code, &rejection.facts["current"]["changed"]),
            (Code::SeqConflict, &seq.into())
        );
        assert!(trip.decide(L, kind, &based_on(seq)).is_ok(), "{kind}");
    }
    let undo = |seq: u64| format!(r#","product_id":"{P1}","expected_seq":{seq}"#);
    assert_eq!(trip.refused(L, "undo_purchase", &undo(seq - 1)), Code::SeqConflict);
    assert!(trip.decide(L, "undo_purchase", &undo(seq)).is_ok());
}

#[test]
fn quantities_and_totals_of_purchases_have_limits() {
    let trip = in_the_shop();
    let refused = |quantity: &str, total: u32| {
        let rejection = trip.rejection(L, "record_purchase", &purchase(P1, quantity, total));
        (rejection.code, rejection.facts["field"].as_str().unwrap().to_owned())
    };
    assert_eq!(refused("0", 100), (Code::QuantityOutOfRange, "quantity".to_owned()));
    assert_eq!(refused("0.005", 100), (Code::NotAMultipleOfStep, "quantity".to_owned()));
    assert_eq!(refused("1", 0), (Code::AmountOutOfRange, "total".to_owned()));
    assert_eq!(refused("1", 100_000_000), (Code::AmountOutOfRange, "total".to_owned()));
    assert!(trip.decide(L, "record_purchase", &purchase(P1, "9999", 99_999_999)).is_ok());
    assert!(trip.decide(L, "record_purchase", &purchase(P1, "0.01", 1)).is_ok());
}

#[test]
fn all_parts_together_have_limits_too() {
    let mut trip = in_the_shop();
    trip.says(L, "record_purchase", &purchase(P1, "9998", 99_999_998));
    assert_eq!(trip.refused(L, "add_purchase", &purchase(P1, "1.01", 1)), Code::QuantityOutOfRange);
    assert_eq!(trip.refused(L, "add_purchase", &purchase(P1, "1", 2)), Code::AmountOutOfRange);
    trip.says(L, "add_purchase", &purchase(P1, "1", 1));
    assert_eq!((item(&trip, P1).bought(), item(&trip, P1).total()), (q("9999"), Money(99_999_999)));
}

#[test]
fn whoever_pays_takes_part() {
    let mut trip = in_the_shop();
    let paid_by = |who: &str| format!(r#"{},"payer":"{}""#, purchase(P1, "2", 200), id(who));
    assert!(trip.run.participant(id(C)).is_none());
    trip.says(L, "record_purchase", &paid_by(C));
    assert_eq!(trip.run.participant(id(C)).unwrap().name.as_ref(), C);
    assert_eq!(item(&trip, P1).parts[0].payer_id, id(C));
    trip.leaves(B, Departure::Left);
    assert_eq!(trip.refused(L, "edit_purchase", &paid_by(B)), Code::PersonNotFound);
    assert_eq!(trip.run.participants.len(), 4, "nobody joins twice");
}

#[test]
fn only_leader_and_helpers_buy() {
    let mut trip = in_the_shop();
    assert_eq!(trip.refused(A, "record_purchase", &purchase(P1, "2", 200)), Code::ShopperOnly);
    trip.says(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(A)));
    assert_eq!(trip.decide(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(A))).unwrap(), []);
    assert!(trip.decide(A, "record_purchase", &purchase(P1, "2", 200)).is_ok());
    trip.says(L, "dismiss_helper", &format!(r#","user_id":"{}""#, id(A)));
    assert_eq!(trip.decide(L, "dismiss_helper", &format!(r#","user_id":"{}""#, id(A))).unwrap(), []);
    assert_eq!(trip.refused(A, "record_purchase", &purchase(P1, "2", 200)), Code::ShopperOnly);
    let herself = trip.refused(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(L)));
    assert_eq!(herself, Code::LeaderIsNoHelper);
    trip.says(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(C)));
    assert!(trip.run.participant(id(C)).unwrap().helper, "whoever helps takes part");
}

#[test]
fn of_a_family_the_shopper_picks_a_member() {
    let mut trip = Trip::new();
    trip.shops(&[(A, FAMILY, "2")]);
    let picks = |member: &str| format!(r#"{},"picked":"{member}""#, purchase(FAMILY, "2", 500));
    assert_eq!(trip.refused(L, "record_purchase", &picks(P2)), Code::NotOfTheFamily);
    let unknown = trip.decide_without_catalogue(L, "record_purchase", &picks(MEMBER));
    assert_eq!(unknown.unwrap_err().code, Code::ProductNotFound);

    trip.says(L, "record_purchase", &picks(MEMBER));

    let picked = Picked { product_id: product(MEMBER), name: "rice".into() };
    assert_eq!(item(&trip, FAMILY).parts[0].picked, Some(picked));
    trip.says(L, "edit_purchase", &picks(FAMILY));
    assert_eq!(item(&trip, FAMILY).parts[0].picked, None, "the family itself is no choice");
}

#[test]
fn an_item_nobody_bid_on_is_added_for_somebody() {
    let mut trip = in_the_shop();
    let adds = |product: &str, quantity: &str, who: &str| {
        format!(r#","product_id":"{product}","quantity":"{quantity}","for":"{}""#, id(who))
    };
    trip.says(L, "add_item", &adds(P3, "2", C));
    let line = trip.run.line(product(P3)).unwrap();
    assert_eq!((line.bids.len(), line.bids[0].quantity, line.bids[0].max), (1, q("2"), q("2")));
    assert_eq!((trip.requested(P3).as_str(), trip.run.participants.last().unwrap().user_id), ("2", id(C)));
    assert_eq!(item(&trip, P3).changed, trip.run.seq);
    assert_eq!(trip.refused(L, "add_item", &adds(P3, "1", C)), Code::AlreadyOnList);
    assert_eq!(trip.refused(L, "add_item", &adds(&numbered(1), "0", C)), Code::QuantityOutOfRange);
    assert_eq!(trip.refused(L, "add_item", &adds(&numbered(1), "0.5", C)), Code::NotAMultipleOfStep);
    let unknown = trip.decide_without_catalogue(
        L,
        "add_item",
        &format!(r#","product_id":"{}","quantity":"1""#, numbered(1)),
    );
    assert_eq!(unknown.unwrap_err().code, Code::ProductNotFound);
    trip.says(L, "add_item", &format!(r#","product_id":"{}","quantity":"1""#, numbered(2)));
    let own = &trip.run.line(product(&numbered(2))).unwrap().bids[0];
    assert_eq!(trip.run.participants[own.by as usize].user_id, id(L));
    assert_eq!(trip.refused(L, "record_purchase", &purchase(&numbered(3), "1", 100)), Code::ItemNotFound);
}

#[test]
fn a_wish_that_was_not_planned_may_be_bought_all_the_same() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "1"), (B, P3, "5")]);
    assert!(trip.run.line(product(P3)).unwrap().item.is_none(), "not a full pack");

    trip.buys(L, P3, "5", 500);
    trip.says(L, "finish_shopping", "");

    assert_eq!((trip.state(), trip.allocated(P3)), (State::Distributing, vec![(B, "5", 500)]));
}

#[test]
fn prices_are_observed_of_what_is_known() {
    let trip = in_the_shop();
    let sees = |product: &str, price: i64| format!(r#","product_id":"{product}","price":{price}"#);
    let seen = trip.decide(L, "observe_price", &sees(P1, 250)).unwrap();
    assert_eq!(seen, [Event::PriceObserved { product_id: product(P1), price: Money(250) }]);
    assert!(trip.decide(L, "observe_price", &sees(&numbered(9), 250)).is_ok(), "the catalogue knows it");
    assert!(trip.decide_without_catalogue(L, "observe_price", &sees(P1, 250)).is_ok(), "the run knows it");
    let unknown = trip.decide_without_catalogue(L, "observe_price", &sees(&numbered(9), 250));
    assert_eq!(unknown.unwrap_err().code, Code::ProductNotFound);
    assert_eq!(trip.refused(L, "observe_price", &sees(P1, 0)), Code::AmountOutOfRange);
}

#[test]
fn who_leaves_while_shopping_takes_their_wishes_along() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "2"), (B, P1, "1"), (B, P3, "5")]);

    trip.leaves(B, Departure::Left);

    assert_eq!(trip.wanted(P1), "2");
    assert!(trip.run.line(product(P3)).is_none(), "it is not on the list and nobody wants it");
    trip.leaves(A, Departure::Left);
    assert_eq!(trip.wanted(P1), "0", "what is on the list stays there");
    let again = trip.run.member_left(id(A), Departure::Left);
    assert_eq!(again, [], "nobody leaves twice");
    assert_eq!(trip.run.member_returned(id(C)), [], "nor comes back from nowhere");
}

/// Whoever reads the receipt again has not paid it.
#[test]
fn a_corrected_part_stays_paid_and_picked_as_it_was() {
    let mut trip = Trip::new();
    trip.shops(&[(A, FAMILY, "2"), (B, FAMILY, "1")]);
    let picked = format!(r#","picked":"{MEMBER}","payer":"{}""#, id(A));
    trip.says(L, "record_purchase", &(purchase(FAMILY, "2", 200) + &picked));
    trip.says(L, "add_purchase", &purchase(FAMILY, "1", 90));

    trip.says(L, "edit_purchase", &(purchase(FAMILY, "2", 210) + r#","part":0"#));

    let part = |trip: &Trip, at: usize| {
        let parts = &trip.run.line(product(FAMILY)).unwrap().item.as_ref().unwrap().parts;
        (parts[at].payer_id, parts[at].picked.as_ref().map(|picked| picked.product_id), parts[at].total.0)
    };
    assert_eq!(part(&trip, 0), (id(A), Some(product(MEMBER)), 210));
    trip.leaves(A, Departure::Left);
    trip.says(L, "edit_purchase", &(purchase(FAMILY, "2", 220) + r#","part":0"#));
    assert_eq!(part(&trip, 0), (id(A), Some(product(MEMBER)), 220), "they paid, here or not");
    let otherwise = format!(r#","part":0,"picked":"{FAMILY}","payer":"{}""#, id(B));
    trip.says(L, "edit_purchase", &(purchase(FAMILY, "2", 220) + &otherwise));
    assert_eq!(part(&trip, 0), (id(B), None, 220));
    trip.says(L, "edit_purchase", &purchase(FAMILY, "3", 300));
    assert_eq!(part(&trip, 0), (id(L), None, 300), "a new part for all");
}
