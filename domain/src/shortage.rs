//! Less was bought than is wanted: who gets how much of it.
//!
//! Everything is counted in whole steps of the product. Somebody who would rather have none than less than
//! their minimum gets none or at least that, wherever it can be done.

use crate::apportion::{apportion, ties_lost};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// How a shortage is shared when the leader forces it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShortagePolicy {
    /// Everybody gets up to the same level.
    #[default]
    EqualAwards,
    /// Everybody gets the same part of what they want.
    Proportional,
    /// Everybody goes without the same amount.
    EqualLosses,
    /// In the order of the bids, until it is gone.
    FirstCome,
}

impl ShortagePolicy {
    pub const ALL: [Self; 4] = [Self::EqualAwards, Self::Proportional, Self::EqualLosses, Self::FirstCome];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EqualAwards => "equal_awards",
            Self::Proportional => "proportional",
            Self::EqualLosses => "equal_losses",
            Self::FirstCome => "first_come",
        }
    }
}

impl std::str::FromStr for ShortagePolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not a shortage policy"))
    }
}

/// What somebody wants of a product there is too little of, in steps. Claims stand in the order of the bids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Less than this is worth nothing to them; at most `quantity`.
    pub min: u64,
    pub quantity: u64,
    /// How many ties they lost before in this run.
    pub losses: u32,
    /// Their place in the order of joining.
    pub joined: u32,
}

/// Who gets how many steps, and who lost a tie for the last one; both in the order of the claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    pub steps: Vec<u64>,
    pub lost: Vec<bool>,
}

/// Awards `available` steps. It must be at most what is wanted altogether, and all of it is awarded.
#[must_use]
pub fn award(policy: ShortagePolicy, claims: &[Claim], available: u64) -> Award {
    let mut served: Vec<Claim> = claims.to_vec();
    for i in without(claims, available) {
        (served[i].min, served[i].quantity) = (0, 0);
    }
    let wanted: u64 = served.iter().map(|claim| claim.quantity).sum();
    let mut award = shared(policy, &served, available.min(wanted));

    // Nobody else would take more: better below their minimum than wasted.
    if available > wanted {
        let rest: Vec<Claim> = claims
            .iter()
            .zip(&award.steps)
            .map(|(claim, &got)| Claim { min: 0, quantity: claim.quantity - got, ..*claim })
            .collect();
        let more = shared(policy, &rest, available - wanted);
        award.steps.iter_mut().zip(more.steps).for_each(|(got, more)| *got += more);
        award.lost = more.lost;
    }
    award
}

/// Whose minimum cannot be met when there is not enough for all of them: as few people as possible.
///
/// The smallest minimum that makes room is given up; if none alone does, the largest, and so on. Ties: the later bid.
fn without(claims: &[Claim], available: u64) -> Vec<usize> {
    let mut gone = Vec::new();
    let mut over = claims.iter().map(|claim| claim.min).sum::<u64>().saturating_sub(available);
    while over > 0 {
        let left = || (0..claims.len()).filter(|i| !gone.contains(i) && claims[*i].min > 0);
        let enough = left().filter(|&i| claims[i].min >= over).min_by_key(|&i| (claims[i].min, Reverse(i)));
        let Some(next) = enough.or_else(|| left().max_by_key(|&i| (claims[i].min, i))) else { break };
        over = over.saturating_sub(claims[next].min);
        gone.push(next);
    }
    gone
}

/// As [`award`], where everybody's minimum can be met.
fn shared(policy: ShortagePolicy, claims: &[Claim], available: u64) -> Award {
    match policy {
        ShortagePolicy::EqualAwards => levelled(claims, available, |claim, level| level.min(claim.quantity)),
        ShortagePolicy::EqualLosses => {
            let most = claims.iter().map(|claim| claim.quantity).max().unwrap_or(0);
            levelled(claims, available, |claim, level| {
                claim.quantity.saturating_sub(most.saturating_sub(level))
            })
        }
        ShortagePolicy::Proportional => proportional(claims, available),
        ShortagePolicy::FirstCome => first_come(claims, available),
    }
}

/// Raises one level for everybody, as far as `available` goes; the steps of a level begun go by the ties' order.
///
/// `at(claim, level)` never falls with the level, rises by at most one per level, and ends at the quantity.
fn levelled(claims: &[Claim], available: u64, at: impl Fn(&Claim, u64) -> u64) -> Award {
    let at = |claim: &Claim, level: u64| at(claim, level).max(claim.min);
    let given = |level: u64| claims.iter().map(|claim| at(claim, level)).sum::<u64>();
    let (mut low, mut high) = (0, claims.iter().map(|claim| claim.quantity).max().unwrap_or(0));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if given(middle) <= available { low = middle } else { high = middle - 1 }
    }
    let mut steps: Vec<u64> = claims.iter().map(|claim| at(claim, low)).collect();
    let mut lost = vec![false; claims.len()];

    let mut begun: Vec<usize> = (0..claims.len()).filter(|&i| at(&claims[i], low + 1) > steps[i]).collect();
    begun.sort_by_key(|&i| (Reverse(claims[i].losses), claims[i].joined));
    let mut left = available.saturating_sub(steps.iter().sum());
    let tied = left > 0;
    for i in begun {
        if left > 0 {
            steps[i] += 1;
            left -= 1;
        } else {
            lost[i] = tied;
        }
    }
    Award { steps, lost }
}

/// Whoever would fall below their minimum gets it; the others share the rest.
fn proportional(claims: &[Claim], available: u64) -> Award {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by_key(|&i| claims[i].joined);
    let mut held = vec![false; claims.len()];
    loop {
        let free: Vec<usize> = order.iter().copied().filter(|&i| !held[i]).collect();
        let fixed: u64 = (0..claims.len()).filter(|&i| held[i]).map(|i| claims[i].min).sum();
        let rest = available.saturating_sub(fixed);
        let wanted: u64 = free.iter().map(|&i| claims[i].quantity).sum();
        let below = |i: &&usize| {
            u128::from(rest) * u128::from(claims[**i].quantity)
                < u128::from(claims[**i].min) * u128::from(wanted)
        };
        let falling: Vec<usize> = free.iter().filter(below).copied().collect();
        if falling.is_empty() {
            return proportional_among(claims, &free, rest);
        }
        falling.into_iter().for_each(|i| held[i] = true);
    }
}

fn proportional_among(claims: &[Claim], free: &[usize], rest: u64) -> Award {
    let weights: Vec<u64> = free.iter().map(|&i| claims[i].quantity).collect();
    let losses: Vec<u32> = free.iter().map(|&i| claims[i].losses).collect();
    let mut award =
        Award { steps: claims.iter().map(|claim| claim.min).collect(), lost: vec![false; claims.len()] };
    if weights.iter().all(|&weight| weight == 0) {
        return award;
    }
    let shares = apportion(rest, &weights, &losses);
    let ties = ties_lost(&weights, &shares);
    for ((&i, share), lost) in free.iter().zip(shares).zip(ties) {
        (award.steps[i], award.lost[i]) = (share, lost);
    }
    award
}

fn first_come(claims: &[Claim], available: u64) -> Award {
    let mut left = available.saturating_sub(claims.iter().map(|claim| claim.min).sum());
    let steps = claims
        .iter()
        .map(|claim| {
            let more = left.min(claim.quantity - claim.min);
            left -= more;
            claim.min + more
        })
        .collect();
    Award { steps, lost: vec![false; claims.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ShortagePolicy::{EqualAwards, EqualLosses, FirstCome, Proportional};
    use proptest::prelude::*;

    fn claims(of: &[(u64, u64)]) -> Vec<Claim> {
        let claim = |(joined, &(min, quantity))| Claim { min, quantity, losses: 0, joined };
        (0..).zip(of).map(claim).collect()
    }

    fn steps(policy: ShortagePolicy, of: &[(u64, u64)], available: u64) -> Vec<u64> {
        award(policy, &claims(of), available).steps
    }

    const FIVE_THREE_TWO: &[(u64, u64)] = &[(0, 500), (0, 300), (0, 200)];

    #[test]
    fn seven_of_five_three_and_two() {
        assert_eq!(steps(Proportional, FIVE_THREE_TWO, 700), [350, 210, 140]);
        assert_eq!(steps(EqualAwards, FIVE_THREE_TWO, 700), [250, 250, 200]);
        assert_eq!(steps(EqualLosses, FIVE_THREE_TWO, 700), [400, 200, 100]);
        assert_eq!(steps(FirstCome, FIVE_THREE_TWO, 700), [500, 200, 0]);
    }

    #[test]
    fn the_last_step_goes_to_whoever_lost_before_then_to_the_first() {
        let mut three = claims(&[(0, 1), (0, 1), (0, 1)]);
        for policy in [Proportional, EqualAwards, EqualLosses] {
            let award = award(policy, &three, 1);
            assert_eq!((award.steps, award.lost), (vec![1, 0, 0], vec![false, true, true]), "{policy:?}");
        }
        three[2].losses = 1;
        for policy in [Proportional, EqualAwards, EqualLosses] {
            assert_eq!(award(policy, &three, 1).steps, [0, 0, 1], "{policy:?}");
        }
    }

    #[test]
    fn nobody_loses_where_it_comes_out_even() {
        for policy in [Proportional, EqualAwards, EqualLosses] {
            let award = award(policy, &claims(&[(0, 2), (0, 2), (0, 2)]), 3);
            assert_eq!((award.steps, award.lost), (vec![1; 3], vec![false; 3]), "{policy:?}");
        }
    }

    #[test]
    fn nobody_gets_less_than_is_worth_something_to_them() {
        assert_eq!(steps(EqualAwards, &[(6, 8), (0, 8)], 10), [6, 4]);
        assert_eq!(steps(Proportional, &[(7, 8), (0, 8)], 10), [7, 3]);
        assert_eq!(steps(EqualLosses, &[(8, 8), (0, 8)], 10), [8, 2]);
        assert_eq!(steps(FirstCome, &[(0, 8), (5, 8)], 10), [5, 5]);
    }

    #[test]
    fn where_not_all_minimums_fit_the_smallest_that_makes_room_gives_way() {
        assert_eq!(steps(EqualAwards, &[(10, 10), (1, 3), (1, 3)], 11), [10, 1, 0]);
        assert_eq!(steps(EqualAwards, &[(4, 4), (6, 6), (9, 9)], 10), [4, 6, 0]);
    }

    #[test]
    fn better_below_a_minimum_than_wasted() {
        assert_eq!(steps(EqualAwards, &[(5, 5)], 3), [3]);
        assert_eq!(steps(Proportional, &[(5, 5), (0, 1)], 3), [2, 1]);
        let tied = award(EqualAwards, &claims(&[(5, 5), (5, 5)]), 3);
        assert_eq!((tied.steps, tied.lost), (vec![2, 1], vec![false, true]));
    }

    fn case() -> impl Strategy<Value = (Vec<Claim>, u64)> {
        let one = (0u64..30, 0u64..30, 0u32..3);
        prop::collection::vec(one, 1..8).prop_flat_map(|people| {
            let claims: Vec<Claim> = (0..)
                .zip(people)
                .map(|(joined, (a, b, losses))| Claim { min: a.min(b), quantity: a.max(b), losses, joined })
                .collect();
            let wanted: u64 = claims.iter().map(|claim| claim.quantity).sum();
            (Just(claims), 0..=wanted)
        })
    }

    proptest! {
        #[test]
        fn everything_is_awarded_and_nobody_gets_more_than_they_want((claims, available) in case()) {
            for policy in ShortagePolicy::ALL {
                let award = award(policy, &claims, available);

                prop_assert_eq!(award.steps.iter().sum::<u64>(), available, "{:?}", policy);
                prop_assert!(award.steps.iter().zip(&claims).all(|(got, claim)| *got <= claim.quantity));
            }
        }

        #[test]
        fn minimums_hold_whenever_all_of_them_fit((claims, available) in case()) {
            prop_assume!(claims.iter().map(|claim| claim.min).sum::<u64>() <= available);
            for policy in ShortagePolicy::ALL {
                let award = award(policy, &claims, available);

                prop_assert!(award.steps.iter().zip(&claims).all(|(got, claim)| *got >= claim.min), "{:?}", policy);
            }
        }

        #[test]
        fn the_order_of_rows_plays_no_part_but_for_first_come((claims, available) in case()) {
            let all_fit = claims.iter().map(|claim| claim.min).sum::<u64>() <= available;
            prop_assume!(all_fit);
            let turned: Vec<Claim> = claims.iter().rev().copied().collect();
            for policy in [EqualAwards, EqualLosses, Proportional] {
                let mut one = award(policy, &claims, available).steps;
                one.reverse();

                prop_assert_eq!(one, award(policy, &turned, available).steps, "{:?}", policy);
            }
        }

        #[test]
        fn equal_awards_leave_nobody_two_steps_behind_who_still_wants((claims, available) in case()) {
            let claims: Vec<Claim> = claims.into_iter().map(|claim| Claim { min: 0, ..claim }).collect();
            let steps = award(EqualAwards, &claims, available).steps;
            let most = steps.iter().max().copied().unwrap_or(0);

            prop_assert!(steps.iter().zip(&claims).all(|(got, claim)| *got + 1 >= most || *got == claim.quantity));
        }

        #[test]
        fn equal_losses_differ_by_at_most_a_step((claims, available) in case()) {
            let claims: Vec<Claim> = claims.into_iter().map(|claim| Claim { min: 0, ..claim }).collect();
            let steps = award(EqualLosses, &claims, available).steps;
            let worst = steps.iter().zip(&claims).map(|(got, claim)| claim.quantity - got).max().unwrap_or(0);

            prop_assert!(steps.iter().zip(&claims).all(|(got, claim)| claim.quantity - got + 1 >= worst || *got == 0));
        }
    }
}
