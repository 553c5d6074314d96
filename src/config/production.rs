//! In production nothing falls back silently: what is missing is a refusal to start that names it.

use super::{ConfigError, Settings};

pub(super) fn check(settings: &Settings, allow_sqlite: bool) -> Result<(), ConfigError> {
    let refusals = [
        (settings.secret.is_none(), "BULQ_SECRET is missing: set it to at least 32 random characters"),
        (
            settings.allowed_origins.is_empty(),
            "BULQ_ALLOWED_ORIGINS is missing: set it to the address people open, such as https://bulq.example",
        ),
        (
            settings.database_url.is_none() && !allow_sqlite,
            "DATABASE_URL is missing: set it to a PostgreSQL database, or BULQ_ALLOW_SQLITE=yes to use SQLite",
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
