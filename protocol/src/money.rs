//! What everybody owes: of a run, of a cancelled run, and of a group over all its runs.

use bulq_domain::event::{Balance, CancelledItem, Consequence};
use bulq_domain::run::{Cancellation, Entry, Explained, Settlement, What};
use bulq_domain::{Label, Money, ProductId, Run, RunId, Seq, State, Transfer, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What cancelling now would mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CancellationPreview {
    pub state: State,
    /// How many bids become void.
    pub void_bids: u32,
    /// What becomes of each bought item; none before shopping.
    pub items: Vec<CancelledItem>,
    /// Everybody who holds a bid, paid or owes.
    pub people: Vec<Consequence>,
    pub seq: Seq,
}

impl From<Cancellation> for CancellationPreview {
    fn from(then: Cancellation) -> Self {
        let Cancellation { state, void_bids, items, people, seq, .. } = then;
        Self { state, void_bids, items, people, seq }
    }
}

/// Who owes whom after a run. Empty until goods are allocated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SettlementView {
    /// What was paid for goods that are still in the run.
    pub paid: Money,
    /// What was paid besides.
    pub costs: Money,
    pub balances: Vec<BalanceView>,
    /// As few as there can be.
    pub transfers: Vec<TransferView>,
    pub seq: Seq,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BalanceView {
    pub user_id: UserId,
    pub paid: Money,
    pub owes: Money,
    /// `paid − owes`: positive is to be received. All balances add up to zero.
    pub balance: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TransferView {
    pub from: UserId,
    pub to: UserId,
    pub amount: Money,
    /// The lines of the account of who pays; they add up to the amount.
    pub because: Vec<Because>,
}

/// A line of an account: positive is owed, negative was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Because {
    pub kind: BecauseKind,
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// The cost, by the seq that added it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Who gets the other transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UserId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BecauseKind {
    Item,
    Cost,
    PaidItem,
    PaidCost,
    OtherTransfer,
}

impl SettlementView {
    /// A search over subsets when many people are open: for a thread that may block.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let Settlement { balances, transfers } = run.settlement();
        let (paid, costs) = run.spent();
        Self {
            paid,
            costs,
            balances: balances.iter().map(BalanceView::from).collect(),
            transfers: transfers.iter().map(TransferView::from).collect(),
            seq: run.seq,
        }
    }
}

impl From<&Balance> for BalanceView {
    fn from(of: &Balance) -> Self {
        let Balance { user_id, paid, owes } = *of;
        Self { user_id, paid, owes, balance: Money(paid.0 - owes.0) }
    }
}

impl From<&Explained> for TransferView {
    fn from(explained: &Explained) -> Self {
        let Transfer { from, to, amount } = explained.transfer;
        Self { from, to, amount, because: explained.because.iter().map(Because::from).collect() }
    }
}

impl From<&Entry> for Because {
    fn from(entry: &Entry) -> Self {
        let line =
            |kind| Self { kind, amount: entry.amount, product_id: None, cost: None, label: None, to: None };
        match &entry.what {
            What::Item(product) => Self { product_id: Some(*product), ..line(BecauseKind::Item) },
            What::PaidItem(product) => Self { product_id: Some(*product), ..line(BecauseKind::PaidItem) },
            What::Cost(cost, label) => {
                Self { cost: Some(*cost), label: Some(label.clone()), ..line(BecauseKind::Cost) }
            }
            What::PaidCost(cost, label) => {
                Self { cost: Some(*cost), label: Some(label.clone()), ..line(BecauseKind::PaidCost) }
            }
            What::Transfer(to) => Self { to: Some(*to), ..line(BecauseKind::OtherTransfer) },
        }
    }
}

/// Who owes whom in a group over all its settled runs and payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GroupBalances {
    /// Everybody whose balance is not zero, members or not; they add up to zero.
    pub balances: Vec<GroupBalance>,
    /// As few as there can be.
    pub transfers: Vec<Transfer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GroupBalance {
    pub user_id: UserId,
    pub name: String,
    /// Positive is to be received.
    pub balance: Money,
}

/// A payment between two people of a group, outside Bulq.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// Who paid; default: me.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UserId>,
    pub to: UserId,
    /// Minor units, 1 to 99 999 999.
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<bulq_domain::Comment>,
}

/// A line of a group's ledger, which is only ever added to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LedgerEntry {
    pub id: Uuid,
    pub user_id: UserId,
    pub kind: LedgerKind,
    /// What it does to the person's balance.
    pub amount: Money,
    /// The run that was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// The other side of a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    Run,
    Payment,
}
