//! What an operator does to a database: migrate it, verify it.

use crate::cli::MigrateStep;
use crate::config::Settings;
use crate::say;
use crate::server::{StartError, database_config};
use bulq_storage::{Database, StorageError, migrate, runs, verify};
use std::time::{Duration, Instant};
use uuid::Uuid;

const PAGE: i64 = 500;
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// # Errors
/// [`StartError`]: one line for people.
pub async fn migrate(settings: &Settings, step: MigrateStep) -> Result<(), StartError> {
    let db = Database::connect(&database_config(settings)?).await?;
    match step {
        MigrateStep::Up => say::line(&format!("{} steps taken", migrate::up(&db).await?)),
        MigrateStep::Down { steps } => {
            let steps = usize::try_from(steps).unwrap_or(usize::MAX);
            say::line(&format!("{} steps taken back", migrate::down(&db, steps).await?));
        }
        MigrateStep::Status => {
            for step in migrate::status(&db).await.map_err(migrate::SchemaError::from)? {
                let mark = if step.applied { "done   " } else { "pending" };
                say::line(&format!("{mark}  {:04}  {}", step.version, step.name));
            }
        }
    }
    db.close().await;
    Ok(())
}

/// Replays every log. Returns how many differences there are; each is printed.
///
/// # Errors
/// [`StartError`]: one line for people.
pub async fn verify(settings: &Settings) -> Result<u64, StartError> {
    let db = Database::connect(&database_config(settings)?).await?;
    migrate::check(&db).await?;
    let found = verify_all(&db).await.map_err(migrate::SchemaError::from)?;
    db.close().await;
    Ok(found)
}

async fn verify_all(db: &Database) -> Result<u64, StorageError> {
    let (mut seen, mut found) = (0_u64, 0_u64);
    let mut reported = Instant::now();
    let mut after = None;
    loop {
        let page = runs::all_run_ids(db, after, PAGE).await?;
        let Some(last) = page.last().copied() else { break };
        for run in page {
            found += verify_one(db, run).await?;
            seen += 1;
            if reported.elapsed() > REPORT_EVERY {
                reported = Instant::now();
                say::line(&format!("{seen} runs verified, {found} differences so far"));
            }
        }
        after = Some(last);
    }
    say::line(&format!("{seen} runs verified, {found} differences"));
    Ok(found)
}

async fn verify_one(db: &Database, run: Uuid) -> Result<u64, StorageError> {
    let differences = verify::verify_run(db, run).await?;
    for difference in &differences {
        let verify::Difference { what, log, stored } = difference;
        say::line(&format!("run {run}: {what}: the log says {log}, stored is {stored}"));
    }
    Ok(u64::try_from(differences.len()).unwrap_or(u64::MAX))
}
