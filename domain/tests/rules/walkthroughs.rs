//! The walkthroughs of the product page, on the rules alone, with their exact numbers.
//!
//! Leader L, members A, B and C; P1 is weighed (step 0.01), P2 and P3 are pieces, P3 in packs of 12. Money in cents.

use crate::cast::{self, A, B, C, L, P1, P2, P3, Trip, X, id, product, q};
use bulq_domain::command::Outcome::{KeptByPayer, Returned, SharedAnyway};
use bulq_domain::event::{Cause, Consequence, Departure, HandoverEnd};
use bulq_domain::run::{Notice, NoticeKind};
use bulq_domain::{
    Code, Command, CommandKind, Event, Money, Quantity, Rejection, ShortagePolicy, State, Total, UserId,
};

#[test]
fn one_all_goes_well() {
    let mut trip = Trip::new();
    trip.bids(L, P1, "2.00");
    assert_eq!(trip.state(), State::Planning);
    trip.bids(A, P1, "3.50");
    assert_eq!((trip.state(), trip.wanted(P1)), (State::Active, "5.5".into()));
    trip.bids(B, P2, "1");

    trip.says(L, "set_ready", r#","ready":true"#);
    trip.says(A, "set_ready", r#","ready":true"#);
    let told = trip.says(B, "set_ready", r#","ready":true"#);
    assert_eq!(trip.state(), State::Active, "nothing moves by itself");
    assert!(told.contains(&Notice { user: id(L), kind: NoticeKind::EveryoneReady }));

    trip.says(L, "confirm", "");
    assert_eq!(
        trip.refused(A, "place_bid", &format!(r#","product_id":"{P1}","quantity":"4""#)),
        Code::NotInState
    );
    trip.says(L, "start_shopping", "");
    assert_eq!((trip.requested(P1), trip.requested(P2)), ("5.5".into(), "1".into()));

    trip.buys(L, P1, "5.5", 2200);
    trip.buys(L, P2, "1", 999);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.state(), State::Distributing);
    assert_eq!(trip.owed(), [(L, 800), (A, 1400), (B, 999)]);
    assert_eq!(trip.transfers(), [(A, L, 1400), (B, L, 999)]);

    let rejection = trip.rejection(L, "complete", "");
    assert_eq!((rejection.code, &rejection.facts["waiting"]), (Code::NotAllPickedUp, &3.into()));
    [L, A, B].into_iter().for_each(|who| trip.picks_up(who));
    trip.says(L, "complete", "");
    assert_eq!(trip.state(), State::Completed);
    assert_eq!(trip.refused(L, "cancel", r#","reason":"too late""#), Code::NotInState);
}

/// Wants 4, 4, 2 by L, A and B; finds 7 for 7000.
fn short_by_three() -> Trip {
    let mut trip = Trip::new();
    trip.shops(&[(L, P1, "4"), (A, P1, "4"), (B, P1, "2")]);
    trip.buys(L, P1, "7", 7000);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.state(), State::Adjusting);
    trip
}

#[test]
fn two_a_shortage_settled_by_the_members() {
    let mut trip = short_by_three();

    let rejection = trip.bid_refused(A, P1, "0.5");
    assert_eq!((rejection.code, &rejection.facts["min"]), (Code::BidBelowMinimum, &"1".into()));
    assert_eq!(trip.bid_refused(A, P1, "5").code, Code::BidAboveMaximum);
    trip.bids(A, P1, "2");
    let rejection = trip.bid_refused(L, P1, "2");
    assert_eq!((rejection.code, &rejection.facts["min"]), (Code::BidBelowMinimum, &"3".into()));
    assert_eq!(trip.refused(L, "finish_adjusting", ""), Code::NotBalanced);
    trip.bids(L, P1, "3");
    assert_eq!(trip.bid_refused(B, P1, "1").code, Code::BidBelowMinimum, "balanced is frozen");

    trip.says(L, "finish_adjusting", "");
    assert_eq!(trip.allocated(P1), [(L, "3", 3000), (A, "2", 2000), (B, "2", 2000)]);
}

#[test]
fn three_a_shortage_forced_per_policy() {
    let expected = [
        ("proportional", [(L, "3.5", 1050), (A, "2.1", 630), (B, "1.4", 420)]),
        ("equal_awards", [(L, "2.5", 750), (A, "2.5", 750), (B, "2", 600)]),
        ("equal_losses", [(L, "4", 1200), (A, "2", 600), (B, "1", 300)]),
        ("first_come", [(L, "5", 1500), (A, "2", 600), (B, "0", 0)]),
    ];
    for (policy, shares) in expected {
        let mut trip = Trip::new();
        trip.shops(&[(L, P1, "5"), (A, P1, "3"), (B, P1, "2")]);
        trip.buys(L, P1, "7", 2100);
        trip.says(L, "finish_shopping", "");
        let policies: ShortagePolicy = policy.parse().unwrap();
        let previews = trip.run.adjustments();
        let (_, preview) = previews.iter().find(|(known, _)| *known == policies).unwrap();
        assert_eq!(cast::shares(preview), shares, "{policy}");

        trip.says(L, "finish_adjusting", &format!(r#","force":true,"policy":"{policy}""#));

        assert_eq!(trip.allocated(P1), shares, "{policy}");
    }
}

#[test]
fn three_the_runs_own_policy_is_equal_awards() {
    let mut trip = Trip::new();
    trip.shops(&[(L, P1, "5"), (A, P1, "3"), (B, P1, "2")]);
    trip.buys(L, P1, "7", 2100);
    trip.says(L, "finish_shopping", "");

    trip.says(L, "finish_adjusting", r#","force":true"#);

    assert_eq!(trip.allocated(P1), [(L, "2.5", 750), (A, "2.5", 750), (B, "2", 600)]);
}

#[test]
fn four_awkward_rounding() {
    for (wants, bought, total, shares) in [
        (
            vec![(L, P1, "1"), (A, P1, "1"), (B, P1, "1")],
            "1",
            1000,
            vec![(L, "0.34", 340), (A, "0.33", 330), (B, "0.33", 330)],
        ),
        (
            vec![(L, P1, "1"), (A, P1, "1"), (B, P1, "1"), (C, P1, "0.01")],
            "1.37",
            1370,
            vec![(L, "0.46", 460), (A, "0.46", 460), (B, "0.45", 450), (C, "0", 0)],
        ),
    ] {
        let mut trip = Trip::new();
        trip.shops(&wants);
        trip.buys(L, P1, bought, total);
        trip.says(L, "finish_shopping", "");

        trip.says(L, "finish_adjusting", r#","force":true,"policy":"proportional""#);

        assert_eq!(trip.allocated(P1), shares);
        assert!(trip.run.line(product(P1)).unwrap().item.as_ref().unwrap().shrink().is_zero());
    }
}

/// A and B want 1 each, 3 are found for 900.
fn one_too_many() -> Trip {
    let mut trip = Trip::new();
    trip.shops(&[(A, P2, "1"), (B, P2, "1")]);
    trip.buys(L, P2, "3", 900);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.state(), State::Adjusting);
    trip
}

#[test]
fn five_a_surplus() {
    let mut trip = one_too_many();
    trip.bids(A, P2, "2");
    assert_eq!(trip.bid_refused(B, P2, "2").code, Code::BidAboveMaximum);
    trip.says(L, "finish_adjusting", "");
    assert_eq!(trip.allocated(P2), [(A, "2", 600), (B, "1", 300)]);

    let mut trip = one_too_many();
    trip.says(L, "finish_adjusting", r#","force":true"#);
    assert_eq!(trip.allocated(P2), [(L, "1", 300), (A, "1", 300), (B, "1", 300)]);
}

#[test]
fn five_a_surplus_within_tolerance_goes_to_the_willing() {
    let mut trip = Trip::new();
    trip.bids(A, P2, "1");
    trip.says(B, "place_bid", &format!(r#","product_id":"{P2}","quantity":"1","max":"2""#));
    trip.start();
    trip.buys(L, P2, "3", 900);

    trip.says(L, "finish_shopping", "");

    assert_eq!(trip.state(), State::Distributing);
    assert_eq!(trip.allocated(P2), [(A, "1", 300), (B, "2", 600)]);
}

#[test]
fn six_not_all_found() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "3"), (B, P2, "1")]);
    trip.buys(L, P1, "3", 900);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.state(), State::Distributing);
    assert!(trip.allocated(P2).is_empty());
    assert_eq!(trip.owed(), [(A, 900)]);

    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "3"), (B, P2, "1")]);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.state(), State::Completed);
    assert!(trip.owed().is_empty());
}

#[test]
fn seven_packs() {
    let mut trip = Trip::new();
    trip.says(A, "place_bid", &format!(r#","product_id":"{P3}","quantity":"5","max":"8""#));
    trip.says(B, "place_bid", &format!(r#","product_id":"{P3}","quantity":"6","max":"8""#));
    let plan = trip.run.line(product(P3)).unwrap().plan();
    assert_eq!((plan.packs, plan.gap), (1, Total::ZERO));
    assert_eq!(trip.run.extras().iter().map(|extra| extra.quantity).collect::<Vec<_>>(), [Quantity::ONE]);

    let mut trip = Trip::new();
    trip.bids(A, P3, "5");
    trip.bids(B, P3, "4");
    let plan = trip.run.line(product(P3)).unwrap().plan();
    assert_eq!((plan.packs, plan.gap), (0, q("3").into()));
    let rejection =
        trip.rejection(C, "place_bid", &format!(r#","product_id":"{P3}","quantity":"4","fill":true"#));
    assert_eq!((rejection.code, &rejection.facts["gap"]), (Code::GapTaken, &"3".into()));
    trip.says(C, "place_bid", &format!(r#","product_id":"{P3}","quantity":"3","fill":true"#));
    let plan = trip.run.line(product(P3)).unwrap().plan();
    assert_eq!((plan.packs, plan.gap), (1, Total::ZERO));
    let rejection =
        trip.rejection(L, "place_bid", &format!(r#","product_id":"{P3}","quantity":"1","fill":true"#));
    assert_eq!((rejection.code, &rejection.facts["gap"]), (Code::GapTaken, &"0".into()));
}

#[test]
fn seven_the_extra_unit_goes_to_whose_extras_cost_least() {
    let mut trip = Trip::new();
    // Of P2 packs of 6: A takes the first extra. So B takes the one of P3.
    for (who, what, quantity, max) in [(A, "P2", "5", "6"), (A, P3, "5", "8"), (B, P3, "6", "8")] {
        let what = if what == "P2" { cast::P4 } else { what };
        trip.says(
            who,
            "place_bid",
            &format!(r#","product_id":"{what}","quantity":"{quantity}","max":"{max}""#),
        );
    }

    let extras: Vec<_> = trip.run.extras().iter().map(|e| (e.product_id, e.user_id)).collect();

    assert!(extras.contains(&(product(P3), id(B))) && extras.len() == 2, "{extras:?}");
}

#[test]
fn eight_member_removed() {
    let mut trip = Trip::new();
    trip.bids(L, P1, "4");
    trip.bids(C, P1, "6");
    trip.leaves(C, Departure::Removed);
    assert_eq!(trip.wanted(P1), "4");
    assert_eq!(
        trip.refused(C, "place_bid", &format!(r#","product_id":"{P1}","quantity":"1""#)),
        Code::NotAMember
    );

    let mut trip = Trip::new();
    trip.shops(&[(L, P1, "4"), (C, P1, "6")]);
    let told = trip.leaves(C, Departure::Removed);
    assert_eq!(trip.wanted(P1), "4");
    assert!(told.contains(&Notice { user: id(L), kind: NoticeKind::WantedShrunk }));
    assert!(told.contains(&Notice { user: id(C), kind: NoticeKind::Removed }));
    trip.buys(L, P1, "10", 1000);
    trip.says(L, "finish_shopping", "");
    assert_eq!(trip.state(), State::Adjusting);
    let difference = trip.run.line(product(P1)).unwrap().difference();
    assert_eq!(difference, bulq_domain::run::Difference::Surplus(q("6").into()));

    let mut trip = Trip::new();
    trip.shops(&[(L, P1, "4"), (C, P1, "6")]);
    trip.buys(L, P1, "10", 1000);
    trip.says(L, "finish_shopping", "");
    trip.leaves(C, Departure::Removed);
    assert_eq!(trip.allocated(P1), [(L, "4", 400), (C, "6", 600)]);
    assert_eq!(trip.transfers(), [(C, L, 600)]);
    trip.picks_up(L);
    trip.picks_up(C);
    trip.says(L, "complete", "");
    assert_eq!(trip.settled(), [(L, 1000, 400), (C, 0, 600)]);
}

#[test]
fn nine_leader_leaves() {
    for (how, cause, reason) in [
        (Departure::Left, Cause::LeaderLeft, "leader left"),
        (Departure::Removed, Cause::LeaderRemoved, "leader was removed from the group"),
    ] {
        let mut trip = Trip::new();
        trip.shops(&[(L, P1, "4"), (C, P1, "6")]);
        trip.buys(A, P1, "10", 1000);

        let told = trip.leaves(L, how);

        assert_eq!((trip.state(), trip.run.cancel_reason.as_deref()), (State::Cancelled, Some(reason)));
        let cancelled = trip.log.iter().find_map(|event| match event {
            Event::RunCancelled { cause, items, void_bids, .. } => Some((*cause, items.clone(), *void_bids)),
            _ => None,
        });
        let (said, items, void_bids) = cancelled.unwrap();
        assert_eq!((said, void_bids), (cause, 0));
        assert_eq!((items[0].outcome, items[0].refund), (Returned, Money(1000)));
        assert!(told.contains(&Notice { user: id(C), kind: NoticeKind::StateChanged }));
        assert!(!told.iter().any(|notice| notice.user == id(L) && notice.kind != NoticeKind::Removed));
        assert!(trip.run.times.contains_key(&State::Cancelled));
        assert!(trip.owed().is_empty(), "everything goes back to the store");
    }
}

#[test]
fn ten_handover() {
    let mut trip = Trip::new();
    trip.bids(A, P1, "1");
    trip.bids(B, P1, "1");
    trip.says(L, "confirm", "");
    let offer = |to: &str| format!(r#","to":"{}""#, id(to));

    let told = trip.says(L, "offer_handover", &offer(A));
    assert_eq!(told, [Notice { user: id(A), kind: NoticeKind::HandoverOffered }]);
    let rejection = trip.rejection(L, "offer_handover", &offer(B));
    assert_eq!((rejection.code, &rejection.facts["to"]), (Code::HandoverOpen, &id(A).to_string().into()));
    assert_eq!(trip.refused(B, "accept_handover", ""), Code::HandoverNotYours);
    let told = trip.says(A, "decline_handover", "");
    assert_eq!(told, [Notice { user: id(L), kind: NoticeKind::HandoverEnded }]);
    assert_eq!(trip.refused(A, "accept_handover", ""), Code::NoHandover);
    assert_eq!(trip.refused(L, "withdraw_handover", ""), Code::NoHandover);

    trip.says(L, "offer_handover", &offer(A));
    let told = trip.says(A, "accept_handover", "");
    assert_eq!(told, [L, B].map(|who| Notice { user: id(who), kind: NoticeKind::LeaderChanged }));
    assert_eq!(trip.refused(L, "start_shopping", ""), Code::LeaderOnly);
    trip.says(A, "start_shopping", "");
    assert_eq!(trip.refused(A, "accept_handover", ""), Code::NoHandover);
    assert_eq!(trip.refused(L, "accept_handover", ""), Code::NoHandover);

    for stranger in [A, C] {
        assert_eq!(trip.refused(A, "offer_handover", &offer(stranger)), Code::NotAParticipant);
    }
    trip.says(A, "offer_handover", &offer(L));
    let told = trip.says(A, "withdraw_handover", "");
    assert_eq!(told, [Notice { user: id(L), kind: NoticeKind::HandoverEnded }]);
    trip.says(A, "offer_handover", &offer(L));
    trip.leaves(L, Departure::Left);
    let ended = trip.log.iter().rev().find_map(|event| match event {
        Event::HandoverEnded { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!((ended, trip.run.handover), (Some(HandoverEnd::Left), None));
}

/// A wants 2 of P1, B 1 of P2; A helps. Stops in this state: with P1 bought by A in shopping, and picked up in distributing.
fn until(state: State) -> Trip {
    let mut trip = Trip::new();
    trip.says(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(A)));
    if state >= State::Active {
        trip.bids(A, P1, "2");
        trip.bids(B, P2, "1");
    }
    if state >= State::Confirmed {
        trip.says(L, "confirm", "");
    }
    if state >= State::Shopping {
        trip.says(L, "start_shopping", "");
        trip.buys(A, P1, if state == State::Adjusting { "1" } else { "2" }, 500);
    }
    if state == State::Distributing {
        trip.buys(B, P2, "1", 300);
    }
    if state >= State::Adjusting {
        trip.says(L, "finish_shopping", "");
    }
    if state == State::Distributing {
        trip.picks_up(A);
    }
    assert_eq!(trip.state(), state);
    trip
}

#[test]
fn eleven_cancel_in_every_state() {
    for state in State::ALL.into_iter().filter(|state| state.is_live()) {
        let mut trip = until(state);
        let reason = r#","reason":"no van""#;
        assert_eq!(trip.refused(A, "cancel", reason), Code::LeaderOnly, "helper, {state}");
        assert_eq!(trip.refused(X, "cancel", reason), Code::LeaderOnly, "outsider, {state}");
        let stale = format!(r#"{reason},"expected_seq":{}"#, trip.run.seq - 1);
        assert_eq!(trip.refused(L, "cancel", &stale), Code::SeqConflict);
        let preview = trip.run.cancellation(&[]).unwrap();
        let void = match state {
            State::Planning | State::Distributing => 0,
            State::Active | State::Confirmed => 2,
            _ => 1,
        };
        assert_eq!((preview.state, preview.void_bids), (state, void));

        trip.says(L, "cancel", &format!(r#"{reason},"expected_seq":{}"#, trip.run.seq));

        let done = trip.log.iter().find_map(|event| match event {
            Event::RunCancelled { void_bids, items, people, shares, .. } => {
                Some((*void_bids, items.clone(), people.clone(), shares.clone()))
            }
            _ => None,
        });
        assert_eq!(done, Some((preview.void_bids, preview.items, preview.people, preview.shares)));
        assert_eq!((trip.state(), trip.run.cancel_reason.as_deref()), (State::Cancelled, Some("no van")));
        for kind in CommandKind::ALL.iter().filter(|kind| cast::says_all_by_its_name(**kind)) {
            let code = trip.refused(L, kind.as_str(), "");
            let not_hers = [CommandKind::AcceptHandover, CommandKind::DeclineHandover];
            assert!(code == Code::NotInState || not_hers.contains(kind), "{kind:?} {code}");
        }
        assert_eq!(trip.refused(L, "cancel", reason), Code::NotInState);
        if state >= State::Shopping {
            let item = trip.run.line(product(P1)).unwrap().item.as_ref().unwrap();
            assert_eq!(
                (item.total(), item.parts[0].payer_id),
                (Money(500), id(A)),
                "purchases stay readable"
            );
        }
    }
}

#[test]
fn eleven_what_becomes_of_a_purchase() {
    for (outcome, refund, shares) in [
        ("returned", 500, vec![]),
        ("kept_by_payer", 0, vec![(A, "2", 500)]),
        ("shared_anyway", 0, vec![(L, "1", 250), (C, "1", 250)]),
    ] {
        let mut trip = Trip::new();
        trip.shops(&[(L, P1, "1"), (C, P1, "1"), (B, P2, "1")]);
        trip.says(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(A)));
        trip.buys(A, P1, "2", 500);
        let outcomes =
            |product: &str| format!(r#","outcomes":[{{"product_id":"{product}","outcome":"{outcome}"}}]"#);
        let rejection = trip.rejection(L, "cancel", &format!(r#","reason":"no van"{}"#, outcomes(P2)));
        assert_eq!(rejection.code, Code::OutcomeNotPossible, "it was not bought");

        trip.says(L, "cancel", &format!(r#","reason":"no van"{}"#, outcomes(P1)));

        let item = trip.run.line(product(P1)).unwrap().item.as_ref().unwrap();
        let expected = [Returned, KeptByPayer, SharedAnyway]
            .into_iter()
            .find(|known| serde_json::to_value(known).unwrap() == outcome);
        assert_eq!(item.outcome, expected);
        assert_eq!(trip.allocated(P1), shares, "{outcome}");
        let Some(Event::RunCancelled { items, void_bids, .. }) =
            trip.log.iter().find(|event| matches!(event, Event::RunCancelled { .. }))
        else {
            panic!("not cancelled");
        };
        assert_eq!((items.len(), items[0].refund, *void_bids), (1, Money(refund), 1));
    }
}

#[test]
fn eleven_what_is_picked_up_stays_owed_and_the_rest_is_the_payers() {
    let mut trip = until(State::Distributing);

    trip.says(L, "cancel", r#","reason":"no van""#);

    assert_eq!(trip.allocated(P1), [(A, "2", 500)]);
    assert_eq!(trip.allocated(P2), [(B, "1", 300)]);
    assert_eq!(trip.settled(), [(A, 500, 500), (B, 300, 300)]);
    let Some(Event::RunCancelled { items, people, .. }) =
        trip.log.iter().find(|event| matches!(event, Event::RunCancelled { .. }))
    else {
        panic!("not cancelled");
    };
    let items: Vec<_> = items.iter().map(|item| (item.outcome, item.refund)).collect();
    assert_eq!(items, [(SharedAnyway, Money(0)), (KeptByPayer, Money(300))]);
    let person = |who: &str, owes: i64| Consequence {
        user_id: id(who),
        owes_now: Money(owes),
        owes_then: Money(owes),
    };
    assert_eq!(*people, [person(A, 500), person(B, 300)]);
}

#[test]
fn eleven_outcomes_are_not_for_goods_that_are_handed_out() {
    let trip = until(State::Distributing);
    let outcomes = format!(r#","outcomes":[{{"product_id":"{P1}","outcome":"returned"}}]"#);

    let rejection = trip.rejection(L, "cancel", &format!(r#","reason":"no van"{outcomes}"#));

    assert_eq!((rejection.code, &rejection.facts["product_id"]), (Code::OutcomeNotPossible, &P1.into()));
}

/// One cent of each of two items is left over: nobody gets it twice.
#[test]
fn eleven_ties_are_fair_over_all_items_that_are_shared_anyway() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "1"), (B, P1, "1"), (A, P2, "1"), (B, P2, "1")]);
    trip.buys(L, P1, "2", 501);
    trip.buys(L, P2, "2", 501);
    let anyway = |product: &str| format!(r#"{{"product_id":"{product}","outcome":"shared_anyway"}}"#);

    trip.says(L, "cancel", &format!(r#","reason":"no van","outcomes":[{},{}]"#, anyway(P1), anyway(P2)));

    assert_eq!(trip.owed(), [(A, 501), (B, 501)]);
}

#[test]
fn twelve_two_shoppers_one_item() {
    let mut trip = Trip::new();
    trip.shops(&[(A, P1, "5"), (B, P1, "5")]);
    trip.says(L, "appoint_helper", &format!(r#","user_id":"{}""#, id(A)));
    let seq = trip.run.seq;
    let buys = |quantity: &str, total: u32| {
        format!(r#","product_id":"{P1}","quantity":"{quantity}","total":{total},"expected_seq":{seq}"#)
    };

    trip.says(L, "record_purchase", &buys("5", 1000));
    let rejection = trip.rejection(A, "record_purchase", &buys("3", 630));
    assert_eq!(rejection.code, Code::SeqConflict);
    let current = &rejection.facts["current"];
    assert_eq!(
        (&current["bought"], &current["total"], &current["changed"]),
        (&"5".into(), &1000.into(), &(seq + 1).into())
    );
    assert_eq!(current["parts"].as_array().unwrap().len(), 1);
    assert_eq!(trip.refused(A, "record_purchase", &cast::purchase(P1, "3", 630)), Code::AlreadyBought);

    trip.says(A, "add_purchase", &cast::purchase(P1, "3", 630));
    let item = trip.run.line(product(P1)).unwrap().item.as_ref().unwrap();
    assert_eq!((item.bought(), item.total()), (q("8"), Money(1630)));
    let payers: Vec<UserId> = item.parts.iter().map(|part| part.payer_id).collect();
    assert_eq!(payers, [id(L), id(A)]);
}

#[test]
fn fourteen_limits() {
    let mut trip = Trip::new();
    for number in 0..100 {
        trip.bids(A, &cast::numbered(number), "1");
    }
    let rejection = trip.bid_refused(A, &cast::numbered(100), "1");
    assert_eq!((rejection.code, &rejection.facts["limit"]), (Code::TooManyProducts, &100.into()));
    trip.bids(B, &cast::numbered(7), "1");

    for quantity in [r#""0.0001""#, r#""-1""#, "-1", "1e3", r#""1e3""#, r#""NaN""#, "10000", r#""10000""#] {
        let text = format!(r#"{{"type":"place_bid","product_id":"{P1}","quantity":{quantity}}}"#);
        assert!(Command::from_json(&text).is_err(), "{quantity}");
    }
    let text = format!(
        r#"{{"type":"place_bid","product_id":"{P1}","quantity":"1","comment":"{}"}}"#,
        "ß".repeat(501)
    );
    assert!(Command::from_json(&text).is_err());
}

/// The answer somebody would get.
fn assert_code(outcome: Result<Vec<Event>, Rejection>, code: Code) {
    assert_eq!(outcome.unwrap_err().code, code);
}

#[test]
fn fourteen_items_beyond_the_limit_cannot_be_added_in_the_shop_either() {
    let mut trip = Trip::new();
    for number in 0..100 {
        trip.bids(A, &cast::numbered(number), "1");
    }
    trip.start();
    let item = |id: &str| format!(r#","product_id":"{id}","quantity":"1""#);

    assert_code(trip.decide(L, "add_item", &item(&cast::numbered(100))), Code::TooManyProducts);
    assert_code(trip.decide(L, "add_item", &item(&cast::numbered(5))), Code::AlreadyOnList);
}
