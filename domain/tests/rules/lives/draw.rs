//! What happens next, drawn so that a life gets somewhere: mostly what the state is for, now and then anything.

use crate::world::{Dice, PEOPLE, PRODUCTS, Setup, World, at, number_of, product_id, steps, user};
use bulq_domain::command::{
    AddCost, AddItem, Cancel, CostSplit, EditDetails, EditPurchase, FinishAdjusting, ItemOutcome, Nothing,
    ObservePrice, OfferHandover, Outcome, PickUp, PlaceBid, RecordPurchase, RemoveCost, RetractBid, SetReady,
    SetReceived, Someone, UndoPurchase,
};
use bulq_domain::event::Departure;
use bulq_domain::{
    Command, CommandKind as K, Line, Money, ProductId, Quantity, Seq, ShortagePolicy, State, UserId,
};

/// Something that happens to a run.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Ask(u8, Command),
    Leave(u8, Departure),
    Return(u8),
    Deadline,
}

pub(crate) fn setup(dice: &mut Dice) -> Setup {
    Setup {
        auto_confirm: dice.percent(40),
        policy: *dice.pick(&ShortagePolicy::ALL).unwrap(),
        deadline: dice.percent(25).then(|| 4 + dice.below(20)),
        default_cost: dice.percent(20).then(|| (1 + i64::try_from(dice.below(2000)).unwrap(), split(dice))),
    }
}

pub(crate) fn action(dice: &mut Dice, world: &World) -> Action {
    match dice.below(100) {
        0 | 1 => leave(dice, world),
        2 | 3 => Action::Return(dice.number(PEOPLE)),
        4 => Action::Deadline,
        5 | 6 => {
            let kind = *dice.pick(K::ALL).unwrap();
            Action::Ask(dice.number(PEOPLE), command(kind, dice, world))
        }
        _ => {
            let kind = dice.weighted(habits(world));
            let command = command(kind, dice, world);
            Action::Ask(author(&command, dice, world), command)
        }
    }
}

/// The leader goes less often than others: it ends the run.
fn leave(dice: &mut Dice, world: &World) -> Action {
    let who = dice.number(PEOPLE);
    if user(who) == world.run.leader_id && dice.percent(70) {
        return Action::Deadline;
    }
    Action::Leave(who, if dice.percent(50) { Departure::Left } else { Departure::Removed })
}

fn habits(world: &World) -> &'static [(u64, K)] {
    match world.run.state {
        State::Planning | State::Active if world.run.seq < 12 => {
            &[(90, K::PlaceBid), (4, K::RetractBid), (8, K::SetReady), (2, K::Open), (2, K::AppointHelper)]
        }
        State::Planning => &[(40, K::PlaceBid), (10, K::Open), (5, K::EditDetails), (1, K::Cancel)],
        State::Active => &[
            (20, K::PlaceBid),
            (4, K::RetractBid),
            (26, K::SetReady),
            (30, K::Confirm),
            (2, K::StepBack),
            (3, K::EditDetails),
            (2, K::AppointHelper),
            (2, K::OfferHandover),
            (2, K::AcceptHandover),
            (1, K::Cancel),
        ],
        State::Confirmed => &[
            (60, K::StartShopping),
            (3, K::StepBack),
            (3, K::AppointHelper),
            (2, K::DismissHelper),
            (3, K::OfferHandover),
            (2, K::WithdrawHandover),
            (2, K::AcceptHandover),
            (2, K::Cancel),
        ],
        State::Shopping => &[
            (40, K::RecordPurchase),
            (10, K::AddPurchase),
            (8, K::EditPurchase),
            (3, K::UndoPurchase),
            (3, K::ObservePrice),
            (6, K::AddItem),
            (4, K::AddCost),
            (1, K::RemoveCost),
            (18, K::FinishShopping),
            (2, K::OfferHandover),
            (1, K::AcceptHandover),
            (1, K::DeclineHandover),
            (2, K::Cancel),
        ],
        State::Adjusting => &[
            (50, K::PlaceBid),
            (35, K::FinishAdjusting),
            (4, K::AddCost),
            (1, K::RemoveCost),
            (3, K::Cancel),
        ],
        State::Distributing => &[
            (35, K::PickUp),
            (8, K::LeftWithLeader),
            (6, K::UndoPickUp),
            (14, K::SetReceived),
            (4, K::AddCost),
            (2, K::RemoveCost),
            (22, K::Complete),
            (1, K::OfferHandover),
            (4, K::Cancel),
        ],
        State::Completed | State::Cancelled => &[(1, K::PlaceBid), (1, K::PickUp), (1, K::Cancel)],
    }
}

/// Mostly somebody who may.
fn author(command: &Command, dice: &mut Dice, world: &World) -> u8 {
    let anybody = dice.number(PEOPLE);
    let leader = number_of(world.run.leader_id);
    match command.kind() {
        K::PlaceBid if world.run.state == State::Adjusting => match command.names() {
            (_, Some(holder)) if dice.percent(50) => number_of(holder).min(PEOPLE - 1),
            (_, Some(_)) => leader,
            (_, None) => anybody,
        },
        K::PlaceBid | K::RetractBid | K::SetReady => anybody,
        K::AcceptHandover | K::DeclineHandover if dice.percent(90) => {
            world.run.handover.map_or(anybody, number_of)
        }
        K::RecordPurchase | K::AddPurchase | K::EditPurchase | K::AddItem | K::AddCost
            if dice.percent(20) =>
        {
            anybody
        }
        _ if dice.percent(4) => anybody,
        _ => leader,
    }
}

/// A command of this kind that makes sense more often than not.
fn command(kind: K, dice: &mut Dice, world: &World) -> Command {
    match kind {
        K::Open => Command::Open(Nothing {}),
        K::Confirm => Command::Confirm(Nothing {}),
        K::StepBack => Command::StepBack(Nothing {}),
        K::StartShopping => Command::StartShopping(Nothing {}),
        K::FinishShopping => Command::FinishShopping(Nothing {}),
        K::Complete => Command::Complete(Nothing {}),
        K::AcceptHandover => Command::AcceptHandover(Nothing {}),
        K::DeclineHandover => Command::DeclineHandover(Nothing {}),
        K::WithdrawHandover => Command::WithdrawHandover(Nothing {}),
        K::FinishAdjusting => Command::FinishAdjusting(FinishAdjusting {
            force: dice.percent(60),
            policy: dice.percent(70).then(|| *dice.pick(&ShortagePolicy::ALL).unwrap()),
        }),
        K::Cancel => Command::Cancel(cancel(dice, world)),
        K::EditDetails => Command::EditDetails(edit(dice, world)),
        K::PlaceBid if world.run.state == State::Adjusting => Command::PlaceBid(adjustment(dice, world)),
        K::PlaceBid => Command::PlaceBid(bid(dice)),
        K::RetractBid => {
            Command::RetractBid(RetractBid { product_id: listed(dice, world), on_behalf_of: other(dice, 10) })
        }
        K::SetReady => Command::SetReady(SetReady { ready: dice.percent(90) }),
        K::AddItem => Command::AddItem(added(dice)),
        K::RecordPurchase => Command::RecordPurchase(purchase(dice, world)),
        K::AddPurchase => Command::AddPurchase(purchase(dice, world)),
        K::EditPurchase => Command::EditPurchase(correction(dice, world)),
        K::UndoPurchase => {
            let product_id = listed(dice, world);
            Command::UndoPurchase(UndoPurchase {
                product_id,
                expected_seq: expected(dice, world, product_id),
            })
        }
        K::ObservePrice => Command::ObservePrice(ObservePrice {
            product_id: product_id(dice.number(PRODUCTS + 1)),
            price: amount(dice),
        }),
        K::SetReceived => Command::SetReceived(weighing(dice, world)),
        K::PickUp => Command::PickUp(pick_up(dice, world, false)),
        K::UndoPickUp => Command::UndoPickUp(pick_up(dice, world, true)),
        K::LeftWithLeader => Command::LeftWithLeader(pick_up(dice, world, false)),
        K::AddCost => Command::AddCost(AddCost {
            label: "fuel".to_owned().try_into().unwrap(),
            amount: amount(dice),
            split: split(dice),
        }),
        K::RemoveCost => {
            let known = dice.pick(&world.run.costs).map_or(3, |cost| cost.id);
            Command::RemoveCost(RemoveCost { cost: known })
        }
        K::AppointHelper => Command::AppointHelper(someone(dice)),
        K::DismissHelper => Command::DismissHelper(someone(dice)),
        K::OfferHandover => Command::OfferHandover(OfferHandover { to: someone(dice).user_id }),
    }
}

fn bid(dice: &mut Dice) -> PlaceBid {
    let product = if dice.percent(80) { dice.number(2) } else { dice.number(PRODUCTS - 2) };
    let count = if dice.percent(5) { 0 } else { 1 + dice.below(12) };
    let quantity = steps(product, count);
    // Mostly in order, so that most bids are accepted.
    let min = match dice.below(20) {
        0 => Some(steps(product, count + 1)),
        1..=6 => Some(steps(product, dice.below(count + 1))),
        _ => None,
    };
    let max = match dice.below(20) {
        0 => Some(steps(product, count.saturating_sub(1))),
        1..=6 => Some(steps(product, count + dice.below(6))),
        _ => None,
    };
    PlaceBid {
        product_id: product_id(product),
        quantity: if dice.percent(2) { Quantity::SMALLEST } else { quantity },
        min,
        max,
        interested_only: dice.percent(5),
        comment: dice.percent(2).then(|| "ripe ones".to_owned().try_into().unwrap()),
        on_behalf_of: other(dice, 6),
        fill: dice.percent(6),
    }
}

/// Mostly within what the difference leaves open, on a line that is out of balance.
fn adjustment(dice: &mut Dice, world: &World) -> PlaceBid {
    let open: Vec<&Line> = world.run.lines.iter().filter(|line| !line.difference().is_balanced()).collect();
    let Some(line) = dice.pick(&open) else { return bid(dice) };
    let holder = dice.pick(&line.bids);
    let had = holder.map_or(Quantity::ZERO, |bid| bid.quantity);
    let (min, max) = line.bounds(had);
    let step = line.product.step.thousandths();
    let (low, high) = (min.thousandths() / step, max.thousandths() / step);
    let count = match dice.below(20) {
        0 => u64::from(low.saturating_sub(1)),
        1 => u64::from(high) + 1,
        2..=9 => u64::from(low),
        10..=15 => u64::from(high),
        _ => u64::from(low) + dice.below(u64::from(high - low) + 1),
    };
    let for_whom = holder.map(|bid| world.run.participants[bid.by as usize].user_id);
    let thousandths = (count * u64::from(step)).min(u64::from(Quantity::MAX.thousandths()));
    PlaceBid {
        product_id: line.product.id,
        quantity: Quantity::from_thousandths(thousandths).unwrap(),
        min: None,
        max: None,
        interested_only: false,
        comment: None,
        on_behalf_of: for_whom.filter(|_| dice.percent(90)),
        fill: false,
    }
}

fn purchase(dice: &mut Dice, world: &World) -> RecordPurchase {
    let unbought: Vec<ProductId> =
        world.run.lines.iter().filter(|line| !is_bought(line)).map(|line| line.product.id).collect();
    let product_id = match dice.pick(&unbought) {
        Some(product) if dice.percent(85) => *product,
        _ => listed(dice, world),
    };
    RecordPurchase {
        product_id,
        quantity: found(dice, world, product_id),
        total: amount(dice),
        payer: other(dice, 12),
        picked: picked(dice, product_id),
        expected_seq: expected(dice, world, product_id),
    }
}

fn correction(dice: &mut Dice, world: &World) -> EditPurchase {
    let RecordPurchase { product_id, quantity, total, payer, picked, expected_seq } = purchase(dice, world);
    let bought: Vec<ProductId> =
        world.run.lines.iter().filter(|line| is_bought(line)).map(|line| line.product.id).collect();
    let known = dice.pick(&bought).copied();
    let part = dice.percent(60).then(|| u32::from(dice.number(3)));
    EditPurchase {
        product_id: known.unwrap_or(product_id),
        part,
        quantity,
        total,
        payer,
        picked,
        expected_seq,
    }
}

/// What the shelf holds: as much as is wanted, or less, or more, or in a pack.
fn found(dice: &mut Dice, world: &World, product: ProductId) -> Quantity {
    let Some(line) = world.run.line(product) else { return Quantity::ONE };
    let step = u64::from(line.product.step.thousandths());
    let wanted = line.wants.quantity.thousandths() / step;
    let count = match dice.below(20) {
        0 => return Quantity::SMALLEST,
        1 => 0,
        2..=9 => wanted,
        10..=14 => 1 + dice.below(wanted.max(1)),
        15 => line.wants.max.thousandths() / step,
        16 => line.plan().planned.thousandths() / step,
        _ => wanted + dice.below(8),
    };
    Quantity::from_thousandths(count * step).unwrap_or(Quantity::MAX)
}

fn picked(dice: &mut Dice, product: ProductId) -> Option<ProductId> {
    let likely = product == product_id(5);
    dice.percent(if likely { 70 } else { 2 }).then(|| match dice.below(10) {
        0 => product_id(7),
        1 => product_id(99),
        2 => product,
        _ => product_id(6),
    })
}

fn expected(dice: &mut Dice, world: &World, product: ProductId) -> Option<Seq> {
    let changed = world.run.line(product).and_then(|line| line.item.as_ref()).map_or(0, |item| item.changed);
    match dice.below(10) {
        0 => Some(changed.saturating_sub(1)),
        1 | 2 => Some(changed),
        3 => Some(world.run.seq),
        _ => None,
    }
}

fn added(dice: &mut Dice) -> AddItem {
    let number = PRODUCTS - 2 + dice.number(3);
    AddItem {
        product_id: product_id(if dice.percent(20) { dice.number(PRODUCTS) } else { number }),
        quantity: if dice.percent(95) { steps(number, dice.below(6)) } else { Quantity::SMALLEST },
        on_behalf_of: other(dice, 50),
    }
}

fn weighing(dice: &mut Dice, world: &World) -> SetReceived {
    let product_id = listed(dice, world);
    let user_id = someone_listed(dice, world, product_id, false);
    let item = world.run.line(product_id).and_then(|line| line.item.as_ref());
    let by = world.run.participants.iter().position(|p| p.user_id == user_id);
    let had = item.zip(by).and_then(|(item, by)| item.allocation(by)).map_or(0, |a| a.received.thousandths());
    let left = item.map_or(0, |item| item.shrink().thousandths());
    let most = u64::from(had) + left;
    let thousandths = match dice.below(10) {
        0 => most + 1,
        1 => most,
        2 => 0,
        3 => u64::from(had),
        4..=6 => dice.below(most + 1) / 1000 * 1000,
        _ => dice.below(most + 1),
    };
    let received = Quantity::from_thousandths(thousandths).unwrap_or(Quantity::MAX);
    SetReceived { user_id, product_id, received }
}

fn pick_up(dice: &mut Dice, world: &World, taken: bool) -> PickUp {
    let product_id = listed(dice, world);
    let user_id = someone_listed(dice, world, product_id, taken);
    PickUp { user_id, product_id: dice.percent(40).then_some(product_id) }
}

/// Mostly somebody with an allocation that was taken, or was not.
fn someone_listed(dice: &mut Dice, world: &World, product: ProductId, taken: bool) -> UserId {
    let allocations =
        world.run.line(product).and_then(|line| line.item.as_ref()).map(|item| &item.allocations);
    let waiting: Vec<UserId> = allocations
        .into_iter()
        .flatten()
        .filter(|a| a.taken.is_some() == taken)
        .map(|a| world.run.participants[a.by as usize].user_id)
        .collect();
    match dice.pick(&waiting) {
        Some(user) if dice.percent(85) => *user,
        _ => someone(dice).user_id,
    }
}

fn cancel(dice: &mut Dice, world: &World) -> Cancel {
    let mut outcomes = Vec::new();
    for line in &world.run.lines {
        if is_bought(line) || dice.percent(3) {
            let outcome = [Outcome::Returned, Outcome::KeptByPayer, Outcome::SharedAnyway][dice.index(3)];
            outcomes.push(ItemOutcome { product_id: line.product.id, outcome });
        }
    }
    Cancel {
        reason: "no van".to_owned().try_into().unwrap(),
        expected_seq: match dice.below(4) {
            0 => Some(world.run.seq),
            1 => Some(world.run.seq.saturating_sub(dice.below(2))),
            _ => None,
        },
        outcomes: if dice.percent(80) && world.run.state < State::Distributing {
            outcomes
        } else {
            Vec::new()
        },
    }
}

fn edit(dice: &mut Dice, world: &World) -> EditDetails {
    let text = if dice.percent(50) { "by bike" } else { "" };
    EditDetails {
        comment: dice.percent(50).then(|| text.to_owned().try_into().unwrap()),
        planned_on: dice.percent(50).then(|| dice.percent(50).then(|| "2026-12-01".parse().unwrap())),
        bidding_deadline: dice
            .percent(50)
            .then(|| dice.percent(70).then(|| at(world.run.seq + dice.below(6)))),
    }
}

/// A product of the run, mostly.
fn listed(dice: &mut Dice, world: &World) -> ProductId {
    match dice.pick(&world.run.lines) {
        Some(line) if dice.percent(96) => line.product.id,
        _ => product_id(dice.number(PRODUCTS)),
    }
}

fn is_bought(line: &Line) -> bool {
    line.item.as_ref().is_some_and(|item| !item.parts.is_empty())
}

fn amount(dice: &mut Dice) -> Money {
    match dice.below(40) {
        0 => Money(0),
        1 => Money::MAX_LINE,
        2 => Money(Money::MAX_LINE.0 + 1),
        _ => Money(1 + i64::try_from(dice.below(4000)).unwrap()),
    }
}

fn split(dice: &mut Dice) -> CostSplit {
    [CostSplit::ByValue, CostSplit::Equally, CostSplit::ByQuantity][dice.index(3)]
}

/// Now and then somebody who is not in the group.
fn someone(dice: &mut Dice) -> Someone {
    let stranger = dice.percent(5);
    Someone { user_id: user(dice.number(PEOPLE + u8::from(stranger))) }
}

fn other(dice: &mut Dice, percent: u64) -> Option<UserId> {
    dice.percent(percent).then(|| someone(dice).user_id)
}
