//! What people change about their own account. What would lock somebody out needs the password.

use super::{LoginError, Logins};
use crate::clock;
use bulq_actors::Who;
use bulq_domain::UserId;
use bulq_storage::StorageError;
use bulq_storage::accounts::{self, AccountError, EraseError, Erased, ProfilePatch, User};
use bulq_storage::admin::{self, AdminError, NewEntry};

impl Logins {
    /// Whoever asks, if this is their password.
    ///
    /// # Errors
    /// [`LoginError::PasswordWrong`], [`LoginError::Crowded`].
    pub async fn confirm(&self, who: &Who, password: &str) -> Result<User, LoginError> {
        let user = accounts::user(&self.db, who.user.0).await?.ok_or(LoginError::NoSuchUser)?;
        if self.passwords.verify(password, Some(&user.password_hash)).await? {
            return Ok(user);
        }
        Err(LoginError::PasswordWrong)
    }

    /// A new password. All other logins end.
    ///
    /// # Errors
    /// [`LoginError::PasswordWrong`] if somebody was faster, [`LoginError::Crowded`].
    pub async fn set_password(&self, who: &Who, now: &User, password: &str) -> Result<(), LoginError> {
        let new = self.passwords.hash(password).await?;
        let (old, at) = (&now.password_hash, clock::micros());
        let ended = accounts::set_password(&self.db, now.id, old, &new, who.session, at).await?;
        self.have_ended(&ended.ok_or(LoginError::PasswordWrong)?).await;
        Ok(())
    }

    /// # Errors
    /// [`LoginError::UsernameTaken`].
    pub async fn update(&self, who: &Who, patch: ProfilePatch) -> Result<User, LoginError> {
        let updated =
            accounts::update_profile(&self.db, who.user.0, patch).await.map_err(|error| match error {
                AccountError::UsernameTaken { .. } => LoginError::UsernameTaken,
                AccountError::Storage(error) => error.into(),
            })?;
        self.forget_name_of(who.user).await?;
        updated.ok_or(LoginError::NoSuchUser)
    }

    /// As [`Logins::update`], by an admin of the server.
    ///
    /// # Errors
    /// [`AdminError`]; then nothing has changed.
    pub async fn rename(
        &self,
        user: UserId,
        username: Option<&str>,
        name: Option<&str>,
        entry: &NewEntry,
    ) -> Result<(), AdminError> {
        admin::rename_user(&self.db, user.0, username, name, entry).await?;
        Ok(self.forget_name_of(user).await?)
    }

    /// It is remembered with each login.
    async fn forget_name_of(&self, user: UserId) -> Result<(), StorageError> {
        for session in self.sessions_of(user).await? {
            self.remembered.changed(session.id).await;
        }
        Ok(())
    }

    /// Who it was goes, the books stay; all logins end.
    ///
    /// # Errors
    /// [`LoginError::NoSuchUser`], [`LoginError::LastAdmin`].
    pub async fn erase(&self, who: &Who) -> Result<Erased, LoginError> {
        let erased = accounts::erase_user(&self.db, who.user.0, clock::micros()).await;
        let erased = erased.map_err(|error| match error {
            EraseError::LastAdmin => LoginError::LastAdmin,
            EraseError::Storage(error) => error.into(),
        })?;
        let erased = erased.ok_or(LoginError::NoSuchUser)?;
        self.have_ended(&erased.sessions).await;
        Ok(erased)
    }
}
