//! One box to search everything by.

use super::App;
use super::api::Api;
use super::identity::Identity;
use super::lists::{Query, limit_of, searched};
use super::problem::{Answer, Failure};
use super::products::product_of;
use super::stores::store_of;
use crate::clock;
use crate::openapi::Doc;
use actix_web::web;
use bulq_domain::{GroupId, RunId};
use bulq_protocol::catalogue::{FoundGroup, FoundRun, SearchResults};
use bulq_storage::{Page, catalogue, fold, mine};
use serde::Deserialize;

const DEFAULT_LIMIT: u32 = 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BoxQuery {
    q: String,
    limit: Option<u32>,
}

pub(super) fn routes(api: &mut Api) {
    api.get(
        "/api/v1/search",
        search,
        Doc::new("catalogue", "Products, stores, my groups and their runs, by a part of their name")
            .answers::<SearchResults>(200)
            .needs("q", "a few letters of any alphabet, in any case, with or without accents")
            .query("limit", "1 to 100 of each kind; 10 if absent")
            .refuses(&[422]),
    );
}

async fn search(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<BoxQuery>,
) -> Answer<web::Json<SearchResults>> {
    let limit = limit_of(Some(query.limit.unwrap_or(DEFAULT_LIMIT)))?;
    let q = searched(query.q.trim())?;
    if fold(q).is_empty() {
        return Err(Failure::field("q", "EMPTY", "at least one letter"));
    }
    let (db, page, most) = (app.edge.db(), Page::first(limit), limit as usize);
    let products = catalogue::products(db, &page, Some(q)).await?.items;
    let stores = catalogue::stores(db, &page, Some(q)).await?.items;
    let groups = mine::find_groups(db, me.user.0, q, most).await?;
    let runs = mine::find_runs(db, me.user.0, q, most).await?;
    Ok(web::Json(SearchResults {
        products: products.into_iter().map(product_of).collect::<Result<_, _>>()?,
        stores: stores.into_iter().map(store_of).collect(),
        groups: groups
            .into_iter()
            .map(|group| FoundGroup { id: GroupId(group.id), name: group.name })
            .collect(),
        runs: runs.into_iter().map(found_run).collect::<Result<_, _>>()?,
    }))
}

fn found_run(run: mine::FoundRun) -> Answer<FoundRun> {
    Ok(FoundRun {
        id: RunId(run.id),
        group_id: GroupId(run.group_id),
        group_name: run.group_name,
        store_name: run.store_name,
        state: run.state.parse().map_err(|error| Failure::fault(&error))?,
        comment: run.comment,
        created_at: clock::stored(run.created_at),
    })
}
