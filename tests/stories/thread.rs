//! What members say about a run, and the receipts they show.

use crate::support::{App, Cast, q, stories};
use bulq_client::domain::run::NoticeKind;
use bulq_client::protocol::live::{ServerFrame, Topic};
use bulq_client::protocol::thread::RunMessage;
use bulq_client::{Client, LiveSocket, Page, RawResponse, commands};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

async fn say(who: &Client, run: impl std::fmt::Display, text: &str, key: Option<&str>) -> RawResponse {
    let headers: Vec<_> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
    let path = format!("/api/v1/runs/{run}/messages");
    who.raw("POST", &path, Some(&json!({ "text": text })), &headers).await.unwrap()
}

/// Bytes that are no text go round the client.
async fn upload(who: &Client, run: impl std::fmt::Display, query: &str, content: Vec<u8>) -> (u16, Value) {
    let token = who.tokens().unwrap().access_token;
    let answer = reqwest::Client::new()
        .post(format!("{}/api/v1/runs/{run}/receipts?{query}", who.base_url()))
        .bearer_auth(token)
        .body(content)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn picture(size: usize) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.resize(size, 7);
    png
}

stories! {
    async fn a_message_is_stored_and_reaches_every_open_screen(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let mut socket = LiveSocket::connect(&cast.b).await.unwrap();
        socket.subscribe(run, None).await.unwrap();
        socket.next_where(|f| matches!(f, ServerFrame::Subscribed { .. })).await.unwrap();
        let before = cast.leader.run(run).await.unwrap().seq;
        let key = commands::new_id().0.to_string();

        let said = say(&cast.a, run, "  Сыр \u{1f9c0} не забудьте ", Some(&key)).await;
        let again = say(&cast.a, run, "Сыр \u{1f9c0} не забудьте", Some(&key)).await;

        assert_eq!((said.status, again.status), (201, 201), "{}", said.text);
        assert_eq!((said.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
        assert_eq!(said.json, again.json);
        let heard = socket.next_where(|f| matches!(f, ServerFrame::Message { .. })).await.unwrap();
        let ServerFrame::Message { message, .. } = heard else { panic!("{heard:?}") };
        assert_eq!(message, serde_json::from_value::<RunMessage>(said.json).unwrap());
        assert_eq!((message.text.as_str(), message.author_name.as_str()), ("Сыр \u{1f9c0} не забудьте", "anna the tester"));
        assert_eq!(cast.leader.run(run).await.unwrap().seq, before, "no part of the log");
        assert_eq!(say(&cast.a, run, "Other", Some(&key)).await.problem().code, "COMMAND_ID_REUSED");
        let path = format!("/api/v1/runs/{run}/messages");
        let list = cast.c.raw("GET", &format!("{path}?q=сыр"), None, &[]).await.unwrap();
        assert_eq!(list.json["items"].as_array().map(Vec::len), Some(1), "{}", list.text);
    }

    async fn who_is_written_to_is_told(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let mut screen = LiveSocket::connect(&cast.b).await.unwrap();
        screen.subscribe_to(Topic::User, None).await.unwrap();
        screen.next_where(|f| matches!(f, ServerFrame::Subscribed { .. })).await.unwrap();
        let key = commands::new_id().0.to_string();

        for _ in 0..2 {
            let said = say(&cast.a, run, "@Boris and @xavier: @anna brings bags, mail boris@chiara.example", Some(&key)).await;
            assert_eq!(said.status, 201, "{}", said.text);
        }

        let heard = screen.next_where(|f| matches!(f, ServerFrame::Events { .. })).await.unwrap();
        assert!(
            matches!(&heard, ServerFrame::Events { events, .. }
                if events[0]["kind"] == "mention" && events[0]["run_id"] == json!(run)),
            "{heard:?}"
        );
        let told = async |who: &Client| {
            let told = who.notifications(&Page::of(9)).await.unwrap().items;
            told.into_iter().map(|one| (one.kind, one.count, one.run_id)).collect::<Vec<_>>()
        };
        assert_eq!(told(&cast.b).await, [(NoticeKind::Mention, 1, run)], "once, though it was sent twice");
        assert_eq!(cast.b.unread_count().await.unwrap(), 1);
        for nobody in [&cast.a, &cast.c, &cast.outsider] {
            assert_eq!(told(nobody).await, [], "its author, an address, somebody outside of the group");
        }
        say(&cast.c, run, "@boris?", None).await;
        assert_eq!(told(&cast.b).await, [(NoticeKind::Mention, 2, run)]);
    }

    async fn the_thread_is_for_members_in_every_state_and_has_limits(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let path = format!("/api/v1/runs/{run}/messages");

        assert_eq!(say(&cast.outsider, run, "Hello", None).await.status, 404);
        assert_eq!(cast.outsider.raw("GET", &path, None, &[]).await.unwrap().status, 404);
        for (text, status) in [("", 422), (" \n ", 422), (&*"x".repeat(2001), 422), (&*"щ".repeat(2000), 201), ("a\nb", 201)] {
            assert_eq!(say(&cast.a, run, text, None).await.status, status, "{} letters", text.len());
        }
        cast.leader.command(run, &commands::cancel("rain".to_owned().try_into().unwrap(), None)).await.committed();
        assert_eq!(say(&cast.a, run, "Next week then", None).await.status, 201);

        let pages = cast.b.raw("GET", &format!("{path}?limit=2"), None, &[]).await.unwrap();
        assert_eq!(pages.json["items"][0]["text"], "Next week then");
        let next = format!("{path}?limit=2&cursor={}", pages.json["next_cursor"].as_str().unwrap());
        assert_eq!(cast.b.raw("GET", &next, None, &[]).await.unwrap().json["items"].as_array().map(Vec::len), Some(1));
        let c = cast.c.user_id().unwrap();
        cast.leader.remove_member(cast.group, c).await.unwrap();
        assert!([403, 404].contains(&say(&cast.c, run, "Still here?", None).await.status));
    }

    async fn a_receipt_is_what_its_content_says_and_for_members_only(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        cast.a.command(run, &commands::bid(cast.p1, q("2"))).await.committed();

        let (status, receipt) = upload(&cast.a, run, &format!("name=till.exe&product={}", cast.p1), picture(100_000)).await;
        assert_eq!((status, receipt["media"].as_str(), receipt["size"].as_u64()), (201, Some("image/png"), Some(100_000)));
        assert_eq!(upload(&cast.b, run, "", picture(100_000)).await.0, 201, "the same content, kept once");
        for (content, status, code) in [
            (b"<svg onload=alert(1)>....".to_vec(), 415, "NOT_A_RECEIPT"),
            (b"\x89PNG".to_vec(), 415, "NOT_A_RECEIPT"),
            (Vec::new(), 415, "NOT_A_RECEIPT"),
            (picture(10 * 1024 * 1024 + 1), 413, "TOO_LARGE"),
        ] {
            let (got, problem) = upload(&cast.a, run, "", content).await;
            assert_eq!((got, problem["code"].as_str()), (status, Some(code)));
        }
        assert_eq!(upload(&cast.a, run, "", picture(10 * 1024 * 1024)).await.0, 201, "as large as it may be");
        assert_eq!(upload(&cast.a, run, &format!("product={}", cast.p2), picture(50)).await.0, 422);
        assert_eq!(upload(&cast.outsider, run, "", picture(50)).await.0, 404);
        let unfinished = std::fs::read_dir(app.data.join("files").join("tmp")).unwrap().count();
        assert_eq!(unfinished, 0, "nothing is left of what was refused");

        let list = cast.c.raw("GET", &format!("/api/v1/runs/{run}/receipts"), None, &[]).await.unwrap();
        assert_eq!(list.json["items"].as_array().map(Vec::len), Some(3));
        let path = format!("/api/v1/runs/{run}/receipts/{}", receipt["id"].as_str().unwrap());
        assert_eq!(cast.outsider.raw("GET", &path, None, &[]).await.unwrap().status, 404);
        let token = cast.c.tokens().unwrap().access_token;
        let content = reqwest::Client::new().get(format!("{}{path}", cast.c.base_url())).bearer_auth(token);
        let content = content.send().await.unwrap();
        let header = |name: &str| content.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!((header("content-type"), header("x-content-type-options")), ("image/png".to_owned(), "nosniff".to_owned()));
        assert!(header("content-disposition").starts_with("attachment") && header("content-security-policy").contains("sandbox"));
        let (etag, kept) = (header("etag"), header("cache-control"));
        assert_eq!((content.bytes().await.unwrap(), kept), (picture(100_000).into(), "private, no-cache".to_owned()));

        let again = async |who: &Client, known: &str| {
            let answer = who.raw("GET", &path, None, &[("if-none-match", known)]).await.unwrap();
            (answer.status, answer.text.len())
        };
        assert_eq!(again(&cast.b, &etag).await, (304, 0), "who has it need not get it again");
        assert_eq!(again(&cast.outsider, &etag).await.0, 404, "whoever may not see it learns nothing");
        cast.leader.raw("DELETE", &format!("/api/v1/groups/{}/members/{}", cast.group, cast.b.user_id().unwrap()), None, &[]).await.unwrap();
        assert!([403, 404].contains(&again(&cast.b, &etag).await.0), "nor who was here once");
    }

    async fn a_receipt_goes_with_who_added_it_or_the_leader(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let path = async |who: &Client, size| {
            let (status, receipt) = upload(who, run, "", picture(size)).await;
            assert_eq!(status, 201);
            format!("/api/v1/runs/{run}/receipts/{}", receipt["id"].as_str().unwrap())
        };
        let (first, same, other) = (path(&cast.a, 100).await, path(&cast.b, 100).await, path(&cast.b, 200).await);
        let ask = async |who: &Client, method, path: &str| who.raw(method, path, None, &[]).await.unwrap();
        assert_eq!(kept(app), 2, "the same content is kept once");

        assert_eq!(ask(&cast.c, "DELETE", &first).await.problem().code, "RECEIPT_NOT_YOURS");
        assert_eq!(ask(&cast.outsider, "DELETE", &first).await.status, 404);
        assert_eq!(ask(&cast.a, "DELETE", &first).await.status, 204);
        assert_eq!(ask(&cast.a, "GET", &first).await.status, 404);
        assert_eq!(ask(&cast.a, "DELETE", &first).await.status, 404);
        assert_eq!((ask(&cast.c, "HEAD", &same).await.status, kept(app)), (200, 2), "another has the same content");
        assert_eq!(ask(&cast.leader, "DELETE", &same).await.status, 204);
        assert_eq!(kept(app), 1, "nothing names it any more");
        assert_eq!(ask(&cast.b, "DELETE", &other).await.status, 204);
        assert_eq!(kept(app), 0);
    }

    async fn everything_about_me_comes_with_my_receipts(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let (picture, pdf, lost) = (picture(100_000), b"%PDF-1.7 a bill".to_vec(), b"%PDF-1.7 lost".to_vec());
        for (name, content) in [("..%2F..%2Fanna.exe", &picture), ("again", &picture), ("bill", &pdf), ("lost", &lost)] {
            assert_eq!(upload(&cast.a, run, &format!("name={name}"), content.clone()).await.0, 201);
        }
        upload(&cast.b, run, "", b"%PDF-1.7 of somebody else".to_vec()).await;
        let hash = |content: &[u8]| Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let file = hash(&lost);
        std::fs::remove_file(app.data.join("files").join(&file[..2]).join(&file)).unwrap();

        let answer = export_of(&cast.a, "zip").await;

        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((answer.status().as_u16(), header("content-type")), (200, "application/zip".to_owned()));
        assert_eq!((header("content-disposition"), header("cache-control")), ("attachment; filename=\"bulq-anna.zip\"".to_owned(), "no-store".to_owned()));
        let mut files = unzipped(&answer.bytes().await.unwrap());
        let document: Value = serde_json::from_slice(&files.remove("bulq.json").unwrap()).unwrap();
        let expected = [(format!("receipts/{}.png", hash(&picture)), picture), (format!("receipts/{}.pdf", hash(&pdf)), pdf)];
        assert_eq!(files, expected.into_iter().collect(), "each content once, what is lost not at all");
        let named: Vec<_> = document["receipts"].as_array().unwrap().iter().map(|receipt| receipt["file"].as_str().unwrap()).collect();
        assert_eq!((named.len(), named.iter().filter(|name| files.contains_key(**name)).count()), (4, 3));

        let mut alone: Value = export_of(&cast.a, "json").await.json().await.unwrap();
        alone["exported_at"] = document["exported_at"].clone();
        assert_eq!(alone, document, "the same document");
        assert_eq!(export_of(&cast.a, "tar").await.status().as_u16(), 422);
        assert_eq!(export_of(&app.client(), "zip").await.status().as_u16(), 401);
    }

    async fn an_upload_that_breaks_off_leaves_nothing(app) {
        let cast = Cast::assemble(app).await;
        let run = cast.run().await;
        let token = cast.a.tokens().unwrap().access_token;
        let address = app.url.trim_start_matches("http://");
        let head = format!(
            "POST /api/v1/runs/{run}/receipts HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-length: 5000\r\n\r\n"
        );
        let unfinished = || std::fs::read_dir(app.data.join("files").join("tmp")).unwrap().count();

        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(&[head.as_bytes(), &picture(1000)].concat()).await.unwrap();
        until("it has begun", async || unfinished() == 1).await;
        drop(socket);

        until("it is gone", async || unfinished() == 0).await;
        assert_eq!(kept(app), 0);
        let list = cast.a.raw("GET", &format!("/api/v1/runs/{run}/receipts"), None, &[]).await.unwrap();
        assert_eq!(list.json["items"], json!([]));
    }
}

async fn export_of(who: &Client, format: &str) -> reqwest::Response {
    let url = format!("{}/api/v1/auth/me/export?format={format}", who.base_url());
    let token = who.tokens().map_or_else(String::new, |tokens| tokens.access_token);
    reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap()
}

fn unzipped(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let files = 0..archive.len();
    let read = |i| {
        let mut file = archive.by_index(i).unwrap();
        let (name, mut content) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut content).unwrap();
        (name, content)
    };
    files.map(read).collect()
}

/// How many contents the data folder holds.
fn kept(app: &App) -> usize {
    let folders = std::fs::read_dir(app.data.join("files")).unwrap().map(|folder| folder.unwrap().path());
    folders
        .filter(|folder| !folder.ends_with("tmp"))
        .map(|folder| std::fs::read_dir(folder).unwrap().count())
        .sum()
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within 10 s: {what}");
}
