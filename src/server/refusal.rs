//! Why a server does not start: one line each, naming the thing and what to do.

use crate::config::ConfigError;
use bulq_storage::ConnectError;
use bulq_storage::memory::BadRedisUrl;
use bulq_storage::migrate::SchemaError;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(
        "cannot listen on {address} ({error}): free it, or choose another address with --listen HOST:PORT"
    )]
    Listen { address: String, error: std::io::Error },
    #[error("the listening socket cannot be used: {0}")]
    Socket(std::io::Error),
    #[error("the data folder {} cannot be written ({error}): make it writable, or choose another with --data DIR", path.display())]
    DataFolder { path: PathBuf, error: std::io::Error },
    #[cfg(feature = "s3")]
    #[error("the bucket BULQ_S3_BUCKET or the data folder {} cannot be used: {error}", path.display())]
    Bucket { path: PathBuf, error: std::io::Error },
    #[error("the folder of the browser app {} cannot be read ({error}): correct or unset BULQ_WEB_DIR", folder.display())]
    WebDir { folder: PathBuf, error: std::io::Error },
    #[error("the secret in {} is not usable ({why}): remove the file, or set BULQ_SECRET", path.display())]
    Secret { path: PathBuf, why: String },
    #[error("REDIS_URL cannot be used: {0}")]
    Redis(#[from] BadRedisUrl),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error("the demo data cannot be made: {0}")]
    Demo(String),
}
