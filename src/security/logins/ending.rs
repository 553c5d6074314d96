//! Sessions end: one, all, all but one. First in the database, then in memory, then their sockets.

use super::Logins;
use crate::clock;
use bulq_actors::Who;
use bulq_domain::UserId;
use bulq_storage::StorageError;
use bulq_storage::accounts::{self, Erased, Session};
use bulq_storage::admin::{self, AdminError, NewEntry};
use uuid::Uuid;

impl Logins {
    /// The open sessions of somebody, latest first.
    ///
    /// # Errors
    /// Faults only.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StorageError> {
        accounts::sessions_of(&self.db, user.0, clock::micros()).await
    }

    /// # Errors
    /// Faults only; then the session may still be good.
    pub async fn end(&self, session: Uuid) -> Result<(), StorageError> {
        accounts::revoke_session(&self.db, session, clock::micros()).await?;
        self.have_ended(&[session]).await;
        Ok(())
    }

    /// Ends one of somebody's own sessions; false if it is none of theirs, or has ended before.
    ///
    /// # Errors
    /// Faults only; then the session may still be good.
    pub async fn end_own(&self, who: &Who, session: Uuid) -> Result<bool, StorageError> {
        let found = accounts::session(&self.db, session).await?;
        let open = found.is_some_and(|found| found.user_id == who.user.0 && found.revoked_at.is_none());
        if open {
            self.end(session).await?;
        }
        Ok(open)
    }

    /// # Errors
    /// Faults only; then some sessions may still be good.
    pub async fn end_all(&self, user: UserId) -> Result<(), StorageError> {
        let ended = accounts::revoke_sessions_of(&self.db, user.0, clock::micros()).await?;
        self.have_ended(&ended).await;
        Ok(())
    }

    /// From now on nobody logs in as this user, and whoever is logged in is not any more.
    ///
    /// # Errors
    /// [`AdminError`]; then nothing has changed.
    pub async fn disable(&self, user: UserId, entry: &NewEntry) -> Result<(), AdminError> {
        let ended = admin::disable(&self.db, user.0, entry).await?;
        self.have_ended(&ended).await;
        Ok(())
    }

    /// As [`Logins::erase`], by an admin of the server.
    ///
    /// # Errors
    /// [`AdminError`]; then nothing has changed.
    pub async fn erase_other(&self, user: UserId, entry: &NewEntry) -> Result<Erased, AdminError> {
        let erased = admin::erase_user(&self.db, user.0, entry).await?;
        self.have_ended(&erased.sessions).await;
        Ok(erased)
    }

    pub(super) async fn have_ended(&self, sessions: &[Uuid]) {
        for session in sessions {
            self.remembered.ended_here(*session);
            self.live.close_session(*session);
        }
        for session in sessions {
            self.remembered.ended_everywhere(*session).await;
        }
    }
}
