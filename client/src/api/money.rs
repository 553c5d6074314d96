//! Who owes whom, and what cancelling would change about it.

use super::{Page, paged};
use crate::http::json_text;
use crate::{Client, ClientError};
use bulq_domain::command::{ItemOutcome, Outcome};
use bulq_domain::{CommandId, GroupId, RunId, UserId};
use bulq_protocol::list::Listing;
use bulq_protocol::money::{CancellationPreview, GroupBalances, LedgerEntry, NewPayment, SettlementView};
use reqwest::Method;

impl Client {
    /// # Errors
    /// See [`ClientError`].
    pub async fn settlement(&self, run: RunId) -> Result<SettlementView, ClientError> {
        self.get(&format!("/runs/{run}/settlement")).await
    }

    /// What cancelling now would mean; what was bought goes back to the store.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn cancellation(&self, run: RunId) -> Result<CancellationPreview, ClientError> {
        self.cancellation_with(run, &[]).await
    }

    /// What cancelling now would mean with these outcomes of what was bought.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn cancellation_with(
        &self,
        run: RunId,
        outcomes: &[ItemOutcome],
    ) -> Result<CancellationPreview, ClientError> {
        let named: Vec<String> =
            outcomes.iter().map(|item| format!("{}:{}", item.product_id, name_of(item.outcome))).collect();
        let named = (!named.is_empty()).then(|| named.join(","));
        let path = format!("/runs/{run}/cancellation");
        self.get(&paged(&path, &Page::default(), &[("outcomes", named.as_deref())])).await
    }

    /// Who owes whom in a group, over all its runs and payments.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn balances(&self, group: GroupId) -> Result<GroupBalances, ClientError> {
        self.get(&format!("/groups/{group}/balances")).await
    }

    /// What the balances come from, latest first; with `user` only what concerns them.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn ledger(
        &self,
        group: GroupId,
        user: Option<UserId>,
        page: &Page,
    ) -> Result<Listing<LedgerEntry>, ClientError> {
        let user = user.map(|user| user.to_string());
        self.get(&paged(&format!("/groups/{group}/ledger"), page, &[("user", user.as_deref())])).await
    }

    /// Records what one paid the other outside Bulq; the same id records it once.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn record_payment(
        &self,
        group: GroupId,
        id: CommandId,
        payment: &NewPayment,
    ) -> Result<GroupBalances, ClientError> {
        let body = json_text(payment)?;
        self.call_once(Method::POST, &format!("/groups/{group}/payments"), Some(body), id).await?.read()
    }
}

const fn name_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Returned => "returned",
        Outcome::KeptByPayer => "kept_by_payer",
        Outcome::SharedAnyway => "shared_anyway",
    }
}
