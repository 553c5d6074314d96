//! What I was told.

use super::{Page, paged};
use crate::{Client, ClientError};
use bulq_protocol::list::Listing;
use bulq_protocol::notification::{Notification, UnreadCount};
use reqwest::Method;
use uuid::Uuid;

impl Client {
    /// Latest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn notifications(&self, page: &Page) -> Result<Listing<Notification>, ClientError> {
        self.get(&paged("/notifications", page, &[])).await
    }

    /// How much of it I have not read.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn unread_count(&self) -> Result<u64, ClientError> {
        let count: UnreadCount = self.get("/notifications/count").await?;
        Ok(count.unread)
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn mark_read(&self, notification: Uuid) -> Result<(), ClientError> {
        self.act(Method::PUT, &format!("/notifications/{notification}/read")).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn mark_all_read(&self) -> Result<(), ClientError> {
        self.act(Method::PUT, "/notifications/read").await
    }
}
