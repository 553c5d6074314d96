//! Somebody with a run open: what they see, and how they say something.

use super::super::Failure;
use super::super::fanout::subscribe;
use super::super::scan::{Resumed, Scanner, Seen, resumed};
use super::super::wire::{self, Receiver};
use super::{World, more};
use bulq_client::Outcome;
use bulq_client::protocol::live::{ClientFrame, ServerFrame};
use bulq_domain::{Command, CommandId, RunId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;
use uuid::Uuid;

/// One socket on one run. Dropping it hangs up.
pub(super) struct Seat {
    run: RunId,
    out: OwnedWriteHalf,
    heard: Rc<Heard>,
    last_id: u64,
}

/// What came in on it.
struct Heard {
    world: Rc<World>,
    /// The last seq on this screen.
    seq: Cell<u64>,
    answer: RefCell<Option<(u64, Outcome)>>,
    /// Of the whole run: something came to one of its screens.
    news: Rc<Notify>,
    left: Notify,
}

/// What the screens of a run share.
pub(super) struct Room {
    pub(super) scanner: RefCell<Scanner>,
    pub(super) news: Rc<Notify>,
}

impl Seat {
    /// For the first time, or after a seq that was seen before.
    pub(super) async fn take(
        world: &Rc<World>,
        room: &Rc<Room>,
        person: usize,
        run: RunId,
        after: Option<u64>,
    ) -> Result<Self, Failure> {
        let token = world.cast.token(person)?;
        let connection = wire::connect(&world.address, &token, &world.scratch).await?;
        let (receiver, out, seq) = match after {
            None => {
                let screen = subscribe(connection, run).await?;
                (screen.receiver, screen.out, screen.seq)
            }
            Some(after) => come_back(world, connection, run, after).await?,
        };
        let heard = Rc::new(Heard {
            world: world.clone(),
            seq: Cell::new(seq),
            answer: RefCell::default(),
            news: room.news.clone(),
            left: Notify::new(),
        });
        world.tally.spawn(heard.clone().listen(receiver, room.clone()));
        Ok(Self { run, out, heard, last_id: 1 })
    }

    pub(super) fn seq(&self) -> u64 {
        self.heard.seq.get()
    }

    /// Says it; the answer comes in [`Seat::answer`] under this id.
    pub(super) async fn say(&mut self, command: Command) -> Result<u64, Failure> {
        self.last_id += 1;
        let command_id = Some(CommandId(Uuid::now_v7()));
        let frame = ClientFrame::Command { id: self.last_id, run: self.run, command_id, command };
        let mut bytes = Vec::new();
        wire::push_text(&mut bytes, &frame.to_json());
        self.out.write_all(&bytes).await?;
        Ok(self.last_id)
    }

    pub(super) fn answer(&self, id: u64) -> Option<Outcome> {
        self.heard.answer.borrow_mut().take_if(|(of, _)| *of == id).map(|(_, outcome)| outcome)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.heard.left.notify_one();
    }
}

/// Asks for what was missed, and checks that it is exactly that.
async fn come_back(
    world: &World,
    (mut receiver, mut out): (Receiver, OwnedWriteHalf),
    run: RunId,
    after: u64,
) -> Result<(Receiver, OwnedWriteHalf, u64), Failure> {
    let mut frame = Vec::new();
    wire::push_text(
        &mut frame,
        &format!(r#"{{"type":"subscribe","id":1,"topic":"run:{run}","after":{after}}}"#),
    );
    out.write_all(&frame).await?;
    let seq = match receiver.until(resumed).await? {
        Resumed::Events(None) => after,
        Resumed::Events(Some(seqs)) if *seqs.start() == after + 1 => {
            world.counts.caught_up.set(world.counts.caught_up.get() + seqs.end() - after);
            *seqs.end()
        }
        Resumed::Snapshot(seq) if seq >= after => {
            more(&world.counts.snapshots);
            seq
        }
        other => return Err(format!("somebody came back after {after} and was given {other:?}").into()),
    };
    Ok((receiver, out, seq))
}

impl Heard {
    async fn listen(self: Rc<Self>, mut receiver: Receiver, room: Rc<Room>) -> Result<(), Failure> {
        loop {
            tokio::select! {
                // Whoever has left has hung up: what the server says to that is no news.
                biased;
                () = self.left.notified() => return Ok(()),
                read = receiver.read(|text| self.hear(text, &room)) => read?,
            }
        }
    }

    fn hear(&self, text: &[u8], room: &Room) -> Result<(), Failure> {
        let answers = [&br#"{"type":"committed""#[..], br#"{"type":"rejected""#, br#"{"type":"unknown""#];
        if answers.iter().any(|answer| text.starts_with(answer)) {
            let frame: ServerFrame = serde_json::from_slice(text)?;
            *self.answer.borrow_mut() = Outcome::of_frame(&frame);
            self.news.notify_one();
            return Ok(());
        }
        match room.scanner.borrow_mut().see(text) {
            Seen::Events(seqs) if *seqs.start() == self.seq.get() + 1 => {
                self.seq.set(*seqs.end());
                let delivered = &self.world.counts.delivered;
                delivered.set(delivered.get() + seqs.end() - seqs.start() + 1);
                self.news.notify_one();
                Ok(())
            }
            Seen::Events(seqs) => {
                Err(format!("a gap or a repetition: after {} came {seqs:?}", self.seq.get()).into())
            }
            Seen::Bad => Err(format!("a bad frame: {}", String::from_utf8_lossy(text)).into()),
            Seen::Committed(_) | Seen::Other => Ok(()),
        }
    }
}
