//! Sharing a whole number in proportion, to the last unit.

use std::cmp::Reverse;

/// Shares `total` in proportion to `weights` by largest remainder; the shares add up to `total`.
///
/// A tie for the last units goes to whoever has more `losses` from earlier ties, then to whoever comes first.
/// Without any weight everybody weighs the same. Both slices have the same length, which is not zero unless `total` is.
#[must_use]
pub fn apportion(total: u64, weights: &[u64], losses: &[u32]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    if sum == 0 {
        return if weights.is_empty() {
            Vec::new()
        } else {
            apportion(total, &vec![1; weights.len()], losses)
        };
    }
    let exact = |weight: u64| u128::from(total) * u128::from(weight);
    let mut shares: Vec<u64> = weights.iter().map(|&weight| narrow(exact(weight) / sum)).collect();

    let mut left = total - shares.iter().sum::<u64>();
    let mut next: Vec<usize> = (0..weights.len()).collect();
    next.sort_by_key(|&i| (Reverse(exact(weights[i]) % sum), Reverse(losses[i]), i));
    for i in next {
        if left == 0 {
            break;
        }
        shares[i] += 1;
        left -= 1;
    }
    shares
}

/// Who was in the tie for the last unit of an apportionment and went without.
#[must_use]
pub fn ties_lost(weights: &[u64], shares: &[u64]) -> Vec<bool> {
    let total: u64 = shares.iter().sum();
    let sum: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    if sum == 0 {
        return if weights.is_empty() { Vec::new() } else { ties_lost(&vec![1; weights.len()], shares) };
    }
    let exact = |i: usize| u128::from(total) * u128::from(weights[i]);
    let won = |i: usize| u128::from(shares[i]) > exact(i) / sum;
    let cut = (0..weights.len()).filter(|&i| won(i)).map(|i| exact(i) % sum).min();
    (0..weights.len()).map(|i| !won(i) && Some(exact(i) % sum) == cut).collect()
}

/// A share of a `u64` is one too.
fn narrow(share: u128) -> u64 {
    u64::try_from(share).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_left_goes_to_the_largest_remainders() {
        assert_eq!(apportion(137, &[100, 100, 100, 1], &[0; 4]), [46, 46, 45, 0]);
        assert_eq!(apportion(1000, &[34, 33, 33], &[0; 3]), [340, 330, 330]);
    }

    #[test]
    fn a_tie_goes_to_whoever_lost_more_before() {
        let first = apportion(100, &[1, 1, 1], &[0; 3]);
        assert_eq!(first, [34, 33, 33]);
        assert_eq!(ties_lost(&[1, 1, 1], &first), [false, true, true]);

        assert_eq!(apportion(100, &[1, 1, 1], &[0, 1, 1]), [33, 34, 33]);
    }

    #[test]
    fn nothing_is_lost_where_nothing_was_left() {
        assert_eq!(ties_lost(&[1, 1], &[5, 5]), [false, false]);
        assert_eq!(ties_lost(&[2, 1], &[7, 3]), [false, false], "one remainder is larger: no tie");
    }

    #[test]
    fn without_weights_everybody_weighs_the_same() {
        assert_eq!(apportion(5, &[0, 0], &[0, 0]), [3, 2]);
        assert_eq!(ties_lost(&[0, 0], &[3, 2]), [false, true]);
        assert_eq!(apportion(0, &[], &[]), [0u64; 0]);
    }

    proptest! {
        #[test]
        fn shares_add_up_and_are_off_by_less_than_one(
            total in 0u64..100_000_000, weights in prop::collection::vec(0u64..10_000_000, 1..20),
        ) {
            let shares = apportion(total, &weights, &vec![0; weights.len()]);

            prop_assert_eq!(shares.iter().sum::<u64>(), total);
            let sum: u128 = weights.iter().map(|&w| u128::from(w)).sum();
            for (share, weight) in shares.iter().zip(&weights).filter(|_| sum > 0) {
                let exact = u128::from(total) * u128::from(*weight);
                prop_assert!(u128::from(*share) * sum <= exact + sum && exact <= (u128::from(*share) + 1) * sum);
            }
        }

        #[test]
        fn the_order_of_people_matters_only_among_equals(
            total in 0u64..10_000, weights in prop::collection::btree_set(1u64..1000, 1..8),
        ) {
            let weights: Vec<u64> = weights.into_iter().collect();
            let turned: Vec<u64> = weights.iter().rev().copied().collect();
            let none = vec![0; weights.len()];
            let (mut one, other) = (apportion(total, &weights, &none), apportion(total, &turned, &none));
            one.reverse();

            let sum: u64 = weights.iter().sum();
            let remainders: std::collections::BTreeSet<u64> = weights.iter().map(|w| total * w % sum).collect();
            if remainders.len() == weights.len() {
                prop_assert_eq!(one, other);
            }
        }
    }
}
