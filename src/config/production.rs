//! In production nothing falls back silently: what is missing is a refusal to start that names it.

use super::{ConfigError, Settings};
use secrecy::ExposeSecret;
use std::collections::BTreeSet;

/// A random text of 32 characters has more different ones than this.
const DIFFERENT_CHARS: usize = 10;

pub(super) fn check(settings: &Settings, allow_sqlite: bool) -> Result<(), ConfigError> {
    let refusals = [
        (settings.secret.is_none(), "BULQ_SECRET is missing: set it to at least 32 random characters"),
        (
            settings.secret.as_ref().is_some_and(|secret| is_weak(secret.expose_secret())),
            "BULQ_SECRET can be guessed: set it to at least 32 random characters",
        ),
        (
            settings.allowed_origins.is_empty(),
            "BULQ_ALLOWED_ORIGINS is missing: set it to the address people open, such as https://bulq.example",
        ),
        (
            !settings.allowed_origins.iter().all(|origin| is_safe(origin)),
            "BULQ_ALLOWED_ORIGINS may hold https:// addresses without a path only, such as https://bulq.example",
        ),
        (
            is_sqlite(settings) && !allow_sqlite,
            "DATABASE_URL is missing: set it to a PostgreSQL database, or BULQ_ALLOW_SQLITE=yes to use SQLite",
        ),
        (
            !settings.secure_cookies,
            "BULQ_SECURE_COOKIES=off shows logins to the network: remove it, or use BULQ_ENV=development",
        ),
        (
            !settings.rate_limits,
            "BULQ_RATE_LIMITS=off is for measuring: remove it, or use BULQ_ENV=development",
        ),
        (
            settings.pool.allow_unsafe_durability,
            "BULQ_ALLOW_UNSAFE_DURABILITY is for tests: remove it, or use BULQ_ENV=development",
        ),
        (settings.demo, "--demo makes logins with a known password: remove it, or use BULQ_ENV=development"),
    ];
    match refusals.iter().find(|(refused, _)| *refused) {
        Some((_, why)) => Err(ConfigError(format!("refusing to start in production: {why}"))),
        None => Ok(()),
    }
}

fn is_weak(secret: &str) -> bool {
    secret.chars().collect::<BTreeSet<_>>().len() < DIFFERENT_CHARS
}

fn is_safe(origin: &str) -> bool {
    let host = origin.trim_end_matches('/').strip_prefix("https://");
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', '?', '#', '@']))
}

fn is_sqlite(settings: &Settings) -> bool {
    settings.database_url.as_ref().is_none_or(|url| url.expose_secret().starts_with("sqlite:"))
}
