//! The places a setting can come from, laid over each other.

use super::ConfigError;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// `name` in the file, `env` in the environment.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub env: &'static str,
    /// May also be given as a file: `<env>_FILE` holds its path.
    pub secret: bool,
}

const fn key(name: &'static str, env: &'static str) -> Key {
    Key { name, env, secret: false }
}

const fn secret(name: &'static str, env: &'static str) -> Key {
    Key { name, env, secret: true }
}

/// Every setting there is.
pub const KEYS: &[Key] = &[
    key("listen", "BULQ_LISTEN"),
    key("data", "BULQ_DATA"),
    secret("database_url", "DATABASE_URL"),
    secret("redis_url", "REDIS_URL"),
    key("env", "BULQ_ENV"),
    key("rate_limits", "BULQ_RATE_LIMITS"),
    key("trusted_proxies", "BULQ_TRUSTED_PROXIES"),
    key("connections_per_address", "BULQ_CONNECTIONS_PER_ADDRESS"),
    key("secure_cookies", "BULQ_SECURE_COOKIES"),
    secret("secret", "BULQ_SECRET"),
    key("allowed_origins", "BULQ_ALLOWED_ORIGINS"),
    key("log", "BULQ_LOG"),
    secret("metrics_token", "BULQ_METRICS_TOKEN"),
    key("s3_bucket", "BULQ_S3_BUCKET"),
    key("s3_region", "BULQ_S3_REGION"),
    key("s3_endpoint", "BULQ_S3_ENDPOINT"),
    key("s3_access_key_id", "BULQ_S3_ACCESS_KEY_ID"),
    secret("s3_secret_access_key", "BULQ_S3_SECRET_ACCESS_KEY"),
    key("workers", "BULQ_WORKERS"),
    key("db_max_connections", "BULQ_DB_MAX_CONNECTIONS"),
    key("db_acquire_timeout_s", "BULQ_DB_ACQUIRE_TIMEOUT_S"),
    key("db_idle_timeout_s", "BULQ_DB_IDLE_TIMEOUT_S"),
    key("db_max_lifetime_s", "BULQ_DB_MAX_LIFETIME_S"),
    key("allow_unsafe_durability", "BULQ_ALLOW_UNSAFE_DURABILITY"),
    key("allow_sqlite", "BULQ_ALLOW_SQLITE"),
    key("members_per_group", "BULQ_MEMBERS_PER_GROUP"),
    key("groups_per_user", "BULQ_GROUPS_PER_USER"),
    key("live_runs_per_group", "BULQ_LIVE_RUNS_PER_GROUP"),
    key("keep_alive_s", "BULQ_KEEP_ALIVE_S"),
    key("request_timeout_s", "BULQ_REQUEST_TIMEOUT_S"),
    key("drain_timeout_s", "BULQ_DRAIN_TIMEOUT_S"),
    key("web_dir", "BULQ_WEB_DIR"),
    key("demo", "BULQ_DEMO"),
    key("demo_bots", "BULQ_DEMO_BOTS"),
];

/// What was given on the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub listen: Option<String>,
    pub data: Option<String>,
    pub database_url: Option<String>,
    pub redis_url: Option<String>,
    pub config: Option<String>,
    pub demo: bool,
    pub demo_bots: Option<u32>,
}

struct Given {
    value: String,
    /// `--listen`, `BULQ_LISTEN`, or `listen in bulq.toml`.
    source: String,
}

#[derive(Default)]
pub(super) struct Layers(BTreeMap<&'static str, Given>);

impl Layers {
    pub(super) fn collect(flags: Flags, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut layers = Self::default();
        if let Some(path) = flags.config.clone().or_else(|| env("BULQ_CONFIG").filter(|p| !p.is_empty())) {
            layers.lay_file(&path)?;
        }
        layers.lay_environment(&env)?;
        layers.lay_flags(flags);
        Ok(layers)
    }

    fn lay_file(&mut self, path: &str) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| ConfigError(format!("the configuration file {path} cannot be read: {e}")))?;
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            let line = e.span().map_or(0, |span| text[..span.start].lines().count().max(1));
            ConfigError(format!("{path} line {line}: {}", e.message().lines().next().unwrap_or("not TOML")))
        })?;
        for (name, value) in table {
            let Some(key) = KEYS.iter().find(|key| key.name == name) else {
                return Err(ConfigError(format!(
                    "{path}: `{name}` is not a setting; see `bulq serve --help`"
                )));
            };
            let value = plain(&value).ok_or_else(|| {
                ConfigError(format!("{path}: `{name}` must be a text, a number or true/false"))
            })?;
            self.0.insert(key.name, Given { value, source: format!("`{name}` in {path}") });
        }
        Ok(())
    }

    fn lay_environment(&mut self, env: &impl Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        for key in KEYS {
            if let Some(value) = env(key.env).filter(|value| !value.is_empty()) {
                self.0.insert(key.name, Given { value, source: key.env.to_owned() });
            } else if key.secret
                && let Some(path) = env(&format!("{}_FILE", key.env)).filter(|path| !path.is_empty())
            {
                let source = format!("{}_FILE", key.env);
                let text = std::fs::read_to_string(&path)
                    .map_err(|e| ConfigError(format!("{source}: {path} cannot be read: {e}")))?;
                self.0.insert(key.name, Given { value: text.trim().to_owned(), source });
            }
        }
        Ok(())
    }

    fn lay_flags(&mut self, flags: Flags) {
        let given = [
            ("listen", "--listen", flags.listen),
            ("data", "--data", flags.data),
            ("database_url", "--database-url", flags.database_url),
            ("redis_url", "--redis-url", flags.redis_url),
            ("demo", "--demo", flags.demo.then(|| "yes".to_owned())),
            ("demo_bots", "--demo-bots", flags.demo_bots.map(|n| n.to_string())),
        ];
        for (name, flag, value) in given {
            if let Some(value) = value {
                self.0.insert(name, Given { value, source: flag.to_owned() });
            }
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|given| given.value.as_str())
    }

    pub(super) fn secret(&self, key: &str) -> Option<SecretString> {
        self.text(key).map(SecretString::from)
    }

    pub(super) fn list(&self, key: &str) -> Vec<String> {
        let parts = self.text(key).unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn parsed_list<T>(
        &self,
        key: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let Some(given) = self.0.get(key) else { return Ok(Vec::new()) };
        let parsed: Option<Vec<T>> = self.list(key).iter().map(|part| parse(part)).collect();
        parsed.ok_or_else(|| given.is_not(what))
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<u64>, ConfigError> {
        let Some(given) = self.0.get(key) else { return Ok(None) };
        given.value.parse().map(Some).map_err(|_| given.is_not("a whole number"))
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        let Some(given) = self.0.get(key) else { return Ok(None) };
        match given.value.as_str() {
            "on" | "yes" | "true" | "1" => Ok(Some(true)),
            "off" | "no" | "false" | "0" => Ok(Some(false)),
            _ => Err(given.is_not("on or off")),
        }
    }

    /// The first choice is the default.
    pub(super) fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        let Some(given) = self.0.get(key) else { return Ok(choices[0].1) };
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let chosen = choices.iter().find(|(name, _)| *name == given.value);
        chosen.map(|(_, value)| *value).ok_or_else(|| given.is_not(&names.join(" or ")))
    }
}

impl Given {
    fn is_not(&self, what: &str) -> ConfigError {
        ConfigError(format!("{} is {:?}, which is not {what}", self.source, self.value))
    }
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Option<Vec<_>>>().map(|i| i.join(",")),
        _ => None,
    }
}
