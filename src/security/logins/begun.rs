//! Sessions begin, and their tokens are traded for new ones.

use super::{LoginError, Logins};
use crate::clock;
use crate::security;
use crate::security::tokens::{REFRESH_S, TokenKind};
use bulq_domain::UserId;
use bulq_storage::StorageError;
use bulq_storage::accounts::{self, AccountError, NewSession, NewUser, SessionKind, User};
use uuid::Uuid;

const COOKIE_S: i64 = 30 * 24 * 60 * 60;

/// A session that has just begun, or was rotated, with what only its owner may know.
pub struct Begun {
    pub user: User,
    pub access_token: String,
    pub refresh_token: String,
}

pub struct BegunCookie {
    pub user: User,
    pub secret: String,
    pub max_age_s: i64,
}

impl Logins {
    /// # Errors
    /// [`LoginError::UsernameTaken`], [`LoginError::Crowded`].
    pub async fn register(&self, username: String, name: String, password: &str) -> Result<User, LoginError> {
        let password_hash = self.passwords.hash(password).await?;
        let (id, language) = (Uuid::now_v7(), "en".to_owned());
        let new = NewUser { id, username, name, password_hash, language, at: clock::micros() };
        accounts::create_user(&self.db, new).await.map_err(|error| match error {
            AccountError::UsernameTaken { .. } => LoginError::UsernameTaken,
            AccountError::Storage(error) => error.into(),
        })
    }

    /// A session kept by tokens.
    ///
    /// # Errors
    /// Faults only.
    pub async fn begin(&self, user: User, user_agent: Option<String>) -> Result<Begun, LoginError> {
        let (id, now) = (Uuid::now_v7(), clock::now());
        let owner = UserId(user.id);
        let refresh_token = self.tokens.issue(TokenKind::Refresh, owner, id, now);
        let at = now.timestamp_micros();
        let new = NewSession {
            id,
            user_id: user.id,
            kind: SessionKind::Token,
            secret_hash: security::hash(&refresh_token),
            family: id,
            expires_at: at + REFRESH_S * 1_000_000,
            user_agent,
            at,
        };
        accounts::create_session(&self.db, new).await?;
        let access_token = self.tokens.issue(TokenKind::Access, owner, id, now);
        Ok(Begun { user, access_token, refresh_token })
    }

    /// A session kept by a cookie.
    ///
    /// # Errors
    /// Faults only.
    pub async fn begin_cookie(
        &self,
        user: User,
        user_agent: Option<String>,
    ) -> Result<BegunCookie, LoginError> {
        let (id, at) = (Uuid::now_v7(), clock::micros());
        let secret = security::random_secret();
        let new = NewSession {
            id,
            user_id: user.id,
            kind: SessionKind::Cookie,
            secret_hash: security::hash(&secret),
            family: id,
            expires_at: at + COOKIE_S * 1_000_000,
            user_agent,
            at,
        };
        accounts::create_session(&self.db, new).await?;
        Ok(BegunCookie { user, secret, max_age_s: COOKIE_S })
    }

    /// New tokens for a refresh token, which is good once: used again, it ends everything that came of its login.
    ///
    /// # Errors
    /// [`LoginError::RefreshRefused`].
    pub async fn refresh(&self, token: &str) -> Result<Begun, LoginError> {
        let claims = self.tokens.read(TokenKind::Refresh, token).ok_or(LoginError::RefreshRefused)?;
        let now = clock::now();
        let next = self.tokens.issue(TokenKind::Refresh, claims.sub, claims.sid, now);
        let at = now.timestamp_micros();
        let expires_at = at + REFRESH_S * 1_000_000;
        let (old, new) = (security::hash(token), security::hash(&next));
        if !accounts::rotate_session(&self.db, claims.sid, &old, &new, expires_at, at).await? {
            self.end_family(claims.sid).await?;
            return Err(LoginError::RefreshRefused);
        }
        let user = accounts::user(&self.db, claims.sub.0).await?.filter(|user| user.disabled_at.is_none());
        let user = user.ok_or(LoginError::RefreshRefused)?;
        // The remembered expiry is the old one now.
        self.remembered.changed(claims.sid).await;
        let access_token = self.tokens.issue(TokenKind::Access, claims.sub, claims.sid, now);
        Ok(Begun { user, access_token, refresh_token: next })
    }

    async fn end_family(&self, session: Uuid) -> Result<(), StorageError> {
        let Some(session) = accounts::session(&self.db, session).await? else { return Ok(()) };
        let ended = accounts::revoke_family(&self.db, session.family, clock::micros()).await?;
        if !ended.is_empty() {
            tracing::warn!(user.id = %session.user_id, "a refresh token was used twice; its login has ended");
        }
        self.have_ended(&ended).await;
        Ok(())
    }
}
