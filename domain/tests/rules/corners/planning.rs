//! Before shopping: deadlines, readiness, details, what somebody may do.

use crate::cast::{A, B, C, L, P1, P2, P3, Trip, X, at, id, product, q};
use bulq_domain::command::NewRun;
use bulq_domain::event::{Cause, Consequence, Departure};
use bulq_domain::{Code, CommandKind, Event, Money, Role, State};

fn with_deadline(seq: u64) -> Trip {
    Trip::created(|new| NewRun { bidding_deadline: Some(at(seq)), ..new })
}

#[test]
fn bidding_closes_at_the_deadline_and_only_once() {
    let mut trip = with_deadline(50);
    assert_eq!(trip.run.closes_at(), None, "it is not open yet");
    assert!(trip.run.deadline_passed(at(50)).is_empty());
    trip.bids(A, P1, "1");
    trip.says(A, "set_ready", r#","ready":true"#);
    trip.bids(B, P1, "1");
    assert_eq!(trip.run.closes_at(), Some(at(50)));
    assert!(trip.run.deadline_passed(at(49)).is_empty());

    let events = trip.run.deadline_passed(at(50));

    let unready = vec![id(B)];
    assert_eq!(events, [Event::RunConfirmed { state: State::Confirmed, cause: Cause::Deadline, unready }]);
    trip.record(events, None);
    assert!(trip.run.deadline_passed(at(51)).is_empty());
    assert_eq!(trip.run.closes_at(), None);
}

#[test]
fn a_deadline_that_has_had_its_day_does_not_close_again() {
    let mut trip = with_deadline(5);
    trip.bids(A, P1, "1");
    trip.says(L, "confirm", "");
    trip.says(L, "step_back", "");
    assert!(trip.run.times[&State::Active] > at(5));

    assert_eq!((trip.run.closes_at(), trip.run.deadline_passed(at(99))), (None, Vec::new()));
}

#[test]
fn a_run_opened_at_its_deadline_closes() {
    let mut trip = with_deadline(3);
    trip.says(L, "open", "");

    assert_eq!((trip.run.times[&State::Active], trip.run.closes_at()), (at(3), Some(at(3))));
}

#[test]
fn back_to_planning_only_while_nobody_else_has_a_bid() {
    let mut trip = Trip::new();
    trip.bids(L, P1, "1");
    trip.says(L, "open", "");
    assert!(trip.may(L).contains(&CommandKind::StepBack));
    trip.bids(A, P1, "1");
    assert!(!trip.may(L).contains(&CommandKind::StepBack));
    let rejection = trip.rejection(L, "step_back", "");
    assert_eq!((rejection.code, &rejection.facts["people"]), (Code::OthersHaveBids, &1.into()));
    trip.says(A, "retract_bid", &format!(r#","product_id":"{P1}""#));

    trip.says(L, "step_back", "");

    assert_eq!(trip.state(), State::Planning);
}

#[test]
fn stepping_back_takes_readiness_back() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    trip.says(A, "set_ready", r#","ready":true"#);
    trip.says(L, "confirm", "");

    trip.says(L, "step_back", "");

    assert_eq!(trip.state(), State::Active);
    assert!(!trip.run.participant(id(A)).unwrap().ready);
}

#[test]
fn readiness_is_absolute() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    trip.bids(B, P1, "1");
    assert_eq!(trip.refused(L, "set_ready", r#","ready":true"#), Code::NoBid);
    assert_eq!(trip.refused(C, "set_ready", r#","ready":true"#), Code::ParticipantOnly);
    assert_eq!(trip.decide(A, "set_ready", r#","ready":false"#).unwrap(), []);
    trip.says(A, "set_ready", r#","ready":true"#);
    assert_eq!(trip.decide(A, "set_ready", r#","ready":true"#).unwrap(), []);
    trip.says(A, "set_ready", r#","ready":false"#);
    trip.says(B, "set_ready", r#","ready":true"#);

    assert!(!trip.log.iter().any(|event| matches!(event, Event::EveryoneReady {})));
}

#[test]
fn the_last_bid_that_is_not_ready_going_makes_everyone_ready() {
    for auto_confirm in [false, true] {
        let mut trip = Trip::created(|new| NewRun { auto_confirm, ..new });
        trip.bids(A, P1, "1");
        trip.bids(B, P1, "1");
        trip.bids(B, P2, "1");
        trip.says(A, "set_ready", r#","ready":true"#);
        let retract = |product: &str| format!(r#","product_id":"{product}""#);
        trip.says(B, "retract_bid", &retract(P1));
        assert!(matches!(trip.log.last(), Some(Event::BidRetracted { .. })), "B still has a bid");

        trip.says(B, "retract_bid", &retract(P2));

        let expected = if auto_confirm { State::Confirmed } else { State::Active };
        assert_eq!(trip.state(), expected);
        assert!(trip.log.iter().any(|event| matches!(event, Event::EveryoneReady {})));
    }
}

#[test]
fn the_last_one_with_a_bid_taking_it_back_makes_nobody_ready() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");

    trip.says(A, "retract_bid", &format!(r#","product_id":"{P1}""#));

    assert!(!trip.log.iter().any(|event| matches!(event, Event::EveryoneReady {})));
    assert!(trip.run.lines.is_empty());
}

#[test]
fn details_change_only_where_they_differ() {
    let mut trip = Trip::new();
    trip.says(L, "edit_details", r#","comment":"by bike","planned_on":"2026-12-01""#);
    trip.says(L, "edit_details", r#","bidding_deadline":"2026-11-30T10:00:00Z""#);
    assert_eq!(trip.run.comment.as_ref().map(|comment| comment.as_str()), Some("by bike"));
    assert_eq!(trip.run.planned_on, Some("2026-12-01".parse().unwrap()));
    let same = r#","comment":"by bike","planned_on":"2026-12-01","bidding_deadline":"2026-11-30T10:00:00Z""#;
    assert_eq!(trip.decide(L, "edit_details", same).unwrap(), []);

    trip.says(L, "edit_details", r#","comment":"","planned_on":null"#);

    assert_eq!((&trip.run.comment, trip.run.planned_on), (&None, None));
    assert!(trip.run.bidding_deadline.is_some(), "what is absent stays");
    trip.says(L, "edit_details", r#","bidding_deadline":null"#);
    assert_eq!(trip.run.bidding_deadline, None);
}

#[test]
fn exports_are_possible_from_confirmed_on() {
    let mut trip = Trip::new();
    assert!(!trip.run.may_export());
    trip.bids(A, P1, "1");
    assert!(!trip.run.may_export());
    trip.says(L, "confirm", "");
    assert!(trip.run.may_export());
    trip.says(L, "cancel", r#","reason":"no van""#);
    assert!(trip.run.may_export());
}

#[test]
fn what_somebody_may_do_is_what_makes_sense_now() {
    use CommandKind as K;
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    assert_eq!(trip.may(C), [K::PlaceBid]);
    assert_eq!(trip.may(A), [K::PlaceBid, K::RetractBid, K::SetReady]);
    let leader = [
        K::Confirm,
        K::Cancel,
        K::EditDetails,
        K::PlaceBid,
        K::RetractBid,
        K::AppointHelper,
        K::DismissHelper,
        K::OfferHandover,
    ];
    assert_eq!(trip.may(L), leader, "no bid of her own, but bids of others to take back");
    trip.says(L, "offer_handover", &format!(r#","to":"{}""#, id(A)));
    assert!(trip.may(A).contains(&K::AcceptHandover) && trip.may(A).contains(&K::DeclineHandover));
    assert!(trip.may(L).contains(&K::WithdrawHandover) && !trip.may(L).contains(&K::OfferHandover));
    assert!(!trip.may(L).contains(&K::AcceptHandover));

    assert!(!Trip::new().may(L).contains(&K::RetractBid), "there is none");
    assert!(!Trip::new().may(L).contains(&K::SetReady));
}

#[test]
fn the_leader_bids_for_others_and_nobody_else_does() {
    let mut trip = Trip::new();
    let bid = format!(r#","product_id":"{P1}","quantity":"2","for":"{}""#, id(A));
    trip.says(L, "place_bid", &bid);
    assert_eq!(trip.run.role(id(A)), Role::Participant);
    assert_eq!(trip.state(), State::Active);
    assert_eq!(trip.refused(B, "place_bid", &bid), Code::BidForOthers);
    trip.says(A, "place_bid", &format!(r#","product_id":"{P1}","quantity":"3","for":"{}""#, id(A)));
    assert_eq!(trip.wanted(P1), "3");

    trip.says(L, "retract_bid", &format!(r#","product_id":"{P1}","for":"{}""#, id(A)));

    assert!(trip.run.line(product(P1)).is_none());
    assert_eq!(trip.refused(L, "retract_bid", &format!(r#","product_id":"{P1}""#)), Code::BidNotFound);
}

#[test]
fn bids_are_checked_against_the_product() {
    let trip = Trip::new();
    let refused = |fields: &str| trip.refused(A, "place_bid", &format!(r#","product_id":"{P1}"{fields}"#));
    assert_eq!(refused(r#","quantity":"0.005""#), Code::NotAMultipleOfStep);
    assert_eq!(refused(r#","quantity":"1","min":"0.005""#), Code::NotAMultipleOfStep);
    assert_eq!(refused(r#","quantity":"1","max":"1.005""#), Code::NotAMultipleOfStep);
    assert_eq!(refused(r#","quantity":"1","min":"2""#), Code::BidBoundsDisordered);
    assert_eq!(refused(r#","quantity":"2","max":"1""#), Code::BidBoundsDisordered);
    assert!(
        trip.decide(A, "place_bid", &format!(r#","product_id":"{P1}","quantity":"1","min":"1","max":"1""#))
            .is_ok()
    );
    let elsewhere =
        trip.decide_without_catalogue(A, "place_bid", &format!(r#","product_id":"{P1}","quantity":"1""#));
    assert_eq!(elsewhere.unwrap_err().code, Code::ProductNotFound);
}

#[test]
fn interest_counts_heads_and_nothing_else() {
    let mut trip = Trip::new();
    trip.says(A, "place_bid", &format!(r#","product_id":"{P3}","quantity":"5","interested_only":true"#));
    trip.says(B, "place_bid", &format!(r#","product_id":"{P3}","quantity":"0","interested_only":true"#));
    let line = trip.run.line(product(P3)).unwrap();
    assert_eq!((line.interested, line.wanted().is_zero(), line.plan().packs), (2, true, 0));

    trip.bids(A, P3, "12");
    trip.says(B, "retract_bid", &format!(r#","product_id":"{P3}""#));

    let line = trip.run.line(product(P3)).unwrap();
    assert_eq!((line.interested, line.plan().packs, trip.run.estimate()), (0, 1, Money(1200)));
}

#[test]
fn a_fill_raises_a_bid_by_what_is_missing_at_most() {
    let mut trip = Trip::new();
    trip.bids(A, P3, "9");
    let fill = |quantity: &str, max: &str| {
        format!(r#","product_id":"{P3}","quantity":"{quantity}","max":"{max}","fill":true"#)
    };
    assert_eq!(trip.refused(A, "place_bid", &fill("9", "13")), Code::GapTaken);
    trip.says(A, "place_bid", &fill("9", "12"));
    let bid = &trip.run.line(product(P3)).unwrap().bids[0];
    assert_eq!((bid.quantity, bid.max), (q("9"), q("12")));
}

#[test]
fn quantity_zero_takes_the_bid_back() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "2");
    trip.bids(B, P1, "1");

    trip.bids(A, P1, "0");

    assert_eq!((trip.wanted(P1).as_str(), trip.run.participant(id(A)).unwrap().bids), ("1", 0));
    assert_eq!(trip.bid_refused(A, P1, "0").code, Code::BidNotFound);
}

/// Level by level; one step at a time this would not end.
#[test]
fn a_mountain_of_extras_is_shared_at_once() {
    use bulq_domain::plan::{Willing, share_extras};
    let mountain = 1_000_000_000_000_000;
    let willing = |who: &str, cost: u128| Willing { user: id(who), room: mountain, cost };

    assert_eq!(share_extras(&[willing(A, 0), willing(B, 0)], mountain, 7), [mountain / 2, mountain / 2]);
    assert_eq!(
        share_extras(&[willing(A, 0), willing(B, 70)], mountain, 7),
        [mountain / 2 + 5, mountain / 2 - 5]
    );
    assert_eq!(share_extras(&[willing(A, 0), willing(B, 70)], mountain, 0), [mountain / 2, mountain / 2]);
}

#[test]
fn a_cancellation_names_everybody_whose_wishes_go() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    trip.bids(B, P2, "1");
    trip.says(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(C)));

    let preview = trip.run.cancellation(&[]).unwrap();

    let nothing = |who: &str| Consequence { user_id: id(who), owes_now: Money(0), owes_then: Money(0) };
    assert_eq!((preview.void_bids, preview.people), (2, vec![nothing(A), nothing(B)]));
}

#[test]
fn whoever_comes_back_takes_part_again_without_their_bids() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    assert_eq!(trip.run.member_returned(id(A)), [], "they never left");
    trip.leaves(A, Departure::Left);
    assert_eq!((trip.run.role(id(A)), trip.may(A)), (Role::Removed, vec![]));

    trip.record(trip.run.member_returned(id(A)), None);

    assert_eq!((trip.run.role(id(A)), trip.run.lines.len()), (Role::Participant, 0));
    trip.bids(A, P1, "2");
    assert_eq!(trip.wanted(P1), "2");
}

#[test]
fn only_the_last_one_who_was_not_ready_leaving_makes_everyone_ready() {
    let times =
        |trip: &Trip| trip.log.iter().filter(|event| matches!(event, Event::EveryoneReady {})).count();
    let mut trip = Trip::new();
    for who in [A, B, C] {
        trip.bids(who, P1, "1");
    }
    trip.says(A, "set_ready", r#","ready":true"#);
    trip.leaves(X, Departure::Left);
    trip.leaves(A, Departure::Left);
    assert_eq!(times(&trip), 0, "B and C are not ready");
    trip.says(B, "set_ready", r#","ready":true"#);
    trip.leaves(C, Departure::Left);
    assert_eq!(times(&trip), 1);
    trip.bids(L, P1, "1");
    trip.says(L, "set_ready", r#","ready":true"#);
    assert_eq!(times(&trip), 2);

    trip.leaves(B, Departure::Left);

    assert_eq!(times(&trip), 2, "it is no news");

    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    trip.says(A, "set_ready", r#","ready":true"#);
    trip.says(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(B)));
    trip.leaves(B, Departure::Left);
    assert_eq!(times(&trip), 1, "whoever has no bid was not waited for");
}
