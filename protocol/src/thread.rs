//! What people say about a run, and its receipts.

use bulq_domain::{ProductId, RunId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// 1–2,000 characters.
    pub text: String,
}

/// Something somebody said about a run. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RunMessage {
    pub id: Uuid,
    pub run_id: RunId,
    pub author_id: UserId,
    pub author_name: String,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

/// A picture or document of a purchase. Its content is at `/runs/{run}/receipts/{id}`, for members only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Receipt {
    pub id: Uuid,
    pub run_id: RunId,
    /// What it is about, if not about the whole run.
    pub product_id: Option<ProductId>,
    pub uploaded_by: UserId,
    /// What it was called; says nothing about the content.
    pub name: String,
    /// As the content itself says.
    pub media: ReceiptMedia,
    /// Bytes.
    pub size: u64,
    pub created_at: DateTime<Utc>,
}

/// The only kinds of content a receipt may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum ReceiptMedia {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/webp")]
    Webp,
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl ReceiptMedia {
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Webp, Self::Pdf];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }

    /// What a file of it is usually called.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Pdf => "pdf",
        }
    }

    /// By the first bytes of the content; nothing else is believed. Twelve bytes are enough.
    #[must_use]
    pub fn of_content(start: &[u8]) -> Option<Self> {
        match start {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_content_says_what_it_is() {
        for (start, media) in [
            (&b"\xff\xd8\xff\xe0\x00\x10JFIF"[..], Some(ReceiptMedia::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\x00\x00", Some(ReceiptMedia::Png)),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some(ReceiptMedia::Webp)),
            (b"%PDF-1.7\n", Some(ReceiptMedia::Pdf)),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"GIF89a", None),
            (b"<svg xmlns=", None),
            (b"<!doctype html>", None),
            (b" %PDF-1.7", None),
            (b"PK\x03\x04", None),
            (b"\xff\xd8", None),
            (b"", None),
        ] {
            assert_eq!(ReceiptMedia::of_content(start), media, "{start:?}");
        }
    }
}
