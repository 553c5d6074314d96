//! What is kept in the data folder: the embedded database, and in development the secret that signs tokens.

use super::StartError;
use crate::config::Settings;
use crate::security;
use secrecy::{ExposeSecret, SecretString};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const MIN_CHARS: usize = 32;

/// The given secret; else one that was made once and is kept, so that a restart logs nobody out.
pub(super) fn of(settings: &Settings) -> Result<SecretString, StartError> {
    if let Some(secret) = &settings.secret {
        return Ok(secret.clone());
    }
    make_folder(&settings.data)?;
    let path = settings.data.join("secret");
    let kept = match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => keep_new(&path)?,
        Err(error) => return Err(StartError::Secret { path, why: error.to_string() }),
    };
    if kept.len() < MIN_CHARS {
        return Err(StartError::Secret { path, why: "it is too short".to_owned() });
    }
    Ok(SecretString::from(kept))
}

fn keep_new(path: &Path) -> Result<String, StartError> {
    let secret = security::random_secret();
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()));
    match written {
        Ok(()) => Ok(secret),
        Err(error) => Err(StartError::DataFolder { path: path.to_owned(), error }),
    }
}

pub(super) fn database_url(settings: &Settings) -> Result<String, StartError> {
    if let Some(url) = &settings.database_url {
        return Ok(url.expose_secret().to_owned());
    }
    make_folder(&settings.data)?;
    Ok(format!("sqlite:{}", settings.data.join("bulq.db").display()))
}

fn make_folder(path: &Path) -> Result<(), StartError> {
    std::fs::create_dir_all(path).map_err(|error| StartError::DataFolder { path: path.to_owned(), error })
}
