//! A run on a screen: connects, folds, reconnects, resumes.

mod driver;
mod record;

pub use record::Heard;

use crate::backoff::Backoff;
use crate::{Client, ClientError, Outcome, commands};
use bulq_domain::{Command, CommandId, RunId, Seq, UserId};
use bulq_protocol::RunView;
use bulq_protocol::wire::EventEnvelope;
use driver::{Driver, Request};
use record::Record;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot, watch};

/// How many requests wait for the task that owns the socket; further ones wait with the caller.
const REQUESTS: usize = 64;

/// A run that keeps itself up to date. Clones are cheap and show the same run; the last one dropped ends it.
#[derive(Clone, Debug)]
pub struct LiveRun {
    user: UserId,
    picture: watch::Receiver<Picture>,
    record: Arc<Mutex<Record>>,
    requests: mpsc::Sender<Request>,
    _task: Arc<Task>,
}

/// What there is to see now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    pub(crate) view: Option<Arc<RunView>>,
    pub(crate) status: Status,
}

/// How current the view is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not connected, or not subscribed yet: the view is as old as the connection's end.
    #[default]
    Connecting,
    /// Every event is folded as soon as it is durable.
    Live,
    /// Nothing will come any more; commands are still taken if the connection stands.
    Ended { reason: String },
}

#[derive(Debug)]
struct Task(tokio::task::JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl LiveRun {
    /// Opens a live connection of its own and waits for the first snapshot.
    ///
    /// # Errors
    /// [`ClientError::NotLoggedIn`]; [`ClientError::Ended`] if the run is not this person's to see, or the login is
    /// no good.
    pub async fn open(client: &Client, run: RunId) -> Result<Self, ClientError> {
        let user = client.user_id()?;
        let (picture_out, picture) = watch::channel(Picture::default());
        let (requests, requests_in) = mpsc::channel(REQUESTS);
        let record = Arc::new(Mutex::new(Record::default()));
        let driver = Driver::new(client.clone(), run, picture_out, record.clone(), requests_in);
        let task = Arc::new(Task(tokio::spawn(driver.drive())));
        let live = Self { user, picture, record, requests, _task: task };
        live.wait_for(|_| true).await?;
        Ok(live)
    }

    /// Whose screen this is.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user
    }

    /// The run as it is here now. `viewer` is that of the last snapshot: events are the same for everybody.
    ///
    /// # Panics
    /// Never: there is a view once [`LiveRun::open`] has returned.
    #[must_use]
    pub fn view(&self) -> Arc<RunView> {
        self.picture.borrow().view.clone().expect("`open` waits for the first view")
    }

    #[must_use]
    pub fn seq(&self) -> Seq {
        self.view().seq
    }

    #[must_use]
    pub fn status(&self) -> Status {
        self.picture.borrow().status.clone()
    }

    /// Waits until the view is as wanted, and returns it.
    ///
    /// # Errors
    /// [`ClientError::Ended`] if it never will be, because nothing comes any more.
    pub async fn wait_for(
        &self,
        mut wanted: impl FnMut(&RunView) -> bool,
    ) -> Result<Arc<RunView>, ClientError> {
        let good = |picture: &Picture| {
            let fits = picture.view.as_deref().is_some_and(&mut wanted);
            fits || matches!(picture.status, Status::Ended { .. })
        };
        let picture = self.wait(good).await?;
        match (&picture.status, &picture.view) {
            (Status::Ended { reason }, view) if !view.as_deref().is_some_and(wanted) => {
                Err(ClientError::Ended { reason: reason.clone() })
            }
            (_, Some(view)) => Ok(view.clone()),
            (_, None) => Err(ClientError::Ended { reason: "no view".to_owned() }),
        }
    }

    /// Waits until the view holds `seq`: after a command one's own writes can be read.
    ///
    /// # Errors
    /// As [`LiveRun::wait_for`].
    pub async fn wait_for_seq(&self, seq: Seq) -> Result<Arc<RunView>, ClientError> {
        self.wait_for(|view| view.seq >= seq).await
    }

    /// Waits until the status is as wanted.
    ///
    /// # Errors
    /// [`ClientError::Ended`] if the task is gone.
    pub async fn wait_for_status(
        &self,
        mut wanted: impl FnMut(&Status) -> bool,
    ) -> Result<Status, ClientError> {
        Ok(self.wait(|picture| wanted(&picture.status)).await?.status)
    }

    async fn wait(&self, good: impl FnMut(&Picture) -> bool) -> Result<Picture, ClientError> {
        let mut picture = self.picture.clone();
        let seen = picture.wait_for(good).await.map(|seen| seen.clone());
        seen.map_err(|_| ClientError::Ended { reason: "the live run was closed".to_owned() })
    }

    /// Every event received so far, each once, in order; the oldest are dropped beyond [`Heard::MAX`] entries.
    #[must_use]
    pub fn events(&self) -> Vec<Arc<EventEnvelope>> {
        self.record().events()
    }

    /// Events and snapshots received so far, in order; bounded like [`LiveRun::events`].
    #[must_use]
    pub fn history(&self) -> Vec<Heard> {
        self.record().all()
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks something of the run, once, with a new id. Waits for a connection if there is none.
    pub async fn command(&self, command: Command) -> Outcome {
        self.command_with_id(commands::new_id(), command).await
    }

    /// Asks something of the run, once, with this id. [`Outcome::Unknown`] if the connection broke before the
    /// answer, or ended for good.
    pub async fn command_with_id(&self, id: CommandId, command: Command) -> Outcome {
        let (reply, answer) = oneshot::channel();
        if self.requests.send(Request::Command { id, command, reply }).await.is_err() {
            return Outcome::Unknown;
        }
        answer.await.unwrap_or(Outcome::Unknown)
    }

    /// As [`LiveRun::command`], and again with the same id while the outcome is unknown.
    /// It stays unknown only if the live run ended for good.
    pub async fn command_until_known(&self, command: Command) -> Outcome {
        self.command_with_id_until_known(commands::new_id(), command).await
    }

    /// As [`LiveRun::command_until_known`], with this id.
    pub async fn command_with_id_until_known(&self, id: CommandId, command: Command) -> Outcome {
        let mut backoff = Backoff::default();
        loop {
            match self.command_with_id(id, command.clone()).await {
                Outcome::Unknown if !self.requests.is_closed() => {
                    tokio::time::sleep(backoff.next_wait()).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Cuts the connection without a goodbye, as a tunnel would; it comes back by itself.
    pub async fn cut(&self) {
        let _ = self.requests.send(Request::Cut).await;
    }
}
