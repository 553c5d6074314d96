//! Invitations: the token is shown once and kept only as a hash.

use super::App;
use super::api::Api;
use super::body::Body;
use super::groups::read;
use super::identity::Identity;
use super::lists::{PageQuery, Query, listing};
use super::problem::{Answer, Failure};
use crate::openapi::Doc;
use crate::{clock, security};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_domain::GroupId;
use bulq_protocol::group::{Group, Invite, InvitePreview, NewInvite};
use bulq_protocol::list::Listing;
use bulq_protocol::live::GroupEvent;
use bulq_storage::groups::{self, AcceptError, MembershipLimits, Role};
use chrono::{DateTime, Utc};
use qrcode::QrCode;
use qrcode::render::svg;
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("groups", summary);
    api.post(
        "/api/v1/groups/{group}/invites",
        create,
        doc("Invite people; the token is shown this once")
            .takes::<NewInvite>()
            .answers::<Invite>(201)
            .refuses(&[403, 404, 422]),
    );
    api.get(
        "/api/v1/groups/{group}/invites",
        list,
        doc("The invitations that were not withdrawn").lists::<Invite>().refuses(&[403, 404]),
    );
    api.delete(
        "/api/v1/groups/{group}/invites/{invite}",
        revoke,
        doc("Withdraw an invitation").nothing(204).refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/invites/{token}",
        preview,
        doc("What the invitation is to").open().answers::<InvitePreview>(200).refuses(&[404]),
    );
    api.get(
        "/api/v1/invites/{token}/qr",
        qr,
        doc("The invitation's link as a QR code").open().sends(&["image/svg+xml"]).refuses(&[404]),
    );
    api.post(
        "/api/v1/invites/{token}/accept",
        accept,
        doc("Join the group").answers::<Group>(200).refuses(&[404, 409]),
    );
}

async fn create(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    Body(new): Body<NewInvite>,
) -> Answer<HttpResponse> {
    app.edge.admin(&me, *group).await?;
    let expires_at = new.expires_at.map(in_future).transpose()?;
    if new.max_uses == Some(0) {
        return Err(Failure::field("max_uses", "OUT_OF_RANGE", "at least 1"));
    }
    let token = security::random_secret();
    let new = groups::NewInvite {
        id: Uuid::now_v7(),
        group_id: group.0,
        token_hash: security::hash(&token),
        created_by: me.user.0,
        expires_at,
        max_uses: new.max_uses.map(i64::from),
        at: clock::micros(),
    };
    let invite = groups::create_invite(app.edge.db(), new).await?;
    Ok(HttpResponse::Created().json(invite_of(invite, Some(token))))
}

async fn list(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<Invite>>> {
    app.edge.admin(&me, *group).await?;
    let paged = groups::invites(app.edge.db(), group.0, &query.page()?).await?;
    Ok(web::Json(listing(paged, |invite| invite_of(invite, None))))
}

async fn revoke(app: web::Data<App>, me: Identity, path: web::Path<(GroupId, Uuid)>) -> Answer<HttpResponse> {
    let (group, invite) = path.into_inner();
    app.edge.admin(&me, group).await?;
    if !groups::revoke_invite(app.edge.db(), group.0, invite, clock::micros()).await? {
        return Err(Failure::not_found("invitation"));
    }
    Ok(HttpResponse::NoContent().finish())
}

async fn preview(app: web::Data<App>, token: web::Path<String>) -> Answer<web::Json<InvitePreview>> {
    let invite = open_invite(&app, &token).await?;
    Ok(web::Json(InvitePreview {
        group_name: invite.group_name,
        members: invite.members.unsigned_abs(),
        invited_by: invite.inviter_name,
        joining_open: invite.joining_open,
    }))
}

/// The invitation's link as a picture. Whoever has the token may draw it themselves; this saves them the work.
async fn qr(app: web::Data<App>, request: HttpRequest, token: web::Path<String>) -> Answer<HttpResponse> {
    open_invite(&app, &token).await?;
    let link = format!("{}/join/{token}", app.origins.address_of(&request));
    let code = QrCode::new(&link).map_err(|error| Failure::fault(&error))?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(256, 256).build();
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(picture))
}

async fn open_invite(app: &App, token: &str) -> Answer<groups::InvitePreview> {
    let found = groups::invite_by_token(app.edge.db(), &security::hash(token)).await?;
    found.filter(is_open).ok_or_else(|| Failure::not_found("invitation"))
}

async fn accept(app: web::Data<App>, me: Identity, token: web::Path<String>) -> Answer<web::Json<Group>> {
    let hash = security::hash(&token);
    let limits = MembershipLimits {
        members_per_group: app.edge.limits().members_per_group.into(),
        groups_per_user: app.edge.limits().groups_per_user.into(),
    };
    let accepted = groups::accept_invite(app.edge.db(), &hash, me.user.0, clock::micros(), limits).await?;
    let group = GroupId(accepted.group_id);
    app.edge.membership_changed(group, me.user, Some(Role::Member));
    if !accepted.returned {
        app.edge.live().publish_group(group, &GroupEvent::MemberJoined { user_id: me.user });
    }
    Ok(web::Json(read(&app, group, Role::Member).await?))
}

fn in_future(at: DateTime<Utc>) -> Answer<i64> {
    if at > clock::now() {
        return Ok(at.timestamp_micros());
    }
    Err(Failure::field("expires_at", "IN_THE_PAST", "must be in the future"))
}

fn is_open(invite: &groups::InvitePreview) -> bool {
    invite.revoked_at.is_none()
        && invite.expires_at.is_none_or(|end| end > clock::micros())
        && invite.max_uses.is_none_or(|max| invite.uses < max)
}

fn invite_of(invite: groups::Invite, token: Option<String>) -> Invite {
    Invite {
        id: invite.id,
        token,
        expires_at: invite.expires_at.map(clock::stored),
        max_uses: invite.max_uses.and_then(|max| u32::try_from(max).ok()),
        uses: u32::try_from(invite.uses).unwrap_or(u32::MAX),
        created_at: clock::stored(invite.created_at),
    }
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        let detail = error.to_string();
        match error {
            AcceptError::NotFound => Self::not_found("invitation"),
            AcceptError::Revoked => Self::conflict("INVITE_REVOKED", detail),
            AcceptError::Expired => Self::conflict("INVITE_EXPIRED", detail),
            AcceptError::UsedUp => Self::conflict("INVITE_USED_UP", detail),
            AcceptError::JoiningClosed => Self::conflict("JOINING_CLOSED", detail),
            AcceptError::GroupFull { .. } => Self::conflict("GROUP_FULL", detail),
            AcceptError::TooManyGroups { .. } => Self::conflict("TOO_MANY_GROUPS", detail),
            AcceptError::AlreadyMember { group } => {
                Self::conflict("ALREADY_A_MEMBER", detail).with("group_id", group.to_string().into())
            }
            AcceptError::Storage(error) => error.into(),
        }
    }
}
