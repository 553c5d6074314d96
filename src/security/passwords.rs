//! Argon2id. A hash costs memory and some 40 ms, so only a few run at once and only so many wait.
//!
//! The same password can be typed as different characters: one device sends é, another e and an accent. Both are brought
//! into one form (NFC) before they are hashed.

mod common;

pub use common::is_common;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// At once, and waiting besides. Beyond that people are asked to come back.
const AT_ONCE: usize = 2;
const WAITING: usize = 64;
/// What a hash costs whoever makes one.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

#[derive(Clone)]
pub struct Passwords {
    working: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Verified for users that do not exist, so that they cost the same.
    nobody: Arc<str>,
}

/// Too many passwords wait to be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowded;

impl Passwords {
    #[must_use]
    pub fn new() -> Self {
        Self {
            working: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            nobody: hash(&super::random_secret()).into(),
        }
    }

    /// # Errors
    /// [`Crowded`].
    pub async fn hash(&self, password: &str) -> Result<String, Crowded> {
        let password = one_form(password);
        self.in_turn(move || hash(&password)).await
    }

    /// Whether the password belongs to the stored hash; never for `None`, which takes as long.
    ///
    /// # Errors
    /// [`Crowded`].
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, Crowded> {
        let password = one_form(password);
        let exists = stored.is_some();
        let stored = stored.map_or_else(|| self.nobody.to_string(), str::to_owned);
        let fits = self.in_turn(move || verify(&password, &stored)).await?;
        Ok(fits && exists)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Crowded> {
        let _place = self.queue.try_acquire().map_err(|_| Crowded)?;
        // Taken into the thread: who stops waiting does not make room for another hash beside this one.
        let turn = self.working.clone().acquire_owned().await.map_err(|_| Crowded)?;
        let job = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        job.await.map_err(|_| Crowded)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn one_form(password: &str) -> String {
    password.nfc().collect()
}

/// Whether a stored hash is not what would be made today.
#[must_use]
pub fn is_outdated(stored: &str) -> bool {
    !stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"))
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("these are parameters Argon2 knows");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    argon2().hash_password(password.as_bytes()).expect("a password of this length can be hashed").to_string()
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_somebody_fits() {
        let passwords = Passwords::new();

        let stored = passwords.hash("correct horse").await.unwrap();

        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(passwords.verify("correct horse", Some(&stored)).await, Ok(true));
        assert_eq!(passwords.verify("wrong horse", Some(&stored)).await, Ok(false));
        assert_eq!(passwords.verify("correct horse", None).await, Ok(false));
        assert!(!is_outdated(&stored));
    }

    #[tokio::test]
    async fn it_does_not_matter_how_an_accent_is_typed() {
        let passwords = Passwords::new();

        let stored = passwords.hash("caf\u{e9} noir").await.unwrap();

        assert_eq!(passwords.verify("cafe\u{301} noir", Some(&stored)).await, Ok(true));
        assert_eq!(passwords.verify("cafe noir", Some(&stored)).await, Ok(false));
    }

    /// Whoever is nobody takes a place in the same queue, and so the same time.
    #[tokio::test]
    async fn nobody_is_verified_no_sooner_than_somebody() {
        let passwords = Passwords::new();
        let stored = passwords.hash("correct horse").await.unwrap();

        let all = u32::try_from(AT_ONCE + WAITING).unwrap();
        let places = passwords.queue.acquire_many(all).await.unwrap();
        for who in [None, Some(stored.as_str()), Some("!")] {
            assert_eq!(passwords.verify("correct horse", who).await, Err(Crowded), "{who:?}");
        }
        assert_eq!(passwords.hash("correct horse").await, Err(Crowded));

        drop(places);
        assert_eq!(passwords.verify("correct horse", Some(&stored)).await, Ok(true));
    }

    #[tokio::test]
    async fn a_cheaper_hash_is_outdated_and_still_fits() {
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let stored = cheap.hash_password(b"correct horse").unwrap().to_string();

        assert!(is_outdated(&stored) && is_outdated("!"));
        assert_eq!(Passwords::new().verify("correct horse", Some(&stored)).await, Ok(true));
    }
}
