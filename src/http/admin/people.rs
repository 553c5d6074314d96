//! Users and groups.

use super::{Api, App, Body, Doc, Failure, Identity, Query, SearchQuery, entry, listing, require_admin};
use crate::clock;
use crate::http::problem::Answer;
use crate::http::values;
use crate::security::logins::LoginError;
use actix_web::{HttpResponse, web};
use bulq_domain::{GroupId, UserId};
use bulq_protocol::admin::{AdminGroup, AdminUser, PatchAdminGroup, PatchUser};
use bulq_protocol::list::Listing;
use bulq_protocol::live::GroupEvent;
use bulq_storage::accounts;
use bulq_storage::admin::{self, AdminError, GroupOfServer, UserOfServer};
use serde_json::json;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("admin", summary);
    api.get(
        "/api/v1/admin/users",
        users,
        doc("Everybody, by username")
            .lists::<AdminUser>()
            .query("q", "the beginning of the username")
            .refuses(&[403]),
    );
    api.patch(
        "/api/v1/admin/users/{user}",
        change_user,
        doc("Rename somebody, disable them, make them admin of the server; or take that back")
            .takes::<PatchUser>()
            .answers::<AdminUser>(200)
            .refuses(&[403, 404, 409, 422]),
    );
    api.delete(
        "/api/v1/admin/users/{user}",
        erase_user,
        doc("Erase somebody: who it was goes, the books stay").nothing(204).refuses(&[403, 404, 409]),
    );
    api.get(
        "/api/v1/admin/groups",
        groups,
        doc("All groups, by name")
            .lists::<AdminGroup>()
            .query("q", "the beginning of the name")
            .refuses(&[403]),
    );
    api.patch(
        "/api/v1/admin/groups/{group}",
        change_group,
        doc("Rename a group, or disable it; or take that back")
            .takes::<PatchAdminGroup>()
            .nothing(204)
            .refuses(&[403, 404, 422]),
    );
    api.delete(
        "/api/v1/admin/groups/{group}",
        remove_group,
        doc("Remove a group that has no runs").nothing(204).refuses(&[403, 404, 409]),
    );
}

async fn users(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<AdminUser>>> {
    require_admin(&app, &me).await?;
    let paged = admin::users(app.edge.db(), &query.page()?, query.beginning()).await?;
    Ok(web::Json(listing(paged, user_of)))
}

async fn change_user(
    app: web::Data<App>,
    me: Identity,
    user: web::Path<UserId>,
    Body(change): Body<PatchUser>,
) -> Answer<web::Json<AdminUser>> {
    require_admin(&app, &me).await?;
    if change.disabled == Some(true) && *user == me.user {
        return Err(Failure::conflict("THAT_IS_YOU", "nobody disables themselves"));
    }
    let db = app.edge.db();
    let note = |action| entry(&me, action, "user", Some(user.0), &json!({}));
    if change.username.is_some() || change.name.is_some() {
        rename(&app, &me, *user, &change).await?;
    }
    if let Some(is_admin) = change.is_admin {
        let action = if is_admin { "promote" } else { "demote" };
        admin::set_admin(db, user.0, is_admin, &note(action)).await?;
    }
    if let Some(disabled) = change.disabled {
        match disabled {
            true => app.logins.disable(*user, &note("disable")).await?,
            false => admin::enable(db, user.0, &note("enable")).await?,
        }
    }
    let now = accounts::user(db, user.0).await?.ok_or_else(|| Failure::not_found("user"))?;
    Ok(web::Json(AdminUser {
        id: UserId(now.id),
        username: now.username,
        name: now.name,
        is_admin: now.is_admin,
        disabled: now.disabled_at.is_some(),
        created_at: clock::stored(now.created_at),
    }))
}

async fn rename(app: &App, me: &Identity, user: UserId, change: &PatchUser) -> Answer<()> {
    let username = change.username.as_deref().map(values::username).transpose()?;
    let name = change.name.as_deref().map(|name| values::line("name", name, 1, 100)).transpose()?;
    // Not to what: names go when somebody is erased, and the log stays.
    let detail = json!({ "username": username.is_some(), "name": name.is_some() });
    let entry = entry(me, "rename", "user", Some(user.0), &detail);
    app.logins.rename(user, username.as_deref(), name.as_deref(), &entry).await?;
    app.edge.person_changed(user);
    Ok(())
}

async fn erase_user(app: web::Data<App>, me: Identity, user: web::Path<UserId>) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    if *user == me.user {
        return Err(Failure::conflict(
            "THAT_IS_YOU",
            "with your password you erase yourself: DELETE /auth/me",
        ));
    }
    // Nothing of who it was, here either.
    let entry = entry(&me, "erase", "user", Some(user.0), &json!({}));
    let erased = app.logins.erase_other(*user, &entry).await?;
    app.edge.person_erased(*user, &erased).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn groups(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<AdminGroup>>> {
    require_admin(&app, &me).await?;
    let paged = admin::groups(app.edge.db(), &query.page()?, query.beginning()).await?;
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(group_of).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

async fn change_group(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    Body(change): Body<PatchAdminGroup>,
) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let db = app.edge.db();
    let there = |found: bool| if found { Ok(()) } else { Err(Failure::not_found("group")) };
    if let Some(name) = change.name.as_deref() {
        let name = values::line("name", name, 2, 100)?;
        let entry = entry(&me, "rename", "group", Some(group.0), &json!({ "name": name }));
        there(admin::rename_group(db, group.0, &name, &entry).await?)?;
    }
    if let Some(disabled) = change.disabled {
        let entry =
            entry(&me, if disabled { "disable" } else { "enable" }, "group", Some(group.0), &json!({}));
        there(admin::disable_group(db, group.0, disabled.then(clock::micros), &entry).await?)?;
    }
    app.edge.live().publish_group(*group, &GroupEvent::GroupChanged);
    Ok(HttpResponse::NoContent().finish())
}

async fn remove_group(app: web::Data<App>, me: Identity, group: web::Path<GroupId>) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let entry = entry(&me, "remove", "group", Some(group.0), &json!({}));
    admin::remove_group(app.edge.db(), group.0, &entry).await?;
    app.edge.group_removed();
    Ok(HttpResponse::NoContent().finish())
}

fn user_of(user: UserOfServer) -> AdminUser {
    AdminUser {
        id: UserId(user.id),
        username: user.username,
        name: user.name,
        is_admin: user.is_admin,
        disabled: user.disabled_at.is_some(),
        created_at: clock::stored(user.created_at),
    }
}

fn group_of(group: GroupOfServer) -> Answer<AdminGroup> {
    Ok(AdminGroup {
        id: GroupId(group.id),
        name: group.name,
        currency: group.currency.parse().map_err(|error| Failure::fault(&error))?,
        members: group.members.unsigned_abs(),
        live_runs: group.live_runs.unsigned_abs(),
        disabled: group.disabled_at.is_some(),
        created_at: clock::stored(group.created_at),
    })
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::LastAdmin => Self::conflict("LAST_ADMIN", error.to_string()),
            AdminError::NoSuchUser => Self::not_found("user"),
            AdminError::UsernameTaken { .. } => LoginError::UsernameTaken.into(),
            AdminError::NotAdmin => Self::forbidden("SITE_ADMIN_ONLY", error.to_string()),
            AdminError::Storage(error) => error.into(),
        }
    }
}
