//! The connection that writes to SQLite, and what keeps its write-ahead log short.
//!
//! Not a pool: a pool asks a connection whether it is well each time it is given back, which is a second trip to its thread for
//! each commit.
//!
//! SQLite by itself copies the log into the database within the commit that makes it long, and everybody waits for that. Here it is
//! copied beside the commits, over a reader's connection. For the log to begin anew nothing may be left to copy: when it has grown
//! long, the writer is held for the little that was written meanwhile.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};
use tokio::task::AbortHandle;

/// From a write until what it and those behind it wrote is copied.
const PAUSE: Duration = Duration::from_secs(1);
/// Pages of a log that is to begin anew.
const LONG: i64 = 4096;
/// Pages at which a commit copies the log itself after all.
const LONGEST: i64 = 4 * LONG;

/// Cheap to clone; all clones share the connection. Whoever waits for it gets it in turn.
#[derive(Clone, Debug)]
pub(crate) struct Writer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: SqliteConnectOptions,
    /// How long to wait for whoever has the connection.
    patience: Duration,
    place: Arc<Mutex<Place>>,
    written: Arc<Notify>,
    copying: AbortHandle,
}

#[derive(Debug, Default)]
struct Place {
    connection: Option<SqliteConnection>,
    /// A transaction was left open on it.
    unfinished: bool,
    closed: bool,
}

/// The connection, nobody else's until this is dropped.
#[derive(Debug)]
pub(crate) struct Writing(OwnedMutexGuard<Place>);

/// A transaction that writes; dropped, it is rolled back.
#[derive(Debug)]
pub(crate) struct WriteTx {
    writing: Option<Writing>,
    writer: Writer,
}

impl Writer {
    /// `readers` are connections to the same file.
    pub(super) fn new(options: &SqliteConnectOptions, patience: Duration, readers: SqlitePool) -> Self {
        let options = options.clone().pragma("wal_autocheckpoint", LONGEST.to_string());
        let written = Arc::<Notify>::default();
        let inner = Arc::new_cyclic(|inner: &Weak<Inner>| {
            let copying = tokio::spawn(keep_short(inner.clone(), written.clone(), readers)).abort_handle();
            Inner { options, patience, place: Arc::default(), written, copying }
        });
        Self(inner)
    }

    /// The connection; what somebody left unfinished on it is rolled back.
    ///
    /// # Errors
    /// If others keep it for too long, or it cannot be opened; nothing was sent then.
    pub(crate) async fn take(&self) -> Result<Writing, sqlx::Error> {
        self.0.written.notify_one();
        self.lock().await
    }

    async fn lock(&self) -> Result<Writing, sqlx::Error> {
        let locking = tokio::time::timeout(self.0.patience, self.0.place.clone().lock_owned());
        let place = locking.await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        if place.closed {
            return Err(sqlx::Error::PoolClosed);
        }
        let mut writing = Writing(place);
        writing.settle().await;
        if writing.0.connection.is_none() {
            writing.0.connection = Some(self.0.options.connect().await?);
        }
        Ok(writing)
    }

    /// It holds the right to write from the start.
    pub(crate) async fn begin(&self) -> Result<WriteTx, sqlx::Error> {
        let mut writing = self.take().await?;
        let begun = sqlx::query("begin immediate").execute(writing.unfinished()).await;
        if let Err(error) = begun {
            writing.settle().await;
            return Err(error);
        }
        Ok(WriteTx { writing: Some(writing), writer: self.clone() })
    }

    pub(super) async fn close(&self) {
        let mut place = self.0.place.lock().await;
        place.closed = true;
        if let Some(connection) = place.connection.take() {
            // Everything is on the disk; the copy that closing makes can be made when the file is opened again.
            let _ = connection.close().await;
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.copying.abort();
    }
}

impl Writing {
    pub(crate) fn get(&mut self) -> &mut SqliteConnection {
        self.0.connection.as_mut().expect("whoever takes the connection finds it or connects")
    }

    /// For a transaction: until it is [`finished`](Self::finished), whoever comes next rolls it back.
    pub(crate) fn unfinished(&mut self) -> &mut SqliteConnection {
        self.0.unfinished = true;
        self.get()
    }

    pub(crate) fn finished(&mut self) {
        self.0.unfinished = false;
    }

    /// Rolls back what is unfinished. A connection that cannot do that is given up.
    pub(crate) async fn settle(&mut self) {
        let Place { connection: Some(connection), unfinished: true, .. } = &mut *self.0 else { return };
        let undone = sqlx::query("rollback").execute(connection).await;
        // SQLite itself says that there is nothing to undo.
        if undone.is_err_and(|error| error.as_database_error().is_none()) {
            self.0.connection = None;
        }
        self.finished();
    }
}

impl WriteTx {
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        let Some(mut writing) = self.writing.take() else { return Ok(()) };
        let done = sqlx::query("commit").execute(writing.get()).await;
        match done {
            Ok(_) => writing.finished(),
            Err(_) => writing.settle().await,
        }
        done.map(drop)
    }

    pub(crate) async fn rollback(mut self) {
        if let Some(mut writing) = self.writing.take() {
            writing.settle().await;
        }
    }
}

impl Deref for WriteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        let connection = self.writing.as_ref().and_then(|writing| writing.0.connection.as_ref());
        connection.expect("it has its connection until it ends")
    }
}

impl DerefMut for WriteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.writing.as_mut().expect("it has its connection until it ends").get()
    }
}

impl Drop for WriteTx {
    fn drop(&mut self) {
        if self.writing.take().is_some()
            && let Ok(runtime) = Handle::try_current()
        {
            // Whoever comes next would roll it back; until somebody comes, other processes could not write.
            let writer = self.writer.clone();
            runtime.spawn(async move { writer.lock().await.map(drop) });
        }
    }
}

async fn keep_short(writer: Weak<Inner>, written: Arc<Notify>, readers: SqlitePool) {
    loop {
        written.notified().await;
        tokio::time::sleep(PAUSE).await;
        let Some(inner) = writer.upgrade() else { return };
        match copy(&Writer(inner), &readers).await {
            Ok(()) | Err(sqlx::Error::PoolClosed | sqlx::Error::PoolTimedOut) => {}
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be copied into the database"),
        }
    }
}

/// Copies what the log holds into the database. Takes nobody's turn before the log is long.
async fn copy(writer: &Writer, readers: &SqlitePool) -> Result<(), sqlx::Error> {
    if checkpoint(&mut *readers.acquire().await?).await? < LONG {
        return Ok(());
    }
    let mut writing = writer.lock().await?;
    checkpoint(writing.get()).await.map(drop)
}

/// As far as nobody has to wait for it. How many pages the log has.
async fn checkpoint(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let (_, pages, _): (i64, i64, i64) =
        sqlx::query_as("pragma wal_checkpoint(passive)").fetch_one(connection).await?;
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulq_testkit::{Kind, TestDatabase};
    use sqlx::AssertSqlSafe;
    use sqlx::sqlite::SqliteJournalMode;

    struct Bench {
        writer: Writer,
        readers: SqlitePool,
        _database: TestDatabase,
    }

    async fn bench() -> Bench {
        let database = bulq_testkit::database(Kind::Sqlite).await;
        let options: SqliteConnectOptions = database.url().parse().unwrap();
        let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        let readers = SqlitePool::connect_lazy_with(options.clone());
        let writer = Writer::new(&options, Duration::from_millis(100), readers.clone());
        run(&writer, "create table words (word text)").await;
        Bench { writer, readers, _database: database }
    }

    async fn run(writer: &Writer, sql: &str) {
        let mut writing = writer.take().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(writing.get()).await.unwrap();
    }

    async fn words(bench: &Bench) -> i64 {
        sqlx::query_scalar("select count(*) from words").fetch_one(&bench.readers).await.unwrap()
    }

    /// Pages of the log, and how many of them are in the database.
    async fn log(bench: &Bench) -> (i64, i64) {
        let row: (i64, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(noop)").fetch_one(&bench.readers).await.unwrap();
        (row.1, row.2)
    }

    #[tokio::test]
    async fn a_transaction_is_written_when_it_is_committed_and_not_when_it_is_dropped() {
        let bench = bench().await;
        for _ in 0..2 {
            let mut tx = bench.writer.begin().await.unwrap();
            sqlx::query("insert into words values ('lost')").execute(&mut *tx).await.unwrap();
            drop(tx);
        }
        let mut tx = bench.writer.begin().await.unwrap();
        sqlx::query("insert into words values ('lost too')").execute(&mut *tx).await.unwrap();
        tx.rollback().await;
        let mut tx = bench.writer.begin().await.unwrap();
        sqlx::query("insert into words values ('kept')").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();

        assert_eq!(words(&bench).await, 1);
    }

    #[tokio::test]
    async fn what_is_left_in_the_middle_is_undone_for_whoever_comes_next() {
        let bench = bench().await;
        let mut writing = bench.writer.take().await.unwrap();
        let sql = "begin immediate; insert into words values ('half')";
        sqlx::raw_sql(sql).execute(writing.unfinished()).await.unwrap();
        drop(writing);

        run(&bench.writer, "insert into words values ('whole')").await;

        assert_eq!(words(&bench).await, 1);
    }

    #[tokio::test]
    async fn others_wait_for_it_but_not_for_ever() {
        let bench = bench().await;
        let writing = bench.writer.take().await.unwrap();

        let late = bench.writer.take().await;
        assert!(matches!(late, Err(sqlx::Error::PoolTimedOut)), "{late:?}");
        drop(writing);

        assert!(bench.writer.take().await.is_ok());
        bench.writer.close().await;
        let closed = bench.writer.take().await;
        assert!(matches!(closed, Err(sqlx::Error::PoolClosed)), "{closed:?}");
    }

    #[tokio::test]
    async fn a_short_log_is_copied_while_somebody_writes_and_a_long_one_begins_anew() {
        let bench = bench().await;
        let mut writing = bench.writer.take().await.unwrap();
        let sql = "insert into words values ('seen'); begin immediate; insert into words values ('not yet')";
        sqlx::raw_sql(sql).execute(writing.unfinished()).await.unwrap();
        assert_eq!(log(&bench).await.1, 0, "nobody has copied it yet");

        copy(&bench.writer, &bench.readers).await.unwrap();

        let (pages, copied) = log(&bench).await;
        assert!(pages > 0 && copied == pages, "{copied} of {pages}");
        drop(writing);

        for _ in 0..LONG / 1000 + 1 {
            run(&bench.writer, &format!("insert into words values (zeroblob({}))", 1000 * 4096)).await;
        }
        assert!(log(&bench).await.0 > LONG);
        copy(&bench.writer, &bench.readers).await.unwrap();
        run(&bench.writer, "insert into words values ('at its beginning')").await;

        let (pages, _) = log(&bench).await;
        assert!(pages < 10, "{pages} pages");
    }
}
