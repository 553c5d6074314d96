//! Handing out.

use crate::cast::{A, B, C, L, P1, P2, P3, Trip, id, purchase};
use bulq_domain::run::Taken;
use bulq_domain::{Code, CommandKind, State};

/// A gets 2 of P1 and 1 of P2, B 1 of P1.
fn handing_out() -> Trip {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "2"), (B, P1, "1"), (A, P2, "1")]);
    trip.buys(L, P1, "3", 300);
    trip.buys(L, P2, "1", 50);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.state(), State::Distributing);
    trip
}

fn of(who: &str, product: Option<&str>) -> String {
    let product = product.map(|product| format!(r#","product_id":"{product}""#));
    format!(r#","user_id":"{}"{}"#, id(who), product.unwrap_or_default())
}

fn received(who: &str, product: &str, quantity: &str) -> String {
    format!(r#"{},"received":"{quantity}""#, of(who, Some(product)))
}

#[test]
fn one_item_or_everything_of_a_person_is_picked_up() {
    let mut trip = handing_out();
    trip.says(L, "pick_up", &of(A, Some(P1)));
    assert_eq!(trip.taken(P1), [(A, Some(Taken::PickedUp)), (B, None)]);
    assert_eq!(trip.taken(P2), [(A, None)]);
    assert_eq!(trip.refused(L, "pick_up", &of(A, Some(P1))), Code::AlreadyPickedUp);
    assert_eq!(trip.refused(L, "left_with_leader", &of(A, Some(P1))), Code::AlreadyPickedUp);
    trip.says(L, "left_with_leader", &of(A, None));
    assert_eq!(trip.taken(P2), [(A, Some(Taken::LeftWithLeader))]);
    assert_eq!(trip.taken(P1)[0], (A, Some(Taken::PickedUp)), "only what still waited");
    assert_eq!(trip.refused(L, "pick_up", &of(A, None)), Code::AlreadyPickedUp);
    assert_eq!(trip.refused(L, "pick_up", &of(C, None)), Code::AllocationNotFound);
    assert_eq!(trip.refused(L, "pick_up", &of(B, Some(P2))), Code::AllocationNotFound);

    trip.says(L, "undo_pick_up", &of(A, None));

    assert_eq!((trip.taken(P1)[0], trip.taken(P2)[0]), ((A, None), (A, None)));
    assert_eq!(trip.refused(L, "undo_pick_up", &of(A, None)), Code::NotPickedUp);
    assert_eq!(trip.refused(A, "pick_up", &of(A, None)), Code::ShopperOnly);
}

#[test]
fn what_is_left_with_the_leader_completes_the_run_too() {
    let mut trip = handing_out();
    let waiting = |trip: &Trip| trip.rejection(L, "complete", "").facts["waiting"].clone();
    assert_eq!(waiting(&trip), 3);
    trip.says(L, "left_with_leader", &of(A, None));
    assert_eq!(waiting(&trip), 1);
    trip.says(L, "set_received", &received(B, P1, "0"));

    trip.says(L, "complete", "");

    assert_eq!(trip.state(), State::Completed);
    assert!(trip.may(L).is_empty());
}

#[test]
fn nobody_gets_more_than_was_bought_and_nothing_is_weighed_after_it_was_taken() {
    let mut trip = handing_out();
    let rejection = trip.rejection(L, "set_received", &received(A, P1, "2.001"));
    assert_eq!((rejection.code, &rejection.facts["max"]), (Code::MoreThanBought, &"2".into()));
    trip.says(L, "set_received", &received(A, P1, "1.755"));
    assert_eq!(trip.allocated(P1), [(A, "1.755", 191), (B, "1", 109)]);
    assert_eq!(trip.decide(L, "set_received", &received(A, P1, "1.755")).unwrap(), []);
    assert_eq!(trip.refused(L, "set_received", &received(B, P1, "1.246")), Code::MoreThanBought);
    trip.says(L, "set_received", &received(B, P1, "1.245"));
    assert_eq!(trip.shrink(P1), "0");
    trip.says(L, "pick_up", &of(B, None));
    assert_eq!(trip.refused(L, "set_received", &received(B, P1, "1")), Code::AlreadyPickedUp);

    assert_eq!(
        trip.refused(L, "set_received", &received(A, P2, "0.5")),
        Code::NotAMultipleOfStep,
        "pieces stay whole"
    );
    assert_eq!(trip.refused(L, "set_received", &received(C, P1, "0.1")), Code::AllocationNotFound);
    assert_eq!(trip.refused(L, "set_received", &received(A, P3, "1")), Code::AllocationNotFound);
}

#[test]
fn what_one_leaves_another_may_take() {
    let mut trip = handing_out();
    trip.says(L, "set_received", &received(A, P1, "1"));

    trip.says(L, "set_received", &received(L, P1, "1"));

    assert_eq!(trip.allocated(P1), [(L, "1", 100), (A, "1", 100), (B, "1", 100)]);
}

#[test]
fn an_item_that_was_not_bought_is_not_weighed() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "2"), (B, P2, "1")]);
    trip.says(L, "record_purchase", &purchase(P1, "2", 100));
    trip.says(L, "finish_shopping", "");

    assert_eq!(trip.refused(L, "set_received", &received(B, P2, "0")), Code::AllocationNotFound);
}

#[test]
fn who_left_keeps_what_is_theirs_and_gets_nothing_new() {
    use bulq_domain::event::Departure;
    let mut trip = handing_out();
    trip.says(L, "set_received", &received(A, P1, "1"));
    trip.leaves(B, Departure::Left);

    assert!(trip.decide(L, "set_received", &received(B, P1, "1.5")).is_ok());
    assert_eq!(trip.refused(L, "set_received", &received(B, P2, "0")), Code::AllocationNotFound);
    assert!(trip.decide(L, "pick_up", &of(B, None)).is_ok(), "somebody else carries it");
    assert!(trip.may(L).contains(&CommandKind::Complete));
}

/// Shares of a cent go round: who went without at one item comes first at the next, also when that is weighed again.
#[test]
fn a_tie_lost_at_one_item_counts_when_another_is_weighed() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "1"), (B, P1, "1"), (A, P2, "2"), (B, P2, "2")]);
    trip.buys(L, P1, "2", 3);
    trip.buys(L, P2, "4", 5);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.allocated(P1), [(A, "1", 2), (B, "1", 1)]);
    assert_eq!(trip.allocated(P2), [(A, "2", 2), (B, "2", 3)]);

    trip.says(L, "set_received", &received(A, P2, "1"));
    trip.says(L, "set_received", &received(B, P2, "1"));

    assert_eq!(trip.allocated(P2), [(A, "1", 2), (B, "1", 3)], "B lost the cent of the other item");
}

/// As with cents: who went without the last piece of one item comes first at the next.
#[test]
fn a_piece_lost_at_one_item_is_won_at_the_next() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P2, "1"), (B, P2, "1"), (A, P3, "6"), (B, P3, "6")]);
    trip.buys(L, P2, "1", 100);
    trip.buys(L, P3, "11", 1100);
    trip.says(L, "finish_shopping", "");

    trip.says(L, "finish_adjusting", r#","force":true"#);

    assert_eq!(trip.allocated(P2), [(A, "1", 100), (B, "0", 0)]);
    assert_eq!(trip.allocated(P3), [(A, "5", 500), (B, "6", 600)]);
}
