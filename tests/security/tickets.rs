//! Tickets for the live connection: once, for one login, and nothing else in an address opens it.

use crate::support::{App, stories};
use bulq_client::{Client, ClientError, LiveSocket};

const PASSWORD: &str = "correct horse battery";

/// Opens the live connection with nothing but what stands in the address.
async fn open(app: &App, query: &str) -> Result<LiveSocket, (u16, String)> {
    let opened = LiveSocket::connect_with(&app.client(), query, &[]).await;
    opened.map_err(|error| match error {
        ClientError::Problem(problem) => (problem.status, problem.code),
        other => panic!("{query}: {other}"),
    })
}

async fn ticket(of: &Client) -> String {
    of.ws_ticket().await.unwrap().ticket
}

fn refused() -> Option<(u16, String)> {
    Some((401, "TICKET_REFUSED".to_owned()))
}

stories! {
    async fn a_ticket_opens_one_live_connection(app) {
        let anna = app.person("anna").await;
        let (one, other) = (ticket(&anna).await, ticket(&anna).await);
        assert!(one.len() >= 22 && one != other, "128 bits and more, each another");

        let mut socket = open(app, &format!("?ticket={one}")).await.unwrap();

        assert!(socket.next_text().await.unwrap().contains(&anna.user_id().unwrap().to_string()), "it is hers");
        assert_eq!(open(app, &format!("?ticket={one}")).await.err(), refused(), "once");
        assert!(open(app, &format!("?ticket={other}")).await.is_ok());
    }

    /// Of twenty who come with the same ticket one gets in.
    async fn a_ticket_in_many_hands_opens_one(app) {
        let ticket = ticket(&app.person("anna").await).await;
        let query = format!("?ticket={ticket}");

        let opened = futures_util::future::join_all((0..20).map(|_| open(app, &query))).await;

        let (inside, outside): (Vec<_>, Vec<_>) = opened.into_iter().partition(Result::is_ok);
        assert_eq!((inside.len(), outside.len()), (1, 19));
        assert!(outside.into_iter().all(|no| no.err() == refused()));
    }

    async fn a_ticket_ends_with_its_login(app) {
        let anna = app.person("anna").await;
        let there = app.client();
        there.login("anna", PASSWORD).await.unwrap();
        let tickets = [ticket(&there).await, ticket(&there).await, ticket(&anna).await];
        there.logout().await.unwrap();

        assert_eq!(open(app, &format!("?ticket={}", tickets[0])).await.err(), refused());
        anna.change_password(PASSWORD, "another good one").await.unwrap();
        assert_eq!(open(app, &format!("?ticket={}", tickets[1])).await.err(), refused());
        assert!(open(app, &format!("?ticket={}", tickets[2])).await.is_ok(), "this login goes on");
    }

    async fn nothing_else_in_an_address_opens_it(app) {
        let anna = app.person("anna").await;
        let tokens = anna.tokens().unwrap();
        let good = ticket(&anna).await;
        let (access, refresh) = (&tokens.access_token, &tokens.refresh_token);

        for wrong in [
            format!("?ticket={access}"),
            format!("?ticket={refresh}"),
            format!("?ticket={}", &good[1..]),
            format!("?ticket={good}x"),
            format!("?ticket={}", "x".repeat(900)),
            "?ticket=".to_owned(),
            "?ticket=%27%20or%201=1--".to_owned(),
            "?ticket=00000000-0000-0000-0000-000000000000".to_owned(),
        ] {
            assert_eq!(open(app, &wrong).await.err(), refused(), "{wrong}");
        }
        for name in ["token", "access_token", "authorization", "bearer", "session", "bulq_session", "Ticket", "ticket[]"] {
            let no = open(app, &format!("?{name}={access}")).await.err();
            assert!(no.as_ref().is_some_and(|(status, _)| [400, 401, 422].contains(status)), "{name}: {no:?}");
        }
        for odd in [format!("?ticket={good}&ticket={good}"), format!("?ticket={good}%00"), format!("?ticket={good}&x=y")] {
            let no = open(app, &odd).await.err();
            assert!(no.as_ref().is_some_and(|(status, _)| [400, 401, 422].contains(status)), "{odd}: {no:?}");
        }
        assert!(open(app, &format!("?ticket={good}")).await.is_ok(), "none of this has used it up");
    }
}
