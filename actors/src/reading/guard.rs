//! Looks at a client's bytes as they come: a frame that is too big ends the connection with its head, a text that is no
//! UTF-8 with its first wrong byte. Hands on no more than is heard, so that a pause begins soon.

use super::{Fault, MESSAGE_BYTES, Notes};
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::time::{Sleep, sleep_until};

/// What is handed on at once, in bytes: some twenty commands.
const PIECE_BYTES: usize = 4 * 1024;
/// Of a control frame (RFC 6455, 5.5).
const CONTROL_BYTES: u64 = 125;

/// The same bytes, until one is wrong: then it ends within that frame, so that what came before is still decoded. The decoder
/// takes all it can get before it looks at the first frame; from here it gets a piece, and the next when that was heard.
#[derive(Debug)]
pub struct Guard<S> {
    stream: S,
    notes: Rc<Notes>,
    pause: Option<Pin<Box<Sleep>>>,
    /// Read and not yet handed on.
    rest: Bytes,
    bytes: Bytewise,
}

impl<S> Guard<S> {
    pub(super) fn new(stream: S, notes: Rc<Notes>) -> Self {
        Self { stream, notes, pause: None, rest: Bytes::new(), bytes: Bytewise::default() }
    }

    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(until) = self.notes.paused_until.take() {
            self.pause = Some(Box::pin(sleep_until(until)));
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        Poll::Ready(())
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Guard<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.notes.fault.get().is_some() {
            return Poll::Ready(None);
        }
        if self.notes.unheard.get() > 0 {
            // The decoder has a frame to give instead, and asks again for the one after.
            return Poll::Pending;
        }
        ready!(self.poll_pause(cx));
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_next(cx)?) {
                Some(chunk) => self.rest = chunk,
                None => return Poll::Ready(None),
            }
        }
        let size = self.rest.len().min(PIECE_BYTES);
        let mut piece = self.rest.split_to(size);
        if let Err((fault, at)) = self.bytes.read(&piece) {
            self.notes.fault.set(Some(fault));
            piece.truncate(at);
        }
        let frames = std::mem::take(&mut self.bytes.frames);
        self.notes.unheard.set(frames);
        Poll::Ready(Some(Ok(piece)))
    }
}

/// Where in which frame the last byte was.
#[derive(Debug, Default)]
struct Bytewise {
    head: Vec<u8>,
    /// Of the frame's body.
    left: u64,
    /// Complete ones, since they were counted last.
    frames: usize,
    at: usize,
    is_last: bool,
    /// What the frame's body belongs to: text, and if so, with its end.
    in_text: bool,
    message_is_text: bool,
    message_bytes: u64,
    /// The begin of a character whose rest is in the next piece.
    begun: Vec<u8>,
}

impl Bytewise {
    /// What is wrong, and how many bytes before it are not.
    fn read(&mut self, chunk: &[u8]) -> Result<(), (Fault, usize)> {
        let mut at = 0;
        while at < chunk.len() {
            if self.left == 0 {
                self.head.push(chunk[at]);
                if self.head.len() == head_bytes(&self.head) {
                    self.begin().map_err(|fault| (fault, at))?;
                }
                at += 1;
            } else {
                let here = usize::try_from(self.left).map_or(chunk.len(), |left| chunk.len().min(at + left));
                self.body(&chunk[at..here]).map_err(|fault| (fault, at))?;
                at = here;
            }
        }
        Ok(())
    }

    /// The head is complete.
    fn begin(&mut self) -> Result<(), Fault> {
        let (opcode, is_control) = (self.head[0] & 0x0f, self.head[0] & 0x08 != 0);
        self.is_last = self.head[0] & 0x80 != 0;
        self.left = body_bytes(&self.head);
        self.at = 0;
        if is_control {
            self.in_text = false;
            return if self.left > CONTROL_BYTES { Err(Fault::LongControl) } else { self.end_if_done() };
        }
        if opcode != 0 {
            self.message_is_text = opcode == 1;
            self.message_bytes = 0;
            self.begun.clear();
        }
        self.in_text = self.message_is_text;
        self.message_bytes = self.message_bytes.saturating_add(self.left);
        if self.message_bytes > MESSAGE_BYTES as u64 {
            return Err(Fault::TooBig);
        }
        self.end_if_done()
    }

    fn body(&mut self, piece: &[u8]) -> Result<(), Fault> {
        if self.in_text {
            let mut text = std::mem::take(&mut self.begun);
            text.extend((self.at..).zip(piece).map(|(at, byte)| byte ^ mask(&self.head, at)));
            self.begun = rest(text).ok_or(Fault::NotUtf8)?;
        }
        self.at += piece.len();
        self.left -= piece.len() as u64;
        self.end_if_done()
    }

    fn end_if_done(&mut self) -> Result<(), Fault> {
        if self.left > 0 {
            return Ok(());
        }
        self.head.clear();
        self.frames += 1;
        if self.in_text && self.is_last && !self.begun.is_empty() { Err(Fault::NotUtf8) } else { Ok(()) }
    }
}

/// Of the whole head, as far as can be told.
fn head_bytes(head: &[u8]) -> usize {
    let Some(second) = head.get(1) else { return 2 };
    let length = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    2 + length + if second & 0x80 != 0 { 4 } else { 0 }
}

fn body_bytes(head: &[u8]) -> u64 {
    let whole = |bytes: &[u8]| bytes.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
    match head[1] & 0x7f {
        126 => whole(&head[2..4]),
        127 => whole(&head[2..10]),
        short => u64::from(short),
    }
}

fn mask(head: &[u8], at: usize) -> u8 {
    let is_masked = head[1] & 0x80 != 0;
    if is_masked { head[head.len() - 4 + at % 4] } else { 0 }
}

/// The character that `text` ends within; none if it cannot become UTF-8.
fn rest(mut text: Vec<u8>) -> Option<Vec<u8>> {
    match std::str::from_utf8(&text) {
        Ok(_) => text.clear(),
        Err(error) if error.error_len().is_none() => drop(text.drain(..error.valid_up_to())),
        Err(_) => return None,
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::super::Reading;
    use super::*;
    use actix_web_actors::ws::Message;
    use futures_util::stream;
    use std::task::Waker;
    use std::time::Duration;

    /// A masked frame.
    fn frame(first: u8, body: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        match body.len() {
            short if short < 126 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend((long as u16).to_be_bytes());
            }
        }
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        frame.extend(mask);
        frame.extend(body.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    /// Frames of one byte each, all of them there; with what hears them.
    fn texts(count: usize) -> (Guard<impl Stream<Item = Result<Bytes, PayloadError>> + Unpin>, Reading) {
        let all = frame(0x81, b"x").repeat(count);
        Reading::new(stream::iter([Ok(Bytes::from(all))]))
    }

    /// How many of them are handed on now.
    fn handed_on(guard: &mut (impl Stream<Item = Result<Bytes, PayloadError>> + Unpin)) -> usize {
        let mut cx = Context::from_waker(Waker::noop());
        let mut bytes = 0;
        while let Poll::Ready(Some(piece)) = Pin::new(&mut *guard).poll_next(&mut cx) {
            bytes += piece.unwrap().len();
        }
        bytes / frame(0x81, b"x").len()
    }

    fn hear(reading: &mut Reading, frames: usize) {
        for _ in 0..frames {
            reading.heard(Ok(Message::Nop));
        }
    }

    #[test]
    fn a_piece_is_handed_on_when_the_one_before_was_heard() {
        let (mut guard, mut reading) = texts(2000);

        let first = handed_on(&mut guard);
        hear(&mut reading, first - 1);
        let early = handed_on(&mut guard);
        hear(&mut reading, 1);
        let second = handed_on(&mut guard);

        assert!((1..1000).contains(&first), "{first} at once");
        assert_eq!(early, 0, "one of them is not heard yet");
        assert!(second > 0);
    }

    #[tokio::test]
    async fn nothing_is_handed_on_in_a_pause() {
        let (mut guard, mut reading) = texts(2000);
        let first = handed_on(&mut guard);
        reading.pause(Duration::from_hours(1));
        hear(&mut reading, first);
        assert_eq!(handed_on(&mut guard), 0);

        reading.pause(Duration::from_millis(1));
        let mut behind_it = 0;
        while behind_it == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            behind_it = handed_on(&mut guard);
        }

        assert_eq!(behind_it, first, "as much as before");
    }

    /// What is found, and how much of `bytes` is let through, when they come `size` at a time.
    fn read(bytes: &[u8], size: usize) -> (Option<Fault>, usize) {
        let mut reader = Bytewise::default();
        for (n, chunk) in bytes.chunks(size).enumerate() {
            if let Err((fault, at)) = reader.read(chunk) {
                return (Some(fault), n * size + at);
            }
        }
        (None, bytes.len())
    }

    #[test]
    fn what_is_good_passes_in_pieces_of_any_size() {
        let parts = ["κόσμε".as_bytes(), "\u{10ffff}\u{0}".as_bytes()].concat();
        let stream = [
            frame(0x81, b""),
            frame(0x01, &parts[..3]),
            frame(0x89, &[0xff; 125]),
            frame(0x00, b""),
            frame(0x80, &parts[3..]),
            frame(0x82, &[0xff; 300]),
            frame(0x81, &vec![b'x'; 60_000]),
            frame(0x88, &[0x03, 0xe8]),
        ]
        .concat();

        for size in [1, 2, 3, 7, 1000, stream.len()] {
            assert_eq!(read(&stream, size), (None, stream.len()), "{size}");
        }
    }

    #[test]
    fn a_wrong_byte_is_found_where_it_is_and_its_frame_does_not_pass() {
        let good = frame(0x81, b"good");
        let cases: [(&str, Vec<u8>, Fault); 8] = [
            ("a surrogate", frame(0x81, b"ok \xed\xa0\x80 ok"), Fault::NotUtf8),
            ("beyond Unicode, before its end", frame(0x81, b"\xf4\x90\x80\x80"), Fault::NotUtf8),
            ("overlong", frame(0x81, b"\xc0\xaf"), Fault::NotUtf8),
            ("cut at the end", frame(0x81, b"\xe2\x82"), Fault::NotUtf8),
            (
                "cut, with an empty last part",
                [frame(0x01, b"\xe2"), frame(0x80, b"")].concat(),
                Fault::NotUtf8,
            ),
            (
                "wrong in the second part",
                [frame(0x01, b"\xe2"), frame(0x00, b"\x28")].concat(),
                Fault::NotUtf8,
            ),
            ("too big", [&[0x81, 0xff][..], &65_537u64.to_be_bytes(), &[0; 4]].concat(), Fault::TooBig),
            (
                "a control frame of a gigabyte",
                [&[0x89, 0xff][..], &(1u64 << 30).to_be_bytes(), &[0; 4]].concat(),
                Fault::LongControl,
            ),
        ];

        for (name, wrong, fault) in cases {
            let stream = [&good[..], &wrong].concat();
            for size in [1, 2, 5, stream.len()] {
                let (found, passed) = read(&stream, size);
                assert_eq!(found, Some(fault), "{name}, {size} at a time");
                assert!(passed >= good.len() && passed < stream.len(), "{name}, {size} at a time: {passed}");
            }
        }
    }

    #[test]
    fn parts_add_up_to_a_message_that_is_too_big() {
        let part = |first| frame(first, &vec![b'x'; 40_000]);
        let stream = [part(0x01), frame(0x89, b""), part(0x80)].concat();

        let (found, passed) = read(&stream, 1000);

        assert_eq!(found, Some(Fault::TooBig));
        assert!((40_008..40_100).contains(&passed), "{passed}");
    }

    #[test]
    fn a_length_of_all_ones_is_too_big() {
        let stream = [&[0x82, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4], &[1; 100]].concat();

        assert_eq!(read(&stream, 200), (Some(Fault::TooBig), 13));
    }
}
