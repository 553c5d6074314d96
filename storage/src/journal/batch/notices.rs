//! What people are told by a batch: one row per person and run, however much it is.

use super::Change;
use crate::ids::id_at;
use crate::journal::NoticeRow;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// By (user, run).
#[derive(Default)]
pub(in crate::journal) struct Notices(BTreeMap<(Uuid, Uuid), NoteRow>);

#[derive(Serialize)]
pub(in crate::journal) struct NoteRow {
    #[serde(with = "uuid::serde::simple")]
    id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    user_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    seq: i64,
    kind: &'static str,
    body: String,
    count: i64,
    created_at: i64,
    updated_at: i64,
    /// An unread notification from after this takes the row in.
    open_after: i64,
}

impl Notices {
    pub(in crate::journal) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::journal) fn rows(&self) -> Vec<&NoteRow> {
        self.0.values().collect()
    }

    /// Of what is no event.
    pub(in crate::journal) fn of(run: Uuid, notices: &[NoticeRow]) -> Self {
        let mut all = Self::default();
        for notice in notices {
            all.put(run, notice, "{}".to_owned());
        }
        all
    }

    pub(super) fn add(&mut self, change: &Change) {
        for notice in &change.notices {
            self.put(change.run_id, notice, body(change, notice.seq));
        }
    }

    fn put(&mut self, run: Uuid, notice: &NoticeRow, body: String) {
        let key = (notice.user_id, run);
        match self.0.get_mut(&key) {
            Some(row) => row.take_in(notice, body),
            None => {
                let row = NoteRow::of(run, notice, body, self.0.len());
                self.0.insert(key, row);
            }
        }
    }
}

impl NoteRow {
    fn of(run_id: Uuid, notice: &NoticeRow, body: String, place: usize) -> Self {
        Self {
            id: id_at(notice.at, place),
            user_id: notice.user_id,
            run_id,
            seq: notice.seq,
            kind: notice.kind,
            body,
            count: 1,
            created_at: notice.at,
            updated_at: notice.at,
            open_after: notice.at - crate::notifications::OPEN_FOR,
        }
    }

    fn take_in(&mut self, notice: &NoticeRow, body: String) {
        self.count += 1;
        (self.seq, self.kind, self.updated_at) = (notice.seq, notice.kind, notice.at);
        self.body = body;
    }
}

/// The state the run is in since that event, if it is another.
fn body(change: &Change, seq: i64) -> String {
    let event = change.events.iter().find(|event| event.seq == seq);
    match event.and_then(|event| event.event.new_state()) {
        Some(state) => format!(r#"{{"state":"{state}"}}"#),
        None => "{}".to_owned(),
    }
}
