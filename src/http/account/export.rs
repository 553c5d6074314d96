//! Everything that is kept about somebody, in one document.

use super::{App, Identity, archive, me_of, sessions_of, stats_of};
use crate::catalogue::quantity;
use crate::clock;
use crate::contents::Hash;
use crate::http::groups::role_of;
use crate::http::problem::{Answer, Failure};
use crate::http::receipts::receipt_of;
use bulq_domain::{GroupId, ProductId, Quantity, RunId};
use bulq_protocol::account::{
    Export, ExportedBid, ExportedEvent, ExportedGroup, ExportedMessage, ExportedNote, ExportedReceipt,
    ExportedRun,
};
use bulq_storage::accounts::{self, BidOfUser, EventOfUser, MessageOfUser, NoteOfUser, RunOfUser};
use bulq_storage::groups::{self, GroupOfUser};
use bulq_storage::receipts::Receipt;
use bulq_storage::{Database, Page, StorageError};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The document, and the contents of its receipts by their `file`.
pub(super) async fn of(app: &App, me: &Identity) -> Answer<(Export, BTreeMap<String, Hash>)> {
    let (db, user) = (app.edge.db(), me.user.0);
    let found = accounts::user(db, user).await?.ok_or_else(|| Failure::not_found("user"))?;
    let runs = accounts::runs_with(db, user).await?;
    let bids = accounts::bids_of(db, user).await?;
    let (receipts, contents) = receipts_of(db, user).await?;
    let export = Export {
        exported_at: clock::now(),
        me: me_of(found),
        stats: stats_of(db, user).await?,
        sessions: sessions_of(app, me).await?,
        groups: groups_of(db, user).await?.into_iter().map(group).collect(),
        runs: runs.into_iter().map(|row| run(row, user)).collect(),
        bids: bids.into_iter().map(bid).collect::<Answer<_>>()?,
        events: accounts::events_by(db, user).await?.into_iter().map(event).collect(),
        notifications: accounts::notes_to(db, user).await?.into_iter().map(note).collect(),
        messages: accounts::messages_by(db, user).await?.into_iter().map(message).collect(),
        receipts,
    };
    Ok((export, contents))
}

async fn receipts_of(db: &Database, user: Uuid) -> Answer<(Vec<ExportedReceipt>, BTreeMap<String, Hash>)> {
    let rows = accounts::receipts_by(db, user).await?;
    let kept = rows.into_iter().map(receipt).collect::<Answer<Vec<_>>>()?;
    Ok(kept.into_iter().map(|(receipt, hash)| (receipt.clone(), (receipt.file, hash))).unzip())
}

async fn groups_of(db: &Database, user: Uuid) -> Result<Vec<GroupOfUser>, StorageError> {
    let (mut all, mut page) = (Vec::new(), Page::first(Page::MAX));
    loop {
        let mut part = groups::groups_of(db, user, &page).await?;
        all.append(&mut part.items);
        match part.next {
            Some(next) => page.after = Some(next),
            None => return Ok(all),
        }
    }
}

fn group(row: GroupOfUser) -> ExportedGroup {
    ExportedGroup { id: GroupId(row.id), name: row.name, currency: row.currency, role: role_of(row.role) }
}

fn run(row: RunOfUser, user: Uuid) -> ExportedRun {
    ExportedRun {
        id: RunId(row.id),
        group_id: GroupId(row.group_id),
        store: row.store_name,
        state: row.state,
        led: row.leader_id == user,
        helped: row.helper,
        created_at: clock::stored(row.created_at),
    }
}

fn bid(row: BidOfUser) -> Answer<ExportedBid> {
    let read =
        |thousandths| -> Answer<Quantity> { quantity(thousandths).map_err(|error| Failure::fault(&error)) };
    Ok(ExportedBid {
        run_id: RunId(row.run_id),
        product_id: ProductId(row.product_id),
        product: row.product_name,
        min: read(row.min_thousandths)?,
        quantity: read(row.quantity_thousandths)?,
        max: read(row.max_thousandths)?,
        interested_only: row.interested_only,
        comment: row.comment,
    })
}

fn event(row: EventOfUser) -> ExportedEvent {
    ExportedEvent {
        run_id: RunId(row.run_id),
        seq: row.seq.unsigned_abs(),
        at: clock::stored(row.at),
        event: json(&row.body),
    }
}

fn note(row: NoteOfUser) -> ExportedNote {
    ExportedNote {
        run_id: RunId(row.run_id),
        kind: row.kind,
        body: json(&row.body),
        at: clock::stored(row.created_at),
        read_at: row.read_at.map(clock::stored),
    }
}

fn message(row: MessageOfUser) -> ExportedMessage {
    ExportedMessage {
        id: row.id,
        run_id: RunId(row.run_id),
        text: row.text,
        created_at: clock::stored(row.created_at),
    }
}

fn receipt(row: Receipt) -> Answer<(ExportedReceipt, Hash)> {
    let hash = Hash::try_from(row.hash.as_slice()).map_err(|error| Failure::fault(&error))?;
    let receipt = receipt_of(row)?;
    let file = archive::path(&hash, receipt.media);
    Ok((ExportedReceipt { receipt, file }, hash))
}

fn json(stored: &str) -> Value {
    serde_json::from_str(stored).unwrap_or_else(|_| Value::from(stored))
}
