//! Sessions: begun by a password, checked on every request, rotated, ended.
//!
//! Whether a session is good is remembered for a minute. Ending one overwrites what is remembered, and a look-up
//! that was under way meanwhile never overwrites that: a login that ended stays ended.

use super::passwords::{Crowded, Passwords};
use super::tokens::{REFRESH_S, TokenKind, Tokens};
use crate::clock;
use bulq_actors::Who;
use bulq_domain::UserId;
use bulq_storage::accounts::{self, AccountError, NewSession, NewUser, Session, SessionKind, User};
use bulq_storage::{Database, StorageError};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const REMEMBERED: Duration = Duration::from_secs(60);
const COOKIE_S: i64 = 30 * 24 * 60 * 60;

pub struct Logins {
    db: Database,
    passwords: Passwords,
    tokens: Tokens,
    /// What is known of a session; None: it is not good.
    sessions: Cache<Uuid, Option<Known>>,
    /// Which session a cookie's secret belongs to, by its hash.
    cookies: Cache<Vec<u8>, Uuid>,
}

#[derive(Clone)]
struct Known {
    who: Who,
    kind: SessionKind,
    expires_at: i64,
}

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

#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("username or password is wrong")]
    Wrong,
    #[error("the username is taken")]
    UsernameTaken,
    #[error("the refresh token is not good any more: log in again")]
    RefreshRefused,
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
    pub fn new(db: Database, secret: &secrecy::SecretString) -> Self {
        Self {
            db,
            passwords: Passwords::new(),
            tokens: Tokens::new(secret),
            sessions: Cache::builder().max_capacity(100_000).time_to_live(REMEMBERED).build(),
            cookies: Cache::builder().max_capacity(100_000).time_to_live(REMEMBERED).build(),
        }
    }

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

    /// Whose name and password these are. A name nobody has takes as long as a wrong password.
    ///
    /// # Errors
    /// [`LoginError::Wrong`], [`LoginError::Crowded`].
    pub async fn authenticate(&self, username: &str, password: &str) -> Result<User, LoginError> {
        let user =
            accounts::user_by_username(&self.db, username).await?.filter(|user| user.disabled_at.is_none());
        let stored = user.as_ref().map(|user| user.password_hash.as_str());
        let fits = self.passwords.verify(password, stored).await?;
        user.filter(|_| fits).ok_or(LoginError::Wrong)
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
            secret_hash: super::hash(&refresh_token),
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
        let secret = super::random_secret();
        let new = NewSession {
            id,
            user_id: user.id,
            kind: SessionKind::Cookie,
            secret_hash: super::hash(&secret),
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
    /// Returns the sessions that ended by such a reuse beside the error.
    ///
    /// # Errors
    /// [`LoginError::RefreshRefused`].
    pub async fn refresh(&self, token: &str) -> Result<Begun, (LoginError, Vec<Uuid>)> {
        let refused = || (LoginError::RefreshRefused, Vec::new());
        let claims = self.tokens.read(TokenKind::Refresh, token).ok_or_else(refused)?;
        let now = clock::now();
        let next = self.tokens.issue(TokenKind::Refresh, claims.sub, claims.sid, now);
        let at = now.timestamp_micros();
        let expires_at = at + REFRESH_S * 1_000_000;
        let (old, new) = (super::hash(token), super::hash(&next));
        let rotated = accounts::rotate_session(&self.db, claims.sid, &old, &new, expires_at, at)
            .await
            .map_err(|error| (error.into(), Vec::new()))?;
        if !rotated {
            return Err((LoginError::RefreshRefused, self.end_family(claims.sid).await));
        }
        let user =
            accounts::user(&self.db, claims.sub.0).await.map_err(|error| (error.into(), Vec::new()))?;
        let user = user.filter(|user| user.disabled_at.is_none()).ok_or_else(refused)?;
        // The remembered expiry is the old one now.
        self.sessions.invalidate(&claims.sid);
        let access_token = self.tokens.issue(TokenKind::Access, claims.sub, claims.sid, now);
        Ok(Begun { user, access_token, refresh_token: next })
    }

    async fn end_family(&self, session: Uuid) -> Vec<Uuid> {
        let ended = async {
            let Some(session) = accounts::session(&self.db, session).await? else { return Ok(Vec::new()) };
            accounts::revoke_family(&self.db, session.family, clock::micros()).await
        };
        let ended: Vec<Uuid> = ended.await.unwrap_or_else(|error: StorageError| {
            tracing::error!(%error, "the sessions of a reused refresh token could not be ended");
            Vec::new()
        });
        ended.iter().for_each(|id| self.sessions.insert(*id, None));
        ended
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
        let id = match self.cookies.get(&hash) {
            Some(id) => id,
            None => {
                let Some(session) = accounts::session_by_secret(&self.db, &hash).await? else {
                    return Ok(None);
                };
                self.cookies.insert(hash, session.id);
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
        Ok(self.remembered(session).await?.is_some())
    }

    async fn known(&self, id: Uuid, kind: SessionKind) -> Result<Option<Who>, StorageError> {
        let known = self.remembered(id).await?;
        let known = known.filter(|known| known.kind == kind && known.expires_at > clock::micros());
        Ok(known.map(|known| known.who))
    }

    async fn remembered(&self, id: Uuid) -> Result<Option<Known>, StorageError> {
        if let Some(known) = self.sessions.get(&id) {
            return Ok(known);
        }
        let found = self.look_up(id).await?;
        Ok(self.sessions.entry(id).or_insert(found).into_value())
    }

    async fn look_up(&self, id: Uuid) -> Result<Option<Known>, StorageError> {
        let Some(session) = accounts::session(&self.db, id).await?.filter(is_open) else { return Ok(None) };
        let user = accounts::user(&self.db, session.user_id).await?.filter(|user| user.disabled_at.is_none());
        Ok(user.map(|user| Known {
            who: Who { user: UserId(user.id), name: Arc::from(user.name), session: session.id },
            kind: session.kind,
            expires_at: session.expires_at,
        }))
    }

    /// # Errors
    /// Faults only; then the session may still be good.
    pub async fn end(&self, session: Uuid) -> Result<(), StorageError> {
        accounts::revoke_session(&self.db, session, clock::micros()).await?;
        self.sessions.insert(session, None);
        Ok(())
    }
}

fn is_open(session: &Session) -> bool {
    session.revoked_at.is_none() && session.expires_at > clock::micros()
}
