//! The socket under a session: its options, and the way to end it from outside.
//!
//! An actor whose client stopped reading is not polled at all: neither timers nor messages reach it. It is judged
//! from outside (its mailbox stays full) and ended through a second handle on its socket.

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;
use std::any::Any;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// What the kernel holds for a client that does not read, per socket.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// After this long without an acknowledgement the kernel gives the connection up by itself.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// Ends a connection from outside its actor.
#[derive(Clone, Debug)]
pub struct Killer(Arc<OwnedFd>);

impl Killer {
    pub fn kill(&self) {
        // The peer may be gone already: then there is nothing left to shut down.
        let _ = SockRef::from(&*self.0).shutdown(Shutdown::Both);
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
