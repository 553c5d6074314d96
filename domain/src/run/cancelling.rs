//! Cancelling, at any stage: what it would mean, and the commit by the same code.

use super::bidding::index_u32;
use super::{Allocation, Item, Line, Run};
use crate::apportion::apportion;
use crate::command::{Cancel, ItemOutcome, Outcome};
use crate::event::{Balance, CancelledItem, Cause, Consequence, Share};
use crate::{Code, Event, Money, ProductId, Quantity, Rejection, Seq, State, UserId};
use std::collections::BTreeMap;

/// What cancelling now would mean. The commit uses the same code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    pub state: State,
    /// How many bids become void.
    pub void_bids: u32,
    /// What becomes of what was bought.
    pub items: Vec<CancelledItem>,
    /// Everybody who holds a bid, paid or owes.
    pub people: Vec<Consequence>,
    pub shares: Vec<Share>,
    pub seq: Seq,
}

impl Run {
    pub(super) fn cancel(&self, cancel: &Cancel) -> Result<Vec<Event>, Rejection> {
        if let Some(expected) = cancel.expected_seq.filter(|seq| *seq != self.seq) {
            let detail =
                format!("the run is at seq {} now, not {expected}: look again before you cancel", self.seq);
            return Err(Rejection::new(Code::SeqConflict, detail).with("seq", self.seq));
        }
        let cancellation = self.cancellation(&cancel.outcomes)?;
        Ok(self.cancelled(cancel.reason.as_str(), Cause::Leader, cancellation))
    }

    pub(super) fn cancelled(&self, reason: &str, cause: Cause, cancellation: Cancellation) -> Vec<Event> {
        let Cancellation { void_bids, items, people, shares, .. } = cancellation;
        let state = State::Cancelled;
        self.ended(Event::RunCancelled {
            state,
            reason: reason.into(),
            cause,
            void_bids,
            items,
            people,
            shares,
        })
    }

    /// What a cancel with these outcomes would do to everybody now. What is not named goes back to the store.
    ///
    /// # Errors
    /// [`Code::OutcomeNotPossible`] for a product that was not bought, or is being handed out.
    pub fn cancellation(&self, outcomes: &[ItemOutcome]) -> Result<Cancellation, Rejection> {
        let chosen = self.chosen(outcomes)?;
        // All at once: who lost a tie over one item comes first at the next.
        let anyway = |line: &Line| chosen.get(&line.product.id) == Some(&Outcome::SharedAnyway);
        let (mut items, mut shares) = (Vec::new(), self.allocate(self.shortage_policy, anyway));
        for line in &self.lines {
            let Some(item) = line.bought_item() else { continue };
            let (outcome, rest) = if self.state == State::Distributing {
                self.keep_what_was_taken(line, item, &mut shares)
            } else {
                let outcome = chosen.get(&line.product.id).copied().unwrap_or(Outcome::Returned);
                self.share_by(outcome, line, item, &mut shares)
            };
            items.push(CancelledItem { product_id: line.product.id, outcome, refund: rest });
        }
        let people = self.consequences(&items, &shares);
        Ok(Cancellation {
            state: self.state,
            void_bids: self.void_bids(),
            items,
            people,
            shares,
            seq: self.seq,
        })
    }

    /// As [`Run::cancellation`] where nobody can choose.
    pub(super) fn cancellation_by_itself(&self) -> Cancellation {
        self.cancellation(&[]).expect("without a choice there is no wrong one")
    }

    fn chosen(&self, outcomes: &[ItemOutcome]) -> Result<BTreeMap<ProductId, Outcome>, Rejection> {
        let open = matches!(self.state, State::Shopping | State::Adjusting);
        for outcome in outcomes {
            let bought = self.line(outcome.product_id).is_some_and(|line| line.bought_item().is_some());
            if !open || !bought {
                let detail = "an outcome can be chosen only for what was bought and is not being handed out";
                return Err(
                    Rejection::new(Code::OutcomeNotPossible, detail).with("product_id", outcome.product_id)
                );
            }
        }
        Ok(outcomes.iter().map(|outcome| (outcome.product_id, outcome.outcome)).collect())
    }

    /// Before anything is handed out. What is shared anyway is in the shares already.
    fn share_by(
        &self,
        outcome: Outcome,
        line: &Line,
        item: &Item,
        shares: &mut Vec<Share>,
    ) -> (Outcome, Money) {
        match outcome {
            Outcome::Returned => return (outcome, item.total()),
            Outcome::SharedAnyway => {}
            Outcome::KeptByPayer => {
                let goods = u64::from(item.bought().thousandths());
                let kept = self.to_payers(item, goods, item.total());
                shares
                    .extend(kept.into_iter().map(|(by, (goods, money))| self.share(line, by, goods, money)));
            }
        }
        (outcome, Money::ZERO)
    }

    /// What is picked up stays owed; the rest goes back to whoever paid.
    fn keep_what_was_taken(&self, line: &Line, item: &Item, shares: &mut Vec<Share>) -> (Outcome, Money) {
        let (taken, waiting): (Vec<&Allocation>, Vec<_>) =
            item.allocations.iter().partition(|allocation| allocation.taken.is_some());
        let goods = waiting.iter().map(|a| u64::from(a.received.thousandths())).sum();
        let money = waiting.iter().fold(Money::ZERO, |sum, a| sum.saturating_add(a.share));
        let mut kept = self.to_payers(item, goods, money);
        for allocation in taken {
            let (goods, money) = kept.entry(allocation.by).or_default();
            *goods += u64::from(allocation.received.thousandths());
            *money = money.saturating_add(allocation.share);
        }
        shares.extend(kept.into_iter().map(|(by, (goods, money))| self.share(line, by, goods, money)));
        if money == Money::ZERO { (Outcome::SharedAnyway, money) } else { (Outcome::KeptByPayer, money) }
    }

    /// Goods and money of an item by who paid for it, in proportion to what they paid.
    fn to_payers(&self, item: &Item, goods: u64, money: Money) -> BTreeMap<u32, (u64, Money)> {
        let payers: Vec<(u32, u64)> = item
            .payers()
            .into_iter()
            .filter_map(|(user, paid)| Some((index_u32(self.index(user)?), paid.0.unsigned_abs())))
            .collect();
        let weights: Vec<u64> = payers.iter().map(|&(_, paid)| paid).collect();
        let none = vec![0; weights.len()];
        let goods = apportion(goods, &weights, &none);
        let money = apportion(money.0.unsigned_abs(), &weights, &none);
        let both = goods.into_iter().zip(money).map(|(goods, money)| (goods, Money(money.cast_signed())));
        payers
            .iter()
            .zip(both)
            .filter(|(_, both)| *both != (0, Money::ZERO))
            .map(|(p, both)| (p.0, both))
            .collect()
    }

    fn share(&self, line: &Line, by: u32, goods: u64, share: Money) -> Share {
        let quantity = Quantity::from_thousandths(goods).unwrap_or(Quantity::MAX);
        Share { user_id: self.user(by), product_id: line.product.id, quantity, share }
    }

    /// Wishes that will not come true any more.
    fn void_bids(&self) -> u32 {
        let lines = self.lines.iter().filter(|line| line.bought_item().is_none());
        let bids = lines.map(|line| line.bids.len()).sum::<usize>();
        if self.state == State::Distributing { 0 } else { index_u32(bids) }
    }

    fn consequences(&self, items: &[CancelledItem], shares: &[Share]) -> Vec<Consequence> {
        let now = owed(&self.balances());
        let mut after = self.clone();
        after.state = State::Cancelled;
        after.dispose(items, shares);
        let balances = after.balances();
        let then = owed(&balances);
        self.participants
            .iter()
            .filter(|p| p.bids > 0 || now.contains_key(&p.user_id) || then.contains_key(&p.user_id))
            .map(|p| Consequence {
                user_id: p.user_id,
                owes_now: now.get(&p.user_id).copied().unwrap_or_default(),
                owes_then: then.get(&p.user_id).copied().unwrap_or_default(),
            })
            .collect()
    }

    /// Puts the shares of a cancelled run in place of what was allocated before.
    pub(super) fn dispose(&mut self, items: &[CancelledItem], shares: &[Share]) {
        for cancelled in items {
            let line = self.lines.iter_mut().find(|line| line.product.id == cancelled.product_id);
            let Some(item) = line.and_then(|line| line.item.as_mut()) else { continue };
            item.outcome = Some(cancelled.outcome);
            let stays = |user: UserId| {
                shares.iter().any(|share| share.product_id == cancelled.product_id && share.user_id == user)
            };
            let people = &self.participants;
            item.allocations.retain(|allocation| stays(people[allocation.by as usize].user_id));
        }
        self.put_shares(shares);
    }
}

fn owed(balances: &[Balance]) -> BTreeMap<UserId, Money> {
    balances.iter().map(|balance| (balance.user_id, balance.owes)).collect()
}
