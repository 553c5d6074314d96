//! People who are not logged in, or not in the group.

use crate::support::{Cast, q, stories};
use bulq_client::protocol::live::ServerFrame;
use bulq_client::{ClientError, LiveSocket, commands};

stories! {
    async fn a_login_is_needed(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let nobody = app.client();

        for (method, path) in [
            ("GET", format!("/api/v1/runs/{run}")),
            ("GET", format!("/api/v1/runs/{run}/events")),
            ("GET", "/api/v1/groups".to_owned()),
            ("GET", "/api/v1/auth/me".to_owned()),
            ("GET", "/api/v1/stores".to_owned()),
            ("POST", format!("/api/v1/runs/{run}/confirm")),
            ("PUT", format!("/api/v1/runs/{run}/bids/{}", cast.p1)),
        ] {
            let answer = nobody.raw(method, &path, None, &[]).await.unwrap();
            assert_eq!((answer.status, answer.problem().code.as_str()), (401, "NOT_AUTHENTICATED"), "{method} {path}");
            assert!(answer.header("x-request-id").is_some());
        }
        assert!(matches!(LiveSocket::connect(&nobody).await, Err(ClientError::Problem(p)) if p.status == 401)
            || LiveSocket::connect(&nobody).await.is_err());
    }

    async fn an_outsider_cannot_see_or_touch_a_run(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;

        let read = cast.outsider.raw("GET", &format!("/api/v1/runs/{run}"), None, &[]).await.unwrap();
        assert!([403, 404].contains(&read.status));
        let bid = cast.outsider.command_raw(run, commands::new_id(), &commands::bid(cast.p1, q("1"))).await.unwrap();
        assert!([403, 404].contains(&bid.status));
        let mut socket = LiveSocket::connect(&cast.outsider).await.unwrap();
        socket.subscribe(run, None).await.unwrap();
        let answer = socket.next_where(|f| !matches!(f, ServerFrame::Welcome { .. })).await.unwrap();
        assert!(matches!(answer, ServerFrame::Rejected { .. }), "{answer:?}");
        assert_eq!(cast.leader.run(run).await.unwrap().seq, 2);
    }

    async fn a_logout_reaches_open_sockets(app) {
        let cast = Cast::assemble(app).await;
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        socket.next().await.unwrap();

        cast.a.logout().await.unwrap();

        assert_eq!(socket.closed().await.unwrap().0, 4009);
    }

    async fn what_is_no_frame_is_told_apart(app) {
        let cast = Cast::assemble(app).await;
        for text in ["", "[]", "nonsense", r#"{"type":"dance","id":1}"#, r#"{"type":"subscribe"}"#, r#"{"type":"ping","id":-1}"#] {
            let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
            socket.next().await.unwrap();
            socket.send_text(text).await.unwrap();
            assert_eq!(socket.closed().await.unwrap().0, 4010, "{text}");
        }
        let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
        socket.next().await.unwrap();
        socket.send_text(format!(r#"{{"type":"ping","id":1,"x":"{}"}}"#, "x".repeat(70_000))).await.unwrap();
        assert_eq!(socket.closed().await.unwrap().0, 1009, "too big");
    }
}
