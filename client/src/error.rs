//! What can go wrong between a client and a server.

use bulq_protocol::Problem;

/// Why there is no answer of the expected kind.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server said no, and why.
    #[error("{} {}: {}", .0.status, .0.code, .0.detail)]
    Problem(Box<Problem>),
    /// No answer: the server could not be reached, or the connection broke.
    #[error("no answer: {0}")]
    Transport(Box<dyn std::error::Error + Send + Sync>),
    /// There was an answer, but not one this SDK understands.
    #[error("not understood: {0}")]
    Protocol(String),
    /// The live connection was closed by the server; 1006 if it just broke.
    #[error("the live connection was closed with {code}: {reason}")]
    Closed { code: u16, reason: String },
    /// Nothing of this run is shown to this person any more, or it never was.
    #[error("the run is not shown any more: {reason}")]
    Ended { reason: String },
    /// This needs a login, and there was none.
    #[error("log in first")]
    NotLoggedIn,
}

impl ClientError {
    /// The status of a [`ClientError::Problem`].
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// The code of a [`ClientError::Problem`].
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }

    pub(crate) fn transport(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Transport(Box::new(error))
    }
}
