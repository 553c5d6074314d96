//! A bid as most people would store it behind an API: axum, sqlx, a pool, a transaction for each, and a channel for each run on
//! which whoever looks on would hear of it. Its tables are those of `schema.sql`.
//!
//!     bulq-peer-axum PORT DATABASE_URL

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::put;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

/// As many as the load has connections.
const CONNECTIONS: u32 = 32;

#[derive(Clone)]
struct App {
    db: PgPool,
    rooms: Arc<Mutex<HashMap<i64, broadcast::Sender<String>>>>,
}

#[derive(Deserialize)]
struct Bid {
    person: i64,
    quantity: i64,
}

#[derive(Serialize)]
struct Placed {
    run: i64,
    seq: i64,
    product: i64,
    person: i64,
    quantity: i64,
}

async fn place(
    State(app): State<App>,
    Path((run, product)): Path<(i64, i64)>,
    Json(Bid { person, quantity }): Json<Bid>,
) -> Result<Json<Placed>, (StatusCode, String)> {
    let stored = store(&app.db, run, product, person, quantity).await;
    let placed = stored.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    if let (Ok(text), Ok(mut rooms)) = (serde_json::to_string(&placed), app.rooms.lock()) {
        let room = rooms.entry(run).or_insert_with(|| broadcast::channel(1024).0);
        // Nobody may be listening.
        let _ = room.send(text);
    }
    Ok(Json(placed))
}

async fn store(db: &PgPool, run: i64, product: i64, person: i64, quantity: i64) -> sqlx::Result<Placed> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "insert into peer_bids (run_id, product_id, person_id, quantity) values ($1, $2, $3, $4)
         on conflict (run_id, product_id, person_id) do update set quantity = excluded.quantity, changed_at = now()",
    )
    .bind(run)
    .bind(product)
    .bind(person)
    .bind(quantity)
    .execute(&mut *tx)
    .await?;
    let body = serde_json::json!({
        "type": "bid_placed", "product_id": product, "person_id": person, "quantity": quantity,
    });
    sqlx::query("insert into peer_events (run_id, body) values ($1, $2::jsonb)")
        .bind(run)
        .bind(body.to_string())
        .execute(&mut *tx)
        .await?;
    let seq: i64 = sqlx::query_scalar(
        "update peer_runs set seq = seq + 1, changed_at = now() where id = $1 returning seq",
    )
    .bind(run)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Placed { run, seq, product, person, quantity })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(url)) = (arguments.next(), arguments.next()) else {
        return Err("bulq-peer-axum PORT DATABASE_URL".into());
    };
    let db = PgPoolOptions::new().max_connections(CONNECTIONS).connect(&url).await?;
    let app = App { db, rooms: Arc::default() };
    let router = Router::new().route("/runs/{run}/bids/{product}", put(place)).with_state(app);
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    let listener = listener.tap_io(|socket| {
        let _ = socket.set_nodelay(true);
    });
    axum::serve(listener, router).await?;
    Ok(())
}
