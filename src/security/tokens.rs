//! Access tokens (15 minutes) and refresh tokens (30 days): JWTs signed with HS256, and with nothing else.

use bulq_domain::{Timestamp, UserId};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub const ACCESS_S: i64 = 15 * 60;
pub const REFRESH_S: i64 = 30 * 24 * 60 * 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    Access,
    Refresh,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub sub: UserId,
    pub sid: Uuid,
    pub typ: TokenKind,
    pub exp: i64,
    pub iat: i64,
    /// Makes two tokens of one second different.
    pub jti: String,
}

pub struct Tokens {
    sign: EncodingKey,
    check: DecodingKey,
    rules: Validation,
}

impl Tokens {
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 5;
        rules.set_required_spec_claims(&["exp", "sub"]);
        Self { sign: EncodingKey::from_secret(secret), check: DecodingKey::from_secret(secret), rules }
    }

    #[must_use]
    pub fn issue(&self, typ: TokenKind, user: UserId, session: Uuid, now: Timestamp) -> String {
        let life = TimeDelta::seconds(match typ {
            TokenKind::Access => ACCESS_S,
            TokenKind::Refresh => REFRESH_S,
        });
        let claims = Claims {
            sub: user,
            sid: session,
            typ,
            exp: (now + life).timestamp(),
            iat: now.timestamp(),
            jti: super::random_secret(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign)
            .expect("claims are plain data")
    }

    /// The claims if this server signed them as this kind and they have not expired.
    #[must_use]
    pub fn read(&self, typ: TokenKind, token: &str) -> Option<Claims> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.check, &self.rules).ok()?.claims;
        (claims.typ == typ).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&SecretString::from(secret))
    }

    #[test]
    fn a_token_is_good_for_its_kind_its_key_and_its_time() {
        let (ours, theirs) =
            (tokens("0123456789abcdef0123456789abcdef"), tokens("another key of some length"));
        let (user, session, now) = (UserId(Uuid::from_u128(1)), Uuid::from_u128(2), crate::clock::now());

        let token = ours.issue(TokenKind::Access, user, session, now);

        assert_eq!(ours.read(TokenKind::Access, &token).map(|c| (c.sub, c.sid)), Some((user, session)));
        assert!(ours.read(TokenKind::Refresh, &token).is_none());
        assert!(theirs.read(TokenKind::Access, &token).is_none());
        let old = ours.issue(TokenKind::Access, user, session, now - TimeDelta::seconds(ACCESS_S + 60));
        assert!(ours.read(TokenKind::Access, &old).is_none());
    }

    #[test]
    fn another_algorithm_is_refused() {
        let ours = tokens("0123456789abcdef0123456789abcdef");
        let token = ours.issue(TokenKind::Access, UserId(Uuid::nil()), Uuid::nil(), crate::clock::now());
        let body = token.split('.').nth(1).unwrap();

        // {"alg":"none"}
        assert!(ours.read(TokenKind::Access, &format!("eyJhbGciOiJub25lIn0.{body}.")).is_none());
    }
}
