//! Sockets without a library: cheap enough that the generator is not what is measured.

use super::Failure;
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

const PATH: &str = "/api/v1/ws";
/// Read buffer, shared by all sockets of the thread: a socket keeps only what is left of an unfinished frame.
const SCRATCH: usize = 256 * 1024;

pub(super) type Scratch = Rc<RefCell<Vec<u8>>>;

pub(super) fn scratch() -> Scratch {
    Rc::new(RefCell::new(vec![0; SCRATCH]))
}

/// Opens a live connection.
pub(super) async fn connect(
    address: &str,
    token: &str,
    scratch: &Scratch,
) -> Result<(Receiver, OwnedWriteHalf), Failure> {
    connect_to(address, PATH, Some(token), scratch).await
}

/// Opens a WebSocket anywhere.
pub(super) async fn connect_to(
    address: &str,
    path: &str,
    token: Option<&str>,
    scratch: &Scratch,
) -> Result<(Receiver, OwnedWriteHalf), Failure> {
    shake_hands(TcpStream::connect(address).await?, address, path, token, scratch).await
}

/// Makes a live connection of this one.
pub(super) async fn upgrade(
    stream: TcpStream,
    address: &str,
    token: &str,
    scratch: &Scratch,
) -> Result<(Receiver, OwnedWriteHalf), Failure> {
    shake_hands(stream, address, PATH, Some(token), scratch).await
}

async fn shake_hands(
    mut stream: TcpStream,
    address: &str,
    path: &str,
    token: Option<&str>,
    scratch: &Scratch,
) -> Result<(Receiver, OwnedWriteHalf), Failure> {
    stream.set_nodelay(true)?;
    let login = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZCBsb2FkIGxvYWQgbA==\r\n{login}\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(1024);
    let end = loop {
        if let Some(at) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut answer).await? == 0 {
            return Err("the server hung up during the handshake".into());
        }
    };
    if !answer.starts_with(b"HTTP/1.1 101") {
        return Err(format!("no live connection: {}", String::from_utf8_lossy(&answer)).into());
    }
    let unfinished = answer.split_off(end);
    let (stream, out) = stream.into_split();
    Ok((Receiver { stream, unfinished, scratch: scratch.clone() }, out))
}

/// The receiving half of a live connection. Answers pings by itself.
pub(super) struct Receiver {
    stream: OwnedReadHalf,
    unfinished: Vec<u8>,
    scratch: Scratch,
}

impl Receiver {
    /// Waits for bytes and hands over the text frames in them; there may be none. Dropping the future loses nothing.
    pub(super) async fn read(
        &mut self,
        mut on_text: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        // What came together with the handshake may be whole frames already.
        if Frame::first(&self.unfinished).is_some() {
            let used = frames(&self.unfinished, &self.stream, &mut on_text)?;
            self.unfinished.drain(..used);
            return Ok(());
        }
        poll_fn(|cx| {
            let mut scratch = self.scratch.borrow_mut();
            let mut buffer = ReadBuf::new(&mut scratch);
            std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            let bytes = buffer.filled();
            if bytes.is_empty() {
                return Poll::Ready(Err(Failure::from("the server hung up")));
            }
            if self.unfinished.is_empty() {
                let used = frames(bytes, &self.stream, &mut on_text)?;
                self.unfinished.extend_from_slice(&bytes[used..]);
            } else {
                self.unfinished.extend_from_slice(bytes);
                let used = frames(&self.unfinished, &self.stream, &mut on_text)?;
                self.unfinished.drain(..used);
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Reads until `wanted` gives something.
    pub(super) async fn until<T>(
        &mut self,
        mut wanted: impl FnMut(&[u8]) -> Option<T>,
    ) -> Result<T, Failure> {
        loop {
            let mut found = None;
            self.read(|text| {
                found = found.take().or_else(|| wanted(text));
                Ok(())
            })
            .await?;
            if let Some(found) = found {
                return Ok(found);
            }
        }
    }
}

/// Hands over every whole text frame; returns how many bytes they took.
fn frames(
    bytes: &[u8],
    stream: &OwnedReadHalf,
    on_text: &mut impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<usize, Failure> {
    let mut at = 0;
    while let Some(frame) = Frame::first(&bytes[at..]) {
        at += frame.size;
        match frame.opcode {
            0x1 if frame.last => on_text(frame.payload)?,
            0x8 => return Err(closed(frame.payload)),
            0x9 => pong(stream, frame.payload)?,
            0xA => {}
            other => return Err(format!("a frame with opcode {other}, last: {}", frame.last).into()),
        }
    }
    Ok(at)
}

struct Frame<'a> {
    opcode: u8,
    last: bool,
    payload: &'a [u8],
    size: usize,
}

impl<'a> Frame<'a> {
    /// The frame `bytes` begin with, if it is all there. Servers do not mask.
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let (&first, &second) = (bytes.first()?, bytes.get(1)?);
        let (head, length) = match second & 0x7f {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
            short => (2, usize::from(short)),
        };
        let payload = bytes.get(head..head + length)?;
        Some(Self { opcode: first & 0x0f, last: first & 0x80 != 0, payload, size: head + length })
    }
}

fn closed(payload: &[u8]) -> Failure {
    let code = payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
    let reason = String::from_utf8_lossy(payload.get(2..).unwrap_or_default());
    format!("the server closed with {code} {reason}").into()
}

fn pong(stream: &OwnedReadHalf, payload: &[u8]) -> Result<(), Failure> {
    let mut frame = Vec::new();
    push_frame(&mut frame, 0xA, payload);
    match stream.as_ref().try_write(&frame) {
        Ok(_) => Ok(()),
        // Then the server has more urgent things to read than a pong.
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// Appends a text frame.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    push_frame(out, 0x1, text.as_bytes());
}

fn push_frame(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    out.push(0x80 | opcode);
    match payload.len() {
        short @ 0..126 => out.push(0x80 | short.to_le_bytes()[0]),
        medium @ 126..65_536 => {
            out.push(0x80 | 126);
            out.extend_from_slice(&medium.to_be_bytes()[size_of::<usize>() - 2..]);
        }
        long => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_whole_or_not_at_all() {
        let mut bytes = vec![0x81, 126, 1, 0];
        bytes.extend([b'x'; 256]);

        assert!((0..bytes.len()).all(|cut| Frame::first(&bytes[..cut]).is_none()));
        let frame = Frame::first(&bytes).unwrap();
        assert_eq!((frame.opcode, frame.last, frame.payload.len(), frame.size), (1, true, 256, 260));
    }

    #[test]
    fn what_is_sent_is_masked_and_says_its_length() {
        for length in [0usize, 5, 125, 126, 65_535, 65_536] {
            let mut out = Vec::new();
            push_text(&mut out, &"a".repeat(length));

            out[1] &= 0x7f;
            let head = out.len() - length;
            let frame = Frame::first(&out[..out.len() - 4]).unwrap();
            assert_eq!((frame.payload.len(), head), (length, frame.size - length + 4));
        }
    }
}
