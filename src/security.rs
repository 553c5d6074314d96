//! Who is asking, and how they prove it.
//!
//! | file | what it holds |
//! |---|---|
//! | [`passwords`] | Argon2id, a bounded number at a time |
//! | [`tokens`] | access and refresh tokens |
//! | [`logins`] | sessions: begin, check, rotate, end |
//! | `remembered` | what is known of sessions for a minute |
//! | [`origins`] | which pages may use the cookie |
//! | [`limits`], [`connections`] | how often somebody may come, and how many connections they may have |
//! | [`addresses`] | from where a request comes |
//! | [`tickets`] | one-time tickets for the live connection |

pub mod addresses;
pub mod connections;
pub mod limits;
pub mod logins;
pub mod origins;
pub mod passwords;
mod remembered;
pub mod tickets;
pub mod tokens;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// 256 random bits as text.
#[must_use]
pub fn random_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is kept of a secret.
#[must_use]
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Compares without telling by its time how much was right.
#[must_use]
pub fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a.as_bytes()), Sha256::digest(b.as_bytes()));
    a.iter().zip(b.iter()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
