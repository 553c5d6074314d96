//! What can be asked of a run. Names and fields are those of the wire.
//!
//! A command is parsed in two steps: first the object's fields as raw text, then the body of its kind from them.
//! So quantities are read from the text somebody wrote, unknown and doubled fields are refused, and the same
//! parser serves the live connection (kind inside) and HTTP (kind and ids in the path).

use crate::{
    CommandId, Comment, Currency, GroupId, Label, Money, Product, ProductId, Quantity, Reason, Seq,
    ShortagePolicy, StoreId, UserId,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::value::MapDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;

/// Who asks, when, and what the edge has looked up for them.
#[derive(Clone, Debug)]
pub struct Context {
    pub by: UserId,
    pub name: Arc<str>,
    pub at: DateTime<Utc>,
    pub command_id: Option<CommandId>,
    /// The product the command names, as the run's store sells it; none if the catalogue does not know it.
    pub product: Option<Arc<Product>>,
    /// The other person the command names; none if they are not in the group now.
    pub person: Option<Person>,
}

/// A member of the run's group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub name: Arc<str>,
}

/// What a run is created from.
#[derive(Clone, Debug, Serialize)]
pub struct NewRun {
    pub group_id: GroupId,
    pub store_id: StoreId,
    pub store_name: Box<str>,
    pub currency: Currency,
    pub comment: Option<Comment>,
    pub planned_on: Option<NaiveDate>,
    pub bidding_deadline: Option<DateTime<Utc>>,
    pub auto_confirm: bool,
    /// The group's, so that everybody knows from the start how a shortage would be shared.
    pub shortage_policy: ShortagePolicy,
    /// What shopping begins with, paid by the leader.
    pub costs: Vec<DefaultCost>,
}

macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $($(#[$field:meta])* $f:ident: $t:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field])* pub $f: $t),* }
    };
}

body! {
    /// A command that says everything by its name.
    Nothing {}
}
body! {
    /// What I want of a product. Quantity 0 takes the bid back.
    PlaceBid {
        product_id: ProductId,
        #[serde(deserialize_with = "Quantity::exact")]
        quantity: Quantity,
        /// Below this I would rather have none; default 0.
        #[serde(default, deserialize_with = "Quantity::exact_opt", skip_serializing_if = "Option::is_none")]
        min: Option<Quantity>,
        /// I would take up to this to fill a pack; default: the quantity.
        #[serde(default, deserialize_with = "Quantity::exact_opt", skip_serializing_if = "Option::is_none")]
        max: Option<Quantity>,
        /// Shown as a head count, counts nobody's quantity.
        #[serde(default)]
        interested_only: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<Comment>,
        /// The leader may bid for somebody else.
        #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<UserId>,
        /// Only if the increase still fits into the gap: of two people tapping the last unit one wins.
        #[serde(default)]
        fill: bool,
    }
}
body! {
    RetractBid {
        product_id: ProductId,
        #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<UserId>,
    }
}
body! { SetReady { ready: bool } }
body! {
    /// Each field given is set; `null` clears it.
    EditDetails {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<Comment>,
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        planned_on: Option<Option<NaiveDate>>,
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        bidding_deadline: Option<Option<DateTime<Utc>>>,
    }
}
body! {
    FinishAdjusting {
        #[serde(default)]
        force: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<ShortagePolicy>,
    }
}
body! {
    Cancel {
        reason: Reason,
        /// Refused if the run changed since.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_seq: Option<Seq>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        outcomes: Vec<ItemOutcome>,
    }
}
body! { ItemOutcome { product_id: ProductId, outcome: Outcome } }
body! {
    AddItem {
        product_id: ProductId,
        #[serde(deserialize_with = "Quantity::exact")]
        quantity: Quantity,
        #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<UserId>,
    }
}
body! {
    /// What was bought of an item. The total is the truth; the price of a unit is only shown.
    RecordPurchase {
        product_id: ProductId,
        #[serde(deserialize_with = "Quantity::exact")]
        quantity: Quantity,
        /// Minor units, 1 to 99 999 999.
        total: Money,
        /// Who paid; default: who records it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payer: Option<UserId>,
        /// Which product of the family it is, where the item is a family.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picked: Option<ProductId>,
        /// Refused if the item changed since.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_seq: Option<Seq>,
    }
}
body! {
    EditPurchase {
        product_id: ProductId,
        /// Which part, counted from 0: who paid and what was picked stay unless said otherwise. Without it one new part takes
        /// the place of all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<u32>,
        #[serde(deserialize_with = "Quantity::exact")]
        quantity: Quantity,
        total: Money,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payer: Option<UserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picked: Option<ProductId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_seq: Option<Seq>,
    }
}
body! {
    UndoPurchase {
        product_id: ProductId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_seq: Option<Seq>,
    }
}
body! { ObservePrice { product_id: ProductId, price: Money } }
body! {
    SetReceived {
        user_id: UserId,
        product_id: ProductId,
        #[serde(deserialize_with = "Quantity::exact")]
        received: Quantity,
    }
}
body! {
    /// One item, or without a product everything of the person.
    PickUp {
        user_id: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        product_id: Option<ProductId>,
    }
}
body! {
    /// An extra cost that comes back with every run of a group, such as fuel.
    DefaultCost { label: Label, amount: Money, split: CostSplit }
}
body! { AddCost { label: Label, amount: Money, split: CostSplit } }
body! {
    /// A cost is named by the seq of the event that added it.
    RemoveCost { cost: Seq }
}
body! { Someone { user_id: UserId } }
body! { OfferHandover { to: UserId } }

/// What becomes of a bought item when its run is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// To the store: whoever paid gets the money back from there.
    Returned,
    /// Whoever paid keeps it, and owes it to themselves.
    KeptByPayer,
    /// Everybody gets theirs and owes for it, as if the run had gone on.
    SharedAnyway,
}

/// How an extra cost is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostSplit {
    ByValue,
    Equally,
    ByQuantity,
}

macro_rules! commands {
    ($($name:ident($body:ident), $text:tt;)+) => {
        /// Everything that can be asked of a run.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(tag = "type")]
        pub enum Command { $(#[serde(rename = $text)] $name($body),)+ }

        /// The name of a command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum CommandKind { $(#[serde(rename = $text)] $name,)+ }

        impl CommandKind {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }

        impl Command {
            #[must_use]
            pub const fn kind(&self) -> CommandKind {
                match self { $(Self::$name(_) => CommandKind::$name),+ }
            }

            /// The command of this kind with these fields.
            ///
            /// # Errors
            /// [`Unreadable::Invalid`] names the field and what is wrong with it.
            pub fn from_fields(kind: CommandKind, fields: Fields<'_>) -> Result<Self, Unreadable> {
                match kind {
                    $(CommandKind::$name => fields.read::<$body>().map(Self::$name),)+
                }
            }
        }
    };
}

commands! {
    Open(Nothing), "open";
    Confirm(Nothing), "confirm";
    StepBack(Nothing), "step_back";
    StartShopping(Nothing), "start_shopping";
    FinishShopping(Nothing), "finish_shopping";
    FinishAdjusting(FinishAdjusting), "finish_adjusting";
    Complete(Nothing), "complete";
    Cancel(Cancel), "cancel";
    EditDetails(EditDetails), "edit_details";
    PlaceBid(PlaceBid), "place_bid";
    RetractBid(RetractBid), "retract_bid";
    SetReady(SetReady), "set_ready";
    AddItem(AddItem), "add_item";
    RecordPurchase(RecordPurchase), "record_purchase";
    AddPurchase(RecordPurchase), "add_purchase";
    EditPurchase(EditPurchase), "edit_purchase";
    UndoPurchase(UndoPurchase), "undo_purchase";
    ObservePrice(ObservePrice), "observe_price";
    SetReceived(SetReceived), "set_received";
    PickUp(PickUp), "pick_up";
    UndoPickUp(PickUp), "undo_pick_up";
    LeftWithLeader(PickUp), "left_with_leader";
    AddCost(AddCost), "add_cost";
    RemoveCost(RemoveCost), "remove_cost";
    AppointHelper(Someone), "appoint_helper";
    DismissHelper(Someone), "dismiss_helper";
    OfferHandover(OfferHandover), "offer_handover";
    AcceptHandover(Nothing), "accept_handover";
    DeclineHandover(Nothing), "decline_handover";
    WithdrawHandover(Nothing), "withdraw_handover";
}

impl Command {
    /// Reads `{"type": "…", …}`.
    ///
    /// # Errors
    /// [`Unreadable::Malformed`] if this is not a JSON object, otherwise [`Unreadable::Invalid`].
    pub fn from_json(text: &str) -> Result<Self, Unreadable> {
        let mut fields = Fields::from_json(text)?;
        let kind = fields.take_kind()?;
        Self::from_fields(kind, fields)
    }

    /// The product and the person a command names: what the edge has to look up for it.
    #[must_use]
    pub const fn names(&self) -> (Option<ProductId>, Option<UserId>) {
        match self {
            Self::PlaceBid(c) => (Some(c.product_id), c.on_behalf_of),
            Self::RetractBid(c) => (Some(c.product_id), c.on_behalf_of),
            Self::AddItem(c) => (Some(c.product_id), c.on_behalf_of),
            // The item is in the run already; which of its family was picked, only the catalogue knows.
            Self::RecordPurchase(c) | Self::AddPurchase(c) => (c.picked, c.payer),
            Self::EditPurchase(c) => (c.picked, c.payer),
            Self::ObservePrice(c) => (Some(c.product_id), None),
            Self::SetReceived(c) => (None, Some(c.user_id)),
            Self::AppointHelper(c) | Self::DismissHelper(c) => (None, Some(c.user_id)),
            _ => (None, None),
        }
    }

    /// What tells two commands with one id apart: 64 bits over the author and the canonical text (FNV-1a).
    #[must_use]
    pub fn fingerprint(&self, by: UserId) -> i64 {
        fingerprint(by, self)
    }
}

impl NewRun {
    /// As [`Command::fingerprint`].
    #[must_use]
    pub fn fingerprint(&self, by: UserId) -> i64 {
        fingerprint(by, self)
    }
}

fn fingerprint(by: UserId, body: &impl Serialize) -> i64 {
    let text = serde_json::to_vec(body).expect("bodies are plain data");
    let bytes = by.0.as_bytes().iter().chain(&text);
    bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
        .cast_signed()
}

/// Why a text is not a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("not a JSON object: {0}")]
    Malformed(String),
    #[error("{detail}")]
    Invalid { detail: String },
}

/// The fields of a JSON object, each still as the text somebody wrote.
#[derive(Debug, Default)]
pub struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// # Errors
    /// [`Unreadable::Malformed`] if `text` is not one JSON object.
    pub fn from_json(text: &'a str) -> Result<Self, Unreadable> {
        serde_json::from_str(text).map_err(|e| Unreadable::Malformed(e.to_string()))
    }

    /// Adds what stood in the path; a field of the same name in the body is then a doubled one.
    pub fn push(&mut self, name: &'static str, value: &'a RawValue) {
        self.0.push((Cow::Borrowed(name), value));
    }

    fn take_kind(&mut self) -> Result<CommandKind, Unreadable> {
        let position = self.0.iter().position(|(name, _)| name == "type");
        let Some(position) = position else {
            return Err(Unreadable::Invalid { detail: "missing field `type`".to_owned() });
        };
        let (_, raw) = self.0.swap_remove(position);
        serde_json::from_str(raw.get()).map_err(|e| Unreadable::Invalid { detail: e.to_string() })
    }

    fn read<T: Deserialize<'a>>(self) -> Result<T, Unreadable> {
        let fields = MapDeserializer::<_, serde_json::Error>::new(self.0.into_iter());
        T::deserialize(fields).map_err(|e| Unreadable::Invalid { detail: without_position(&e) })
    }
}

/// Positions count from the start of a field, not of what the client sent: they would only mislead.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> de::Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(8);
                while let Some(entry) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    fields.push(entry);
                }
                Ok(Fields(fields))
            }
        }
        input.deserialize_map(Object)
    }
}

/// `null` was written, which is not the same as nothing.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(input).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCT: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn bid(fields: &str) -> Result<Command, Unreadable> {
        Command::from_json(&format!(r#"{{"type":"place_bid","product_id":"{PRODUCT}"{fields}}}"#))
    }

    #[test]
    fn what_is_written_is_read_again() {
        let command = bid(
            r#","quantity":"2.5","max":3,"comment":"ripe ones"#.to_owned().as_str().trim_end_matches('x'),
        );
        assert!(command.is_err(), "an unfinished text is no command");

        let command = bid(r#","quantity":"2.5","max":3,"comment":"ripe ones""#).unwrap();
        assert_eq!(Command::from_json(&serde_json::to_string(&command).unwrap()).unwrap(), command);
    }

    #[test]
    fn quantities_are_decimals_with_three_places() {
        for quantity in [
            "\"0.0001\"",
            "-1",
            "\"-1\"",
            "1e3",
            "\"1e3\"",
            "\"NaN\"",
            "10000",
            "\"1,5\"",
            "true",
            "null",
            "[1]",
        ] {
            let Err(Unreadable::Invalid { .. }) = bid(&format!(r#","quantity":{quantity}"#)) else {
                panic!("{quantity} was taken for a quantity");
            };
        }
    }

    #[test]
    fn unknown_and_doubled_fields_are_refused() {
        for fields in
            [r#","quantity":"1","qty":"1""#, r#","quantity":"1","quantity":"2""#, r#","product_id":"x""#]
        {
            assert!(matches!(bid(fields), Err(Unreadable::Invalid { .. })), "{fields}");
        }
    }

    #[test]
    fn a_comment_of_501_characters_is_refused() {
        assert!(bid(&format!(r#","quantity":"1","comment":"{}""#, "ß".repeat(500))).is_ok());
        assert!(bid(&format!(r#","quantity":"1","comment":"{}""#, "ß".repeat(501))).is_err());
    }

    #[test]
    fn null_clears_and_absence_keeps() {
        let Command::EditDetails(edit) =
            Command::from_json(r#"{"type":"edit_details","planned_on":null}"#).unwrap()
        else {
            panic!("not an edit");
        };
        assert_eq!((edit.planned_on, edit.bidding_deadline), (Some(None), None));
    }

    #[test]
    fn fingerprints_tell_bodies_and_authors_apart() {
        let (one, two) = (bid(r#","quantity":"1""#).unwrap(), bid(r#","quantity":"2""#).unwrap());
        let (a, b) = (UserId(uuid::Uuid::from_u128(1)), UserId(uuid::Uuid::from_u128(2)));

        assert_eq!(one.fingerprint(a), bid(r#","quantity":1.0"#).unwrap().fingerprint(a));
        assert_ne!(one.fingerprint(a), two.fingerprint(a));
        assert_ne!(one.fingerprint(a), one.fingerprint(b));
    }
}
