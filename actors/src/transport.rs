//! The socket under a session: its options, and a second handle on it, to write past actix and to end it from outside.

mod incoming;
mod names;

pub use incoming::{Heads, Incoming};

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;
use std::any::Any;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// What the kernel holds for a client that does not read, per socket.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// After this long without an acknowledgement the kernel gives the connection up by itself.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// A second handle on a connection; actix holds the first.
#[derive(Clone, Debug)]
pub struct Killer(Arc<OwnedFd>);

impl Killer {
    pub fn kill(&self) {
        // The peer may be gone already: then there is nothing left to shut down.
        let _ = SockRef::from(&*self.0).shutdown(Shutdown::Both);
    }

    /// Nothing more is written; what comes is still read.
    pub(crate) fn finish(&self) {
        let _ = SockRef::from(&*self.0).shutdown(Shutdown::Write);
    }

    #[cfg(test)]
    pub(crate) fn of(socket: OwnedFd) -> Self {
        Self(Arc::new(socket))
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Writes as much as the kernel takes now.
    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        SockRef::from(&*self.0).send(bytes)
    }

    pub(crate) fn send_all(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        SockRef::from(&*self.0).send_vectored(slices)
    }

    /// Waits until the kernel takes bytes again.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        // A handle of its own, and only for now: most sockets never need one.
        let socket = std::net::TcpStream::from(self.0.try_clone()?);
        TcpStream::from_std(socket)?.writable().await
    }
}

/// For `HttpServer::on_connect`.
pub fn on_connect(io: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = io.downcast_ref::<TcpStream>() else { return };
    let socket = SockRef::from(stream);
    let options = [
        socket.set_send_buffer_size(SEND_BUFFER_BYTES),
        socket.set_tcp_nodelay(true),
        socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED)),
    ];
    if let Some(error) = options.into_iter().find_map(Result::err) {
        tracing::debug!(%error, "a socket option could not be set");
    }
    if let Ok(fd) = stream.as_fd().try_clone_to_owned() {
        extensions.insert(Killer(Arc::new(fd)));
    }
}
