//! Contents of files, kept under their SHA-256: the same content is kept once, and what is there is never changed, only
//! taken away when nothing names it any more.
//!
//! [`Contents`] is what the rest of the server knows; a [`Files`] is where they lie: [`Disk`] keeps them in the data folder,
//! `S3` in a bucket.

mod disk;
#[cfg(feature = "s3")]
mod s3;
mod spool;
#[cfg(test)]
mod tests;

pub use disk::Disk;
#[cfg(feature = "s3")]
pub use s3::S3;

use bulq_actors::BoxFuture;
use bytes::Bytes;
use futures_util::Stream;
use std::io;
use std::pin::Pin;
use tokio::sync::{RwLock, RwLockReadGuard};

/// SHA-256 of a content.
pub type Hash = [u8; 32];

/// A content on its way out.
pub type Download = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

pub trait Files: Send + Sync {
    /// Begins to take a content in.
    fn begin(&self) -> BoxFuture<'_, io::Result<Box<dyn Upload>>>;

    /// Reads a content from its start; [`io::ErrorKind::NotFound`] if it is not there.
    fn open(&self, hash: Hash) -> BoxFuture<'_, io::Result<Download>>;

    /// What is not there already is no error.
    fn remove(&self, hash: Hash) -> BoxFuture<'_, io::Result<()>>;
}

/// A content on its way in. Dropped before it is kept, it leaves nothing behind.
pub trait Upload: Send {
    fn write(&mut self, part: Bytes) -> BoxFuture<'_, io::Result<()>>;

    /// Makes it durable under its hash.
    fn keep(self: Box<Self>) -> BoxFuture<'static, io::Result<Hash>>;
}

/// The files, and which of them may go.
pub struct Contents {
    files: Box<dyn Files>,
    /// Held to read from when a content is kept until a row names it, to write while one goes.
    naming: RwLock<()>,
}

impl Contents {
    #[must_use]
    pub fn new(files: Box<dyn Files>) -> Self {
        Self { files, naming: RwLock::new(()) }
    }

    /// Begins to take a content in.
    ///
    /// # Errors
    /// What the store says.
    pub async fn begin(&self) -> io::Result<Box<dyn Upload>> {
        self.files.begin().await
    }

    /// Reads a content from its start.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if it is not there, else what the store says.
    pub async fn open(&self, hash: Hash) -> io::Result<Download> {
        self.files.open(hash).await
    }

    /// While this is held, nothing goes: to be taken before a content is kept.
    pub async fn naming(&self) -> RwLockReadGuard<'_, ()> {
        self.naming.read().await
    }

    /// Takes a content away, unless something names it.
    ///
    /// # Errors
    /// Of `is_named`. If the store cannot do it, the content stays, which is logged.
    pub async fn forget<E>(
        &self,
        hash: Hash,
        is_named: impl AsyncFnOnce() -> Result<bool, E>,
    ) -> Result<(), E> {
        let _nobody_names = self.naming.write().await;
        if is_named().await? {
            return Ok(());
        }
        if let Err(error) = self.files.remove(hash).await {
            tracing::warn!(%error, "a content nothing names any more stays");
        }
        Ok(())
    }
}

/// As people and file systems write it.
#[must_use]
pub fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `ab/ab12…`
fn name(hash: &Hash) -> String {
    let name = hex(hash);
    format!("{}/{name}", &name[..2])
}
