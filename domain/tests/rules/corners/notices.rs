//! Who is told what.

use crate::cast::{A, B, C, L, P1, P3, Trip, id};
use bulq_domain::event::Departure;
use bulq_domain::run::{Notice, NoticeKind};

fn told(who: &str, kind: NoticeKind) -> Notice {
    Notice { user: id(who), kind }
}

#[test]
fn only_a_full_pack_that_opens_is_told_and_not_to_who_opened_it() {
    let mut trip = Trip::new();
    trip.bids(A, P3, "9");
    assert_eq!(
        trip.bids(B, P3, "3"),
        [],
        "nobody is told of a pack that was not full before, or is full now"
    );

    assert_eq!(trip.bids(B, P3, "2"), [told(A, NoticeKind::GapOpen)]);
    assert_eq!(trip.bids(B, P3, "1"), [], "it is open already");
    trip.bids(B, P3, "3");
    let gone = trip.says(B, "retract_bid", &format!(r#","product_id":"{P3}""#));
    assert_eq!(gone, [told(A, NoticeKind::GapOpen)]);
}

#[test]
fn nobody_is_told_of_a_gap_that_no_bid_can_close() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P3, "6"), (B, P3, "6")]);
    trip.buys(L, P3, "6", 600);
    trip.says(L, "finish_shopping", "");

    assert_eq!(trip.bids(A, P3, "3"), [], "it is bought already");
}

#[test]
fn somebody_the_leader_bids_for_is_told() {
    let mut trip = Trip::new();
    let bid = format!(r#","product_id":"{P1}","quantity":"2","for":"{}""#, id(A));
    assert_eq!(
        trip.says(L, "place_bid", &bid),
        [told(A, NoticeKind::BidForYou), told(A, NoticeKind::StateChanged)]
    );
    trip.start();

    let item = format!(r#","product_id":"{P3}","quantity":"1","for":"{}""#, id(A));

    assert_eq!(trip.says(L, "add_item", &item), [told(A, NoticeKind::BidForYou)]);
}

#[test]
fn moves_are_told_to_everybody_who_takes_part_but_the_author() {
    let mut trip = Trip::new();
    assert_eq!(trip.bids(A, P1, "1"), [told(L, NoticeKind::StateChanged)]);
    assert_eq!(trip.bids(B, P1, "1"), [], "there is no gap, before or after");
    trip.leaves(B, Departure::Left);

    assert_eq!(trip.says(L, "confirm", ""), [told(A, NoticeKind::StateChanged)]);
}

#[test]
fn a_helper_is_told_and_so_is_who_was_removed() {
    let mut trip = Trip::new();
    let helper = |who: &str| format!(r#","user_id":"{}""#, id(who));
    assert_eq!(trip.says(L, "appoint_helper", &helper(A)), [told(A, NoticeKind::HelperAppointed)]);
    assert_eq!(trip.says(L, "dismiss_helper", &helper(A)), []);
    trip.bids(C, P1, "1");
    assert_eq!(trip.leaves(C, Departure::Left), [], "before shopping nobody needs to act");
    assert_eq!(trip.leaves(A, Departure::Removed), [told(A, NoticeKind::Removed)]);
}

#[test]
fn who_leads_a_run_is_not_told_that_their_offer_ended_with_them() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    trip.says(L, "offer_handover", &format!(r#","to":"{}""#, id(A)));

    let told = trip.leaves(L, Departure::Left);

    let expected = [NoticeKind::HandoverEnded, NoticeKind::StateChanged];
    assert_eq!(told, expected.map(|kind| Notice { user: id(A), kind }));
}

#[test]
fn who_withdraws_or_declines_is_not_told_but_the_other_is() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    for (by, command, other) in [(L, "withdraw_handover", A), (A, "decline_handover", L)] {
        trip.says(L, "offer_handover", &format!(r#","to":"{}""#, id(A)));
        assert_eq!(trip.says(by, command, ""), [told(other, NoticeKind::HandoverEnded)]);
    }
}
