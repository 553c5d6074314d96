//! Contents in a bucket of anything that speaks S3. What is on its way lies in the data folder until its hash is known.

use super::spool::{Spool, Spooled, Unfinished};
use super::{Download, Files, Hash, Upload, name};
use crate::config::Bucket;
use bulq_actors::BoxFuture;
use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt, RetryConfig};
use secrecy::ExposeSecret;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Contents in memory at once on their way to the bucket; each is at most a receipt's size.
const SENDING: usize = 4;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// `receipts/ab/ab12…`
pub struct S3 {
    store: Arc<AmazonS3>,
    spool: Spool,
    sending: Arc<Semaphore>,
}

impl S3 {
    /// Makes the folder for what is unfinished. The bucket is not asked for anything yet.
    ///
    /// # Errors
    /// If the folder cannot be written, or the bucket's settings make no sense.
    pub fn open(bucket: &Bucket, unfinished: PathBuf) -> io::Result<Self> {
        let client = ClientOptions::new().with_connect_timeout(CONNECT_WITHIN).with_timeout(ANSWER_WITHIN);
        let retry = RetryConfig { max_retries: 3, retry_timeout: ANSWER_WITHIN, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(&bucket.region)
            .with_access_key_id(&bucket.access_key_id)
            .with_secret_access_key(bucket.secret_access_key.expose_secret())
            .with_client_options(client)
            .with_retry(retry)
            // Not all services know the call for many at once, and ours are single.
            .with_disable_bulk_delete(true);
        if let Some(endpoint) = &bucket.endpoint {
            let is_plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        let store = Arc::new(builder.build().map_err(io::Error::other)?);
        let sending = Arc::new(Semaphore::new(SENDING));
        Ok(Self { store, spool: Spool::open(unfinished)?, sending })
    }
}

impl Files for S3 {
    fn begin(&self) -> BoxFuture<'_, io::Result<Box<dyn Upload>>> {
        Box::pin(async move {
            let spooled = self.spool.begin().await?;
            let (store, sending) = (self.store.clone(), self.sending.clone());
            Ok(Box::new(S3Upload { spooled, store, sending }) as Box<dyn Upload>)
        })
    }

    fn open(&self, hash: Hash) -> BoxFuture<'_, io::Result<Download>> {
        Box::pin(async move {
            let found = self.store.get(&place(&hash)).await.map_err(io::Error::from)?;
            Ok(Box::pin(found.into_stream().map_err(io::Error::from)) as Download)
        })
    }

    fn remove(&self, hash: Hash) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            match self.store.delete(&place(&hash)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

struct S3Upload {
    spooled: Spooled,
    store: Arc<AmazonS3>,
    sending: Arc<Semaphore>,
}

impl Upload for S3Upload {
    fn write(&mut self, part: Bytes) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(self.spooled.write(part))
    }

    fn keep(self: Box<Self>) -> BoxFuture<'static, io::Result<Hash>> {
        Box::pin(async move {
            let Self { spooled, store, sending } = *self;
            let (hash, unfinished) = spooled.finish().await?;
            let _turn = sending.acquire_owned().await.map_err(io::Error::other)?;
            send(&store, &place(&hash), &unfinished).await?;
            Ok(hash)
        })
    }
}

async fn send(store: &AmazonS3, place: &Path, unfinished: &Unfinished) -> io::Result<()> {
    let content = unfinished.read().await?;
    store.put(place, content.into()).await.map(drop).map_err(io::Error::from)
}

fn place(hash: &Hash) -> Path {
    Path::from(format!("receipts/{}", name(hash)))
}

#[cfg(test)]
mod tests;
