//! Contents that are not complete yet lie in a folder of their own, and leave nothing behind unless they are kept.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::Hash;

/// The folder, cleared of what an interrupted server left.
pub(super) struct Spool(PathBuf);

impl Spool {
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub(super) async fn begin(&self) -> io::Result<Spooled> {
        let path = self.0.join(Uuid::new_v4().simple().to_string());
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path).await?;
        Ok(Spooled { file, unfinished: Unfinished(Some(path)), digest: Sha256::new() })
    }
}

/// A content as far as it has come.
pub(super) struct Spooled {
    file: File,
    unfinished: Unfinished,
    digest: Sha256,
}

impl Spooled {
    pub(super) async fn write(&mut self, part: Bytes) -> io::Result<()> {
        self.digest.update(&part);
        self.file.write_all(&part).await
    }

    /// No more comes; the file is durable under the name it has.
    pub(super) async fn finish(mut self) -> io::Result<(Hash, Unfinished)> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        Ok((self.digest.finalize().into(), self.unfinished))
    }
}

/// Removes its file unless it became something.
pub(super) struct Unfinished(Option<PathBuf>);

impl Unfinished {
    pub(super) async fn becomes(mut self, path: &Path) -> io::Result<()> {
        if let Some(unfinished) = &self.0 {
            tokio::fs::rename(unfinished, path).await?;
        }
        self.0 = None;
        Ok(())
    }

    #[cfg(feature = "s3")]
    pub(super) async fn read(&self) -> io::Result<Vec<u8>> {
        match &self.0 {
            Some(path) => tokio::fs::read(path).await,
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::warn!(%error, path = %path.display(), "an unfinished file stays until the next start");
        }
    }
}
