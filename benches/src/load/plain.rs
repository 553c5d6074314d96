//! The same rooms on a server that keeps nothing and only passes frames on, to have something to compare with.
//!
//! It understands `{"type":"join","room":…}`, answers `{"type":"joined"}`, and sends every `{"type":"pub","room":…}`
//! on to the whole room, byte for byte.

use super::args::{Plain, Scenario};
use super::fanout::Room;
use super::meter::Round;
use super::pace::Due;
use super::report::Report;
use super::wire::{self, Receiver, Scratch};
use super::{Failure, affordable, say};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::rc::Rc;
use std::time::Instant;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

const HANDSHAKES_AT_ONCE: usize = 64;
const SEQ: &[u8] = b"\"seq\":";

type Connection = (Receiver, OwnedWriteHalf);

struct Publisher {
    number: usize,
    /// How many share the rooms.
    of: usize,
    options: Plain,
    rooms: Rc<Vec<Rc<Room>>>,
    due: Rc<Due>,
    filler: String,
}

pub(super) async fn play(options: &Plain, round: &Round<'_>) -> Result<Report, Failure> {
    let tally = &round.tally;
    let (scratch, begin) = (wire::scratch(), Instant::now());
    let rooms = (affordable(options.rooms * options.screens, &[]) / options.screens.max(1)).max(1);
    let address = round.server.address();
    let join = |i: usize| join(address, &scratch, i % rooms);
    let screens: Vec<_> =
        stream::iter(0..rooms * options.screens).map(join).buffered(HANDSHAKES_AT_ONCE).try_collect().await?;
    say(&format!("{} sockets joined in {:.1} s", screens.len(), begin.elapsed().as_secs_f64()));
    let one = |_| Rc::new(Room::new(options.screens, 0, tally.clone()));
    let all: Rc<Vec<_>> = Rc::new((0..rooms).map(one).collect());
    for (i, screen) in screens.into_iter().enumerate() {
        tally.spawn(watch(screen, all[i % rooms].clone()));
    }
    let dues = Due::for_senders(options.publishers.max(1), options.rate, tally);
    let of = dues.len();
    for (number, due) in dues.into_iter().enumerate() {
        let connection = wire::connect_to(address, "/", None, &scratch).await?;
        let filler = "x".repeat(options.bytes.saturating_sub(60));
        let publisher = Publisher { number, of, options: options.clone(), rooms: all.clone(), due, filler };
        tally.spawn(publisher.keep_publishing(connection));
    }
    let windows = round.windows().await?;
    Ok(Report::new(&Scenario::Plain(options.clone()), "event on a screen", windows))
}

async fn join(address: &str, scratch: &Scratch, room: usize) -> Result<Connection, Failure> {
    let (mut receiver, mut out) = wire::connect_to(address, "/", None, scratch).await?;
    let mut frame = Vec::new();
    wire::push_text(&mut frame, &format!(r#"{{"type":"join","room":"r{room}"}}"#));
    out.write_all(&frame).await?;
    receiver.until(|text| text.starts_with(br#"{"type":"joined""#).then_some(())).await?;
    Ok((receiver, out))
}

async fn watch((mut receiver, _out): Connection, room: Rc<Room>) -> Result<(), Failure> {
    let mut last = 0;
    loop {
        let read = receiver.read(|text| {
            let seq = seq_of(text).ok_or("a frame without a seq")?;
            if seq != last + 1 {
                return Err(format!("after {last} came {seq}").into());
            }
            last = seq;
            room.arrived(seq..=seq);
            Ok(())
        });
        read.await?;
    }
}

impl Publisher {
    async fn keep_publishing(self, (_receiver, mut out): Connection) -> Result<(), Failure> {
        let (mut turn, mut bytes) = (self.number, Vec::new());
        loop {
            let first = &self.rooms[self.number % self.rooms.len()];
            let has_room = || self.options.rate.is_some() || first.outstanding() < self.options.window;
            while has_room()
                && let Some(at) = self.due.take()
            {
                let (room, seq) = (turn % self.rooms.len(), turn / self.rooms.len() + 1);
                let text = format!(r#"{{"type":"pub","room":"r{room}","seq":{seq},"is":"{}"}}"#, self.filler);
                wire::push_text(&mut bytes, &text);
                self.rooms[room].published(at);
                turn += self.of;
            }
            out.write_all(&bytes).await?;
            bytes.clear();
            tokio::select! {
                () = first.progress(), if self.options.rate.is_none() => {}
                () = self.due.more() => {}
            }
        }
    }
}

fn seq_of(text: &[u8]) -> Option<u64> {
    let at = text.windows(SEQ.len()).position(|part| part == SEQ)? + SEQ.len();
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seq_is_found_where_it_stands() {
        assert_eq!(seq_of(br#"{"type":"pub","room":"r1","seq":17,"is":"x"}"#), Some(17));
        assert_eq!(seq_of(br#"{"type":"pub"}"#), None);
    }
}
