//! Somebody was erased: what the edge and the runs still know of them goes too.

use super::Edge;
use bulq_domain::{GroupId, RunId, UserId};
use bulq_storage::StorageError;
use bulq_storage::accounts::{self, Erased};
use bulq_storage::groups::Role;

impl Edge {
    /// To be called when somebody's name has changed in the database.
    pub fn person_changed(&self, user: UserId) {
        self.0.known.forget_name(user);
    }

    /// To be called when somebody was erased from the database.
    ///
    /// # Errors
    /// Faults only; then a name may stand in a snapshot until the next one.
    pub async fn person_erased(&self, user: UserId, erased: &Erased) -> Result<(), StorageError> {
        self.person_changed(user);
        for run in &erased.runs {
            self.live().reread(RunId(*run));
        }
        for left in &erased.groups {
            self.membership_changed(GroupId(left.group), user, None);
            if let Some(heir) = left.heir {
                self.membership_changed(GroupId(left.group), UserId(heir), Some(Role::Admin));
            }
        }
        // A run that was in memory may have written one meanwhile.
        accounts::forget_snapshots(self.db(), &erased.runs).await
    }
}
