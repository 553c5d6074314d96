//! Systems without io_uring.

use std::convert::Infallible;
use std::io;
use std::os::fd::BorrowedFd;
use std::vec::Drain;

/// Never made.
#[derive(Debug)]
pub struct SendMany {
    never: Infallible,
    results: Vec<io::Result<usize>>,
}

impl SendMany {
    /// # Errors
    /// Always.
    pub fn new(_: u32) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// See the Linux variant.
    pub fn send<P>(
        &mut self,
        _: &[P],
        _: impl Fn(&P) -> (BorrowedFd<'_>, &[u8]),
    ) -> Drain<'_, io::Result<usize>> {
        self.results.drain(..)
    }

    #[must_use]
    pub fn works(&self) -> bool {
        match self.never {}
    }
}
