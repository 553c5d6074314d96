//! What a run left in the books when it was settled.

use super::Findings;
use crate::database::Tx;
use crate::journal::StoredEvent;
use bulq_domain::event::Balance;
use bulq_domain::{Event, Run};
use uuid::Uuid;

pub(super) struct StoredMoney {
    balances: Vec<BalanceTable>,
    entries: Vec<EntryTable>,
}

record! {
    struct BalanceTable {
        user_id: Uuid,
        paid: i64,
        owes: i64,
    }
}

record! {
    struct EntryTable {
        group_id: Uuid,
        user_id: Uuid,
        amount: i64,
        recorded_by: Option<Uuid>,
        at: i64,
    }
}

impl StoredMoney {
    pub(super) async fn read(tx: &mut Tx, run: Uuid) -> Result<Self, sqlx::Error> {
        Ok(Self { balances: balances(tx, run).await?, entries: entries(tx, run).await? })
    }

    /// The run itself forgets what it came to: this follows from the event.
    pub(super) fn check(&self, run: &Run, events: &[StoredEvent], found: &mut Findings) {
        let (mut balances, mut entries) = (Vec::new(), Vec::new());
        for stored in events.iter().filter(|event| event.kind == "run_settled") {
            let Ok(Event::RunSettled { balances: settled }) = serde_json::from_str(&stored.body) else {
                continue;
            };
            balances.extend(settled.iter().map(BalanceTable::of));
            let uneven = settled.iter().filter(|balance| balance.paid != balance.owes);
            entries.extend(uneven.map(|balance| EntryTable::of(run, stored, balance)));
        }
        balances.sort_by_key(|balance| balance.user_id);
        entries.sort_by_key(|entry| entry.user_id);
        found.compare_rows("balance", &balances, &self.balances);
        found.compare_rows("entry in the ledger", &entries, &self.entries);
    }
}

async fn balances(tx: &mut Tx, run: Uuid) -> Result<Vec<BalanceTable>, sqlx::Error> {
    let sql = "select user_id, paid, owes from run_balances where run_id = $1 order by user_id";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

async fn entries(tx: &mut Tx, run: Uuid) -> Result<Vec<EntryTable>, sqlx::Error> {
    let sql = "select group_id, user_id, amount, recorded_by, at from ledger_entries
               where run_id = $1 order by user_id";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_all(c).await)
}

/// With what they add up to.
pub(super) async fn uneven_groups(tx: &mut Tx) -> Result<Vec<(Uuid, i64)>, sqlx::Error> {
    let sql = "select group_id, cast(sum(amount) as bigint) from ledger_entries
               group by group_id having sum(amount) <> 0 order by group_id";
    on_tx!(tx, |c| sqlx::query_as(sql).fetch_all(c).await)
}

impl BalanceTable {
    const fn of(balance: &Balance) -> Self {
        Self { user_id: balance.user_id.0, paid: balance.paid.0, owes: balance.owes.0 }
    }
}

impl EntryTable {
    const fn of(run: &Run, stored: &StoredEvent, balance: &Balance) -> Self {
        Self {
            group_id: run.group_id.0,
            user_id: balance.user_id.0,
            amount: balance.paid.0 - balance.owes.0,
            recorded_by: stored.actor_id,
            at: stored.at,
        }
    }
}
