//! Whole lives of runs, from the first bid to the last pick-up, drawn at random: a million in all.
//!
//! `BULQ_ONE_LIFE_IN=1000` lives fewer of them, `BULQ_SEED=1` others. A life that breaks a law is told with its seed
//! and as short as it could be made.

mod draw;
mod laws;
mod tally;

use crate::world::{Catalogue, Dice, Setup, World, user};
use bulq_domain::{
    Command, CommandKind, Event, Line, Money, ProductId, Quantity, Rejection, Run, ShortagePolicy, State,
    Total, UserId, guard,
};
use draw::Action;
use laws::Before;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use tally::Tally;

/// Most lives end by then.
const LENGTH: usize = 40;

/// One life: how it begins, and what happened.
struct Life {
    setup: Setup,
    actions: Vec<Action>,
}

/// Lives `count` lives from seed `first` on, and tells the shortest form of the first that goes wrong.
fn live(first: u64, count: u64, mut each: impl FnMut(&mut World, &Action, &mut Tally)) -> Tally {
    let count = count / setting("BULQ_ONE_LIFE_IN").unwrap_or(1);
    let offset = setting("BULQ_SEED").unwrap_or(0) << 32;
    let catalogue = Catalogue::new();
    let mut tally = Tally::default();
    for seed in (first + offset..).take(usize::try_from(count).unwrap()) {
        let mut dice = Dice::new(seed);
        let mut life = Life { setup: draw::setup(&mut dice), actions: Vec::new() };
        let lived = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(&catalogue, life.setup);
            let mut afterlife = 3;
            while life.actions.len() < LENGTH && afterlife > 0 {
                let action = draw::action(&mut dice, &world);
                life.actions.push(action.clone());
                each(&mut world, &action, &mut tally);
                afterlife -= u32::from(!world.run.state.is_live());
            }
            end(&world, &mut tally);
        }));
        if let Err(panic) = lived {
            tell(seed, &shortest(&catalogue, life, &mut each));
            resume_unwind(panic);
        }
    }
    tally
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// Leaves out whatever the life goes wrong without.
fn shortest(
    catalogue: &Rc<Catalogue>,
    mut life: Life,
    each: &mut impl FnMut(&mut World, &Action, &mut Tally),
) -> Life {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for i in (0..life.actions.len()).rev() {
        let mut without = life.actions.clone();
        without.remove(i);
        let lived = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(catalogue, life.setup);
            without.iter().for_each(|action| each(&mut world, action, &mut Tally::default()));
            end(&world, &mut Tally::default());
        }));
        if lived.is_err() {
            life.actions = without;
        }
    }
    std::panic::set_hook(hook);
    life
}

#[expect(clippy::print_stderr, reason = "a failed test tells what it has found")]
fn tell(seed: u64, life: &Life) {
    eprintln!("the life with seed {seed} goes wrong: {:?}", life.setup);
    life.actions.iter().for_each(|action| eprintln!("    {action:?}"));
}

/// Does it, judging every event by every law.
fn happen(world: &mut World, action: &Action, tally: &mut Tally) {
    let (events, by) = match action {
        Action::Ask(who, command) => {
            let decided = world.decide(*who, command);
            tally.decided(command, &decided);
            asked(world, *who, command, decided.as_ref());
            (decided.unwrap_or_default(), Some(user(*who)))
        }
        Action::Leave(who, how) => (world.run.member_left(user(*who), *how), None),
        Action::Return(who) => (world.run.member_returned(user(*who)), None),
        Action::Deadline => (world.run.deadline_passed(crate::world::at(world.run.seq)), None),
    };
    for event in events {
        let next = world.next(event, by);
        let before = Before::of(world, &next);
        notices(&world.run, &next);
        world.take(next);
        let recorded = world.log.last().unwrap();
        laws::hold(&before, &world.run, recorded);
        tally.happened(&world.run, &recorded.event);
    }
}

/// What a decision promises, beyond its events.
fn asked(world: &World, who: u8, command: &Command, decided: Result<&Vec<Event>, &Rejection>) {
    let (run, by) = (&world.run, user(who));
    if let Err(no) = guard::check(command.kind(), run.role(by), run.state) {
        assert_eq!(decided.unwrap_err(), &no, "the table speaks first");
        return;
    }
    let Ok(events) = decided else { return };
    let for_others = command.names().1.is_some_and(|other| other != by);
    assert!(for_others || run.may(by).contains(&command.kind()), "accepted, and not in `may`");
    match command {
        Command::PlaceBid(bid) if run.state == State::Adjusting => moved(run, bid.product_id, events),
        Command::FinishAdjusting(finish) => {
            let policy = finish.policy.unwrap_or(run.shortage_policy);
            let previews = run.adjustments();
            let (_, preview) = previews.iter().find(|(known, _)| *known == policy).unwrap();
            let Some(Event::AdjustingFinished { shares, .. }) = events.last() else { panic!("{events:?}") };
            assert_eq!(shares, preview, "what was shown is what is done");
        }
        Command::Cancel(cancel) => {
            let preview = run.cancellation(&cancel.outcomes).unwrap();
            let done = events.iter().find_map(|event| match event {
                Event::RunCancelled { void_bids, items, people, shares, .. } => {
                    Some((void_bids, items, people, shares))
                }
                _ => None,
            });
            assert_eq!(done, Some((&preview.void_bids, &preview.items, &preview.people, &preview.shares)));
            assert_eq!((preview.seq, preview.state), (run.seq, run.state));
        }
        _ => {}
    }
}

/// While adjusting the difference only shrinks, and nothing moves past the balance.
fn moved(run: &Run, product: ProductId, events: &[Event]) {
    let wanted = |line: &Line| line.wants.quantity.thousandths();
    let before = run.line(product).unwrap();
    let bought = u64::from(before.item.as_ref().map_or(Quantity::ZERO, |item| item.bought()).thousandths());
    for event in events {
        let Event::BidPlaced { line, .. } = event else { continue };
        let after = line.wanted.thousandths();
        let (low, high) = (bought.min(wanted(before)), bought.max(wanted(before)));
        assert!((low..=high).contains(&after) && after != wanted(before), "{low} ≤ {after} ≤ {high}");
    }
}

/// Nobody is told of what they did themselves, nobody twice of one thing, and nobody who left anything but that.
fn notices(run: &Run, next: &bulq_domain::Recorded) {
    use bulq_domain::run::NoticeKind;
    let notices = run.notices(next);
    for (i, notice) in notices.iter().enumerate() {
        assert!(!notices[..i].contains(notice), "{notice:?} twice");
        let own = next.by == Some(notice.user);
        assert!(!own || notice.kind == NoticeKind::EveryoneReady, "{notice:?} of one's own doing");
        assert!(!run.gone.contains(&notice.user), "{notice:?} to somebody who left");
    }
    if next.event.new_state().is_some() {
        let others = run.participants.iter().filter(|p| !p.removed && Some(p.user_id) != next.by);
        assert!(others.map(|p| p.user_id).eq(notices.iter().map(|notice| notice.user)));
    }
}

/// The log makes the same run again; what is over is settled and stays so.
fn end(world: &World, tally: &mut Tally) {
    assert_eq!(world.replayed(None), world.run);
    assert!(world.log.iter().zip(1..).all(|(recorded, seq)| recorded.seq == seq));
    tally.ended(&world.run);
    let run = &world.run;
    if run.state.is_live() {
        return;
    }
    let settled: Vec<_> = world.log.iter().filter(|r| matches!(r.event, Event::RunSettled { .. })).collect();
    assert_eq!(settled.len(), usize::from(!run.balances().is_empty()));
    if let Some(Event::RunSettled { balances }) = settled.first().map(|recorded| &recorded.event) {
        assert_eq!(balances, &run.balances());
    }
    settles(run);
}

/// The transfers settle everybody, and each is the sum of what it says it is for.
fn settles(run: &Run) {
    let settlement = run.settlement();
    let mut left: BTreeMap<UserId, i64> =
        settlement.balances.iter().map(|b| (b.user_id, b.paid.0 - b.owes.0)).collect();
    for explained in &settlement.transfers {
        let because: i64 = explained.because.iter().map(|entry| entry.amount.0).sum();
        assert_eq!(because, explained.transfer.amount.0, "{explained:?}");
        assert!(because > 0);
        *left.get_mut(&explained.transfer.from).unwrap() += because;
        *left.get_mut(&explained.transfer.to).unwrap() -= because;
    }
    assert!(left.values().all(|amount| *amount == 0), "{settlement:?}");
    assert!(settlement.transfers.len() < settlement.balances.len().max(1));
}

mod million {
    use super::{happen, live};

    /// A fifth of a million; the fifths run side by side.
    fn fifth(number: u64) {
        live(number * 1_000_000, 200_000, happen).assert_everything_was_reached();
    }

    #[test]
    fn the_first_fifth_of_a_million_lives_breaks_no_law() {
        fifth(0);
    }

    #[test]
    fn the_second_fifth_of_a_million_lives_breaks_no_law() {
        fifth(1);
    }

    #[test]
    fn the_third_fifth_of_a_million_lives_breaks_no_law() {
        fifth(2);
    }

    #[test]
    fn the_fourth_fifth_of_a_million_lives_breaks_no_law() {
        fifth(3);
    }

    #[test]
    fn the_last_fifth_of_a_million_lives_breaks_no_law() {
        fifth(4);
    }
}

#[test]
fn a_run_comes_back_from_its_snapshot_and_its_events_from_their_text() {
    let mut snapshot = None;
    live(10_000_000, 4_000, |world, action, tally| {
        if world.run.seq == 2 {
            snapshot = None;
        }
        let seen = world.log.len();
        happen(world, action, tally);
        if world.log.len() == seen {
            return;
        }
        for recorded in &world.log[seen..] {
            let text = serde_json::to_string(&recorded.event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), recorded.event, "{text}");
        }
        let text = world.snapshot();
        assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), world.run, "{text}");
        let from = snapshot.get_or_insert(text);
        assert_eq!(serde_json::to_string(&world.replayed(Some(from))).unwrap(), world.snapshot());
    });
}

/// What stands in `may` and needs nothing but its name is accepted; whoever left can do nothing.
#[test]
fn may_says_what_decide_does() {
    live(20_000_000, 20_000, |world, action, tally| {
        happen(world, action, tally);
        for who in 0..crate::world::PEOPLE {
            let may = world.run.may(user(who));
            assert!(may.is_empty() || !world.run.gone.contains(&user(who)));
            for command in may.into_iter().filter_map(by_its_name) {
                let decided = world.decide(who, &command);
                assert!(decided.is_ok(), "{command:?} is in `may`, and: {decided:?}");
            }
        }
    });
}

/// Commands whose acceptance depends on nothing they say. Completing also needs that everything was picked up.
fn by_its_name(kind: CommandKind) -> Option<Command> {
    use bulq_domain::command::{FinishAdjusting, Nothing, SetReady};
    Some(match kind {
        CommandKind::Open => Command::Open(Nothing {}),
        CommandKind::Confirm => Command::Confirm(Nothing {}),
        CommandKind::StepBack => Command::StepBack(Nothing {}),
        CommandKind::StartShopping => Command::StartShopping(Nothing {}),
        CommandKind::FinishShopping => Command::FinishShopping(Nothing {}),
        CommandKind::AcceptHandover => Command::AcceptHandover(Nothing {}),
        CommandKind::DeclineHandover => Command::DeclineHandover(Nothing {}),
        CommandKind::WithdrawHandover => Command::WithdrawHandover(Nothing {}),
        CommandKind::SetReady => Command::SetReady(SetReady { ready: true }),
        CommandKind::FinishAdjusting => {
            Command::FinishAdjusting(FinishAdjusting { force: true, policy: None })
        }
        _ => return None,
    })
}

type Shares = BTreeMap<(ProductId, UserId), (Quantity, Money)>;

fn shares(run: &Run, policy: ShortagePolicy) -> Shares {
    let (_, shares) = run.adjustments().into_iter().find(|(known, _)| *known == policy).unwrap();
    shares.into_iter().map(|s| ((s.product_id, s.user_id), (s.quantity, s.share))).collect()
}

const BUT_FIRST_COME: [ShortagePolicy; 3] =
    [ShortagePolicy::EqualAwards, ShortagePolicy::EqualLosses, ShortagePolicy::Proportional];

/// Rows in another order: lines of the run, bids of a line.
#[test]
fn who_gets_and_owes_what_does_not_depend_on_the_order_of_rows() {
    let mut dice = Dice::new(7);
    live(30_000_000, 20_000, |world, action, tally| {
        happen(world, action, tally);
        let mut other = world.run.clone();
        dice.shuffle(&mut other.lines);
        assert_eq!(other.balances(), world.run.balances());
        if !matches!(world.run.state, State::Shopping | State::Adjusting) {
            return;
        }
        assert_eq!(shares(&other, ShortagePolicy::FirstCome), shares(&world.run, ShortagePolicy::FirstCome));
        // Where not everybody's minimum fits, whoever bid later gives way.
        if world.run.lines.iter().all(minimums_fit) {
            other.lines.iter_mut().for_each(|line| dice.shuffle(&mut line.bids));
            for policy in BUT_FIRST_COME {
                assert_eq!(shares(&other, policy), shares(&world.run, policy), "{policy:?}");
            }
        }
    });
}

fn minimums_fit(line: &Line) -> bool {
    let bought = line.item.as_ref().map_or(Quantity::ZERO, |item| item.bought());
    line.wants.min <= Total::from(bought)
}

/// Only a tie is broken by who joined first; everything else is the same in any order of joining.
#[test]
fn joining_earlier_decides_ties_and_nothing_else() {
    let mut dice = Dice::new(8);
    let mut without_ties = 0;
    live(40_000_000, 20_000, |world, action, tally| {
        happen(world, action, tally);
        if !matches!(world.run.state, State::Shopping | State::Adjusting) {
            return;
        }
        let other = joined_in_another_order(&world.run, &mut dice);
        for policy in BUT_FIRST_COME {
            let (one, two) = (shares(&world.run, policy), shares(&other, policy));
            if had_no_ties(&world.run, policy, &one) {
                without_ties += 1;
                assert_eq!(one, two, "{policy:?}");
            }
            for (key, (got, _)) in &one {
                let step = world.run.line(key.0).unwrap().product.step.thousandths();
                let elsewhere = two.get(key).map_or(Quantity::ZERO, |(got, _)| *got);
                assert!(got.thousandths().abs_diff(elsewhere.thousandths()) <= step, "{policy:?} {key:?}");
            }
        }
    });
    assert!(without_ties > 0);
}

fn joined_in_another_order(run: &Run, dice: &mut Dice) -> Run {
    let mut order: Vec<u32> = (0..).take(run.participants.len()).collect();
    dice.shuffle(&mut order);
    let place = |by: u32| u32::try_from(order.iter().position(|old| *old == by).unwrap()).unwrap();
    let mut other = run.clone();
    other.participants = order.iter().map(|old| run.participants[*old as usize].clone()).collect();
    other.lines.iter_mut().flat_map(|line| &mut line.bids).for_each(|bid| bid.by = place(bid.by));
    other
}

fn had_no_ties(run: &Run, policy: ShortagePolicy, shares: &Shares) -> bool {
    use bulq_domain::shortage::{Claim, award};
    run.lines.iter().all(|line| {
        let Some(item) = line.item.as_deref().filter(|item| !item.parts.is_empty()) else { return true };
        let step = line.product.step.thousandths();
        let claims = line.bids.iter().filter(|bid| !bid.interested_only).map(|bid| Claim {
            min: (bid.min.thousandths() / step).into(),
            quantity: (bid.quantity.thousandths() / step).into(),
            losses: 0,
            joined: bid.by,
        });
        let claims: Vec<Claim> = claims.collect();
        let bought = Total::from(item.bought());
        let rationed = bought < line.wants.quantity;
        let lost =
            rationed && award(policy, &claims, bought.thousandths() / u64::from(step)).lost.contains(&true);
        let own = shares.iter().filter(|((product, _), _)| *product == line.product.id);
        let (received, money): (Vec<u64>, Vec<u64>) =
            own.map(|(_, (got, share))| (u64::from(got.thousandths()), share.0.unsigned_abs())).unzip();
        !lost && !bulq_domain::apportion::ties_lost(&received, &money).contains(&true)
    })
}
