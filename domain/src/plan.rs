//! The plan: what a run would buy of one product right now, and what is missing to the next pack.
//!
//! It is computed from three sums, so it cannot depend on the order of the bids, and costs the same for
//! one bid and for a thousand.

use crate::{Quantity, Total, UserId};
use serde::{Deserialize, Serialize};

/// What one product's bids add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wants {
    /// Σ of the least anybody would rather have than nothing.
    pub min: Total,
    /// Σ of what is wanted.
    pub quantity: Total,
    /// Σ of what would be taken to fill a pack.
    pub max: Total,
}

/// What the run would buy of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Plan {
    /// The size the store sells, or the product's step when it sells any amount.
    pub pack: Quantity,
    /// The least the store sells.
    pub minimum: Quantity,
    pub packs: u64,
    /// `packs × pack`.
    pub planned: Total,
    /// What is missing to the next pack or the minimum, after everybody's tolerance.
    pub gap: Total,
}

/// Source: product page, "plan". `pack` must not be zero.
#[must_use]
pub fn plan(wants: Wants, pack: Quantity, minimum: Quantity) -> Plan {
    let c = u64::from(pack.thousandths());
    let k = u64::from(minimum.thousandths());
    let (m, w, most) = (wants.min.thousandths(), wants.quantity.thousandths(), wants.max.thousandths());

    let up = w.max(k).div_ceil(c) * c;
    let down = w / c * c;
    let planned = if w == 0 {
        0
    } else if up <= most {
        up
    } else if down > 0 && down >= k && m <= down {
        down
    } else {
        0
    };
    let gap = if w == 0 { 0 } else { up.saturating_sub(most) };

    Plan {
        pack,
        minimum,
        packs: planned / c,
        planned: Total::from_thousandths(planned),
        gap: Total::from_thousandths(gap),
    }
}

/// Somebody who would take more than they want, and what extras have cost them in this run so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Willing {
    pub user: UserId,
    /// `max − quantity`, in steps.
    pub room: u64,
    /// Cost of earlier extras, in thousandths of a minor unit.
    pub cost: u128,
}

/// Hands out `extras` steps, each to the willing member whose extras have cost least so far; ties go by user id.
///
/// `step_cost` is what one step costs, in thousandths of a minor unit. Returns steps per entry of `willing`.
/// Whole levels are skipped by bisection, so a sack of 25,000 steps costs no more than a crate of 12.
#[must_use]
pub fn share_extras(willing: &[Willing], extras: u64, step_cost: u128) -> Vec<u64> {
    // Without a price the members' extras are levelled by amount: every step counts one.
    let (step_cost, cost): (u128, fn(&Willing) -> u128) =
        if step_cost == 0 { (1, |_| 0) } else { (step_cost, |w| w.cost) };
    let given_up_to = |w: &Willing, level: u128| {
        if level < cost(w) { 0 } else { w.room.min(clamp((level - cost(w)) / step_cost + 1)) }
    };

    let (mut low, mut high) =
        (0u128, willing.iter().map(|w| cost(w) + step_cost * u128::from(w.room)).max().unwrap_or(0));
    while low < high {
        let level = (low + high) / 2;
        let given: u128 = willing.iter().map(|w| u128::from(given_up_to(w, level))).sum();
        if given <= u128::from(extras) { low = level + 1 } else { high = level }
    }
    let mut shares: Vec<u64> = match low {
        0 => vec![0; willing.len()],
        above => willing.iter().map(|w| given_up_to(w, above - 1)).collect(),
    };

    // What is left does not go round: one step each, in the order of the level they are at.
    let left = extras.saturating_sub(shares.iter().sum());
    let mut next: Vec<_> = willing
        .iter()
        .enumerate()
        .filter(|&(i, w)| shares[i] < w.room)
        .map(|(i, w)| (cost(w) + step_cost * u128::from(shares[i]), w.user, i))
        .collect();
    next.sort_unstable();
    for (_, _, i) in next.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        shares[i] += 1;
    }
    shares
}

fn clamp(steps: u128) -> u64 {
    u64::try_from(steps).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn wants(min: u64, quantity: u64, max: u64) -> Wants {
        let total = |units: u64| Total::from_thousandths(units * 1000);
        Wants { min: total(min), quantity: total(quantity), max: total(max) }
    }

    fn units(n: u64) -> Quantity {
        Quantity::from_thousandths(n * 1000).unwrap()
    }

    #[test]
    fn tolerance_fills_the_pack() {
        let plan = plan(wants(0, 11, 16), units(12), Quantity::ZERO);

        assert_eq!((plan.packs, plan.planned, plan.gap), (1, Total::from_thousandths(12_000), Total::ZERO));
    }

    #[test]
    fn without_tolerance_the_gap_is_what_is_missing() {
        let plan = plan(wants(0, 9, 9), units(12), Quantity::ZERO);

        assert_eq!((plan.packs, plan.gap), (0, Total::from_thousandths(3000)));
    }

    #[test]
    fn goes_down_a_pack_when_everybody_can_live_with_it() {
        let down = plan(wants(10, 14, 14), units(12), Quantity::ZERO);
        assert_eq!(
            (down.planned, down.gap),
            (Total::from_thousandths(12_000), Total::from_thousandths(10_000))
        );

        let not_below_the_minimum_of_the_members = plan(wants(13, 14, 14), units(12), Quantity::ZERO);
        assert_eq!(not_below_the_minimum_of_the_members.planned, Total::ZERO);

        let not_below_the_minimum_of_the_store = plan(wants(0, 14, 14), units(12), units(20));
        assert_eq!(not_below_the_minimum_of_the_store.planned, Total::ZERO);
    }

    #[test]
    fn nobody_wanting_anything_leaves_no_gap() {
        assert_eq!(plan(wants(0, 0, 0), units(12), units(24)).gap, Total::ZERO);
    }

    /// The definition, step by step: what `share_extras` must equal.
    fn one_step_at_a_time(willing: &[Willing], extras: u64, step_cost: u128) -> Vec<u64> {
        let mut shares = vec![0u64; willing.len()];
        for _ in 0..extras {
            let next = (0..willing.len()).filter(|&i| shares[i] < willing[i].room).min_by_key(|&i| {
                let steps = u128::from(shares[i]);
                let level = if step_cost == 0 { steps } else { willing[i].cost + steps * step_cost };
                (level, willing[i].user)
            });
            let Some(next) = next else { break };
            shares[next] += 1;
        }
        shares
    }

    proptest! {
        #[test]
        fn sharing_by_levels_equals_sharing_step_by_step(
            people in prop::collection::vec((0u64..40, 0u128..200), 0..8), extras in 0u64..120, step_cost in 0u128..30,
        ) {
            let willing: Vec<_> = people.iter().enumerate()
                .map(|(i, &(room, cost))| Willing { user: UserId(Uuid::from_u128(i as u128)), room, cost }).collect();

            prop_assert_eq!(share_extras(&willing, extras, step_cost), one_step_at_a_time(&willing, extras, step_cost));
        }

        #[test]
        fn never_buys_more_than_everybody_would_take(
            bids in prop::collection::vec((0u64..50, 0u64..50, 0u64..50), 0..10), pack in 1u64..30, minimum in 0u64..60,
        ) {
            let sum = bids.iter().fold((0, 0, 0), |s, b| (s.0 + b.0, s.1 + b.0 + b.1, s.2 + b.0 + b.1 + b.2));
            let plan = plan(wants(sum.0, sum.1, sum.2), units(pack), units(minimum));

            prop_assert!(plan.planned.thousandths() <= sum.2 * 1000);
            prop_assert!(plan.planned.thousandths() >= sum.0 * 1000 || plan.planned.is_zero());
            prop_assert!(plan.planned.is_zero() || plan.planned.thousandths() >= minimum * 1000);
            prop_assert_eq!(plan.planned.thousandths(), plan.packs * pack * 1000);
        }

        #[test]
        fn filling_the_gap_buys_the_pack(quantity in 1u64..100, pack in 1u64..30, minimum in 0u64..60) {
            let before = plan(wants(0, quantity, quantity), units(pack), units(minimum));
            let filled = quantity + before.gap.thousandths() / 1000;
            let after = plan(wants(0, filled, filled), units(pack), units(minimum));

            prop_assert!(after.gap.is_zero());
            prop_assert!(after.planned.thousandths() == filled * 1000);
        }
    }
}
