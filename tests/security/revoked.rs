//! Somebody loses a right: in each way one can, at each moment there is. Their sockets hear it within two seconds, and
//! nothing they send afterwards takes effect.

use crate::support::{App, Cast, q};
use bulq_client::domain::RunId;
use bulq_client::protocol::group::MemberRole;
use bulq_client::protocol::live::ServerFrame;
use bulq_client::{Client, ClientError, LiveSocket, commands};
use bulq_testkit::Kind;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

const PASSWORD: &str = "correct horse battery";
const SOON: Duration = Duration::from_secs(2);
/// What is bid too late; nobody else bids so much.
const TOO_LATE: &str = "777";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    LoggedOut,
    EndedFromElsewhere,
    LoggedOutEverywhere,
    NewPassword,
    RefreshTokenReused,
    Disabled,
    Erased,
    Removed,
    Left,
}

const WAYS: [Way; 9] = [
    Way::LoggedOut,
    Way::EndedFromElsewhere,
    Way::LoggedOutEverywhere,
    Way::NewPassword,
    Way::RefreshTokenReused,
    Way::Disabled,
    Way::Erased,
    Way::Removed,
    Way::Left,
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Idle,
    /// Commands of theirs lie in the socket.
    Queued,
    /// Commands are sent while the right is taken away.
    InFlight,
    /// They are just coming back for what they missed.
    Resuming,
}

const MOMENTS: [Moment; 4] = [Moment::Idle, Moment::Queued, Moment::InFlight, Moment::Resuming];

/// Somebody with two logins; `there` is the one that is looked at.
struct Person {
    here: Client,
    there: Client,
    way: Way,
    /// Of `there`, from before it was renewed.
    old: Client,
}

impl Person {
    async fn join(app: &App, cast: &Cast, name: &str, way: Way) -> Self {
        let here = app.person(name).await;
        let token = cast.leader.invite_token(cast.group).await.unwrap();
        here.accept_invite(&token).await.unwrap();
        let (there, old) = (app.client(), app.client());
        there.login(name, PASSWORD).await.unwrap();
        old.set_tokens(there.tokens());
        if way == Way::RefreshTokenReused {
            there.refresh().await.unwrap();
        }
        Self { here, there, way, old }
    }

    async fn lose_it(&self, cast: &Cast) {
        let id = self.here.user_id().unwrap();
        match self.way {
            Way::LoggedOut => twin(&self.there).logout().await.unwrap(),
            Way::EndedFromElsewhere => {
                let sessions = self.here.sessions().await.unwrap();
                let other = sessions.iter().find(|session| !session.current).unwrap().id;
                self.here.end_session(other).await.unwrap();
            }
            Way::LoggedOutEverywhere => self.here.logout_everywhere().await.unwrap(),
            Way::NewPassword => self.here.change_password(PASSWORD, "another good one").await.unwrap(),
            Way::RefreshTokenReused => assert_eq!(self.old.refresh().await.unwrap_err().status(), Some(401)),
            Way::Disabled => {
                let path = format!("/api/v1/admin/users/{id}");
                let answer =
                    cast.leader.raw("PATCH", &path, Some(&json!({ "disabled": true })), &[]).await.unwrap();
                assert_eq!(answer.status, 200, "{}", answer.text);
            }
            Way::Erased => self.here.erase_me(PASSWORD).await.unwrap(),
            Way::Removed => cast.leader.remove_member(cast.group, id).await.unwrap(),
            Way::Left => self.here.leave_group(cast.group).await.unwrap(),
        }
    }

    /// The socket closes; otherwise it only hears that the run is not theirs any more.
    fn is_a_login(&self) -> bool {
        !matches!(self.way, Way::Removed | Way::Left)
    }
}

/// The same login, which does not forget its tokens when the other one does.
fn twin(of: &Client) -> Client {
    let twin = of.anonymous();
    twin.set_tokens(of.tokens());
    twin
}

async fn open(client: &Client, run: RunId) -> LiveSocket {
    let mut socket = LiveSocket::connect(client).await.unwrap();
    socket.subscribe(run, None).await.unwrap();
    socket.next_where(|frame| matches!(frame, ServerFrame::Subscribed { .. })).await.unwrap();
    socket
}

async fn bid(socket: &mut LiveSocket, cast: &Cast, run: RunId, quantity: &str) {
    // The socket may be closed by now.
    let _ = socket.command(run, None, commands::bid(cast.p1, q(quantity))).await;
}

/// Until the socket is closed or told, whichever has to be.
async fn hears(socket: &mut LiveSocket, is_a_login: bool) -> Result<(), String> {
    loop {
        match (socket.next().await, is_a_login) {
            (Err(ClientError::Closed { code: 4009, .. }), true) => return Ok(()),
            (Ok(ServerFrame::Revoked { .. } | ServerFrame::Rejected { .. }), false) => return Ok(()),
            (Ok(_), _) => {}
            (Err(error), _) => return Err(format!("{error:?}")),
        }
    }
}

async fn tried(person: &Person, moment: Moment, cast: &Cast, run: RunId) {
    let name = format!("{:?}, {moment:?}", person.way);
    let mut socket = open(&person.there, run).await;
    if moment == Moment::Resuming {
        drop(socket);
        let comes_back = async {
            let mut socket = LiveSocket::connect(&twin(&person.there)).await?;
            socket.subscribe(run, Some(1)).await?;
            Ok::<_, ClientError>(socket)
        };
        let (back, ()) = tokio::join!(comes_back, person.lose_it(cast));
        match back {
            Ok(back) => socket = back,
            Err(refused) => {
                assert!(
                    person.is_a_login() && refused.status().is_none_or(|status| status == 401),
                    "{name}: {refused:?}"
                );
                return;
            }
        }
    } else {
        if moment == Moment::Queued {
            for quantity in ["1", "2", "3", "4"] {
                bid(&mut socket, cast, run, quantity).await;
            }
        }
        let in_flight = async {
            if moment == Moment::InFlight {
                for quantity in ["5", "6", "7", "8"] {
                    bid(&mut socket, cast, run, quantity).await;
                    tokio::task::yield_now().await;
                }
            }
        };
        tokio::join!(in_flight, person.lose_it(cast));
    }
    bid(&mut socket, cast, run, TOO_LATE).await;

    let heard = timeout(SOON, hears(&mut socket, person.is_a_login())).await;
    assert_eq!(heard, Ok(Ok(())), "{name}");
    let again = LiveSocket::connect(&twin(&person.there)).await;
    assert_eq!(again.is_err(), person.is_a_login(), "{name}: coming back");
}

async fn every_way_at_every_moment(kind: Kind) {
    let app = App::start(kind).await;
    let cast = Cast::assemble(&app).await;
    let run = cast.run().await;
    cast.leader.command(run, &commands::bid(cast.p1, q("1"))).await.committed();
    let mut people = 0;

    for way in WAYS {
        for moment in MOMENTS {
            let person = Person::join(&app, &cast, &format!("person-{people}"), way).await;
            tried(&person, moment, &cast, run).await;
            people += 1;
        }
    }

    assert_eq!(people, 36);
    let log = serde_json::to_string(&cast.leader.whole_log(run, 0).await.unwrap()).unwrap();
    assert!(
        log.contains(r#""quantity":"1""#) && !log.contains(&format!(r#""quantity":"{TOO_LATE}""#)),
        "{log}"
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_right_that_is_lost_is_lost_at_once_on_sqlite() {
    every_way_at_every_moment(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_right_that_is_lost_is_lost_at_once_on_postgres() {
    every_way_at_every_moment(Kind::Postgres).await;
}

/// What an admin of the server may do, and whoever was one a moment ago may not; once with a login of before, once with one begun
/// while they were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_of_the_server_who_is_one_no_more_is_none_at_once() {
    let app = App::start(Kind::Sqlite).await;
    let cast = Cast::assemble(&app).await;
    let (anna, boris) = (cast.a.user_id().unwrap(), cast.b.user_id().unwrap());
    let set = async |body: serde_json::Value| {
        let path = format!("/api/v1/admin/users/{anna}");
        let answer = cast.leader.raw("PATCH", &path, Some(&body), &[]).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    let user = format!("/api/v1/admin/users/{boris}");
    let group = format!("/api/v1/admin/groups/{}", cast.group);
    let acts = [
        ("GET", "/api/v1/admin/users".to_owned(), json!({})),
        ("GET", "/api/v1/admin/log".to_owned(), json!({})),
        ("PUT", "/api/v1/admin/registration".to_owned(), json!({ "open": false })),
        ("PATCH", format!("/api/v1/admin/users/{anna}"), json!({ "is_admin": true })),
        ("PATCH", user.clone(), json!({ "disabled": true })),
        ("DELETE", user, json!({})),
        ("PATCH", group.clone(), json!({ "disabled": true })),
        ("DELETE", group, json!({})),
        ("DELETE", format!("/api/v1/admin/stores/{}", cast.store), json!({})),
        ("POST", format!("/api/v1/admin/products/{}/merge", cast.p1), json!({ "into": cast.p2 })),
    ];

    for (method, path, body) in acts {
        set(json!({ "is_admin": true })).await;
        let begun = app.client();
        begun.login("anna", PASSWORD).await.unwrap();
        for login in [&cast.a, &begun] {
            let answer = login.raw("GET", "/api/v1/admin/status", None, &[]).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        set(json!({ "is_admin": false })).await;

        for login in [&cast.a, &begun] {
            let answer = login.raw(method, &path, Some(&body), &[]).await.unwrap();
            let said = (answer.status, answer.problem().code);
            assert_eq!(said, (403, "SITE_ADMIN_ONLY".to_owned()), "{method} {path}");
        }
    }
    assert_eq!(cast.b.group(cast.group).await.unwrap().members, 4, "all of it is still there");
    app.finish().await;
}

/// Four things an admin of a group may do, and whoever was one a moment ago may not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_who_is_one_no_more_is_none_at_once() {
    let app = App::start(Kind::Sqlite).await;
    let cast = Cast::assemble(&app).await;
    let (anna, boris, group) = (cast.a.user_id().unwrap(), cast.b.user_id().unwrap(), cast.group);
    let member = format!("/api/v1/groups/{group}/members/{boris}");
    let acts = [
        ("POST", format!("/api/v1/groups/{group}/invites"), json!({})),
        ("PATCH", format!("/api/v1/groups/{group}"), json!({ "name": "Mine now" })),
        ("PATCH", member.clone(), json!({ "role": "admin" })),
        ("DELETE", member, json!({})),
    ];

    for (method, path, body) in acts {
        cast.leader.set_role(group, anna, MemberRole::Admin).await.unwrap();
        assert_eq!(
            cast.a.raw("GET", &format!("/api/v1/groups/{group}/invites"), None, &[]).await.unwrap().status,
            200
        );
        cast.leader.set_role(group, anna, MemberRole::Member).await.unwrap();

        let answer = cast.a.raw(method, &path, Some(&body), &[]).await.unwrap();
        assert_eq!(
            (answer.status, answer.problem().code.as_str()),
            (403, "GROUP_ADMIN_ONLY"),
            "{method} {path}"
        );
    }
    app.finish().await;
}
