//! What the server is told: flags over environment over file over defaults.
//!
//! Every setting is a line of [`KEYS`]; where a value came from is kept until it is read, so that an error can name it.

mod layers;
mod production;

pub use layers::{Flags, KEYS};

use ipnet::IpNet;
use layers::Layers;
use secrecy::SecretString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// One line for people: which setting, what is wrong with it, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Pretty,
    Json,
}

/// Caps that keep one group or person from filling the server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub members_per_group: u32,
    pub groups_per_user: u32,
    pub live_runs_per_group: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub max_connections: u32,
    pub acquire_timeout: Duration,
    pub idle_timeout: Duration,
    pub max_lifetime: Duration,
    /// Lets a database run that may lose what it acknowledged. For tests.
    pub allow_unsafe_durability: bool,
}

/// A bucket for receipts, and who may write it.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub name: String,
    pub region: String,
    /// Of a service that is not Amazon's, such as `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
    pub access_key_id: String,
    pub secret_access_key: SecretString,
}

#[derive(Clone, Debug)]
pub struct Settings {
    /// `host:port`; port 0 takes a free one.
    pub listen: String,
    pub data: PathBuf,
    /// `postgres://…`; none means the embedded SQLite in `data`.
    pub database_url: Option<SecretString>,
    pub redis_url: Option<SecretString>,
    /// Where receipts lie; none means in `data`.
    pub bucket: Option<Bucket>,
    pub environment: Environment,
    pub rate_limits: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections one address may have open, proxies aside.
    pub connections_per_address: u32,
    /// The session's cookie is sent over TLS alone.
    pub secure_cookies: bool,
    /// Signs tokens. None only in development: then one is made and kept in `data`.
    pub secret: Option<SecretString>,
    /// Origins of pages that may use the cookie, besides the server's own address in development.
    pub allowed_origins: Vec<String>,
    pub log: LogFormat,
    pub metrics_token: Option<SecretString>,
    pub workers: Option<usize>,
    pub pool: Pool,
    pub limits: Limits,
    pub keep_alive: Duration,
    pub request_timeout: Duration,
    /// How long a stopping server waits for what is under way.
    pub drain_timeout: Duration,
    /// A folder to serve the browser app from, instead of the one in the binary.
    pub web_dir: Option<PathBuf>,
    pub demo: bool,
    pub demo_bots: u32,
}

impl Settings {
    /// # Errors
    /// [`ConfigError`] for an unreadable file, an unknown key, a value that makes no sense, or a setting that is
    /// missing or not allowed in production.
    pub fn read(flags: Flags, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let layers = Layers::collect(flags, env)?;
        let settings = Self::from_layers(&layers)?;
        settings.check_secret()?;
        if settings.environment == Environment::Production {
            production::check(&settings, layers.flag("allow_sqlite")?.unwrap_or(false))?;
        }
        Ok(settings)
    }

    fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let seconds = |key, default| layers.number(key).map(|n| Duration::from_secs(n.unwrap_or(default)));
        let count = |key, default: u32| {
            layers.number(key).map(|n| n.map_or(default, |n| u32::try_from(n).unwrap_or(u32::MAX)))
        };
        let environment = layers.choice(
            "env",
            &[("development", Environment::Development), ("production", Environment::Production)],
        )?;
        let demo = layers.flag("demo")?.unwrap_or(false);
        Ok(Self {
            listen: layers.text("listen").unwrap_or("127.0.0.1:8080").to_owned(),
            data: layers.text("data").unwrap_or("./data").into(),
            database_url: layers.secret("database_url"),
            redis_url: layers.secret("redis_url"),
            bucket: bucket(layers)?,
            environment,
            rate_limits: layers.flag("rate_limits")?.unwrap_or(true),
            trusted_proxies: layers.parsed_list(
                "trusted_proxies",
                "addresses or nets such as 10.0.0.0/8",
                net,
            )?,
            connections_per_address: count("connections_per_address", 256)?,
            secure_cookies: layers.flag("secure_cookies")?.unwrap_or(environment == Environment::Production),
            secret: layers.secret("secret"),
            allowed_origins: layers.list("allowed_origins"),
            log: layers.choice("log", &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)])?,
            metrics_token: layers.secret("metrics_token"),
            workers: layers.number("workers")?.and_then(|n| usize::try_from(n).ok()),
            pool: Pool {
                max_connections: count("db_max_connections", 10)?,
                acquire_timeout: seconds("db_acquire_timeout_s", 5)?,
                idle_timeout: seconds("db_idle_timeout_s", 300)?,
                max_lifetime: seconds("db_max_lifetime_s", 1800)?,
                allow_unsafe_durability: layers.flag("allow_unsafe_durability")?.unwrap_or(false),
            },
            limits: Limits {
                members_per_group: count("members_per_group", 100)?,
                groups_per_user: count("groups_per_user", 100)?,
                live_runs_per_group: count("live_runs_per_group", 100)?,
            },
            keep_alive: seconds("keep_alive_s", 75)?,
            request_timeout: seconds("request_timeout_s", 10)?,
            drain_timeout: seconds("drain_timeout_s", 20)?,
            web_dir: layers.text("web_dir").map(PathBuf::from),
            demo,
            demo_bots: count("demo_bots", if demo { 3 } else { 0 })?,
        })
    }

    fn check_secret(&self) -> Result<(), ConfigError> {
        use secrecy::ExposeSecret;
        match &self.secret {
            Some(secret) if secret.expose_secret().len() < 32 => Err(ConfigError(
                "BULQ_SECRET has fewer than 32 characters: set it to a longer random text".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    #[must_use]
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }
}

/// All of it, or nothing.
fn bucket(layers: &Layers) -> Result<Option<Bucket>, ConfigError> {
    let Some(name) = layers.text("s3_bucket") else { return Ok(None) };
    if !cfg!(feature = "s3") {
        let why = "BULQ_S3_BUCKET is set, but this bulq was built without it: build with --features s3";
        return Err(ConfigError(why.to_owned()));
    }
    let missing = |env: &str| ConfigError(format!("BULQ_S3_BUCKET needs {env}, which is missing"));
    Ok(Some(Bucket {
        name: name.to_owned(),
        region: layers.text("s3_region").unwrap_or("us-east-1").to_owned(),
        endpoint: layers.text("s3_endpoint").map(str::to_owned),
        access_key_id: layers
            .text("s3_access_key_id")
            .ok_or_else(|| missing("BULQ_S3_ACCESS_KEY_ID"))?
            .to_owned(),
        secret_access_key: layers
            .secret("s3_secret_access_key")
            .ok_or_else(|| missing("BULQ_S3_SECRET_ACCESS_KEY"))?,
    }))
}

/// A net, or a single address.
fn net(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(env: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let find = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Settings::read(Flags::default(), find)
    }

    const PRODUCTION: &[(&str, &str)] = &[
        ("BULQ_ENV", "production"),
        ("BULQ_SECRET", "0123456789abcdef0123456789abcdef"),
        ("BULQ_ALLOWED_ORIGINS", "https://bulq.example"),
        ("DATABASE_URL", "postgres://db/bulq"),
    ];

    #[test]
    fn nothing_given_is_development_on_sqlite() {
        let settings = read(&[]).unwrap();

        assert_eq!(
            (settings.environment, settings.listen.as_str()),
            (Environment::Development, "127.0.0.1:8080")
        );
        assert!(settings.database_url.is_none() && settings.rate_limits && settings.demo_bots == 0);
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let flags = Flags { listen: Some("127.0.0.1:1".to_owned()), ..Flags::default() };

        let settings =
            Settings::read(flags, |name| (name == "BULQ_LISTEN").then(|| "127.0.0.1:2".to_owned()));

        assert_eq!(settings.unwrap().listen, "127.0.0.1:1");
    }

    #[test]
    fn production_refuses_what_is_missing_and_names_it() {
        assert!(read(PRODUCTION).is_ok());
        for missing in ["BULQ_SECRET", "BULQ_ALLOWED_ORIGINS", "DATABASE_URL"] {
            let without: Vec<_> = PRODUCTION.iter().copied().filter(|(name, _)| *name != missing).collect();
            let error = read(&without).unwrap_err();
            assert!(error.0.contains(missing), "{missing}: {error}");
        }
    }

    #[test]
    fn production_refuses_what_is_only_for_trying_things_out() {
        for (forbidden, value) in [
            ("BULQ_RATE_LIMITS", "off"),
            ("BULQ_ALLOW_UNSAFE_DURABILITY", "yes"),
            ("BULQ_SECURE_COOKIES", "off"),
            ("BULQ_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("BULQ_SECRET", "changeme changeme changeme changeme changeme"),
            ("BULQ_SECRET", "short"),
            ("BULQ_ALLOWED_ORIGINS", "http://bulq.example"),
            ("BULQ_ALLOWED_ORIGINS", "*"),
            ("BULQ_ALLOWED_ORIGINS", "https://bulq.example/app"),
            ("DATABASE_URL", "sqlite:/var/lib/bulq.db"),
        ] {
            let others = PRODUCTION.iter().copied().filter(|(name, _)| *name != forbidden);
            let with: Vec<_> = others.chain([(forbidden, value)]).collect();
            assert!(read(&with).unwrap_err().0.contains(forbidden), "{forbidden}={value}");
        }
        let sqlite = [("BULQ_ALLOW_SQLITE", "yes"), ("DATABASE_URL", "sqlite:/var/lib/bulq.db")];
        let with: Vec<_> = PRODUCTION[..3].iter().copied().chain(sqlite).collect();
        assert!(read(&with).unwrap().secure_cookies);
    }

    #[test]
    fn a_bucket_is_told_as_a_whole_or_not_at_all() {
        let given = [
            ("BULQ_S3_BUCKET", "receipts"),
            ("BULQ_S3_ACCESS_KEY_ID", "somebody"),
            ("BULQ_S3_SECRET_ACCESS_KEY", "something"),
        ];
        assert!(read(&given[1..]).unwrap().bucket.is_none());
        if cfg!(feature = "s3") {
            let bucket = read(&given).unwrap().bucket.unwrap();
            assert_eq!((bucket.region.as_str(), bucket.endpoint), ("us-east-1", None));
            let error = read(&given[..2]).unwrap_err();
            assert!(error.0.contains("BULQ_S3_SECRET_ACCESS_KEY"), "{error}");
        } else {
            let error = read(&given).unwrap_err();
            assert!(error.0.contains("--features s3"), "{error}");
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named() {
        for (name, value) in [
            ("BULQ_ENV", "staging"),
            ("BULQ_DB_MAX_CONNECTIONS", "many"),
            ("BULQ_RATE_LIMITS", "perhaps"),
            ("BULQ_SECRET", "short"),
            ("BULQ_TRUSTED_PROXIES", "10.0.0.0/8,localhost"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.0.contains(name) && !error.0.contains('\n'), "{error}");
        }
    }
}
