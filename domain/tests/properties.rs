//! What holds of every run, whatever is asked of it in whatever order.
//!
//! Each test draws hundreds of runs of hundreds of commands: together well over 10⁵.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod world;

use bulq_domain::rejection::Code;
use bulq_domain::{
    Command, CommandKind, Event, Line, Plan, Product, ProductId, Rejection, Run, Total, UserId, guard,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;
use world::{Action, Ask, Bid, PEOPLE, World, actions, actions_to_the_end, config, product, user};

const LENGTH: usize = 200;

proptest! {
    #![proptest_config(config(100_000))]

    #[test]
    fn a_hundred_thousand_short_lives_break_no_invariant(actions in actions(10), auto_confirm: bool) {
        let mut world = World::new(auto_confirm);
        for action in &actions {
            let (seen, before) = (world.log.len(), world.run.state);

            world.step(action);

            world.run.lines.iter().for_each(assert_sums);
            assert_bid_counts(&world.run);
            let mut state = before;
            for recorded in &world.log[seen..] {
                let next = recorded.event.new_state().unwrap_or(state);
                prop_assert!(next == state || state.may_become(next), "{} became {}", state, next);
                state = next;
            }
        }
        prop_assert_eq!(world.replayed(None), world.run);
    }
}

proptest! {
    #![proptest_config(config(250))]

    #[test]
    fn replaying_the_log_gives_the_live_state_byte_for_byte(
        actions in actions_to_the_end(LENGTH), auto_confirm: bool, cut in 0..LENGTH,
    ) {
        let mut world = World::new(auto_confirm);
        let mut snapshot = world.snapshot();

        for (i, action) in actions.iter().enumerate() {
            world.step(action);
            if i == cut {
                snapshot = world.snapshot();
            }
        }

        let live = world.snapshot();
        prop_assert_eq!(&serde_json::to_string(&world.replayed(None)).unwrap(), &live);
        prop_assert_eq!(&serde_json::to_string(&world.replayed(Some(&snapshot))).unwrap(), &live);
        prop_assert!(world.log.iter().zip(1..).all(|(recorded, seq)| recorded.seq == seq));
    }

    #[test]
    fn an_event_is_read_from_its_text_as_it_was_written(actions in actions_to_the_end(LENGTH)) {
        let mut world = World::new(false);

        actions.iter().for_each(|action| world.step(action));

        for recorded in &world.log {
            let text = serde_json::to_string(&recorded.event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), &recorded.event);
        }
    }

    #[test]
    fn sums_are_the_fold_of_the_bids_after_every_command(actions in actions(LENGTH), auto_confirm: bool) {
        let mut world = World::new(auto_confirm);
        for action in &actions {
            let seen = world.log.len();

            world.step(action);

            world.run.lines.iter().for_each(assert_sums);
            assert_bid_counts(&world.run);
            world.log[seen..].iter().for_each(|recorded| assert_announced(&world.run, &recorded.event));
        }
    }

    #[test]
    fn only_edges_of_the_table_of_states_happen(actions in actions_to_the_end(LENGTH), auto_confirm: bool) {
        let mut world = World::new(auto_confirm);
        for action in &actions {
            let (mut state, seen) = (world.run.state, world.log.len());

            world.step(action);

            for next in world.log[seen..].iter().filter_map(|recorded| recorded.event.new_state()) {
                prop_assert!(state.may_become(next), "{} → {}", state, next);
                state = next;
            }
            prop_assert_eq!(world.run.state, state);
        }
    }

    #[test]
    fn a_rejected_command_changes_nothing_and_a_decision_is_repeatable(
        actions in actions_to_the_end(LENGTH), auto_confirm: bool,
    ) {
        let mut world = World::new(auto_confirm);
        for action in &actions {
            if let Action::Ask(who, ask) = action {
                let before = world.snapshot();
                let (command, context) = world.command(*who, ask);
                let decision = world.run.decide(&command, &context);
                prop_assert_eq!(&world.run.decide(&command, &context), &decision);
                if decision.is_err() {
                    prop_assert!(world.ask(*who, ask).is_err());
                    prop_assert_eq!(world.snapshot(), before);
                    continue;
                }
            }
            world.step(action);
        }
    }

    #[test]
    fn whoever_left_can_do_nothing_until_they_are_back(actions in actions_to_the_end(LENGTH)) {
        let mut world = World::new(false);
        for action in &actions {
            if let Action::Ask(who, ask) = action && world.is_removed(*who) {
                let (command, context) = world.command(*who, ask);
                let rejection = world.run.decide(&command, &context).unwrap_err();
                prop_assert_eq!(rejection.code, Code::NotAMember);
            }
            world.step(action);
            for who in (0..PEOPLE).filter(|who| world.is_removed(*who)) {
                assert_shut_out(&world.run, who);
            }
        }
    }

    #[test]
    fn may_says_what_decide_does(actions in actions_to_the_end(LENGTH), auto_confirm: bool) {
        let mut world = World::new(auto_confirm);
        for action in &actions {
            if let Action::Ask(who, ask) = action {
                assert_may_covers(&world, *who, ask);
            }
            world.step(action);
            (0..PEOPLE).for_each(|who| assert_may_is_true(&world, who));
        }
    }

    #[test]
    fn filling_never_overshoots_the_gap(actions in actions(LENGTH)) {
        let mut world = World::new(false);
        for action in &actions {
            if let Action::Ask(who, Ask::Bid(bid)) = action && bid.fill {
                assert_fill(&mut world, *who, bid);
            } else {
                world.step(action);
            }
        }
    }

    #[test]
    fn the_plan_does_not_depend_on_the_order_of_the_bids(
        (bids, shuffled) in bids().prop_flat_map(|bids| (Just(bids.clone()), Just(bids).prop_shuffle())),
        detour in prop::collection::vec((1..PEOPLE, world::bid(Just(None))), 0..10),
    ) {
        let straight = placed(&[], &bids);
        let other_way = placed(&detour, &shuffled);

        prop_assert_eq!(plans(&straight), plans(&other_way));
        prop_assert_eq!(extras(&straight), extras(&other_way));
        prop_assert_eq!(straight.estimate(), other_way.estimate());
    }

    #[test]
    fn extras_fill_the_packs_and_nobody_gets_more_than_they_would_take(bids in bids()) {
        let run = placed(&[], &bids);
        let extras = extras(&run);

        for line in &run.lines {
            let surplus = line.plan().planned.saturating_sub(line.wanted()).thousandths();
            let step = u64::from(line.product.step.thousandths());
            let given: u64 = extras.iter().filter(|e| e.0.0 == line.product.id).map(|e| e.1).sum();
            prop_assert_eq!(given, surplus / step * step);
            for bid in &line.bids {
                let who = run.participants[bid.by as usize].user_id;
                let more = extras.get(&(line.product.id, who)).copied().unwrap_or(0);
                prop_assert!(u64::from(bid.quantity.thousandths()) + more <= u64::from(bid.max.thousandths()));
            }
        }
    }
}

fn assert_sums(line: &Line) {
    let mut sums = [Total::ZERO; 3];
    for bid in &line.bids {
        sums[0] += bid.min;
        sums[1] += bid.quantity;
        sums[2] += bid.max;
        assert!(bid.min <= bid.quantity && bid.quantity <= bid.max);
    }
    assert_eq!([line.wants.min, line.wants.quantity, line.wants.max], sums);
    assert_eq!(line.interested as usize, line.bids.iter().filter(|bid| bid.interested_only).count());
    assert!(!line.bids.is_empty(), "a line without bids is no line");
}

fn assert_bid_counts(run: &Run) {
    for (i, participant) in run.participants.iter().enumerate() {
        let held = run.lines.iter().flat_map(|line| &line.bids).filter(|bid| bid.by as usize == i).count();
        assert_eq!(participant.bids as usize, held);
        assert!(!participant.ready || held > 0, "ready without a bid");
    }
}

/// What an event says a product adds up to is what it does add up to.
fn assert_announced(run: &Run, event: &Event) {
    if let Event::BidPlaced { user_id, .. } | Event::BidRetracted { user_id, .. } = event {
        assert!(!run.participant(*user_id).unwrap().ready, "a changed bid is not a final one");
    }
    let announced = match event {
        Event::BidPlaced { line, .. } | Event::BidRetracted { line, .. } => std::slice::from_ref(line),
        Event::MemberLeft { lines, .. } => lines,
        _ => return,
    };
    for now in announced {
        match run.line(now.product_id) {
            Some(line) => {
                assert_eq!(
                    (now.wanted, now.interested, now.plan),
                    (line.wanted(), line.interested, line.plan())
                );
            }
            None => assert_eq!((now.wanted, now.interested, now.plan.packs), (Total::ZERO, 0, 0)),
        }
    }
}

fn assert_shut_out(run: &Run, who: u8) {
    assert!(run.may(user(who)).is_empty());
    let Some(participant) = run.participant(user(who)) else { return };
    assert!(participant.removed && !participant.ready);
}

/// What was accepted stood in `may`; what does not stand there and is no bid for others is refused.
fn assert_may_covers(world: &World, who: u8, ask: &Ask) {
    let (command, context) = world.command(who, ask);
    let (_, on_behalf_of) = command.names();
    let for_others = on_behalf_of.is_some_and(|other| other != context.by);
    let stated = world.run.may(context.by).contains(&command.kind());
    let decided = world.run.decide(&command, &context);
    assert!(stated || for_others || decided.is_err(), "{command:?} was accepted and is not in `may`");
    let table = guard::check(command.kind(), world.run.role(context.by), world.run.state);
    if let Err(no) = table {
        assert_eq!(decided.unwrap_err(), no, "the table speaks first");
    }
}

/// What stands in `may` and needs nothing but its name is accepted.
fn assert_may_is_true(world: &World, who: u8) {
    for kind in world.run.may(user(who)) {
        let ask = match kind {
            CommandKind::SetReady => Ask::Ready(true),
            CommandKind::Cancel => Ask::Cancel { seq_off_by: None },
            CommandKind::EditDetails => Ask::Edit { comment: Some(true), date: None },
            CommandKind::PlaceBid | CommandKind::RetractBid => continue,
            named => Ask::Simple(named),
        };
        let (command, context) = world.command(who, &ask);
        let decided = world.run.decide(&command, &context);
        assert!(decided.is_ok(), "{kind:?} is in `may`, and: {decided:?}");
    }
}

/// Σ max grows by at most the gap there was, or the bid is refused and says how much is missing.
fn assert_fill(world: &mut World, who: u8, bid: &Bid) {
    let (most, gap) = most_and_gap(&world.run, bid.product);
    let outcome = world.ask(who, &Ask::Bid(bid.clone()));
    match outcome {
        Ok(_) => {
            let (most_now, _) = most_and_gap(&world.run, bid.product);
            assert!(most_now <= most + gap, "{most} + {gap} < {most_now}");
        }
        Err(rejection) if rejection.code == Code::GapTaken => {
            assert_eq!(rejection.facts["gap"], serde_json::json!(Total::from_thousandths(gap)));
        }
        Err(_) => {}
    }
}

fn most_and_gap(run: &Run, number: u8) -> (u64, u64) {
    let line = run.line(product(number).id);
    line.map_or((0, 0), |line| (line.wants.max.thousandths(), line.plan().gap.thousandths()))
}

/// At most one bid for each person and product, which somebody places for themselves.
fn bids() -> impl Strategy<Value = Vec<(u8, Bid)>> {
    let one = (0..PEOPLE, world::bid(Just(None)));
    prop::collection::vec(one, 0..40).prop_map(|bids| {
        let mut unique = BTreeMap::new();
        for (who, bid) in bids {
            let accepted = bid.quantity > 0
                && bid.min.is_none_or(|min| min <= bid.quantity)
                && bid.max.is_none_or(|max| max >= bid.quantity);
            if accepted {
                unique.insert((who, bid.product), (who, Bid { fill: false, ..bid }));
            }
        }
        unique.into_values().collect()
    })
}

/// The run after `bids`. What of the `detour` is not replaced by them is retracted.
fn placed(detour: &[(u8, Bid)], bids: &[(u8, Bid)]) -> Run {
    let mut world = World::new(false);
    for (who, bid) in detour {
        let _ = world.ask(*who, &Ask::Bid(bid.clone()));
    }
    for (who, bid) in bids {
        world.ask(*who, &Ask::Bid(bid.clone())).unwrap();
    }
    for (who, Bid { product, .. }) in detour {
        if !bids.iter().any(|(other, bid)| (other, bid.product) == (who, *product)) {
            let _ = world.ask(*who, &Ask::Retract { product: *product, on_behalf_of: None });
        }
    }
    world.run
}

type Key = (ProductId, UserId);

fn plans(run: &Run) -> BTreeMap<ProductId, (Plan, Total, u32)> {
    run.lines.iter().map(|line| (line.product.id, (line.plan(), line.wanted(), line.interested))).collect()
}

fn extras(run: &Run) -> BTreeMap<Key, u64> {
    run.extras().iter().map(|e| ((e.product_id, e.user_id), u64::from(e.quantity.thousandths()))).collect()
}

#[test]
fn a_hundred_products_and_not_one_more() {
    let mut world = World::new(false);

    let outcomes: Vec<_> = (0..101).map(|n| bid_on_another(&mut world, 5000 + n)).collect();

    assert!(outcomes[..100].iter().all(Result::is_ok));
    assert_eq!(outcomes[100].as_ref().unwrap_err().code, Code::TooManyProducts);
    assert!(bid_on_another(&mut world, 5000).is_ok(), "on one that is there already it never is refused");
    assert_eq!(world.run.lines.len(), 100);
}

/// One piece of a product that only this test knows.
fn bid_on_another(world: &mut World, id: u128) -> Result<(), Rejection> {
    let fill = false;
    let (on_behalf_of, interested_only, min, max) = (None, false, None, None);
    let ask = Ask::Bid(Bid { product: 4, quantity: 1, min, max, interested_only, on_behalf_of, fill });
    let (mut command, mut context) = world.command(1, &ask);
    let product = Product { id: ProductId(Uuid::from_u128(id)), ..product(4) };
    if let Command::PlaceBid(bid) = &mut command {
        bid.product_id = product.id;
    }
    context.product = Some(Arc::new(product));
    let events = world.run.decide(&command, &context)?;
    world.record(events, Some(context.by));
    Ok(())
}
