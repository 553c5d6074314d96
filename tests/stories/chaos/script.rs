//! What somebody does next, by what they see: mostly what makes sense, sometimes anything.

use super::{PEOPLE, World};
use crate::support::{cents, q, reason};
use bulq_client::commands;
use bulq_client::domain::command::CostSplit;
use bulq_client::domain::{Command, CommandKind, ProductId, Quantity, Role, ShortagePolicy, State, UserId};
use bulq_client::protocol::RunView;
use bulq_client::protocol::view::ProductView;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

pub(super) fn next(random: &mut StdRng, world: &World, view: &RunView, me: UserId) -> Command {
    let role = view.participants.iter().find(|p| p.user_id == me).map_or(Role::Member, |p| p.role);
    if random.random_bool(0.08) {
        return anything(random, world, view, me);
    }
    if role == Role::Leader && random.random_bool(0.5) {
        return lead(random, world, view);
    }
    match view.state {
        State::Shopping if role <= Role::Helper => shop(random, world, view),
        State::Distributing if role <= Role::Helper => hand_out(random, view, me),
        State::Planning | State::Active | State::Adjusting => wish(random, world, view, me),
        _ if view.handover == Some(me) => answer(random),
        _ => anything(random, world, view, me),
    }
}

fn answer(random: &mut StdRng) -> Command {
    if random.random_bool(0.7) { commands::accept_handover() } else { commands::decline_handover() }
}

/// Mostly forward; sometimes people, sometimes the end.
fn lead(random: &mut StdRng, world: &World, view: &RunView) -> Command {
    let somebody = *world.people.choose(random).expect("people");
    match random.random_range(0..20) {
        0..3 => commands::appoint_helper(somebody),
        3 => commands::dismiss_helper(somebody),
        4..6 => commands::offer_handover(somebody),
        6 => commands::withdraw_handover(),
        7 if random.random_bool(0.1) => commands::cancel(reason(), Some(view.seq)),
        _ => forward(random, view),
    }
}

fn forward(random: &mut StdRng, view: &RunView) -> Command {
    let wanted = view.products.iter().filter(|product| product.item.is_some());
    let bought =
        wanted.clone().filter(|product| product.item.as_ref().is_some_and(|item| !item.parts.is_empty()));
    match view.state {
        State::Planning => commands::open(),
        State::Active if view.participants.len() > PEOPLE / 2 => commands::confirm(),
        State::Active => commands::ready(true),
        State::Confirmed if random.random_bool(0.2) => commands::step_back(),
        State::Confirmed => commands::start_shopping(),
        State::Shopping if bought.count() >= wanted.count() => commands::finish_shopping(),
        State::Adjusting if random.random_bool(0.3) => {
            commands::finish_adjusting(true, ShortagePolicy::ALL.choose(random).copied())
        }
        State::Adjusting => commands::finish_adjusting(false, None),
        _ => commands::complete(),
    }
}

fn wish(random: &mut StdRng, world: &World, view: &RunView, me: UserId) -> Command {
    let cast = &world.cast;
    let product = *[cast.p1, cast.p2, cast.p3].choose(random).expect("products");
    let quantity = match product == cast.p1 {
        true => Quantity::from_thousandths(random.random_range(1..600) * 10).expect("in range"),
        false => whole(random.random_range(1..9)),
    };
    if view.state == State::Adjusting {
        return towards_the_balance(random, view, me);
    }
    match random.random_range(0..10) {
        0 => commands::retract(product),
        1..4 => commands::ready(random.random_bool(0.8)),
        4 => commands::bid_within(
            product,
            q("0"),
            quantity,
            Quantity::from_thousandths((quantity.thousandths() + 3000).into()).expect("in range"),
        ),
        _ => commands::bid(product, quantity),
    }
}

fn towards_the_balance(random: &mut StdRng, view: &RunView, me: UserId) -> Command {
    let Some(product) = view.products.choose(random) else {
        return commands::finish_adjusting(false, None);
    };
    let mine = product.bids.iter().find(|bid| bid.user_id == me).map_or(0, |bid| bid.quantity.thousandths());
    let steps = random.random_range(0..4) * product.step.thousandths();
    let less = random.random_bool(0.5);
    let quantity = if less { mine.saturating_sub(steps) } else { mine + steps };
    commands::bid(product.product_id, Quantity::from_thousandths(quantity.into()).unwrap_or(Quantity::ONE))
}

fn shop(random: &mut StdRng, world: &World, view: &RunView) -> Command {
    let Some(product) = view.products.choose(random) else { return commands::finish_shopping() };
    let (quantity, total) = (about(random, product), cents(random.random_range(1..5000)));
    let changed = product.item.as_ref().map(|item| item.changed);
    match random.random_range(0..12) {
        0 => commands::bought_more(product.product_id, quantity, total),
        1 => commands::undo_purchase(product.product_id, changed),
        2 => cost(random),
        3 => commands::observe_price(product.product_id, total),
        4 => commands::add_item(world.cast.p3, whole(2), world.people.choose(random).copied()),
        5 => commands::edit_purchase(product.product_id, None, quantity, total, changed),
        6 => commands::bought(product.product_id, quantity, total, changed),
        _ => commands::bought(product.product_id, quantity, total, None),
    }
}

/// Sometimes as much as is wanted, sometimes less or more.
fn about(random: &mut StdRng, product: &ProductView) -> Quantity {
    let step = u64::from(product.step.thousandths());
    let wanted = product.wanted.thousandths() / step;
    let steps = match random.random_range(0..3) {
        0 => wanted,
        1 => wanted * 3 / 4,
        _ => wanted + random.random_range(0..3),
    };
    Quantity::from_thousandths(steps.max(1) * step).unwrap_or(Quantity::ONE)
}

fn hand_out(random: &mut StdRng, view: &RunView, me: UserId) -> Command {
    let waiting: Vec<(UserId, ProductId, Quantity)> = view
        .products
        .iter()
        .filter_map(|product| Some((product.product_id, product.item.as_ref()?)))
        .flat_map(|(product, item)| item.allocations.iter().map(move |a| (product, a)))
        .filter(|(_, allocation)| allocation.taken.is_none())
        .map(|(product, allocation)| (allocation.user_id, product, allocation.received))
        .collect();
    let Some(&(user, product, received)) = waiting.choose(random) else { return commands::complete() };
    match random.random_range(0..12) {
        0 => commands::undo_pick_up(me, None),
        1 => commands::left_with_leader(user, Some(product)),
        2 => commands::set_received(user, product, half(received)),
        3 => cost(random),
        4..8 => commands::pick_up(user, Some(product)),
        _ => commands::pick_up(user, None),
    }
}

/// Whatever somebody might try: mostly refused.
fn anything(random: &mut StdRng, world: &World, view: &RunView, me: UserId) -> Command {
    let somebody = *world.people.choose(random).expect("people");
    let kinds = CommandKind::ALL.len();
    match random.random_range(0..kinds) {
        0 => commands::open(),
        1 => commands::confirm(),
        2 => commands::step_back(),
        3 => commands::start_shopping(),
        4 => commands::finish_shopping(),
        5 => commands::finish_adjusting(true, None),
        6 => commands::complete(),
        7 => commands::accept_handover(),
        8 => commands::remove_cost(random.random_range(1..view.seq + 2)),
        9 => commands::pick_up(somebody, None),
        10 => commands::appoint_helper(me),
        11..16 => shop(random, world, view),
        16..20 => hand_out(random, view, somebody),
        _ => wish(random, world, view, me),
    }
}

fn cost(random: &mut StdRng) -> Command {
    let split =
        *[CostSplit::ByValue, CostSplit::Equally, CostSplit::ByQuantity].choose(random).expect("three");
    commands::add_cost(
        "Fuel".to_owned().try_into().expect("a label"),
        cents(random.random_range(1..2000)),
        split,
    )
}

fn whole(n: u64) -> Quantity {
    Quantity::from_thousandths(n * 1000).expect("in range")
}

fn half(quantity: Quantity) -> Quantity {
    Quantity::from_thousandths(u64::from(quantity.thousandths() / 20 * 10)).expect("in range")
}
