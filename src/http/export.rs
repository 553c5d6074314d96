//! A run as a file, for spreadsheets and for other programs.

use super::App;
use super::api::Api;
use super::identity::Identity;
use super::lists::Query;
use super::problem::{Answer, Failure};
use crate::openapi::Doc;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, web};
use bulq_actors::Refusal;
use bulq_domain::{Code, Money, Rejection, Run, RunId, UserId};
use bulq_protocol::RunView;
use bulq_protocol::goods::DistributionView;
use bulq_protocol::money::SettlementView;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub(super) fn routes(api: &mut Api) {
    api.get(
        "/api/v1/runs/{run}/export",
        export,
        Doc::new("runs", "The run as a file, from confirmed on")
            .answers_or_sends::<RunExport>("text/csv")
            .query("format", "json, or csv with a line for each wish, purchase, share, cost and balance")
            .refuses(&[403, 404, 409, 422]),
    );
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    #[serde(default)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Csv,
    #[default]
    Json,
}

/// Everything there is to know of a run.
#[derive(Debug, Serialize, ToSchema)]
struct RunExport {
    run: RunView,
    distribution: DistributionView,
    settlement: SettlementView,
}

impl RunExport {
    fn of(run: &Run) -> Self {
        Self {
            run: RunView::of(run),
            distribution: DistributionView::of(run),
            settlement: SettlementView::of(run),
        }
    }
}

async fn export(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
    Query(query): Query<ExportQuery>,
) -> Answer<HttpResponse> {
    app.edge.admit(&me, *run).await?;
    let run = app.edge.live().read(*run, Run::clone).await?;
    if !run.may_export() {
        let detail = "there is something to export from confirmed on";
        return Err(
            Refusal::Rejected(Rejection::new(Code::NotInState, detail).with("state", run.state)).into()
        );
    }
    let made = web::block(move || write(&RunExport::of(&run), query.format)).await;
    let (name, content_type, body) = made.map_err(|error| Failure::fault(&error))??;
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    Ok(HttpResponse::Ok().content_type(content_type).insert_header(disposition).body(body))
}

fn write(export: &RunExport, format: Format) -> Answer<(String, &'static str, Vec<u8>)> {
    let name = |ending| format!("run-{}.{ending}", export.run.id);
    match format {
        Format::Json => {
            let body = serde_json::to_vec(export).expect("views are plain data");
            Ok((name("json"), "application/json", body))
        }
        Format::Csv => {
            let body = csv(export).map_err(|error| Failure::fault(&error))?;
            Ok((name("csv"), "text/csv; charset=utf-8", body))
        }
    }
}

/// One line of the table. People and products are named by id too: two of the same name stay two.
#[derive(Default, Serialize)]
struct Row<'a> {
    kind: &'static str,
    user_id: String,
    name: String,
    product_id: String,
    product: String,
    unit: String,
    quantity: String,
    /// Minor units of the currency.
    amount: Option<i64>,
    currency: &'a str,
    note: String,
}

fn csv(export: &RunExport) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    rows(export).iter().try_for_each(|row| table.serialize(row))?;
    table.into_inner().map_err(|error| error.into_error().into())
}

fn rows(export: &RunExport) -> Vec<Row<'_>> {
    let run = &export.run;
    let names: BTreeMap<UserId, &str> = run.participants.iter().map(|p| (p.user_id, &*p.name)).collect();
    let of = |kind, user: UserId| Row {
        kind,
        user_id: user.to_string(),
        name: harmless(names.get(&user).copied().unwrap_or_default()),
        currency: run.currency.as_str(),
        ..Row::default()
    };
    let mut rows = Vec::new();
    for product in &run.products {
        let unit = serde_json::to_value(product.unit).ok();
        let unit = unit.as_ref().and_then(|unit| unit.as_str()).unwrap_or_default();
        let line = |kind, user, quantity: String, amount: Option<Money>| Row {
            product_id: product.product_id.to_string(),
            product: harmless(&product.name),
            unit: unit.to_owned(),
            quantity,
            amount: amount.map(|money| money.0),
            ..of(kind, user)
        };
        let wishes =
            product.bids.iter().map(|bid| line("wanted", bid.user_id, bid.quantity.to_string(), None));
        rows.extend(wishes);
        let Some(item) = &product.item else { continue };
        let bought = item
            .parts
            .iter()
            .map(|part| line("bought", part.payer_id, part.quantity.to_string(), Some(part.total)));
        rows.extend(bought);
        let received = item
            .allocations
            .iter()
            .map(|a| line("received", a.user_id, a.received.to_string(), Some(a.share)));
        rows.extend(received);
    }
    rows.extend(run.costs.iter().map(|cost| Row {
        amount: Some(cost.amount.0),
        note: harmless(cost.label.as_str()),
        ..of("cost", cost.payer_id)
    }));
    let balances = export.settlement.balances.iter();
    rows.extend(balances.map(|b| Row { amount: Some(b.balance.0), ..of("balance", b.user_id) }));
    rows
}

/// A spreadsheet must not take somebody's name for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_name_is_never_a_formula() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("Ana"), "Ana");
    }
}
