//! Contents in the data folder.

use super::spool::{Spool, Spooled};
use super::{Download, Files, Hash, Upload, name};
use bulq_actors::BoxFuture;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// Read at once.
const PART: usize = 64 * 1024;

/// `ab/ab12…` for contents, `tmp/` for what is on its way.
pub struct Disk {
    root: PathBuf,
    spool: Spool,
}

impl Disk {
    /// Makes the folder and clears away what an interrupted server left unfinished.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(root: PathBuf) -> io::Result<Self> {
        let spool = Spool::open(root.join("tmp"))?;
        Ok(Self { root, spool })
    }
}

impl Files for Disk {
    fn begin(&self) -> BoxFuture<'_, io::Result<Box<dyn Upload>>> {
        Box::pin(async move {
            let upload = DiskUpload { spooled: self.spool.begin().await?, root: self.root.clone() };
            Ok(Box::new(upload) as Box<dyn Upload>)
        })
    }

    fn open(&self, hash: Hash) -> BoxFuture<'_, io::Result<Download>> {
        Box::pin(async move { Ok(parts(File::open(self.root.join(name(&hash))).await?)) })
    }

    fn remove(&self, hash: Hash) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            match tokio::fs::remove_file(self.root.join(name(&hash))).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
    }
}

struct DiskUpload {
    spooled: Spooled,
    root: PathBuf,
}

impl Upload for DiskUpload {
    fn write(&mut self, part: Bytes) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(self.spooled.write(part))
    }

    fn keep(self: Box<Self>) -> BoxFuture<'static, io::Result<Hash>> {
        Box::pin(async move {
            let (hash, unfinished) = self.spooled.finish().await?;
            let path = self.root.join(name(&hash));
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            tokio::fs::create_dir_all(&folder).await?;
            unfinished.becomes(&path).await?;
            // The names, too, must survive a power cut.
            File::open(&folder).await?.sync_all().await?;
            File::open(&self.root).await?.sync_all().await?;
            Ok(hash)
        })
    }
}

fn parts(file: File) -> Download {
    Box::pin(stream::try_unfold(file, |mut file| async move {
        let mut part = BytesMut::with_capacity(PART);
        let read = file.read_buf(&mut part).await?;
        Ok((read > 0).then(|| (part.freeze(), file)))
    }))
}
