//! Judging what clients saw against the log: the log is the order.

use bulq_client::domain::{CommandId, RunId, Seq};
use bulq_client::protocol::wire::EventEnvelope;
use bulq_client::{Client, Heard, LiveRun, Outcome};
use std::collections::HashMap;

/// What one client asked for and learned.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) asked: Vec<(CommandId, Outcome)>,
}

/// Every acknowledged command is in the log once, with the seq it was told; a rejected one is not there; nothing
/// is there that nobody asked for; every screen got the log's events in order without a gap; all screens and a
/// fresh look agree.
pub(crate) async fn judge(reader: &Client, run: RunId, histories: &[History], screens: &[LiveRun]) {
    let log = reader.whole_log(run, 0).await.expect("the log can be read");
    assert!(log.iter().map(|e| e.seq).eq(1..=log.len() as Seq), "the log has a hole");

    let mut last_seq: HashMap<CommandId, Seq> = HashMap::new();
    for event in &log {
        if let Some(id) = event.command_id {
            let previous = last_seq.insert(id, event.seq);
            assert!(previous.is_none_or(|seq| seq + 1 == event.seq), "command {id} took effect twice");
        }
    }
    for (id, outcome) in histories.iter().flat_map(|history| &history.asked) {
        match outcome {
            Outcome::Committed { seq, .. } => {
                let found = last_seq.get(id);
                assert!(
                    found.is_none_or(|found| found == seq),
                    "command {id} was told {seq}, the log says {found:?}"
                );
                assert!(found.is_some(), "command {id} was acknowledged with {seq} and is missing");
            }
            Outcome::Rejected(refused) => {
                assert!(
                    !last_seq.contains_key(id),
                    "command {id} was rejected ({refused:?}) and took effect"
                );
            }
            Outcome::Unknown => {}
        }
    }

    let mut fresh = reader.run(run).await.expect("a fresh look");
    fresh.viewer = None;
    for screen in screens {
        let view = screen.wait_for_seq(fresh.seq).await.expect("the screen catches up");
        let mut view = (*view).clone();
        view.viewer = None;
        assert_eq!(view, fresh, "a screen does not show what is stored");
        follows_the_log(&screen.history(), &log);
    }
}

fn follows_the_log(heard: &[Heard], log: &[EventEnvelope]) {
    let mut at: Option<Seq> = None;
    for heard in heard {
        match heard {
            Heard::Snapshot(seq) => {
                assert!(at.is_none_or(|at| at <= *seq), "a screen went back from {at:?} to {seq}");
                at = Some(*seq);
            }
            Heard::Event(event) => {
                assert_eq!(at.map(|at| at + 1), Some(event.seq), "a gap or a repetition");
                let stored = usize::try_from(event.seq - 1).ok().and_then(|i| log.get(i));
                assert_eq!(stored, Some(&**event), "a screen was shown what is not in the log");
                at = Some(event.seq);
            }
        }
    }
}
