//! What a shopper may pick from.

use crate::{Database, StorageError};
use uuid::Uuid;

/// A run has at most a hundred products; families of more than this are cut, by name.
const MOST: i64 = 1000;

record! {
    /// A member of a family that somebody wants in a run.
    pub struct FamilyMember {
        pub family_id: Uuid,
        pub product_id: Uuid,
        pub name: String,
        pub brand: Option<String>,
        /// Per unit in the store of the run, in minor units.
        pub price: Option<i64>,
    }
}

/// The members of every family in a run, by family and name.
///
/// # Errors
/// Faults only.
pub async fn families_of_run(db: &Database, run: Uuid) -> Result<Vec<FamilyMember>, StorageError> {
    let sql = "select member.family_id, member.id as product_id, member.name, member.brand, sold.price
               from run_products wanted
               join products member on member.family_id = wanted.product_id
                   and member.merged_into is null and member.disabled_at is null
               left join store_products sold on sold.product_id = member.id
                   and sold.store_id = (select store_id from runs where id = $1)
               where wanted.run_id = $1
               order by member.family_id, member.name_key, member.id limit $2";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(run).bind(MOST).fetch_all(c).await)?)
}
