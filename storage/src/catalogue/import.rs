//! Many lines of a store's assortment at once: each is taken as a whole, or not at all.

use super::availability::{self, Availability, CatalogueError};
use super::products::{self, NewProduct};
use crate::Database;
use crate::database::Tx;

/// This many lines share a transaction: enough to be quick, few enough that others may write in between.
const LINES: usize = 100;

/// A product as the store sells it, and the product itself if nobody knew it yet.
#[derive(Clone, Debug)]
pub struct ImportLine {
    pub new: Option<NewProduct>,
    pub availability: Availability,
}

/// What became of each line, in their order.
///
/// # Errors
/// Faults only. What was taken before stays.
pub async fn import(
    db: &Database,
    lines: &[ImportLine],
) -> Result<Vec<Result<(), CatalogueError>>, CatalogueError> {
    let mut outcomes = Vec::with_capacity(lines.len());
    for chunk in lines.chunks(LINES) {
        let mut tx = db.begin().await?;
        for line in chunk {
            outcomes.push(match take(&mut tx, line).await {
                Err(CatalogueError::Storage(fault)) => return Err(fault.into()),
                outcome => outcome,
            });
        }
        tx.commit().await?;
    }
    Ok(outcomes)
}

async fn take(tx: &mut Tx, line: &ImportLine) -> Result<(), CatalogueError> {
    // Before anything is written: a line that is refused leaves nothing.
    availability::require_store(tx, line.availability.store_id).await?;
    if let Some(new) = &line.new {
        products::insert(tx, new).await?;
    }
    availability::put(tx, &line.availability).await
}
