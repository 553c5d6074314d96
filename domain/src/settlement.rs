//! Who pays whom, with as few transfers as there can be.
//!
//! People whose balances add up to zero among themselves need one transfer less than there are of them, so the
//! fewest transfers come from the most such groups. Finding them is a search over subsets: exact up to
//! [`EXACT`] people, above that groups of two, three and four are taken out first.

use crate::{Money, UserId};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Up to so many people with a balance the number of transfers is the least possible.
pub const EXACT: usize = 20;

/// `from` pays `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Transfer {
    pub from: UserId,
    pub to: UserId,
    /// More than zero.
    pub amount: Money,
}

/// The transfers that bring all balances to zero. They must add up to zero; positive is owed to somebody.
///
/// The order of `balances` plays no part.
#[must_use]
pub fn transfers(balances: &[(UserId, Money)]) -> Vec<Transfer> {
    let mut open: Vec<(UserId, i64)> =
        balances.iter().map(|&(user, amount)| (user, amount.0)).filter(|&(_, amount)| amount != 0).collect();
    open.sort_unstable();
    let mut transfers = Vec::new();
    take_opposites(&mut open, &mut transfers);
    if open.len() > EXACT {
        for size in [3, 4] {
            take_groups(&mut open, size, &mut transfers);
        }
    }
    if open.len() <= EXACT {
        for group in zero_sum_groups(&open) {
            settle(group, &mut transfers);
        }
    } else {
        settle(open, &mut transfers);
    }
    transfers.sort_unstable_by_key(|t| (t.from, t.to));
    transfers
}

/// Two who cancel out can always be settled between them: no other grouping needs fewer transfers.
fn take_opposites(open: &mut Vec<(UserId, i64)>, transfers: &mut Vec<Transfer>) {
    let mut i = 0;
    while i < open.len() {
        let opposite = (i + 1..open.len()).find(|&j| open[j].1 == -open[i].1);
        match opposite {
            Some(j) => {
                let pair = vec![open[i], open.remove(j)];
                open.remove(i);
                settle(pair, transfers);
            }
            None => i += 1,
        }
    }
}

/// Takes out groups of `size` that add up to zero, as they come.
fn take_groups(open: &mut Vec<(UserId, i64)>, size: usize, transfers: &mut Vec<Transfer>) {
    while let Some(group) = find_group(open, size, 0, 0) {
        let people = group.into_iter().map(|i| open.remove(i)).collect();
        settle(people, transfers);
    }
}

/// Positions of `size` people from `start` on whose balances and `sum` make zero, the last first.
fn find_group(open: &[(UserId, i64)], size: usize, start: usize, sum: i64) -> Option<Vec<usize>> {
    if size == 0 {
        return (sum == 0).then(Vec::new);
    }
    (start..open.len()).find_map(|i| {
        let mut group = find_group(open, size - 1, i + 1, sum + open[i].1)?;
        group.push(i);
        Some(group)
    })
}

/// The most groups that add up to zero each: over all orders of people, the one with the most zero prefixes. All of them
/// together add up to zero, so whoever is last closes the last group: only the orders of the others are looked at.
fn zero_sum_groups(open: &[(UserId, i64)]) -> Vec<Vec<(UserId, i64)>> {
    let Some((&last, others)) = open.split_last() else { return Vec::new() };
    let sums = Sums::of(others);
    let mut most = vec![0u8; 1 << others.len()];
    for mask in 1..most.len() {
        let best = members(mask).map(|i| most[mask & !(1 << i)]).max().unwrap_or(0);
        most[mask] = best + u8::from(sums.is_zero(mask));
    }

    let (mut groups, mut group) = (Vec::new(), vec![last]);
    let mut mask = most.len() - 1;
    while mask != 0 {
        let closes = sums.is_zero(mask);
        if closes {
            groups.push(std::mem::take(&mut group));
        }
        let wanted = most[mask] - u8::from(closes);
        let Some(next) = members(mask).find(|&i| most[mask & !(1 << i)] == wanted) else { break };
        group.push(others[next]);
        mask &= !(1 << next);
    }
    groups.push(group);
    groups
}

/// What any of these people have together, from two small tables: one of all would not fit a cache.
struct Sums {
    low: Vec<i64>,
    high: Vec<i64>,
    low_bits: usize,
}

impl Sums {
    fn of(people: &[(UserId, i64)]) -> Self {
        let (low, high) = people.split_at(people.len() / 2);
        Self { low: subsets(low), high: subsets(high), low_bits: low.len() }
    }

    fn is_zero(&self, mask: usize) -> bool {
        self.low[mask & ((1 << self.low_bits) - 1)] + self.high[mask >> self.low_bits] == 0
    }
}

/// The sum of every subset, by mask.
fn subsets(people: &[(UserId, i64)]) -> Vec<i64> {
    let mut sums = vec![0];
    for &(_, amount) in people {
        let with: Vec<i64> = sums.iter().map(|sum| sum + amount).collect();
        sums.extend(with);
    }
    sums
}

/// The positions of the bits that are set, lowest first.
fn members(mut mask: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (mask != 0).then_some(mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(lowest)
    })
}

/// One transfer less than there are people: the largest debt goes to the largest claim, again and again.
fn settle(mut group: Vec<(UserId, i64)>, transfers: &mut Vec<Transfer>) {
    loop {
        group.retain(|&(_, amount)| amount != 0);
        let debtor = (0..group.len()).min_by_key(|&i| (group[i].1, group[i].0));
        let creditor = (0..group.len()).max_by_key(|&i| (group[i].1, Reverse(group[i].0)));
        let (Some(debtor), Some(creditor)) = (debtor, creditor) else { return };
        let amount = group[creditor].1.min(-group[debtor].1);
        if amount <= 0 {
            return;
        }
        transfers.push(Transfer { from: group[debtor].0, to: group[creditor].0, amount: Money(amount) });
        group[debtor].1 += amount;
        group[creditor].1 -= amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn people(amounts: &[i64]) -> Vec<(UserId, Money)> {
        (1u128..).zip(amounts).map(|(i, &amount)| (UserId(Uuid::from_u128(i)), Money(amount))).collect()
    }

    fn after(balances: &[(UserId, Money)], transfers: &[Transfer]) -> BTreeMap<UserId, i64> {
        let mut left: BTreeMap<UserId, i64> =
            balances.iter().map(|&(user, amount)| (user, amount.0)).collect();
        for transfer in transfers {
            *left.entry(transfer.from).or_default() += transfer.amount.0;
            *left.entry(transfer.to).or_default() -= transfer.amount.0;
        }
        left
    }

    /// The fewest there can be: the most disjoint groups that add up to zero, tried one by one.
    fn fewest(amounts: &[i64]) -> usize {
        fn most_groups(left: &[i64]) -> usize {
            let Some((&first, rest)) = left.split_first() else { return 0 };
            let mut best = 0;
            for mask in 0..1u32 << rest.len() {
                let inside = |i: &usize| mask & (1 << i) != 0;
                let sum = first + (0..rest.len()).filter(inside).map(|i| rest[i]).sum::<i64>();
                if sum == 0 {
                    let others: Vec<i64> = (0..rest.len()).filter(|i| !inside(i)).map(|i| rest[i]).collect();
                    best = best.max(1 + most_groups(&others));
                }
            }
            best
        }
        let open: Vec<i64> = amounts.iter().copied().filter(|&amount| amount != 0).collect();
        open.len() - most_groups(&open)
    }

    #[test]
    fn three_transfers_where_the_largest_first_would_need_four() {
        let balances = people(&[-7, -6, -6, 7, 12]);

        assert_eq!(transfers(&balances).len(), 3);
        assert!(after(&balances, &transfers(&balances)).values().all(|&left| left == 0));
    }

    #[test]
    fn nothing_is_to_be_paid_where_everybody_is_even() {
        assert_eq!(transfers(&people(&[0, 0])), []);
        assert_eq!(transfers(&[]), []);
    }

    #[test]
    fn twenty_people_are_settled_exactly() {
        let amounts: Vec<i64> =
            (0..10).flat_map(|i| [1 << (i + 4), -(1 << (i + 4)) - i64::from(i == 0)]).collect();
        let mut amounts = amounts;
        amounts[19] += 1;
        let balances = people(&amounts);

        assert_eq!(transfers(&balances).len(), 11, "eight pairs, and four people in one group");
        assert!(after(&balances, &transfers(&balances)).values().all(|&left| left == 0));
    }

    /// Groups of three would take them apart: 8 − 5 − 3.
    #[test]
    fn opposites_in_a_crowd_are_settled_between_themselves() {
        let sets = [1, 7, 100, 1_001].map(|scale| [8, 5, 3, -8, -5, -3].map(|amount| amount * scale));

        let transfers = transfers(&people(&sets.concat()));

        assert_eq!(transfers.len(), 12);
    }

    /// Whoever takes the first three that fit needs one more; up to twenty people, all ways are looked at.
    #[test]
    fn up_to_twenty_no_group_is_taken_before_all_ways_are_looked_at() {
        let nine = [13, -3, -1, 10, -4, 7, -5, -9, -8];
        assert_eq!(transfers(&people(&nine)).len(), 6);

        let (mut twenty, mut others) =
            (nine.to_vec(), (10..20).map(|power| 1 << power).collect::<Vec<i64>>());
        others.push(-others.iter().sum::<i64>());
        twenty.extend(others);
        assert_eq!((twenty.len(), transfers(&people(&twenty)).len()), (20, 16));
    }

    #[test]
    fn three_in_a_crowd_are_settled_between_themselves() {
        let sets = [1, 11, 101, 1_009, 10_007, 100_003, 1_000_003, 10_000_019];
        let sets = sets.map(|scale| [5, -3, -2].map(|amount| amount * scale));

        assert_eq!(transfers(&people(&sets.concat())).len(), 16);
    }

    proptest! {
        // Up to twenty may be left over, and those are searched exactly.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_crowd_is_settled_too_with_fewer_transfers_than_people(
            mut amounts in prop::collection::vec(-50i64..50, 25..60),
        ) {
            amounts.push(-amounts.iter().sum::<i64>());
            let balances = people(&amounts);
            let transfers = transfers(&balances);

            prop_assert!(after(&balances, &transfers).values().all(|&left| left == 0));
            prop_assert!(transfers.len() < balances.len());
        }
    }

    proptest! {
        #[test]
        /// Of ten people and fewer.
        fn as_few_as_trying_everything_finds(mut amounts in prop::collection::vec(-9i64..10, 1..10)) {
            amounts.push(-amounts.iter().sum::<i64>());
            let balances = people(&amounts);
            let transfers = transfers(&balances);

            prop_assert!(after(&balances, &transfers).values().all(|&left| left == 0));
            prop_assert!(transfers.iter().all(|transfer| transfer.amount.0 > 0));
            prop_assert_eq!(transfers.len(), fewest(&amounts));
        }

        #[test]
        fn the_order_of_people_plays_no_part(mut amounts in prop::collection::vec(-9i64..10, 1..10)) {
            amounts.push(-amounts.iter().sum::<i64>());
            let mut balances = people(&amounts);
            let one = transfers(&balances);
            balances.reverse();

            prop_assert_eq!(one, transfers(&balances));
        }
    }
}
