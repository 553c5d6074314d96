//! What every store of contents promises.

use super::{Contents, Disk, Files, Hash};
use bytes::Bytes;
use futures_util::{FutureExt, TryStreamExt};
use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use uuid::Uuid;

/// A folder of its own, gone with the test.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
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

async fn keep(files: &dyn Files, content: &'static [u8]) -> Hash {
    let mut upload = files.begin().await.expect("the folder can be written");
    for part in content.chunks(3) {
        upload.write(Bytes::from_static(part)).await.expect("there is room");
    }
    upload.keep().await.expect("there is room")
}

async fn content(files: &dyn Files, hash: Hash) -> io::Result<Vec<u8>> {
    let parts: Vec<Bytes> = files.open(hash).await?.try_collect().await?;
    Ok(parts.concat())
}

/// The promises; `folder` is where what is unfinished lies.
pub(super) async fn keeps_its_promises(files: &dyn Files, folder: &Folder) {
    let (first, second) = (keep(files, b"a receipt").await, keep(files, b"a receipt").await);
    let other = keep(files, b"another").await;
    assert_eq!(first, second, "the same content is kept once");
    assert_eq!(content(files, first).await.expect("it is there"), b"a receipt");
    assert_eq!(content(files, other).await.expect("it is there"), b"another");
    assert_eq!(folder.unfinished(), 0);

    let absent = content(files, [7; 32]).await.expect_err("it was never kept");
    assert_eq!(absent.kind(), io::ErrorKind::NotFound);

    files.remove(first).await.expect("it can be removed");
    files.remove(first).await.expect("once more is no error");
    assert_eq!(content(files, first).await.expect_err("it is gone").kind(), io::ErrorKind::NotFound);
    assert_eq!(content(files, other).await.expect("it stays"), b"another");

    let mut upload = files.begin().await.expect("the folder can be written");
    upload.write(Bytes::from_static(b"half")).await.expect("there is room");
    assert_eq!(folder.unfinished(), 1);
    drop(upload);
    assert_eq!(folder.unfinished(), 0, "what is not finished leaves nothing");
}

#[tokio::test]
async fn a_disk_keeps_its_promises() {
    let folder = Folder::new();
    let disk = Disk::open(folder.0.clone()).expect("the folder can be made");

    keeps_its_promises(&disk, &folder).await;

    std::fs::write(folder.0.join("tmp").join("left"), "by a crash").expect("the folder can be written");
    Disk::open(folder.0.clone()).expect("the folder can be made");
    assert_eq!(folder.unfinished(), 0);
}

#[tokio::test]
async fn what_is_named_stays_and_nothing_goes_while_something_is_being_named() {
    let folder = Folder::new();
    let disk = Disk::open(folder.0.clone()).expect("the folder can be made");
    let hash = keep(&disk, b"a receipt").await;
    let contents = Contents::new(Box::new(disk));
    let is_there = async || contents.open(hash).await.is_ok();

    contents.forget(hash, async || Ok::<_, Infallible>(true)).await.expect("nothing can fail");
    assert!(is_there().await);

    let naming = contents.naming().await;
    let mut forgetting = Box::pin(contents.forget(hash, async || Ok::<_, Infallible>(false)));
    assert!((&mut forgetting).now_or_never().is_none(), "it waits");
    assert!(is_there().await);
    drop(naming);
    forgetting.await.expect("nothing can fail");
    assert!(!is_there().await);
}
