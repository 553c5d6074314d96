//! Who is in a group, what an admin may do, and that no limit is passed however many try at once.

use crate::support::{App, Cast, Launch, cents, stories};
use bulq_client::domain::ShortagePolicy;
use bulq_client::domain::command::{CostSplit, DefaultCost};
use bulq_client::protocol::group::{MemberRole, NewInvite, PatchGroup};
use bulq_client::protocol::live::{ServerFrame, Topic};
use bulq_client::{Client, ClientError, LiveSocket, Page};
use bulq_testkit::Kind;

fn refused<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String) {
    match answer {
        Err(ClientError::Problem(problem)) => (problem.status, problem.code),
        other => panic!("no problem but {other:?}"),
    }
}

async fn admins(cast: &Cast) -> usize {
    let page = Page { limit: Some(100), ..Page::default() };
    let members = cast.leader.members(cast.group, &page).await.unwrap().items;
    members.iter().filter(|member| member.role == MemberRole::Admin).count()
}

stories! {
    async fn an_admin_arranges_the_group_and_every_screen_hears(app) {
        let cast = Cast::assemble(app).await;
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        socket.subscribe_to(Topic::Group(cast.group), None).await.unwrap();
        socket.next_where(|f| matches!(f, ServerFrame::Subscribed { .. })).await.unwrap();
        let fuel = DefaultCost { label: "Fuel".to_owned().try_into().unwrap(), amount: cents(900), split: CostSplit::Equally };
        let patch = PatchGroup {
            name: Some("Сосед и Ко".to_owned()),
            joining_open: Some(false),
            shortage_policy: Some(ShortagePolicy::EqualLosses),
            default_costs: Some(vec![fuel.clone()]),
        };

        let changed = cast.leader.change_group(cast.group, &patch).await.unwrap();

        let seen = cast.a.group(cast.group).await.unwrap();
        assert_eq!((seen.name.as_str(), seen.joining_open, seen.members), ("Сосед и Ко", false, 4));
        assert_eq!((seen.shortage_policy, seen.default_costs), (ShortagePolicy::EqualLosses, vec![fuel]));
        assert_eq!((changed.role, seen.role), (MemberRole::Admin, MemberRole::Member));
        let heard = socket.next_where(|f| matches!(f, ServerFrame::Events { .. })).await.unwrap();
        assert!(matches!(&heard, ServerFrame::Events { events, .. } if events[0]["type"] == "group_changed"), "{heard:?}");
        assert_eq!(refused(cast.a.change_group(cast.group, &patch).await), (403, "GROUP_ADMIN_ONLY".to_owned()));
        assert_eq!(refused(cast.outsider.change_group(cast.group, &patch).await).0, 404);
        let empty = PatchGroup { name: Some(" x ".to_owned()), ..PatchGroup::default() };
        assert_eq!(refused(cast.leader.change_group(cast.group, &empty).await), (422, "INVALID_VALUES".to_owned()));
        let free = DefaultCost { label: "Fuel".to_owned().try_into().unwrap(), amount: cents(0), split: CostSplit::ByValue };
        let free = PatchGroup { default_costs: Some(vec![free]), ..PatchGroup::default() };
        assert_eq!(refused(cast.leader.change_group(cast.group, &free).await).0, 422);

        let token = cast.leader.invite_token(cast.group).await.unwrap();
        assert!(!app.client().preview_invite(&token).await.unwrap().joining_open);
        assert_eq!(refused(cast.outsider.accept_invite(&token).await), (409, "JOINING_CLOSED".to_owned()));
    }

    async fn of_many_admins_stepping_down_at_once_one_stays(app) {
        let cast = Cast::assemble(app).await;
        let mut people = cast.more(app, 46).await;
        people.extend([cast.a.clone(), cast.b.clone(), cast.c.clone(), cast.leader.clone()]);
        for person in &people {
            cast.leader.set_role(cast.group, person.user_id().unwrap(), MemberRole::Admin).await.unwrap();
        }
        assert_eq!(admins(&cast).await, 50);

        let stepping: Vec<_> = people
            .iter()
            .cloned()
            .map(|person| {
                let group = cast.group;
                tokio::spawn(async move { person.set_role(group, person.user_id().unwrap(), MemberRole::Member).await })
            })
            .collect();
        let mut stayed = Vec::new();
        for answer in stepping {
            if let Err(error) = answer.await.unwrap() {
                stayed.push(refused(Err::<(), _>(error)));
            }
        }

        assert_eq!(stayed, [(409, "LAST_ADMIN".to_owned())]);
        assert_eq!(admins(&cast).await, 1);
    }

    async fn an_invitation_is_used_as_often_as_allowed_and_not_once_more(app) {
        let cast = Cast::assemble(app).await;
        let invite = NewInvite { max_uses: Some(5), expires_at: None };
        let invite = cast.leader.create_invite(cast.group, &invite).await.unwrap();
        let token = invite.token.unwrap();
        let mut guests = Vec::new();
        for n in 0..12 {
            guests.push(app.person(&format!("guest-{n}")).await);
        }
        let anonymous = app.client();
        let preview = anonymous.preview_invite(&token).await.unwrap();
        assert_eq!((preview.group_name.as_str(), preview.members), ("The walkthrough", 4));
        assert_eq!(preview.invited_by, "leader the tester");

        let joined = rush(guests, &token).await;

        assert_eq!(joined.iter().filter(|answer| answer.is_none()).count(), 5);
        assert!(joined.iter().flatten().all(|code| code == "INVITE_USED_UP"), "{joined:?}");
        assert_eq!(cast.leader.group(cast.group).await.unwrap().members, 9);
        assert_eq!(refused(anonymous.preview_invite(&token).await).0, 404);
    }

    async fn a_withdrawn_invitation_is_no_good(app) {
        let cast = Cast::assemble(app).await;
        let invite = cast.leader.create_invite(cast.group, &NewInvite::default()).await.unwrap();
        let (id, token) = (invite.id, invite.token.unwrap());
        let path = format!("/api/v1/groups/{}/invites/{id}", cast.group);

        let picture = app.client().raw("GET", &format!("/api/v1/invites/{token}/qr"), None, &[]).await.unwrap();
        assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml")));
        assert!(picture.text.contains("<svg") && picture.header("content-security-policy").is_some());
        assert_eq!(cast.a.raw("DELETE", &path, None, &[]).await.unwrap().status, 403);
        assert_eq!(cast.leader.raw("DELETE", &path, None, &[]).await.unwrap().status, 204);

        assert_eq!(refused(cast.outsider.accept_invite(&token).await), (409, "INVITE_REVOKED".to_owned()));
        let picture = app.client().raw("GET", &format!("/api/v1/invites/{token}/qr"), None, &[]).await.unwrap();
        assert_eq!(picture.status, 404);
        let past = serde_json::json!({ "expires_at": "2020-01-01T00:00:00Z" });
        let path = format!("/api/v1/groups/{}/invites", cast.group);
        assert_eq!(cast.leader.raw("POST", &path, Some(&past), &[]).await.unwrap().status, 422);
    }
}

/// Everybody at once; the code of each refusal.
async fn rush(guests: Vec<Client>, token: &str) -> Vec<Option<String>> {
    let joining: Vec<_> = guests
        .into_iter()
        .map(|guest| {
            let token = token.to_owned();
            tokio::spawn(async move { guest.accept_invite(&token).await })
        })
        .collect();
    let mut answers = Vec::new();
    for answer in joining {
        answers.push(answer.await.unwrap().err().map(|error| refused(Err::<(), _>(error)).1));
    }
    answers
}

async fn no_limit_is_passed(kind: Kind) {
    let environment = ["BULQ_GROUPS_PER_USER", "BULQ_LIVE_RUNS_PER_GROUP"].map(|name| (name, "3".to_owned()));
    let app = App::start_with(kind, Launch { environment: environment.to_vec() }).await;
    let cast = Cast::assemble(&app).await;

    let groups: Vec<_> = (0..8)
        .map(|n| {
            let person = cast.leader.clone();
            tokio::spawn(async move { person.create_group(&format!("Group {n}"), "EUR").await.is_ok() })
        })
        .collect();
    let mut created = 0;
    for group in groups {
        created += u32::from(group.await.unwrap());
    }
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let (person, group, new) = (cast.a.clone(), cast.group, cast.new_run());
            tokio::spawn(async move { person.create_run(group, &new).await })
        })
        .collect();
    let mut started = 0;
    for run in runs {
        match run.await.unwrap() {
            Ok(_) => started += 1,
            refusal => assert_eq!(refused(refusal), (409, "TOO_MANY_RUNS".to_owned())),
        }
    }

    assert_eq!((created, started), (2, 3));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_limit_is_passed_on_sqlite() {
    no_limit_is_passed(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_limit_is_passed_on_postgres() {
    no_limit_is_passed(Kind::Postgres).await;
}
