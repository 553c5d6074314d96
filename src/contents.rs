//! Contents of files, kept under their SHA-256: the same content is kept once, and what is there is never changed.
//!
//! [`Files`] is what the rest of the server knows; [`Disk`] keeps them in the data folder. A store that several servers
//! share would be another implementation.

use bulq_actors::BoxFuture;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// SHA-256 of a content.
pub type Hash = [u8; 32];

pub trait Files: Send + Sync {
    /// Begins to take a content in.
    fn begin(&self) -> BoxFuture<'_, io::Result<Box<dyn Upload>>>;

    /// Opens a content for reading from its start.
    fn open(&self, hash: Hash) -> BoxFuture<'_, io::Result<File>>;
}

/// A content on its way in. Dropped before it is kept, it leaves nothing behind.
pub trait Upload: Send {
    fn write(&mut self, part: Bytes) -> BoxFuture<'_, io::Result<()>>;

    /// Makes it durable under its hash.
    fn keep(self: Box<Self>) -> BoxFuture<'static, io::Result<Hash>>;
}

/// `ab/ab12…` for contents, `tmp/` for what is on its way.
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// Makes the folder and clears away what an interrupted server left unfinished.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(root: PathBuf) -> io::Result<Self> {
        let unfinished = root.join("tmp");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        std::fs::create_dir_all(&unfinished)?;
        Ok(Self { root })
    }
}

impl Files for Disk {
    fn begin(&self) -> BoxFuture<'_, io::Result<Box<dyn Upload>>> {
        Box::pin(async move {
            let path = self.root.join("tmp").join(Uuid::new_v4().simple().to_string());
            let file = File::options().write(true).create_new(true).mode(0o600).open(&path).await?;
            let unfinished = Unfinished(Some(path));
            let upload = DiskUpload { file, unfinished, root: self.root.clone(), digest: Sha256::new() };
            Ok(Box::new(upload) as Box<dyn Upload>)
        })
    }

    fn open(&self, hash: Hash) -> BoxFuture<'_, io::Result<File>> {
        Box::pin(File::open(place(&self.root, &hash)))
    }
}

struct DiskUpload {
    file: File,
    unfinished: Unfinished,
    root: PathBuf,
    digest: Sha256,
}

impl Upload for DiskUpload {
    fn write(&mut self, part: Bytes) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            self.digest.update(&part);
            self.file.write_all(&part).await
        })
    }

    fn keep(mut self: Box<Self>) -> BoxFuture<'static, io::Result<Hash>> {
        Box::pin(async move {
            self.file.flush().await?;
            self.file.sync_all().await?;
            let hash: Hash = self.digest.clone().finalize().into();
            let path = place(&self.root, &hash);
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            tokio::fs::create_dir_all(&folder).await?;
            self.unfinished.becomes(&path).await?;
            // The names, too, must survive a power cut.
            File::open(&folder).await?.sync_all().await?;
            File::open(&self.root).await?.sync_all().await?;
            Ok(hash)
        })
    }
}

/// Removes its file unless it became something.
struct Unfinished(Option<PathBuf>);

impl Unfinished {
    async fn becomes(&mut self, path: &Path) -> io::Result<()> {
        if let Some(unfinished) = &self.0 {
            tokio::fs::rename(unfinished, path).await?;
        }
        self.0 = None;
        Ok(())
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

fn place(root: &Path, hash: &Hash) -> PathBuf {
    let name: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    root.join(&name[..2]).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("bulq-files-{}", Uuid::new_v4().simple())))
        }

        fn unfinished(&self) -> usize {
            std::fs::read_dir(self.0.join("tmp")).map_or(0, Iterator::count)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    async fn keep(disk: &Disk, content: &'static [u8]) -> Hash {
        let mut upload = disk.begin().await.expect("the folder can be written");
        for part in content.chunks(3) {
            upload.write(Bytes::from_static(part)).await.expect("the disk has room");
        }
        upload.keep().await.expect("the disk has room")
    }

    #[tokio::test]
    async fn the_same_content_is_kept_once_and_read_back() {
        let folder = Folder::new();
        let disk = Disk::open(folder.0.clone()).expect("the folder can be made");

        let (first, second) = (keep(&disk, b"a receipt").await, keep(&disk, b"a receipt").await);

        let mut content = Vec::new();
        let mut file = disk.open(first).await.expect("it is there");
        file.read_to_end(&mut content).await.expect("it can be read");
        assert_eq!((content.as_slice(), first), (&b"a receipt"[..], second));
        assert_eq!(folder.unfinished(), 0);
        assert!(disk.open([7; 32]).await.is_err());
    }

    #[tokio::test]
    async fn what_is_not_finished_leaves_nothing() {
        let folder = Folder::new();
        let disk = Disk::open(folder.0.clone()).expect("the folder can be made");

        let mut upload = disk.begin().await.expect("the folder can be written");
        upload.write(Bytes::from_static(b"half")).await.expect("the disk has room");
        assert_eq!(folder.unfinished(), 1);
        drop(upload);
        assert_eq!(folder.unfinished(), 0);

        std::fs::write(folder.0.join("tmp").join("left"), "by a crash").expect("the folder can be written");
        Disk::open(folder.0.clone()).expect("the folder can be made");
        assert_eq!(folder.unfinished(), 0);
    }
}
