//! Groups and their members.

use super::api::Api;
use super::body::Body;
use super::identity::Identity;
use super::lists::{PageQuery, Query, listing};
use super::problem::{Answer, Failure};
use super::{App, values};
use crate::clock;
use crate::openapi::Doc;
use actix_web::{HttpResponse, web};
use bulq_domain::command::DefaultCost;
use bulq_domain::{GroupId, Money, UserId};
use bulq_protocol::group::{Group, Member, MemberRole, NewGroup, PatchGroup, SetRole};
use bulq_protocol::list::Listing;
use bulq_protocol::live::GroupEvent;
use bulq_storage::groups::{self, CreateError, GroupOfUser, GroupPatch, MemberError, Role};
use serde::de::DeserializeOwned;
use uuid::Uuid;

const MAX_DEFAULT_COSTS: usize = 10;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("groups", summary);
    api.post(
        "/api/v1/groups",
        create,
        doc("Make a group; whoever does is its first admin")
            .takes::<NewGroup>()
            .answers::<Group>(201)
            .refuses(&[409, 422]),
    );
    api.get("/api/v1/groups", mine, doc("The groups I am in").lists::<Group>());
    api.get("/api/v1/groups/{group}", get, doc("A group I am in").answers::<Group>(200).refuses(&[404]));
    api.patch(
        "/api/v1/groups/{group}",
        change,
        doc("Change a group's name, its shortage policy, its default costs, or whether one can join")
            .takes::<PatchGroup>()
            .answers::<Group>(200)
            .refuses(&[403, 404, 422]),
    );
    api.get(
        "/api/v1/groups/{group}/members",
        members,
        doc("Who is in the group").lists::<Member>().refuses(&[404]),
    );
    api.patch(
        "/api/v1/groups/{group}/members/{user}",
        set_role,
        doc("Make somebody admin, or member").takes::<SetRole>().nothing(204).refuses(&[403, 404, 409, 422]),
    );
    api.delete(
        "/api/v1/groups/{group}/members/{user}",
        remove,
        doc("Leave a group (my own id), or remove somebody").nothing(204).refuses(&[403, 404, 409]),
    );
}

async fn create(app: web::Data<App>, me: Identity, Body(new): Body<NewGroup>) -> Answer<HttpResponse> {
    let name = values::line("name", &new.name, 2, 100)?;
    let new = groups::NewGroup {
        id: Uuid::now_v7(),
        name,
        currency: new.currency.as_str().to_owned(),
        created_by: me.user.0,
        at: clock::micros(),
    };
    let group = groups::create_group(app.edge.db(), new, app.edge.limits().groups_per_user.into()).await?;
    app.edge.membership_changed(GroupId(group.id), me.user, Some(Role::Admin));
    Ok(HttpResponse::Created().json(group_of(group, Role::Admin, 1)?))
}

async fn mine(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<Group>>> {
    let paged = groups::groups_of(app.edge.db(), me.user.0, &query.page()?).await?;
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(listed).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

async fn get(app: web::Data<App>, me: Identity, group: web::Path<GroupId>) -> Answer<web::Json<Group>> {
    let role = app.edge.member(&me, *group).await?;
    Ok(web::Json(read(&app, *group, role).await?))
}

async fn change(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    Body(change): Body<PatchGroup>,
) -> Answer<web::Json<Group>> {
    app.edge.admin(&me, *group).await?;
    let patch = GroupPatch {
        name: change.name.map(|name| values::line("name", &name, 2, 100)).transpose()?,
        shortage_policy: change.shortage_policy.map(|policy| policy.as_str().to_owned()),
        default_costs: change.default_costs.map(costs).transpose()?,
        joining_open: change.joining_open,
    };
    groups::update_group(app.edge.db(), group.0, patch).await?;
    app.edge.live().publish_group(*group, &GroupEvent::GroupChanged);
    Ok(web::Json(read(&app, *group, Role::Admin).await?))
}

async fn members(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<Member>>> {
    app.edge.member(&me, *group).await?;
    let paged = groups::members(app.edge.db(), group.0, &query.page()?).await?;
    Ok(web::Json(listing(paged, member_of)))
}

async fn set_role(
    app: web::Data<App>,
    me: Identity,
    path: web::Path<(GroupId, UserId)>,
    Body(change): Body<SetRole>,
) -> Answer<HttpResponse> {
    let (group, user) = path.into_inner();
    app.edge.admin(&me, group).await?;
    let role = match change.role {
        MemberRole::Admin => Role::Admin,
        MemberRole::Member => Role::Member,
    };
    groups::set_role(app.edge.db(), group.0, me.user.0, user.0, role).await?;
    app.edge.membership_changed(group, user, Some(role));
    app.edge.live().publish_group(group, &GroupEvent::RoleChanged { user_id: user, role: change.role });
    Ok(HttpResponse::NoContent().finish())
}

async fn remove(
    app: web::Data<App>,
    me: Identity,
    path: web::Path<(GroupId, UserId)>,
) -> Answer<HttpResponse> {
    let (group, user) = path.into_inner();
    let leaving = user == me.user;
    if leaving {
        app.edge.member(&me, group).await?;
    } else {
        app.edge.admin(&me, group).await?;
    }
    groups::remove_member(app.edge.db(), group.0, me.user.0, user.0, clock::micros()).await?;
    app.edge.membership_changed(group, user, None);
    Ok(HttpResponse::NoContent().finish())
}

/// As they are stored.
fn costs(costs: Vec<DefaultCost>) -> Answer<String> {
    if costs.len() > MAX_DEFAULT_COSTS {
        let detail = format!("at most {MAX_DEFAULT_COSTS}");
        return Err(Failure::field("default_costs", "TOO_MANY", detail));
    }
    for cost in &costs {
        if !(Money(1)..=Money::MAX_LINE).contains(&cost.amount) {
            let detail = format!("1 to {}", Money::MAX_LINE.0);
            return Err(Failure::field("default_costs.amount", "OUT_OF_RANGE", detail));
        }
    }
    Ok(serde_json::to_string(&costs).expect("costs are plain data"))
}

pub(super) async fn read(app: &App, group: GroupId, role: Role) -> Answer<Group> {
    let found = groups::group(app.edge.db(), group.0).await?.ok_or_else(|| Failure::not_found("group"))?;
    let members = groups::member_count(app.edge.db(), group.0).await?;
    group_of(found, role, members)
}

fn group_of(group: groups::Group, role: Role, members: i64) -> Answer<Group> {
    Ok(Group {
        id: GroupId(group.id),
        currency: group.currency.parse().map_err(|error| Failure::fault(&error))?,
        name: group.name,
        role: role_of(role),
        members: members.unsigned_abs(),
        joining_open: group.joining_open,
        disabled: group.disabled_at.is_some(),
        shortage_policy: stored(group.shortage_policy.into())?,
        default_costs: stored(json(&group.default_costs)?)?,
        created_at: clock::stored(group.created_at),
    })
}

fn listed(group: GroupOfUser) -> Answer<Group> {
    Ok(Group {
        id: GroupId(group.id),
        currency: group.currency.parse().map_err(|error| Failure::fault(&error))?,
        name: group.name,
        role: role_of(group.role),
        members: group.members.unsigned_abs(),
        joining_open: group.joining_open,
        disabled: group.disabled_at.is_some(),
        shortage_policy: stored(group.shortage_policy.into())?,
        default_costs: stored(json(&group.default_costs)?)?,
        created_at: clock::stored(group.created_at),
    })
}

fn json(text: &str) -> Answer<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| Failure::fault(&error))
}

fn stored<T: DeserializeOwned>(value: serde_json::Value) -> Answer<T> {
    serde_json::from_value(value).map_err(|error| Failure::fault(&error))
}

fn member_of(member: groups::Member) -> Member {
    Member {
        user_id: UserId(member.user_id),
        username: member.username,
        name: member.name,
        role: role_of(member.role),
        joined_at: clock::stored(member.joined_at),
    }
}

pub(super) const fn role_of(role: Role) -> MemberRole {
    match role {
        Role::Admin => MemberRole::Admin,
        Role::Member => MemberRole::Member,
    }
}

impl From<MemberError> for Failure {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::LastAdmin => Self::conflict("LAST_ADMIN", error.to_string()),
            MemberError::NotAMember => Self::not_found("member"),
            MemberError::NotAdmin => Self::forbidden("GROUP_ADMIN_ONLY", error.to_string()),
            MemberError::Storage(error) => error.into(),
        }
    }
}

impl From<CreateError> for Failure {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::TooManyGroups { .. } => Self::conflict("TOO_MANY_GROUPS", error.to_string()),
            CreateError::Storage(error) => error.into(),
        }
    }
}
