//! What people may change about themselves.

use super::{AccountError, USERNAME, User};
use crate::Database;
use uuid::Uuid;

/// What is given is set.
#[derive(Clone, Debug, Default)]
pub struct ProfilePatch {
    pub username: Option<String>,
    pub name: Option<String>,
    pub language: Option<String>,
    pub theme: Option<String>,
}

/// None if there is nobody with this id.
///
/// # Errors
/// [`AccountError::UsernameTaken`].
pub async fn update_profile(
    db: &Database,
    id: Uuid,
    patch: ProfilePatch,
) -> Result<Option<User>, AccountError> {
    let sql = "update users set username = coalesce($2, username), name = coalesce($3, name),
                      language = coalesce($4, language), theme = coalesce($5, theme)
               where id = $1 and erased_at is null returning *";
    let username = patch.username.map(|username| username.to_lowercase());
    let updated = on_db!(
        db,
        write | c | {
            sqlx::query_as(sql)
                .bind(id)
                .bind(&username)
                .bind(patch.name)
                .bind(patch.language)
                .bind(patch.theme)
                .fetch_optional(c)
                .await
        }
    );
    updated.map_err(|error| match username {
        Some(username) if USERNAME.is_violated_by(&error) => AccountError::UsernameTaken { username },
        _ => error.into(),
    })
}
