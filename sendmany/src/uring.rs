//! The Linux variant.

use io_uring::{IoUring, opcode, squeue, types};
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::vec::Drain;

/// A ring of one thread.
pub struct SendMany {
    /// None once the kernel has failed in a way that leaves doubt about what it took.
    ring: Option<IoUring>,
    most: usize,
    results: Vec<io::Result<usize>>,
}

impl SendMany {
    /// Takes up to `most` sends at once, which the kernel rounds up to a power of two. To be used by the thread that makes it.
    ///
    /// # Errors
    /// There is no io_uring here, or not for us.
    pub fn new(most: u32) -> io::Result<Self> {
        let ring = IoUring::builder()
            .dontfork()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_submit_all()
            .build(most)?;
        let most = ring.params().sq_entries() as usize;
        Ok(Self { ring: Some(ring), most, results: Vec::new() })
    }

    /// Sends to each socket its bytes, as much as the kernel takes now; what came of each, in their order. Each socket may be
    /// there once.
    ///
    /// `WouldBlock`: it takes nothing now. `ConnectionAborted`: it is not known how much was sent, and this ring sends nothing
    /// any more.
    pub fn send<P>(
        &mut self,
        parts: &[P],
        part: impl Fn(&P) -> (BorrowedFd<'_>, &[u8]),
    ) -> Drain<'_, io::Result<usize>> {
        self.results.clear();
        self.results.extend(parts.iter().map(|_| Err(in_doubt())));
        for (parts, results) in parts.chunks(self.most).zip(self.results.chunks_mut(self.most)) {
            // Put back only when nothing is under way: a ring that is dropped submits nothing.
            let Some(mut ring) = self.ring.take() else { break };
            if submit(&mut ring, parts.iter().map(&part)).is_ok() && complete(&mut ring, results).is_ok() {
                self.ring = Some(ring);
            }
        }
        self.results.drain(..)
    }

    /// Whether it still sends.
    #[must_use]
    pub fn works(&self) -> bool {
        self.ring.is_some()
    }
}

fn in_doubt() -> io::Error {
    ErrorKind::ConnectionAborted.into()
}

/// Puts every part into the ring. Nothing is sent yet.
fn submit<'a>(ring: &mut IoUring, parts: impl Iterator<Item = (BorrowedFd<'a>, &'a [u8])>) -> io::Result<()> {
    let mut queue = ring.submission();
    for (n, (socket, bytes)) in parts.enumerate() {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let entry = opcode::Send::new(types::Fd(socket.as_raw_fd()), bytes.as_ptr(), length)
            .flags(libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT)
            .build()
            .user_data(n as u64);
        push(&mut queue, &entry)?;
    }
    Ok(())
}

#[expect(unsafe_code, reason = "the ring takes raw pointers")]
fn push(queue: &mut squeue::SubmissionQueue<'_>, entry: &squeue::Entry) -> io::Result<()> {
    // SAFETY: socket and bytes of the entry are borrowed by the caller of `SendMany::send`, which does not return before the
    // kernel is done with them: either every entry has its completion, or the ring is dropped, and with it what was not
    // submitted. With `MSG_DONTWAIT` an entry is done when the call that submits it returns.
    unsafe { queue.push(entry) }.map_err(|_| ErrorKind::QuotaExceeded.into())
}

/// Has all of them sent and notes what came of each.
fn complete(ring: &mut IoUring, results: &mut [io::Result<usize>]) -> io::Result<()> {
    let mut open = results.len();
    while open > 0 {
        match ring.submit_and_wait(open) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        for completion in ring.completion() {
            let n = usize::try_from(completion.user_data()).unwrap_or(usize::MAX);
            if let Some(result) = results.get_mut(n) {
                *result = usize::try_from(completion.result())
                    .map_err(|_| io::Error::from_raw_os_error(-completion.result()));
                open -= 1;
            }
        }
    }
    Ok(())
}
