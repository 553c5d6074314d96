//! Groups, members and invitations.

use super::{Page, paged};
use crate::{Client, ClientError};
use bulq_domain::{Currency, GroupId, UserId};
use bulq_protocol::group::{
    Group, Invite, InvitePreview, Member, MemberRole, NewGroup, NewInvite, PatchGroup, SetRole,
};
use bulq_protocol::list::Listing;
use reqwest::Method;

impl Client {
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Protocol`] if `currency` is not a code like `EUR`.
    pub async fn create_group(&self, name: &str, currency: &str) -> Result<Group, ClientError> {
        let currency: Currency = currency
            .parse()
            .map_err(|e: bulq_domain::money::CurrencyError| ClientError::Protocol(e.to_string()))?;
        self.send(Method::POST, "/groups", &NewGroup { name: name.to_owned(), currency }).await
    }

    /// My groups.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn groups(&self, page: &Page) -> Result<Listing<Group>, ClientError> {
        self.get(&paged("/groups", page, &[])).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn group(&self, group: GroupId) -> Result<Group, ClientError> {
        self.get(&format!("/groups/{group}")).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn change_group(&self, group: GroupId, patch: &PatchGroup) -> Result<Group, ClientError> {
        self.send(Method::PATCH, &format!("/groups/{group}"), patch).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn set_role(&self, group: GroupId, user: UserId, role: MemberRole) -> Result<(), ClientError> {
        self.order(Method::PATCH, &format!("/groups/{group}/members/{user}"), &SetRole { role }).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn members(&self, group: GroupId, page: &Page) -> Result<Listing<Member>, ClientError> {
        self.get(&paged(&format!("/groups/{group}/members"), page, &[])).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn remove_member(&self, group: GroupId, user: UserId) -> Result<(), ClientError> {
        self.act(Method::DELETE, &format!("/groups/{group}/members/{user}")).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn leave_group(&self, group: GroupId) -> Result<(), ClientError> {
        self.remove_member(group, self.user_id()?).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn create_invite(&self, group: GroupId, invite: &NewInvite) -> Result<Invite, ClientError> {
        self.send(Method::POST, &format!("/groups/{group}/invites"), invite).await
    }

    /// A link's token, without limits.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn invite_token(&self, group: GroupId) -> Result<String, ClientError> {
        let invite = self.create_invite(group, &NewInvite::default()).await?;
        invite.token.ok_or_else(|| ClientError::Protocol("a new invitation without its token".to_owned()))
    }

    /// Needs no login.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn preview_invite(&self, token: &str) -> Result<InvitePreview, ClientError> {
        self.get(&format!("/invites/{token}")).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn accept_invite(&self, token: &str) -> Result<Group, ClientError> {
        self.call(Method::POST, &format!("/invites/{token}/accept"), None).await?.read()
    }
}
