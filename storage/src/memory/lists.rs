//! Lists that are read often and change seldom.
//!
//! Every list belongs to a shelf. The pages of a shelf are kept under a mark that is replaced when anything on the shelf
//! changes: a reader who took the old page out of the database a moment before the change puts it under the old mark, where
//! nobody looks any more.

use super::Memory;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long a page is believed.
const LIFE: Duration = Duration::from_secs(30);
/// A mark outlives every page under it.
const MARK_LIFE: Duration = Duration::from_secs(120);

/// Cheap to clone.
#[derive(Clone)]
pub struct Lists {
    memory: Arc<dyn Memory>,
    began: Instant,
    /// Until when (in ms since `began`) no page is believed: a change could not be made known.
    distrusted: Arc<AtomicU64>,
}

/// Where a page that was not there is to be put.
#[derive(Debug)]
pub struct Place(Option<String>);

impl Lists {
    #[must_use]
    pub fn new(memory: Arc<dyn Memory>) -> Self {
        Self { memory, began: Instant::now(), distrusted: Arc::default() }
    }

    /// The page, or the place to put it at once it was read. The place has to be asked for before the database is.
    pub async fn get(&self, shelf: &str, page: &str) -> Result<Vec<u8>, Place> {
        if self.now() < self.distrusted.load(Ordering::Acquire) {
            return Err(Place(None));
        }
        let key = format!("mark:{shelf}");
        let new = Uuid::new_v4().simple().to_string().into_bytes();
        let Ok(mark) = self.memory.put_new(&key, new, MARK_LIFE).await else { return Err(Place(None)) };
        let place = format!("list:{shelf}:{}:{page}", String::from_utf8_lossy(&mark));
        match self.memory.get(&place).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(Place(Some(place))),
            Err(_) => Err(Place(None)),
        }
    }

    pub async fn put(&self, place: Place, page: Vec<u8>) {
        if let Place(Some(key)) = place {
            // Away: then the next reader asks the database too.
            let _ = self.memory.put(&key, page, LIFE).await;
        }
    }

    /// To be called when something on the shelf has changed in the database.
    pub async fn changed(&self, shelf: &str) {
        let key = format!("mark:{shelf}");
        let new = Uuid::new_v4().simple().to_string().into_bytes();
        if self.memory.put(&key, new, MARK_LIFE).await.is_err() {
            let until = self.now() + u64::try_from(MARK_LIFE.as_millis()).unwrap_or(u64::MAX);
            self.distrusted.fetch_max(until, Ordering::AcqRel);
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
