//! The socket as actix reads it, but for heads it cannot bear: actix-http (seen in 3.20) panics on a header whose name is
//! longer than `http` takes. Such a connection ends here, before its head is complete.

use super::names::Names;
use actix_web::rt::net::TcpStream;
use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub struct Incoming {
    stream: TcpStream,
    names: Names,
    heads: Heads,
}

/// Whether heads may still come. On a live connection none does, and its frames are not looked at.
#[derive(Clone, Debug)]
pub struct Heads(Rc<Cell<bool>>);

impl Heads {
    pub(crate) fn end(&self) {
        self.0.set(false);
    }
}

impl Incoming {
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, names: Names::default(), heads: Heads(Rc::new(Cell::new(true))) }
    }

    #[must_use]
    pub const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    #[must_use]
    pub const fn heads(&self) -> &Heads {
        &self.heads
    }
}

impl AsyncRead for Incoming {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if self.heads.0.get() && self.names.complete_one_too_long(&buffer.filled()[before..]) {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a header's name is too long",
            )));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Incoming {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
