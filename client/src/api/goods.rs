//! What a run buys, who gets what of it, and the file it makes.

use super::{Page, paged};
use crate::{Client, ClientError};
use bulq_domain::RunId;
use bulq_protocol::goods::{AdjustmentsView, DistributionView, FamilyMember, ItemsView};
use bulq_protocol::list::Listing;
use reqwest::Method;

/// As what a run is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    Csv,
    Json,
}

impl Client {
    /// The shopping list.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn items(&self, run: RunId) -> Result<ItemsView, ClientError> {
        self.get(&format!("/runs/{run}/items")).await
    }

    /// The members of each family in the run, by family and name.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn families(&self, run: RunId) -> Result<Listing<FamilyMember>, ClientError> {
        self.get(&format!("/runs/{run}/families")).await
    }

    /// What does not balance, and what each policy would give if it were forced now.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn adjustments(&self, run: RunId) -> Result<AdjustmentsView, ClientError> {
        self.get(&format!("/runs/{run}/adjustments")).await
    }

    /// Who gets what, and who took what.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn distribution(&self, run: RunId) -> Result<DistributionView, ClientError> {
        self.get(&format!("/runs/{run}/distribution")).await
    }

    /// The run as a file's text, from confirmed on.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn export(&self, run: RunId, format: ExportFormat) -> Result<String, ClientError> {
        let format = match format {
            ExportFormat::Csv => "csv",
            ExportFormat::Json => "json",
        };
        let path = paged(&format!("/runs/{run}/export"), &Page::default(), &[("format", Some(format))]);
        Ok(self.call(Method::GET, &path, None).await?.accepted()?.text)
    }
}
