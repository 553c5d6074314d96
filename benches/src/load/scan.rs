//! Events counted without reading JSON.

use std::ops::RangeInclusive;

const KEY: &[u8] = br#""seq":"#;
const EVENTS: &[u8] = br#"{"type":"events","topic":"run:"#;
const COMMITTED: &[u8] = br#"{"type":"committed","id":"#;
const RESET: &[u8] = br#"{"type":"reset""#;
const BUSY: &[u8] = br#""code":"BUSY""#;

/// What a frame is to a load generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Events of a run with these seqs, without a hole.
    Events(RangeInclusive<u64>),
    /// The command with this id is durable.
    Committed(u64),
    /// Rejected, unknown, reset, or something with a hole in it.
    Bad,
    /// Anything else.
    Other,
}

/// Reads frames. Remembers the latest frames of events: every screen receives the same bytes, which are compared
/// once they have been counted.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    known: Vec<(Vec<u8>, Seen)>,
    next: usize,
}

/// So many different frames of events are under way at a time.
const KNOWN: usize = 32;

impl Scanner {
    pub(super) fn see(&mut self, text: &[u8]) -> Seen {
        if text.starts_with(COMMITTED) {
            return number(&text[COMMITTED.len()..]).map_or(Seen::Bad, Seen::Committed);
        }
        if !text.starts_with(EVENTS) {
            let bad = [&br#"{"type":"rejected""#[..], br#"{"type":"unknown""#, RESET];
            return if bad.iter().any(|bad| text.starts_with(bad)) { Seen::Bad } else { Seen::Other };
        }
        if let Some((_, seen)) = self.known.iter().find(|(known, _)| known == text) {
            return seen.clone();
        }
        let seen = events(text);
        self.remember(text, seen.clone());
        seen
    }

    fn remember(&mut self, text: &[u8], seen: Seen) {
        if self.known.len() < KNOWN {
            return self.known.push((text.to_owned(), seen));
        }
        let (known, what) = &mut self.known[self.next];
        known.clear();
        known.extend_from_slice(text);
        *what = seen;
        self.next = (self.next + 1) % KNOWN;
    }
}

/// The client has to take a fresh snapshot.
pub(super) fn is_reset(text: &[u8]) -> bool {
    text.starts_with(RESET)
}

/// The seq a `subscribed` frame stands at.
pub(super) fn subscribed(text: &[u8]) -> Option<u64> {
    text.starts_with(br#"{"type":"subscribed""#).then(|| seqs(text).next()).flatten()
}

/// The answer to a `subscribe` with `after`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resumed {
    /// Exactly what was missed, without a hole; nothing was if there is no range.
    Events(Option<RangeInclusive<u64>>),
    /// Everything anew, as of this seq.
    Snapshot(u64),
    /// Events with a hole, or not up to the seq it says.
    Bad,
}

pub(super) fn resumed(text: &[u8]) -> Option<Resumed> {
    let seq = subscribed(text)?;
    let at = text.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &text[at + digits..];
    if rest.starts_with(br#","snapshot":"#) {
        return Some(Resumed::Snapshot(seq));
    }
    if seqs(rest).next().is_none() {
        return Some(Resumed::Events(None));
    }
    Some(match events(rest) {
        Seen::Events(seqs) if *seqs.end() == seq => Resumed::Events(Some(seqs)),
        _ => Resumed::Bad,
    })
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Committed,
    /// Refused for overload; nothing was tried.
    Busy,
    /// The outcome is not known.
    Unknown,
    Rejected,
}

/// The answer to a command: its id and what became of it.
pub(super) fn fate(text: &[u8]) -> Option<(u64, Fate)> {
    let answers = [
        (COMMITTED, Fate::Committed),
        (&br#"{"type":"unknown","id":"#[..], Fate::Unknown),
        (br#"{"type":"rejected","id":"#, Fate::Rejected),
    ];
    let (rest, fate) = answers.into_iter().find_map(|(head, fate)| Some((text.strip_prefix(head)?, fate)))?;
    let busy = fate == Fate::Unknown && rest.windows(BUSY.len()).any(|window| window == BUSY);
    Some((number(rest)?, if busy { Fate::Busy } else { fate }))
}

fn events(text: &[u8]) -> Seen {
    let mut seqs = seqs(text);
    let Some(first) = seqs.next() else { return Seen::Bad };
    let mut last = first;
    for seq in seqs {
        if seq != last + 1 {
            return Seen::Bad;
        }
        last = seq;
    }
    Seen::Events(first..=last)
}

/// Every number behind `"seq":`. In a text of JSON the quotes would be escaped.
fn seqs(text: &[u8]) -> impl Iterator<Item = u64> {
    text.windows(KEY.len())
        .enumerate()
        .filter_map(|(at, window)| if window == KEY { number(&text[at + KEY.len()..]) } else { None })
}

fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_and_holes_are_seen() {
        let frame = |seqs: &[u64]| {
            let events: Vec<_> = seqs.iter().map(|seq| format!(r#"{{"seq":{seq},"type":"x"}}"#)).collect();
            format!(r#"{{"type":"events","topic":"run:1","events":[{}]}}"#, events.join(","))
        };
        let mut scanner = Scanner::default();

        for _ in 0..2 {
            assert_eq!(scanner.see(frame(&[7, 8, 9]).as_bytes()), Seen::Events(7..=9));
            assert_eq!(scanner.see(frame(&[7, 9]).as_bytes()), Seen::Bad);
        }
        assert_eq!(scanner.see(br#"{"type":"committed","id":12,"run":"x","seq":3}"#), Seen::Committed(12));
        assert_eq!(scanner.see(br#"{"type":"rejected","id":12,"code":"X"}"#), Seen::Bad);
        assert_eq!(scanner.see(br#"{"type":"pong","id":1}"#), Seen::Other);
        assert_eq!(
            subscribed(br#"{"type":"subscribed","id":1,"topic":"run:1","seq":130,"events":[]}"#),
            Some(130)
        );
    }

    #[test]
    fn what_was_missed_is_told_from_a_snapshot_and_from_a_hole() {
        let answer = |rest: &str| {
            resumed(format!(r#"{{"type":"subscribed","id":1,"topic":"run:1","seq":9,{rest}}}"#).as_bytes())
        };

        assert_eq!(answer(r#""events":[{"seq":8},{"seq":9}]"#), Some(Resumed::Events(Some(8..=9))));
        assert_eq!(answer(r#""events":[]"#), Some(Resumed::Events(None)));
        assert_eq!(answer(r#""snapshot":{"seq":9}"#), Some(Resumed::Snapshot(9)));
        assert_eq!(answer(r#""events":[{"seq":7},{"seq":9}]"#), Some(Resumed::Bad));
        assert_eq!(answer(r#""events":[{"seq":7},{"seq":8}]"#), Some(Resumed::Bad));
        assert_eq!(resumed(br#"{"type":"pong","id":1}"#), None);
    }

    #[test]
    fn busy_is_told_from_unknown() {
        let fate_of = |text: &str| fate(text.as_bytes());

        assert_eq!(fate_of(r#"{"type":"committed","id":3,"run":"x","seq":3}"#), Some((3, Fate::Committed)));
        assert_eq!(fate_of(r#"{"type":"unknown","id":4,"retry_after_ms":9}"#), Some((4, Fate::Unknown)));
        assert_eq!(
            fate_of(r#"{"type":"unknown","id":5,"retry_after_ms":9,"code":"BUSY"}"#),
            Some((5, Fate::Busy))
        );
        assert_eq!(fate_of(r#"{"type":"rejected","id":6,"code":"NO_BID"}"#), Some((6, Fate::Rejected)));
        assert_eq!(fate_of(r#"{"type":"pong","id":7}"#), None);
    }
}
