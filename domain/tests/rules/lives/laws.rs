//! What must hold of a run after every event.

use crate::world::World;
use bulq_domain::command::Outcome;
use bulq_domain::event::{Balance, LineNow};
use bulq_domain::run::{Item, Taken};
use bulq_domain::{Event, Line, Money, Recorded, Run, State, Total, UserId};
use std::collections::BTreeMap;

/// The run before an event, as far as the laws look back.
pub(crate) struct Before {
    state: State,
    settled: bool,
    owed: BTreeMap<UserId, Money>,
    shares: BTreeMap<(usize, u32), (Money, Option<Taken>)>,
}

impl Before {
    pub(crate) fn of(world: &World, next: &Recorded) -> Self {
        let run = &world.run;
        let looked_at = matches!(next.event, Event::RunCancelled { .. });
        Self {
            state: run.state,
            settled: matches!(world.log.last().unwrap().event, Event::RunSettled { .. }),
            owed: if looked_at { owed(&run.balances()) } else { BTreeMap::new() },
            shares: if looked_at { shares(run) } else { BTreeMap::new() },
        }
    }
}

pub(crate) fn hold(before: &Before, run: &Run, recorded: &Recorded) {
    let event = &recorded.event;
    edge(before.state, run.state, event);
    run.lines.iter().for_each(sums);
    // A product joins just before the first bid on it.
    if !matches!(event, Event::ProductAdded { .. }) {
        assert!(run.lines.iter().all(|line| !line.bids.is_empty() || line.item.is_some()));
    }
    people(run);
    announced(run, event);
    for item in run.lines.iter().filter_map(|line| line.item.as_deref()) {
        goods(run, item);
        money(run, item);
    }
    if run.state >= State::Distributing || !run.costs.is_empty() {
        balance(run);
    }
    match event {
        Event::ShoppingFinished { .. } if run.state == State::Distributing => handed_out(run, false),
        Event::AdjustingFinished { policy, .. } => handed_out(run, policy.is_some()),
        Event::RunCancelled { people, .. } => {
            consequences(before, run, people);
            kept(before, run);
        }
        Event::RunSettled { balances } => {
            assert_eq!(balances, &run.balances(), "what is settled is what is owed afterwards");
            assert!(!run.state.is_live() && !before.settled, "a run is settled once, at its end");
        }
        _ => {}
    }
}

/// I12.
fn edge(before: State, now: State, event: &Event) {
    match event.new_state() {
        Some(next) => assert!(next == now && before.may_become(next), "{before} became {next}"),
        None => assert_eq!(before, now, "{} moved the run", event.kind()),
    }
}

fn sums(line: &Line) {
    let mut sums = [Total::ZERO; 3];
    for bid in &line.bids {
        sums[0] += bid.min;
        sums[1] += bid.quantity;
        sums[2] += bid.max;
        assert!(bid.min <= bid.quantity && bid.quantity <= bid.max, "{bid:?}");
        assert!(bid.quantity.is_multiple_of(line.product.step));
        assert!(!bid.interested_only || bid.max.is_zero());
    }
    assert_eq!([line.wants.min, line.wants.quantity, line.wants.max], sums);
    assert_eq!(line.interested as usize, line.bids.iter().filter(|bid| bid.interested_only).count());
}

fn people(run: &Run) {
    for (i, participant) in run.participants.iter().enumerate() {
        let held = run.lines.iter().flat_map(|line| &line.bids).filter(|bid| bid.by as usize == i).count();
        assert_eq!(participant.bids as usize, held);
        assert!(!participant.ready || held > 0, "ready without a bid");
        assert_eq!(participant.removed, run.gone.contains(&participant.user_id));
        assert!(!participant.removed || !participant.helper && !participant.ready);
    }
    let leader = run.participant(run.leader_id).unwrap();
    assert!(!leader.helper, "the leader needs no appointment");
    match run.handover {
        Some(to) => {
            let offered = run.participant(to).unwrap();
            assert!(run.state.is_live() && !offered.removed && to != run.leader_id, "{offered:?}");
        }
        None => assert!(run.state.is_live() || run.handover.is_none()),
    }
}

/// What an event says a product adds up to is what it does add up to.
fn announced(run: &Run, event: &Event) {
    if let Event::BidPlaced { user_id, .. } | Event::BidRetracted { user_id, .. } = event {
        assert!(!run.participant(*user_id).unwrap().ready, "a changed bid is not a final one");
    }
    let lines: &[LineNow] = match event {
        Event::BidPlaced { line, .. } | Event::BidRetracted { line, .. } | Event::ItemAdded { line, .. } => {
            std::slice::from_ref(line)
        }
        Event::MemberLeft { lines, .. } | Event::ShoppingStarted { items: lines, .. } => lines,
        _ => return,
    };
    for now in lines {
        match run.line(now.product_id) {
            Some(line) => {
                assert_eq!(
                    (now.wanted, now.interested, now.plan, now.listed),
                    (line.wanted(), line.interested, line.plan(), line.item.is_some())
                );
                assert!(!now.is_gone());
            }
            None => assert!(now.is_gone()),
        }
    }
}

/// I13: handed out + shrink = bought, in the order of joining, none twice.
fn goods(run: &Run, item: &Item) {
    let handed_out = received(item);
    let bought = u64::from(item.bought().thousandths());
    assert!(item.allocations.windows(2).all(|pair| pair[0].by < pair[1].by));
    if item.allocations.is_empty() {
        let waits = run.state < State::Distributing || item.parts.is_empty();
        assert!(waits || item.outcome == Some(Outcome::Returned), "{item:?} went to nobody");
        assert!(item.shrink().is_zero());
    } else {
        assert!(run.state >= State::Distributing && !item.parts.is_empty(), "{item:?} in {}", run.state);
        assert_eq!(handed_out + item.shrink().thousandths(), bought, "{item:?}");
    }
    assert!(item.changed <= run.seq);
}

/// I14, of one item: the shares are the line total, each as large as what was received, to the minor unit.
fn money(run: &Run, item: &Item) {
    if item.allocations.is_empty() {
        return;
    }
    assert!(item.allocations.iter().all(|a| a.share.0 >= 0));
    assert_eq!(item.allocations.iter().map(|a| a.share.0).sum::<i64>(), item.total().0, "{item:?}");
    let handed_out = i128::from(received(item));
    if run.state == State::Cancelled || handed_out == 0 {
        return;
    }
    for allocation in &item.allocations {
        let exact = i128::from(item.total().0) * i128::from(allocation.received.thousandths());
        let given = i128::from(allocation.share.0) * handed_out;
        assert!((given - exact).abs() < handed_out, "{allocation:?} of {item:?}");
    }
}

/// I14: all paid is all owed, and every transfer is explained to the minor unit.
fn balance(run: &Run) {
    let balances = run.balances();
    let paid: i64 = balances.iter().map(|b| b.paid.0).sum();
    let owes: i64 = balances.iter().map(|b| b.owes.0).sum();
    assert_eq!(paid, owes, "{balances:?}");
    assert!(balances.iter().all(|b| b.paid.0 >= 0 && b.owes.0 >= 0 && b.paid.0 + b.owes.0 > 0));
    let (goods, costs) = run.spent();
    if run.state >= State::Distributing {
        assert_eq!(paid, goods.0 + costs.0, "all that was spent is owed by somebody");
    }
}

/// Everybody has what they wished for; where a policy decided, too little or too much is shared.
fn handed_out(run: &Run, forced: bool) {
    for line in &run.lines {
        let Some(item) = line.item.as_deref().filter(|item| !item.parts.is_empty()) else { continue };
        let bought = Total::from(item.bought());
        assert!(item.shrink().is_zero(), "nothing is weighed yet");
        let short = bought < line.wants.quantity;
        let over = bought > line.wants.max;
        assert!(forced || (!short && !over));
        let minimums_fit = line.wants.min <= bought;
        for bid in line.bids.iter().filter(|bid| !bid.interested_only) {
            let allocation = item.allocation(bid.by as usize).unwrap();
            let (got, user) = (allocation.received, run.participants[bid.by as usize].user_id);
            assert!(got.is_multiple_of(line.product.step));
            if short {
                assert!(got <= bid.quantity);
                assert!(got >= bid.min || !minimums_fit, "{bid:?} got {got}");
            } else {
                assert!(got >= bid.quantity);
                assert!(got <= bid.max || over && user == run.leader_id, "{bid:?} got {got}");
                assert!(!over || got >= bid.max, "first the willing, then the leader");
            }
        }
    }
}

/// What a cancellation said about everybody's debts is what they are.
fn consequences(before: &Before, run: &Run, people: &[bulq_domain::event::Consequence]) {
    let then = owed(&run.balances());
    for person in people {
        assert_eq!(person.owes_now, before.owed.get(&person.user_id).copied().unwrap_or_default());
        assert_eq!(person.owes_then, then.get(&person.user_id).copied().unwrap_or_default());
    }
    for user in before.owed.keys().chain(then.keys()) {
        assert!(people.iter().any(|person| person.user_id == *user), "nobody's debt changes unsaid");
    }
}

/// What was picked up before a cancellation stays owed; payers owe themselves the rest.
fn kept(before: &Before, run: &Run) {
    for (number, line) in run.lines.iter().enumerate() {
        let Some(item) = line.item.as_deref().filter(|item| !item.parts.is_empty()) else { continue };
        let outcome = item.outcome.expect("something becomes of everything that was bought");
        let payer = |by: u32| {
            let user = run.participants[by as usize].user_id;
            item.parts.iter().any(|part| part.payer_id == user)
        };
        for allocation in &item.allocations {
            let held = before.shares.get(&(number, allocation.by));
            match held {
                Some((share, Some(_))) if payer(allocation.by) => assert!(allocation.share >= *share),
                Some((share, Some(_))) => assert_eq!(allocation.share, *share),
                _ if before.state == State::Distributing => assert!(payer(allocation.by)),
                _ => assert!(payer(allocation.by) || outcome == Outcome::SharedAnyway),
            }
        }
        let taken = before.shares.iter().filter(|((line, _), (_, taken))| *line == number && taken.is_some());
        for ((_, by), _) in taken {
            assert!(item.allocation(*by as usize).is_some(), "what was taken stays taken");
        }
    }
}

fn received(item: &Item) -> u64 {
    item.allocations.iter().map(|a| u64::from(a.received.thousandths())).sum()
}

fn owed(balances: &[Balance]) -> BTreeMap<UserId, Money> {
    balances.iter().map(|balance| (balance.user_id, balance.owes)).collect()
}

fn shares(run: &Run) -> BTreeMap<(usize, u32), (Money, Option<Taken>)> {
    let items = run.lines.iter().enumerate().filter_map(|(i, line)| Some((i, line.item.as_deref()?)));
    items
        .flat_map(|(i, item)| item.allocations.iter().map(move |a| ((i, a.by), (a.share, a.taken))))
        .collect()
}
