//! Everything that is kept about somebody as a ZIP: the document, and the contents of the receipts they added. It is made
//! while it is sent, so that no more than one part of one content is in memory.

use crate::contents::{Contents, Download, Hash, hex};
use crate::http::App;
use actix_web::web;
use bulq_protocol::thread::ReceiptMedia;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

const DOCUMENT: &str = "bulq.json";

/// Where a content is in the archive. No name that somebody chose is in it.
pub(super) fn path(hash: &Hash, media: ReceiptMedia) -> String {
    format!("receipts/{}.{}", hex(hash), media.extension())
}

/// `contents` by their paths, each once; those that are gone are left out.
pub(super) fn stream(
    app: web::Data<App>,
    document: Vec<u8>,
    contents: BTreeMap<String, Hash>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let archive = Archive::new(document, contents);
    stream::try_unfold(archive, move |archive| {
        let app = app.clone();
        async move { archive.next(&app.contents).await }
    })
}

struct Archive {
    document: Option<Vec<u8>>,
    left: std::collections::btree_map::IntoIter<String, Hash>,
    now: Option<Download>,
    /// None when its end is written.
    zip: Option<ZipWriter<StreamWriter<Written>>>,
    written: Written,
}

impl Archive {
    fn new(document: Vec<u8>, contents: BTreeMap<String, Hash>) -> Self {
        let written = Written::default();
        Self {
            document: Some(document),
            left: contents.into_iter(),
            now: None,
            zip: Some(ZipWriter::new_stream(written.clone())),
            written,
        }
    }

    async fn next(mut self, contents: &Contents) -> io::Result<Option<(Bytes, Self)>> {
        while self.step(contents).await? {
            let bytes = self.written.take();
            if !bytes.is_empty() {
                return Ok(Some((bytes, self)));
            }
        }
        Ok(None)
    }

    /// False when all is written.
    async fn step(&mut self, contents: &Contents) -> io::Result<bool> {
        let Some(zip) = &mut self.zip else { return Ok(false) };
        if let Some(document) = self.document.take() {
            zip.start_file(DOCUMENT, options())?;
            zip.write_all(&document)?;
        } else if let Some(content) = &mut self.now {
            match content.next().await {
                Some(part) => zip.write_all(&part?)?,
                None => self.now = None,
            }
        } else if let Some((path, hash)) = self.left.next() {
            self.now = found(contents.open(hash).await)?;
            if self.now.is_some() {
                zip.start_file(path, options())?;
            }
        } else if let Some(zip) = self.zip.take() {
            zip.finish()?;
        }
        Ok(true)
    }
}

/// Pictures and PDFs are compressed already.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

/// It may have been taken away since it was looked for.
fn found(opened: io::Result<Download>) -> io::Result<Option<Download>> {
    match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// What was written and not yet sent.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::Disk;
    use std::collections::BTreeMap;
    use std::io::{Cursor, Read};

    #[actix_web::test]
    async fn no_more_than_a_part_is_in_memory() {
        let folder = std::env::temp_dir().join(format!("bulq-archive-{}", uuid::Uuid::new_v4().simple()));
        let contents = Contents::new(Box::new(Disk::open(folder.clone()).unwrap()));
        let large = vec![7; 1_000_000];
        let mut upload = contents.begin().await.unwrap();
        upload.write(large.clone().into()).await.unwrap();
        let named =
            BTreeMap::from([("a".to_owned(), upload.keep().await.unwrap()), ("b".to_owned(), [0; 32])]);

        let (mut archive, mut sent) = (Archive::new(b"{}".to_vec(), named), Vec::new());
        while let Some((part, rest)) = archive.next(&contents).await.unwrap() {
            assert!(part.len() <= 65 * 1024, "{}", part.len());
            sent.extend_from_slice(&part);
            archive = rest;
        }

        let mut read = zip::ZipArchive::new(Cursor::new(sent)).unwrap();
        assert_eq!(read.len(), 2, "what is not there is left out");
        assert_eq!(read.by_index(0).unwrap().size(), 2, "the document comes first");
        let mut content = Vec::new();
        read.by_name("a").unwrap().read_to_end(&mut content).unwrap();
        assert_eq!(content, large);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
