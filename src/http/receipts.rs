//! Receipts of a run: taken in piece by piece, kept under their content's hash, shown to members only.

use super::App;
use super::api::Api;
use super::identity::Identity;
use super::lists::{PageQuery, Query};
use super::problem::{Answer, Failure};
use super::values;
use crate::clock;
use crate::contents::{Hash, Upload, hex};
use crate::openapi::Doc;
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETag, EntityTag, HeaderName, IfNoneMatch};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use bulq_domain::{ProductId, RunId, UserId};
use bulq_protocol::list::Listing;
use bulq_protocol::thread::{Receipt, ReceiptMedia};
use bulq_storage::receipts::{self, AddError, RemoveError};
use bytes::BytesMut;
use futures_util::StreamExt;
use serde::Deserialize;
use std::io;
use uuid::Uuid;

const MAX_BYTES: u64 = 10 * 1024 * 1024;
const MAX_RECEIPTS: i64 = 500;
const ASK_AGAIN: (HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");
/// What is looked at to tell what a content is.
const START: usize = 12;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UploadQuery {
    name: Option<String>,
    product: Option<ProductId>,
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("thread", summary);
    api.post(
        "/api/v1/runs/{run}/receipts",
        upload,
        doc("Add a receipt: JPEG, PNG, WebP or PDF by its content, at most 10 MiB")
            .takes_bytes("application/octet-stream")
            .answers::<Receipt>(201)
            .query("name", "what it is called, at most 100 characters")
            .query("product", "the product of the run it is about")
            .refuses(&[403, 404, 409, 413, 415, 422]),
    );
    api.get(
        "/api/v1/runs/{run}/receipts",
        list,
        doc("The receipts of a run, latest first").lists::<Receipt>().refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/receipts/{receipt}",
        content,
        doc("The content of a receipt; 304 without it if `If-None-Match` names its `ETag`")
            .sends(&["image/jpeg", "image/png", "image/webp", "application/pdf"])
            .refuses(&[403, 404]),
    );
    api.delete(
        "/api/v1/runs/{run}/receipts/{receipt}",
        remove,
        doc("Take a receipt away: whoever added it, or the leader").nothing(204).refuses(&[403, 404]),
    );
}

async fn upload(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
    Query(query): Query<UploadQuery>,
    payload: web::Payload,
) -> Answer<HttpResponse> {
    app.edge.admit(&me, *run).await?;
    let name = values::optional_line("name", query.name.as_deref(), 100)?;
    let product_id = query.product.map(|product| product.0);
    receipts::check_room(app.edge.db(), run.0, product_id, MAX_RECEIPTS).await?;
    let taken = take_in(&app, payload).await?;
    let new = receipts::Receipt {
        id: Uuid::now_v7(),
        run_id: run.0,
        product_id,
        uploaded_by: me.user.0,
        name: name.unwrap_or_else(|| format!("receipt.{}", taken.media.extension())),
        media: taken.media.as_str().to_owned(),
        size: i64::try_from(taken.size).unwrap_or(i64::MAX),
        hash: Vec::new(),
        created_at: clock::micros(),
    };
    // Goes on if the client does not wait: a content is named as soon as it is kept.
    let named = actix_web::rt::spawn(name_it(app, taken.upload, new)).await;
    let receipt = named.map_err(|error| Failure::fault(&error))??;
    Ok(HttpResponse::Created().json(receipt_of(receipt)?))
}

async fn name_it(
    app: web::Data<App>,
    upload: Box<dyn Upload>,
    mut receipt: receipts::Receipt,
) -> Answer<receipts::Receipt> {
    let naming = app.contents.naming().await;
    let hash = upload.keep().await.map_err(|error| Failure::fault(&error))?;
    receipt.hash = hash.to_vec();
    let added = receipts::add(app.edge.db(), &receipt).await;
    drop(naming);
    if let Err(error) = added {
        forget(&app, hash).await?;
        return Err(error.into());
    }
    Ok(receipt)
}

/// Unless another receipt has the same content.
async fn forget(app: &App, hash: Hash) -> Answer<()> {
    Ok(app.contents.forget(hash, async || receipts::is_named(app.edge.db(), &hash).await).await?)
}

async fn remove(app: web::Data<App>, me: Identity, path: web::Path<(RunId, Uuid)>) -> Answer<HttpResponse> {
    let (run, id) = path.into_inner();
    app.edge.admit(&me, run).await?;
    let hash = receipts::remove(app.edge.db(), run.0, id, me.user.0).await?;
    let hash = Hash::try_from(hash.as_slice()).map_err(|error| Failure::fault(&error))?;
    let forgetting = actix_web::rt::spawn(async move { forget(&app, hash).await });
    forgetting.await.map_err(|error| Failure::fault(&error))??;
    Ok(HttpResponse::NoContent().finish())
}

struct Taken {
    media: ReceiptMedia,
    size: u64,
    upload: Box<dyn Upload>,
}

/// Nothing is kept of what is too large, of another kind, or breaks off.
async fn take_in(app: &App, mut payload: web::Payload) -> Answer<Taken> {
    let mut upload = app.contents.begin().await.map_err(|error| Failure::fault(&error))?;
    let (mut size, mut start) = (0, BytesMut::new());
    while let Some(part) = payload.next().await {
        let part = part.map_err(|error| Failure::malformed(format!("the body ended early: {error}")))?;
        size += part.len() as u64;
        if size > MAX_BYTES {
            let detail = format!("a receipt has at most {MAX_BYTES} bytes");
            return Err(Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE, &detail));
        }
        if start.len() < START {
            start.extend_from_slice(&part[..part.len().min(START)]);
            if start.len() >= START && ReceiptMedia::of_content(&start).is_none() {
                return Err(not_a_receipt());
            }
        }
        upload.write(part).await.map_err(|error| Failure::fault(&error))?;
    }
    let media = ReceiptMedia::of_content(&start).ok_or_else(not_a_receipt)?;
    Ok(Taken { media, size, upload })
}

fn not_a_receipt() -> Failure {
    Failure::unsupported("NOT_A_RECEIPT", "a receipt is a JPEG, PNG or WebP picture, or a PDF")
}

async fn list(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<Receipt>>> {
    app.edge.admit(&me, *run).await?;
    let paged = receipts::receipts(app.edge.db(), run.0, &query.page()?).await?;
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(receipt_of).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

/// Whoever keeps a copy asks each time whether they may still see it.
async fn content(
    app: web::Data<App>,
    me: Identity,
    request: HttpRequest,
    path: web::Path<(RunId, Uuid)>,
) -> Answer<HttpResponse> {
    let (run, id) = path.into_inner();
    app.edge.admit(&me, run).await?;
    let found = receipts::receipt(app.edge.db(), run.0, id).await?;
    let receipt = found.ok_or_else(|| Failure::not_found("receipt"))?;
    let hash = Hash::try_from(receipt.hash.as_slice()).map_err(|error| Failure::fault(&error))?;
    let etag = EntityTag::new_strong(hex(&hash));
    if is_known(&request, &etag) {
        return Ok(HttpResponse::NotModified().insert_header(ETag(etag)).insert_header(ASK_AGAIN).finish());
    }
    let content = app.contents.open(hash).await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::not_found("content"),
        _ => Failure::fault(&error),
    })?;
    let size = receipt.size.unsigned_abs();
    let media = receipt_of(receipt)?.media;
    // Whatever is in it: it is shown as what it is, runs nothing, and is no page of ours.
    Ok(HttpResponse::Ok()
        .content_type(media.as_str())
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}.{}\"", media.extension()),
        ))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header(ETag(etag))
        .insert_header(ASK_AGAIN)
        .body(SizedStream::new(size, content)))
}

fn is_known(request: &HttpRequest, etag: &EntityTag) -> bool {
    match request.get_header::<IfNoneMatch>() {
        Some(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(etag)),
        Some(IfNoneMatch::Any) => true,
        None => false,
    }
}

pub(super) fn receipt_of(receipt: receipts::Receipt) -> Answer<Receipt> {
    let media = ReceiptMedia::ALL.into_iter().find(|media| media.as_str() == receipt.media);
    Ok(Receipt {
        id: receipt.id,
        run_id: RunId(receipt.run_id),
        product_id: receipt.product_id.map(ProductId),
        uploaded_by: UserId(receipt.uploaded_by),
        name: receipt.name,
        media: media.ok_or_else(Failure::internal)?,
        size: receipt.size.unsigned_abs(),
        created_at: clock::stored(receipt.created_at),
    })
}

impl From<RemoveError> for Failure {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::NotThere => Self::not_found("receipt"),
            RemoveError::NotYours => Self::forbidden("RECEIPT_NOT_YOURS", error.to_string()),
            RemoveError::Storage(error) => error.into(),
        }
    }
}

impl From<AddError> for Failure {
    fn from(error: AddError) -> Self {
        match error {
            AddError::ProductNotInRun => Self::field("product", "NOT_FOUND", error.to_string()),
            AddError::TooMany { .. } => Self::conflict("TOO_MANY_RECEIPTS", error.to_string()),
            AddError::Storage(error) => error.into(),
        }
    }
}
