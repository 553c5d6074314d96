//! What a session asks the edge. Identity, membership and catalogue facts are looked up there, once per command.

use bulq_domain::{Command, CommandId, Context, GroupId, RunId, UserId};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use uuid::Uuid;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who is at the other end of a socket.
#[derive(Clone, Debug)]
pub struct Who {
    pub user: UserId,
    pub name: Arc<str>,
    /// The login this socket hangs on: it closes with it.
    pub session: Uuid,
}

/// Why the edge does not let something through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateError {
    /// Unknown, or not yours to know.
    NotFound,
    Forbidden {
        code: &'static str,
        detail: String,
    },
    /// The database did not answer in time.
    Busy,
    /// They ask more often than anybody may.
    TooOften {
        retry_after_ms: u64,
    },
}

pub trait Gatekeeper: Send + Sync + 'static {
    /// May this person see the run: are they a member of its group now?
    fn admit<'a>(&'a self, who: &'a Who, run: RunId) -> BoxFuture<'a, Result<(), GateError>>;

    /// May this person see what happens in the group?
    fn admit_group<'a>(&'a self, who: &'a Who, group: GroupId) -> BoxFuture<'a, Result<(), GateError>>;

    /// What a command needs to be decided; from memory if everything is there. Counts the command if it answers.
    fn context_now(
        &self,
        who: &Who,
        run: RunId,
        command: &Command,
        command_id: Option<CommandId>,
    ) -> Option<Result<Context, GateError>>;

    /// The same, with whatever has to be asked.
    fn context<'a>(
        &'a self,
        who: &'a Who,
        run: RunId,
        command: &'a Command,
        command_id: Option<CommandId>,
    ) -> BoxFuture<'a, Result<Context, GateError>>;

    /// A group's snapshot as JSON.
    fn group_snapshot<'a>(&'a self, who: &'a Who, group: GroupId)
    -> BoxFuture<'a, Result<String, GateError>>;

    /// What waits for this person, as JSON.
    fn user_snapshot<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<String, GateError>>;
}
