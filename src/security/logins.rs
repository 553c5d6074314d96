//! Sessions: begun by a password, checked on every request, rotated, ended. Whoever ends one also closes its sockets.

mod begun;
mod ending;
mod person;

pub use begun::{Begun, BegunCookie};

use super::passwords::{self, Crowded, Passwords};
use super::remembered::{Known, Remembered};
use super::tokens::{TokenKind, Tokens};
use crate::clock;
use bulq_actors::{Live, Who};
use bulq_domain::UserId;
use bulq_storage::accounts::{self, Session, SessionKind, User};
use bulq_storage::memory::Memory;
use bulq_storage::{Database, StorageError};
use std::sync::Arc;
use uuid::Uuid;

/// A session's last use is written down when it is older than this.
const TOUCH_AFTER_MICROS: i64 = 5 * 60 * 1_000_000;

pub struct Logins {
    db: Database,
    live: Live,
    passwords: Passwords,
    tokens: Tokens,
    remembered: Remembered,
}

#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("username or password is wrong")]
    Wrong,
    #[error("the username is taken")]
    UsernameTaken,
    #[error("the refresh token is not good any more: log in again")]
    RefreshRefused,
    #[error("this is not the current password")]
    PasswordWrong,
    #[error("there is no such user")]
    NoSuchUser,
    #[error("the server's last admin stays while others are here: make somebody else admin first")]
    LastAdmin,
    #[error("too many logins at once")]
    Crowded,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<Crowded> for LoginError {
    fn from(_: Crowded) -> Self {
        Self::Crowded
    }
}

impl Logins {
    #[must_use]
    pub fn new(db: Database, live: Live, secret: &secrecy::SecretString, memory: Arc<dyn Memory>) -> Self {
        Self {
            db,
            live,
            passwords: Passwords::new(),
            tokens: Tokens::new(secret),
            remembered: Remembered::new(memory),
        }
    }

    /// Whose name and password these are. A name nobody has takes as long as a wrong password.
    ///
    /// # Errors
    /// [`LoginError::Wrong`], [`LoginError::Crowded`].
    pub async fn authenticate(&self, username: &str, password: &str) -> Result<User, LoginError> {
        let user = self.named(username).await?.filter(|user| user.disabled_at.is_none());
        let stored = user.as_ref().map(|user| user.password_hash.as_str());
        let fits = self.passwords.verify(password, stored).await?;
        let user = user.filter(|_| fits).ok_or(LoginError::Wrong)?;
        self.bring_up_to_date(&user, password).await;
        Ok(user)
    }

    /// Nobody's name holds a NUL, which PostgreSQL takes in no text.
    async fn named(&self, username: &str) -> Result<Option<User>, StorageError> {
        if username.contains('\0') { Ok(None) } else { accounts::user_by_username(&self.db, username).await }
    }

    /// The password is at hand only now: a hash made when hashes were cheaper is made anew.
    async fn bring_up_to_date(&self, user: &User, password: &str) {
        if !passwords::is_outdated(&user.password_hash) {
            return;
        }
        let better = async {
            let new = self.passwords.hash(password).await?;
            Ok(accounts::replace_password_hash(&self.db, user.id, &user.password_hash, &new).await?)
        };
        if let Err(error) = better.await {
            let error: LoginError = error;
            tracing::warn!(%error, "a password keeps its old hash until the next login");
        }
    }

    /// Who holds this access token, if their session is still good.
    ///
    /// # Errors
    /// Faults only.
    pub async fn by_token(&self, token: &str) -> Result<Option<Who>, StorageError> {
        let Some(claims) = self.tokens.read(TokenKind::Access, token) else { return Ok(None) };
        self.known(claims.sid, SessionKind::Token).await
    }

    /// Who holds this cookie, if their session is still good.
    ///
    /// # Errors
    /// Faults only.
    pub async fn by_cookie(&self, secret: &str) -> Result<Option<Who>, StorageError> {
        let hash = super::hash(secret);
        let id = match self.remembered.cookie(&hash) {
            Some(id) => id,
            None => {
                let Some(session) = accounts::session_by_secret(&self.db, &hash).await? else {
                    return Ok(None);
                };
                self.remembered.put_cookie(hash, session.id);
                session.id
            }
        };
        self.known(id, SessionKind::Cookie).await
    }

    /// Whether a session is still good, as for a ticket that was issued a moment ago.
    ///
    /// # Errors
    /// Faults only.
    pub async fn is_good(&self, session: Uuid) -> Result<bool, StorageError> {
        let known = self.recall(session).await?;
        Ok(known.is_some_and(|known| known.expires_at > clock::micros()))
    }

    async fn known(&self, id: Uuid, kind: SessionKind) -> Result<Option<Who>, StorageError> {
        let known = self.recall(id).await?;
        let known = known.filter(|known| known.kind == kind && known.expires_at > clock::micros());
        Ok(known.map(|known| known.who))
    }

    async fn recall(&self, id: Uuid) -> Result<Option<Known>, StorageError> {
        if let Some(known) = self.remembered.session(id).await {
            return Ok(known);
        }
        let found = self.look_up(id).await?;
        Ok(self.remembered.found(id, found).await)
    }

    async fn look_up(&self, id: Uuid) -> Result<Option<Known>, StorageError> {
        let Some(session) = accounts::session(&self.db, id).await?.filter(is_open) else { return Ok(None) };
        let user = accounts::user(&self.db, session.user_id).await?.filter(|user| user.disabled_at.is_none());
        let Some(user) = user else { return Ok(None) };
        self.touch(&session).await;
        Ok(Some(Known {
            who: Who { user: UserId(user.id), name: Arc::from(user.name), session: session.id },
            kind: session.kind,
            expires_at: session.expires_at,
        }))
    }

    /// When somebody was last here is nice to know; nothing depends on it.
    async fn touch(&self, session: &Session) {
        let at = clock::micros();
        if at - session.last_seen_at < TOUCH_AFTER_MICROS {
            return;
        }
        if let Err(error) = accounts::touch_session(&self.db, session.id, at).await {
            tracing::debug!(%error, "the last use of a session was not noted");
        }
    }
}

fn is_open(session: &Session) -> bool {
    session.revoked_at.is_none() && session.expires_at > clock::micros()
}
