//! What everybody paid and owes, and who pays whom.

use super::{Cost, Run};
use crate::apportion::{apportion, ties_lost};
use crate::command::{AddCost, CostSplit, Outcome, RemoveCost};
use crate::event::Balance;
use crate::settlement::{Transfer, transfers};
use crate::{Code, Context, Event, Label, Money, ProductId, Rejection, Seq, State, UserId};

/// Who owes whom after a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// In the order of joining, without those who neither paid nor owe.
    pub balances: Vec<Balance>,
    pub transfers: Vec<Explained>,
}

/// A transfer and the lines of the payer's account that add up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    pub transfer: Transfer,
    pub because: Vec<Entry>,
}

/// One line of somebody's account: what they owe for is positive, what they paid is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub what: What,
    pub amount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Goods received.
    Item(ProductId),
    /// A share of a cost.
    Cost(Seq, Label),
    /// Goods paid for.
    PaidItem(ProductId),
    PaidCost(Seq, Label),
    /// Another transfer, to somebody else.
    Transfer(UserId),
}

impl Run {
    pub(super) fn add_cost(&self, add: &AddCost, context: &Context) -> Result<Vec<Event>, Rejection> {
        super::shopping::check_amount("amount", add.amount)?;
        let AddCost { label, amount, split } = add.clone();
        Ok(vec![Event::CostAdded { label, amount, split, payer_id: context.by }])
    }

    pub(super) fn remove_cost(&self, remove: &RemoveCost) -> Result<Vec<Event>, Rejection> {
        if self.costs.iter().any(|cost| cost.id == remove.cost) {
            return Ok(vec![Event::CostRemoved { cost: remove.cost }]);
        }
        Err(Rejection::new(Code::CostNotFound, "there is no such cost"))
    }

    /// What was paid for goods that are still in the run, and for costs.
    #[must_use]
    pub fn spent(&self) -> (Money, Money) {
        let items = self.lines.iter().filter_map(|line| line.item.as_ref());
        let items = items.filter(|item| item.outcome != Some(Outcome::Returned));
        let goods = items.fold(Money::ZERO, |sum, item| sum.saturating_add(item.total()));
        (goods, self.costs.iter().fold(Money::ZERO, |sum, cost| sum.saturating_add(cost.amount)))
    }

    /// What everybody paid and owes for what is allocated. Both add up to the same.
    #[must_use]
    pub fn balances(&self) -> Vec<Balance> {
        let mut balances: Vec<Balance> = self
            .participants
            .iter()
            .map(|p| Balance { user_id: p.user_id, paid: Money::ZERO, owes: Money::ZERO })
            .collect();
        for (person, entry) in self.entries() {
            let balance = &mut balances[person];
            match entry.amount.0 {
                paid if paid < 0 => balance.paid = balance.paid.saturating_add(Money(-paid)),
                _ => balance.owes = balance.owes.saturating_add(entry.amount),
            }
        }
        balances.retain(|balance| balance.paid != Money::ZERO || balance.owes != Money::ZERO);
        balances
    }

    /// Who pays whom, and why. A search over subsets when many people are open: not for a turn of the run.
    #[must_use]
    pub fn settlement(&self) -> Settlement {
        let balances = self.balances();
        let net: Vec<(UserId, Money)> =
            balances.iter().map(|b| (b.user_id, Money(b.paid.0 - b.owes.0))).collect();
        let transfers = transfers(&net);
        let entries = self.entries();
        let explained =
            transfers.iter().map(|transfer| self.explain(transfer, &transfers, &entries)).collect();
        Settlement { balances, transfers: explained }
    }

    fn explain(&self, transfer: &Transfer, all: &[Transfer], entries: &[(usize, Entry)]) -> Explained {
        let payer = self.index(transfer.from);
        let own = entries.iter().filter(|(person, _)| Some(*person) == payer).map(|(_, entry)| entry.clone());
        let others = all.iter().filter(|other| other.from == transfer.from && other.to != transfer.to);
        let others =
            others.map(|other| Entry { what: What::Transfer(other.to), amount: Money(-other.amount.0) });
        Explained { transfer: *transfer, because: own.chain(others).collect() }
    }

    /// Every line of everybody's account, by participant.
    fn entries(&self) -> Vec<(usize, Entry)> {
        let mut entries = Vec::new();
        for line in &self.lines {
            let Some(item) = line.item.as_ref().filter(|item| !item.allocations.is_empty()) else { continue };
            for allocation in item.allocations.iter().filter(|a| a.share != Money::ZERO) {
                let what = What::Item(line.product.id);
                entries.push((allocation.by as usize, Entry { what, amount: allocation.share }));
            }
            for (payer, paid) in item.payers() {
                let Some(payer) = self.index(payer) else { continue };
                entries
                    .push((payer, Entry { what: What::PaidItem(line.product.id), amount: Money(-paid.0) }));
            }
        }
        if matches!(self.state, State::Distributing | State::Completed | State::Cancelled) {
            self.cost_entries(&mut entries);
        }
        entries
    }

    fn cost_entries(&self, entries: &mut Vec<(usize, Entry)>) {
        let mut losses = self.money_ties_lost(None);
        for cost in &self.costs {
            let Some(payer) = self.index(cost.payer_id) else { continue };
            let weights = self.weights(cost.split, payer);
            let shares = apportion(cost.amount.0.unsigned_abs(), &weights, &losses);
            for (i, lost) in ties_lost(&weights, &shares).into_iter().enumerate() {
                losses[i] += u32::from(lost);
            }
            for (i, share) in shares.into_iter().enumerate().filter(|&(_, share)| share > 0) {
                entries.push((i, cost.entry(What::Cost, Money(share.cast_signed()))));
            }
            entries.push((payer, cost.entry(What::PaidCost, Money(-cost.amount.0))));
        }
    }

    /// How much of a cost falls on each participant. Where nobody received anything it stays with who paid.
    fn weights(&self, split: CostSplit, payer: usize) -> Vec<u64> {
        let mut weights = vec![0u64; self.participants.len()];
        let allocations =
            self.lines.iter().filter_map(|line| line.item.as_ref()).flat_map(|item| &item.allocations);
        for allocation in allocations.filter(|a| !a.received.is_zero()) {
            let weight = &mut weights[allocation.by as usize];
            match split {
                CostSplit::ByValue => *weight += allocation.share.0.unsigned_abs(),
                CostSplit::ByQuantity => *weight += u64::from(allocation.received.thousandths()),
                CostSplit::Equally => *weight = 1,
            }
        }
        if weights.iter().all(|&weight| weight == 0) {
            weights[payer] = 1;
        }
        weights
    }

    /// The last event of a run's life, and what belongs to it: no offer stays open, and what was spent is settled.
    pub(super) fn ended(&self, end: Event) -> Vec<Event> {
        let mut after = self.clone();
        if let Some(state) = end.new_state() {
            after.state = state;
        }
        if let Event::RunCancelled { items, shares, .. } = &end {
            after.dispose(items, shares);
        }
        let balances = after.balances();
        let settled = (!balances.is_empty()).then_some(Event::RunSettled { balances });
        self.handover_ended(crate::event::HandoverEnd::RunEnded)
            .into_iter()
            .chain([end])
            .chain(settled)
            .collect()
    }
}

impl Cost {
    fn entry(&self, what: impl Fn(Seq, Label) -> What, amount: Money) -> Entry {
        Entry { what: what(self.id, self.label.clone()), amount }
    }
}
