//! Who listens to what on one worker thread. Sessions and the hub of a thread share it; no message is needed
//! to subscribe.

use crate::logins::Seat;
use crate::session::{Beat, Handed, Nudge, Revoke, Say, Screen, Session, Shut};
use crate::transport::Killer;
use crate::writer;
use actix::Addr;
use bulq_domain::{GroupId, RunId, UserId};
use bulq_protocol::live::{Topic, close};
use bulq_protocol::wire::Frame;
use bytestring::ByteString;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A socket that takes nothing for this long belongs to a client that does not read.
const TOO_SLOW: Duration = Duration::from_millis(500);
pub(crate) const TOO_SLOW_REASON: &str = "read too slowly: reconnect and resume";
/// How long a cut socket may still come to read its close frame before the connection is torn down.
const GRACE: Duration = Duration::from_secs(5);
/// How long a socket whose login has ended may take to read that; then it is torn down, whether it reads or not.
const FAREWELL: Duration = Duration::from_secs(1);
/// A socket from which nothing came for this long is dead.
const SILENCE: Duration = Duration::from_secs(60);

/// A topic as this process knows it: a user's is named by the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Run(RunId),
    Group(GroupId),
    User(UserId),
}

/// Names a socket within its thread.
pub type Key = u64;

/// What a session and its thread's roster both touch.
#[derive(Debug)]
pub struct Pulse {
    /// Why the session has to end, once it is polled again.
    pub cut: Cell<Option<u16>>,
    pub heard: Cell<Instant>,
}

struct Entry {
    addr: Addr<Session>,
    user: UserId,
    login: Uuid,
    seat: Seat,
    killer: Killer,
    pulse: Rc<Pulse>,
    screen: Rc<Screen>,
    channels: Vec<Channel>,
}

/// A socket that comes in.
pub(crate) struct Newcomer {
    pub(crate) addr: Addr<Session>,
    pub(crate) user: UserId,
    pub(crate) login: Uuid,
    pub(crate) seat: Seat,
    pub(crate) killer: Killer,
    pub(crate) pulse: Rc<Pulse>,
    pub(crate) screen: Rc<Screen>,
}

struct Member {
    key: Key,
    user: UserId,
    addr: Addr<Session>,
    screen: Rc<Screen>,
}

/// The sockets of one worker thread.
#[derive(Default)]
pub struct Roster {
    next_key: Key,
    sessions: HashMap<Key, Entry>,
    members: HashMap<Channel, Vec<Member>>,
    /// Who could not take something, since when, and of which runs.
    lagging: HashMap<Key, (Instant, HashSet<RunId>)>,
    /// Cut sockets, to be torn down if they have not ended by then.
    dying: Vec<(Instant, Killer)>,
    /// Runs that somebody opened or left since they were last looked at.
    stirred: HashSet<RunId>,
}

impl Roster {
    pub(crate) fn enter(&mut self, newcomer: Newcomer) -> Key {
        self.next_key += 1;
        let Newcomer { addr, user, login, seat, killer, pulse, screen } = newcomer;
        let entry = Entry { addr, user, login, seat, killer, pulse, screen, channels: Vec::new() };
        self.sessions.insert(self.next_key, entry);
        metrics::gauge!("bulq_sockets").increment(1);
        self.next_key
    }

    pub fn leave(&mut self, key: Key) {
        let Some(entry) = self.sessions.remove(&key) else { return };
        metrics::gauge!("bulq_sockets").decrement(1);
        self.lagging.remove(&key);
        entry.channels.into_iter().for_each(|channel| self.drop_member(channel, key));
    }

    pub fn subscribe(&mut self, key: Key, channel: Channel) {
        let Some(entry) = self.sessions.get_mut(&key) else { return };
        if !entry.channels.contains(&channel) {
            entry.channels.push(channel);
            let (user, addr, screen) = (entry.user, entry.addr.clone(), entry.screen.clone());
            self.members.entry(channel).or_default().push(Member { key, user, addr, screen });
            self.stir(channel);
        }
    }

    /// The runs whose viewers may have changed since the last call.
    pub fn take_stirred(&mut self) -> HashSet<RunId> {
        std::mem::take(&mut self.stirred)
    }

    /// Who has the run open on this thread; each person once.
    #[must_use]
    pub fn viewers(&self, run: RunId) -> BTreeSet<UserId> {
        self.members.get(&Channel::Run(run)).into_iter().flatten().map(|member| member.user).collect()
    }

    pub(crate) fn stir(&mut self, channel: Channel) {
        if let Channel::Run(run) = channel {
            self.stirred.insert(run);
        }
    }

    pub fn unsubscribe(&mut self, key: Key, channel: Channel) {
        if let Some(entry) = self.sessions.get_mut(&key) {
            entry.channels.retain(|c| *c != channel);
            self.drop_member(channel, key);
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The runs somebody on this thread has open.
    pub fn watched(&self) -> impl Iterator<Item = RunId> {
        self.members.keys().filter_map(|channel| match channel {
            Channel::Run(run) => Some(*run),
            Channel::Group(_) | Channel::User(_) => None,
        })
    }

    /// How many sockets have the run open on this thread.
    #[must_use]
    pub fn screens(&self, run: RunId) -> usize {
        self.members.get(&Channel::Run(run)).map_or(0, Vec::len)
    }

    /// Pings the sockets whose turn it is: a few each time, so that a thousand do not beat as one.
    pub fn beat(&self, turn: u64, turns: u64) {
        for (_, entry) in self.sessions.iter().filter(|(key, _)| *key % turns == turn) {
            // A full mailbox is somebody who is being looked after anyway.
            let _ = entry.addr.try_send(Beat);
        }
    }

    /// Hands a frame to everybody who has its run open. Who cannot take it is noted, not waited for: their cursor
    /// will see the gap, or be nudged to look for it.
    pub fn publish(&mut self, frame: &Frame, now: Instant) {
        let run = frame.run();
        let Some(members) = self.members.get(&Channel::Run(run)) else { return };
        let bytes = writer::text_frame(frame.text());
        for member in members {
            let taken = match member.screen.hand(frame, &bytes) {
                Handed::Over => true,
                Handed::Gap => member.addr.try_send(Nudge(run)).is_ok(),
                Handed::Full => false,
            };
            if !taken {
                self.lagging.entry(member.key).or_insert_with(|| (now, HashSet::new())).1.insert(run);
            }
        }
    }

    /// What is said to this socket alone finds no room.
    pub fn lags(&mut self, key: Key, now: Instant) {
        self.lagging.entry(key).or_insert_with(|| (now, HashSet::new()));
    }

    /// A hint for everybody listening: who cannot take it misses it.
    pub fn say(&self, channel: Channel, text: &ByteString) {
        for member in self.members.get(&channel).into_iter().flatten() {
            if member.addr.try_send(Say(text.clone())).is_err() {
                metrics::counter!("bulq_broadcast_failures_total").increment(1);
            }
        }
    }

    /// Nothing of the channel reaches this person after what has been handed over.
    pub fn shut_out(&mut self, channel: Channel, user: UserId) {
        let topic = match channel {
            Channel::Run(run) => Topic::Run(run),
            Channel::Group(group) => Topic::Group(group),
            Channel::User(_) => Topic::User,
        };
        let concerned: Vec<Key> = self
            .sessions
            .iter()
            .filter(|(_, e)| e.user == user && e.channels.contains(&channel))
            .map(|(key, _)| *key)
            .collect();
        for key in concerned {
            self.unsubscribe(key, channel);
            self.tell(key, Revoke(topic), close::TOO_SLOW);
        }
    }

    /// The login behind these sockets has ended.
    pub fn close_login(&mut self, login: Uuid) {
        self.close_where(|entry| entry.login == login, "the session has ended");
    }

    /// Its person has opened too many others since.
    pub fn close_seat(&mut self, seat: Seat) {
        self.close_where(|entry| entry.seat == seat, "a newer connection took its place");
    }

    /// A client that does not read is not polled either: it is torn down from outside.
    fn close_where(&mut self, concerned: impl Fn(&Entry) -> bool, reason: &str) {
        let keys: Vec<Key> =
            self.sessions.iter().filter(|(_, entry)| concerned(entry)).map(|(key, _)| *key).collect();
        let at = Instant::now() + FAREWELL;
        for key in keys {
            if let Some(entry) = self.sessions.get(&key) {
                self.dying.push((at, entry.killer.clone()));
            }
            let shut = Shut { code: close::REVOKED, reason: reason.to_owned() };
            self.tell(key, shut, close::REVOKED);
            self.hear_nothing_more(key);
        }
    }

    /// At most `count` sockets are asked to come back later; the jitter spreads their return.
    pub fn send_away(&mut self, count: usize) {
        let keys: Vec<Key> = self
            .sessions
            .iter()
            .filter(|(_, e)| e.pulse.cut.get().is_none())
            .map(|(key, _)| *key)
            .take(count)
            .collect();
        for key in keys {
            let reason = format!("reconnect after {} ms", key * 7919 % 5000);
            self.tell(key, Shut { code: close::GOING_AWAY, reason }, close::GOING_AWAY);
        }
    }

    /// A full mailbox turns the message into a cut.
    fn tell<M>(&mut self, key: Key, message: M, code: u16)
    where
        M: actix::Message + Send + 'static,
        M::Result: Send,
        Session: actix::Handler<M>,
    {
        let Some(entry) = self.sessions.get(&key) else { return };
        if entry.addr.try_send(message).is_err() {
            self.cut(key, code, Instant::now());
        } else if code == close::GOING_AWAY || code == close::REVOKED {
            entry.pulse.cut.set(Some(code));
        }
    }

    /// Everybody who was told nothing because this thread's own mailbox was full.
    pub fn nudge_all(&mut self, now: Instant) {
        for (channel, members) in &self.members {
            let Channel::Run(run) = channel else { continue };
            for member in members {
                self.lagging.entry(member.key).or_insert_with(|| (now, HashSet::new())).1.insert(*run);
            }
        }
    }

    /// Looks after those who lag, those who went silent and those who were cut. Called every tenth of a second.
    pub fn look_after(&mut self, now: Instant) {
        let lagging = std::mem::take(&mut self.lagging);
        for (key, (since, runs)) in lagging {
            let Some(entry) = self.sessions.get(&key) else { continue };
            let full = entry.screen.writer.is_full();
            let nudged = |run: &RunId| !full && entry.addr.try_send(Nudge(*run)).is_ok();
            let waiting: HashSet<RunId> = runs.into_iter().filter(|run| !nudged(run)).collect();
            if waiting.is_empty() && !full {
                continue;
            }
            if now.duration_since(since) > TOO_SLOW {
                metrics::counter!("bulq_slow_closes_total").increment(1);
                self.cut(key, close::TOO_SLOW, now);
            } else {
                self.lagging.insert(key, (since, waiting));
            }
        }
        self.dying.retain(|(at, killer)| {
            if *at <= now {
                killer.kill();
            }
            *at > now
        });
    }

    pub fn drop_the_silent(&mut self, now: Instant) {
        let silent: Vec<Key> = self
            .sessions
            .iter()
            .filter(|(_, e)| now.duration_since(e.pulse.heard.get()) > SILENCE)
            .map(|(key, _)| *key)
            .collect();
        for key in silent {
            if let Some(entry) = self.sessions.get(&key) {
                entry.killer.kill();
            }
        }
    }

    fn cut(&mut self, key: Key, code: u16, now: Instant) {
        let Some(entry) = self.sessions.get_mut(&key) else { return };
        entry.pulse.cut.set(Some(code));
        self.dying.push((now + GRACE, entry.killer.clone()));
        // If it cannot take this either, it ends with its next turn.
        let _ = entry.addr.try_send(Shut { code, reason: TOO_SLOW_REASON.to_owned() });
        let channels = std::mem::take(&mut entry.channels);
        channels.into_iter().for_each(|channel| self.drop_member(channel, key));
    }

    fn hear_nothing_more(&mut self, key: Key) {
        let Some(entry) = self.sessions.get_mut(&key) else { return };
        let channels = std::mem::take(&mut entry.channels);
        channels.into_iter().for_each(|channel| self.drop_member(channel, key));
    }

    fn drop_member(&mut self, channel: Channel, key: Key) {
        self.stir(channel);
        if let Some(members) = self.members.get_mut(&channel) {
            members.retain(|member| member.key != key);
            if members.is_empty() {
                self.members.remove(&channel);
            }
        }
    }
}
