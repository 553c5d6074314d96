//! A store's whole assortment, out and in, as a table.

use super::App;
use super::api::Api;
use super::body::collect;
use super::identity::Identity;
use super::problem::{Answer, Failure};
use super::products::{fields, product_of};
use super::stores::{availability, read as read_store, sold};
use crate::assortment::{self, Line, Named, Numbered, Refusal};
use crate::catalogue::quantity;
use crate::clock;
use crate::openapi::Doc;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_domain::{ProductId, StoreId, UserId};
use bulq_protocol::catalogue::{Aliases, ImportReport, NewProduct, Product, RefusedLine};
use bulq_storage::Page;
use bulq_storage::catalogue::{self, ImportLine};
use std::collections::HashMap;
use uuid::Uuid;

const MAX_BYTES: usize = 1024 * 1024;
const MEDIA: &str = "text/csv";

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("catalogue", summary);
    api.get(
        "/api/v1/stores/{store}/assortment.csv",
        export,
        doc("What a store sells, as a table").sends(&["text/csv"]).refuses(&[404]),
    );
    api.post(
        "/api/v1/stores/{store}/assortment.csv",
        import,
        doc("Takes in what a store sells: each line as a whole or not at all, with a report of what was refused")
            .takes_bytes(MEDIA)
            .answers::<ImportReport>(200)
            .refuses(&[404, 413, 415, 422]),
    );
}

async fn export(app: web::Data<App>, _me: Identity, store: web::Path<StoreId>) -> Answer<HttpResponse> {
    read_store(&app, *store).await?;
    let mut lines = Vec::new();
    let mut page = Page::first(Page::MAX);
    loop {
        let part = catalogue::products_of_store(app.edge.db(), store.0, &page).await?;
        for row in part.items {
            lines.push(sold(row)?);
        }
        let Some(next) = part.next else { break };
        page.after = Some(next);
    }
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"assortment.csv\""))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(assortment::write(&lines)))
}

async fn import(
    app: web::Data<App>,
    me: Identity,
    store: web::Path<StoreId>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer<web::Json<ImportReport>> {
    require_csv(&request)?;
    let bytes = collect(payload.into_inner(), MAX_BYTES).await?;
    read_store(&app, *store).await?;
    let lines = assortment::read(&bytes)
        .map_err(|refusal| Failure::field(&refusal.field, &refusal.code, refusal.detail))?;
    let report = Import::new(&app, *store, me.user).take(lines).await?;
    app.edge.product_changed().await;
    Ok(web::Json(report))
}

fn require_csv(request: &HttpRequest) -> Answer<()> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let media = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case(MEDIA) {
        return Ok(());
    }
    Err(Failure::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the table as Content-Type: text/csv"))
}

/// One file on its way into the catalogue.
struct Import<'a> {
    app: &'a App,
    store: StoreId,
    by: UserId,
    /// Products that earlier lines of the same file add.
    added: HashMap<Key, Product>,
    refused: Vec<RefusedLine>,
}

impl<'a> Import<'a> {
    fn new(app: &'a App, store: StoreId, by: UserId) -> Self {
        Self { app, store, by, added: HashMap::new(), refused: Vec::new() }
    }

    async fn take(mut self, lines: Vec<Numbered>) -> Answer<ImportReport> {
        let total = lines.len() as u64;
        let (mut numbers, mut ready) = (Vec::new(), Vec::new());
        for (number, line) in lines {
            match self.resolve(line).await? {
                Ok(line) => {
                    numbers.push(number);
                    ready.push(line);
                }
                Err(refusal) => self.refuse(number, refusal),
            }
        }
        let outcomes = catalogue::import(self.app.edge.db(), &ready).await?;
        let (mut imported, mut created) = (0, 0);
        for ((number, line), outcome) in numbers.into_iter().zip(&ready).zip(outcomes) {
            match outcome {
                Ok(()) => {
                    imported += 1;
                    created += u64::from(line.new.is_some());
                }
                Err(error) => self.refuse(number, Refusal::new("line", "NOT_FOUND", error.to_string())),
            }
        }
        self.refused.sort_by_key(|refused| refused.line);
        Ok(ImportReport { lines: total, imported, created, refused: self.refused })
    }

    fn refuse(&mut self, line: u64, Refusal { field, code, detail }: Refusal) {
        self.refused.push(RefusedLine { line, field, code, detail });
    }

    /// What is to be written for the line.
    async fn resolve(&mut self, line: Result<Line, Refusal>) -> Answer<Result<ImportLine, Refusal>> {
        let line = match line {
            Ok(line) => line,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (product, new) = match self.product(&line).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let availability = match availability(self.store, product.id, product.step, &line.terms, self.by) {
            Ok(availability) => availability,
            Err(failure) => return Ok(Err(refusal(&failure))),
        };
        if new.is_some() {
            self.added.insert(key(&product.name, product.brand.as_deref()), product);
        }
        Ok(Ok(ImportLine { new, availability }))
    }

    /// The line's product: by id, by name and brand, or a new one.
    async fn product(&self, line: &Line) -> Answer<Result<Resolved, Refusal>> {
        let db = self.app.edge.db();
        if let Some(id) = line.product_id {
            let found = catalogue::product(db, id).await?.filter(|product| product.merged_into.is_none());
            return match found {
                Some(found) if found.disabled_at.is_some() => Ok(Err(out_of_use("product_id"))),
                Some(found) => Ok(Ok((product_of(found)?, None))),
                None => Ok(Err(Refusal::new("product_id", "NOT_FOUND", "there is no such product"))),
            };
        }
        let Some(named) = &line.named else { return Err(Failure::internal()) };
        let known = match self.added.get(&key(&named.name, named.brand.as_deref())) {
            Some(added) => Some(added.clone()),
            None => {
                let found = catalogue::find_product(db, &named.name, named.brand.as_deref()).await?;
                if found.as_ref().is_some_and(|found| found.disabled_at.is_some()) {
                    return Ok(Err(out_of_use("name")));
                }
                found.map(product_of).transpose()?
            }
        };
        match known {
            Some(known) => Ok(same_terms(&known, named).map(|()| (known, None))),
            None => self.new_product(named),
        }
    }

    fn new_product(&self, named: &Named) -> Answer<Result<Resolved, Refusal>> {
        let Some(unit) = named.unit else {
            return Ok(Err(Refusal::new("unit", "EMPTY", "a product nobody knows yet needs a unit")));
        };
        let (brand, step) = (named.brand.clone(), named.step);
        let fields = match fields(&NewProduct { brand, step, ..NewProduct::named(&named.name, unit) }) {
            Ok(fields) => fields,
            Err(failure) => return Ok(Err(refusal(&failure))),
        };
        let (id, at) = (Uuid::now_v7(), clock::micros());
        let product = Product {
            id: ProductId(id),
            name: fields.name.clone(),
            brand: fields.brand.clone(),
            unit,
            step: quantity(fields.step_thousandths).map_err(|error| Failure::fault(&error))?,
            is_family: false,
            family_id: None,
            aliases: Aliases::default(),
            tags: Vec::new(),
            verified: false,
            disabled: false,
            merged_into: None,
            created_at: clock::stored(at),
        };
        let new = catalogue::NewProduct { id, fields, created_by: self.by.0, at };
        Ok(Ok((product, Some(new))))
    }
}

/// A product, and what to store if it is new.
type Resolved = (Product, Option<catalogue::NewProduct>);
type Key = (String, Option<String>);

/// Products of one name and brand, in any case of letters, are the same to a file.
fn key(name: &str, brand: Option<&str>) -> Key {
    (name.to_lowercase(), brand.map(str::to_lowercase))
}

/// A product that is known keeps its unit and its step.
fn same_terms(known: &Product, named: &Named) -> Result<(), Refusal> {
    if named.unit.is_some_and(|unit| unit != known.unit) {
        return Err(Refusal::new("unit", "OTHER_UNIT", "the product is known in another unit"));
    }
    if named.step.is_some_and(|step| step != known.step) {
        return Err(Refusal::new(
            "step",
            "OTHER_STEP",
            format!("the product is known with step {}", known.step),
        ));
    }
    Ok(())
}

fn out_of_use(field: &str) -> Refusal {
    Refusal::new(field, "DISABLED", "an admin of the server has disabled this product")
}

fn refusal(failure: &Failure) -> Refusal {
    match failure.about() {
        Some(field) => Refusal::new(&field.field, &field.code, field.detail.clone()),
        None => Refusal::new("line", failure.code(), failure.to_string()),
    }
}
