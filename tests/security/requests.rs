//! Requests that are none, or that two readers would read differently: refused or ended, never two answers for one request,
//! never a 5xx, and the next person is served as before.

use crate::support::{App, bulq, free_port};
use bulq_client::Client;
use bulq_testkit::Kind;
use futures_util::future::join_all;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// Hidden behind another request; answered only by a server that was fooled.
const HIDDEN: &str = "GET /api/v1/guards HTTP/1.1\r\nHost: x\r\n\r\n";
const HIDDEN_MARK: &str = "\"retract_bid\"";

/// What the server may do with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// One 4xx, or the connection ends without a word.
    Refused,
    /// One answer of any kind below 500.
    OneAnswer,
    /// The same, or the connection ends without a word.
    AtMostOne,
}

struct Case {
    name: String,
    bytes: Vec<u8>,
    fate: Fate,
}

fn case(name: impl Into<String>, bytes: impl Into<Vec<u8>>, fate: Fate) -> Case {
    Case { name: name.into(), bytes: bytes.into(), fate }
}

/// Everything the server says until it ends the connection; what stays open has been answered by then.
async fn answer(app: &App, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    // It may be ended while this is still being sent.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut said = Vec::new();
    // A reset in place of an end is an end, too.
    let _ =
        tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await.expect("it ends");
    String::from_utf8_lossy(&said).into_owned()
}

fn judge(case: &Case, said: &str) -> Result<(), String> {
    let statuses: Vec<u16> = said
        .split("HTTP/1.1 ")
        .skip(1)
        .filter_map(|rest| rest.get(..3).and_then(|status| status.parse().ok()))
        .collect();
    let wrong = |what: &str| Err(format!("{}: {what}: {said:?}", case.name));
    match (&*statuses, case.fate) {
        _ if said.contains(HIDDEN_MARK) => wrong("the hidden request was answered"),
        (answers, _) if answers.len() > 1 => wrong("more than one answer"),
        ([status], _) if *status >= 500 => wrong("a fault"),
        ([status], Fate::Refused) if *status < 400 => wrong("not refused"),
        ([], Fate::OneAnswer) => wrong("no answer"),
        _ => Ok(()),
    }
}

/// Content-Length against Transfer-Encoding, in every spelling that has fooled somebody.
fn two_lengths() -> Vec<Case> {
    let mut cases = Vec::new();
    let codings = [
        "Transfer-Encoding: chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:chunked",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding: CHUNKED",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding: chunked;x=y",
        "X: y\nTransfer-Encoding: chunked",
        "Transfer-Encoding\x00: chunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer\u{2d}Encoding: gzip, chunked",
    ];
    for method in ["POST /api/v1/auth/login", "GET /healthz", "POST /api/v1/groups"] {
        for coding in codings {
            for (way, length, body) in [
                ("length first", "Content-Length: 5", format!("0\r\n\r\n{HIDDEN}")),
                ("length covers it", "Content-Length: 200", format!("0\r\n\r\n{HIDDEN}")),
            ] {
                let head = format!(
                    "{method} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{length}\r\n{coding}\r\n\r\n"
                );
                cases.push(case(format!("{method}, {coding:?}, {way}"), head + &body, Fate::Refused));
            }
        }
    }
    for lengths in [
        "Content-Length: 0\r\nContent-Length: 44",
        "Content-Length: 44\r\nContent-Length: 0",
        "Content-Length: 0, 44",
        "Content-Length: -1",
        "Content-Length: +5",
        "Content-Length: 0x5",
        "Content-Length: 5 5",
        "Content-Length: 1e1",
        "Content-Length: 99999999999999999999999",
        "Content-Length: 18446744073709551616",
        "Content-Length:",
        "Content-Length : 5",
        "Content-Length: five",
        "Content-Length: 5\x00",
    ] {
        let head =
            format!("POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lengths}\r\n\r\n");
        cases.push(case(format!("{lengths:?}"), head + HIDDEN, Fate::Refused));
    }
    for chunk in ["-1", "g", "0x0", "ffffffffffffffffff", "5;", " 0", "0\n", "", "1\r\nx", "1\r\nxy\r\n0"] {
        let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        cases.push(case(format!("a chunk of {chunk:?}"), format!("{head}{chunk}\r\n\r\n"), Fate::Refused));
    }
    cases
}

fn lines() -> Vec<Case> {
    let refused = [
        ("no request", "\0\0\0\0\r\n\r\n"),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n"),
        ("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        ("HTTP/2 at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("HTTP/0.9", "GET /healthz\r\n\r\n"),
        ("HTTP/9.9", "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n"),
        ("no path", "GET HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("spaces in the path", "GET /heal thz HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("NUL in the path", "GET /healthz\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a method of marks", "G{}T /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a header without a colon", "GET /healthz HTTP/1.1\r\nHost x\r\n\r\n"),
        ("a header without a name", "GET /healthz HTTP/1.1\r\n: x\r\n\r\n"),
        ("a space before the colon", "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n"),
        ("a folded header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: y\r\n z\r\n\r\n"),
        ("NUL in a header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"),
        ("CR in a header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n"),
        ("a header beginning with a space", "GET /healthz HTTP/1.1\r\n X: y\r\nHost: x\r\n\r\n"),
        ("a trace", "TRACE /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        (
            "a proxy's request",
            "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n",
        ),
    ];
    let mut cases: Vec<_> =
        refused.into_iter().map(|(name, text)| case(name, text.as_bytes(), Fate::Refused)).collect();
    for method in ["PUT", "DELETE", "PATCH", "BREW", "PROPFIND", "get", "A"] {
        let request =
            format!("{method} /api/v1/auth/me/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        cases.push(case(format!("{method} of what is only read"), request, Fate::Refused));
    }
    for path in [
        "/api/v1/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../Cargo.toml",
        "//evil.example/",
        "/api/v1/runs/%00",
        "/api/v1/runs/%ff%fe",
        "/api/v1/groups/..;/admin/users",
        "/api/v1/admin/users;.css",
        "/API/V1/AUTH/ME",
        "/api/v1//auth/me",
        "/api/v1/auth/me/",
        "/%",
        "/api/v1/%61uth/me",
        "/.git/config",
        "/.env",
        "/bulq.toml",
        "/api/v1/auth/me%0d%0aX:%20y",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        cases.push(case(path, request, Fate::OneAnswer));
    }
    // A line that ends without CR may be read or refused, but what is behind the head is no request.
    for ends in ["\n", "\r\n", "\n\r", "\r", "\r\r\n"] {
        for method in ["GET /healthz", "POST /api/v1/auth/login"] {
            let length = HIDDEN.len();
            for head in [
                format!(
                    "{method} HTTP/1.1{ends}Host: x{ends}Connection: close{ends}Content-Length: {length}{ends}{ends}"
                ),
                format!(
                    "{method} HTTP/1.1\r\nHost: x{ends}Content-Length: {length}\r\nConnection: close\r\n{ends}"
                ),
            ] {
                cases.push(case(
                    format!("lines end with {ends:?}: {head:?}"),
                    head + HIDDEN,
                    Fate::AtMostOne,
                ));
            }
        }
    }
    for path in ["http://evil.example/api/v1/auth/me", "*", "evil.example:80", "/\u{202e}", "/a b"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        cases.push(case(format!("target {path:?}"), request, Fate::Refused));
    }
    cases
}

fn hosts_and_sizes() -> Vec<Case> {
    let mut cases = Vec::new();
    let hosts = [
        "",
        "evil.example",
        "127.0.0.1:1",
        "x\r\nHost: y",
        "a@b",
        "[::1",
        "-",
        "..",
        "localhost\t",
        "xn--nxasmq6b",
        "%00",
        "http://x",
        "x,y",
        "x/y?z#w",
    ];
    for host in hosts {
        let request = format!("GET /api/v1/auth/me HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        cases.push(case(format!("host {host:?}"), request, Fate::Refused));
    }
    for size in [20_000, 70_000, 200_000, 2_000_000] {
        let long = "x".repeat(size);
        for (name, request) in [
            ("a path", format!("GET /{long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")),
            (
                "a header",
                format!("GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: {long}\r\n\r\n"),
            ),
            (
                "a cookie",
                format!(
                    "GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {long}\r\n\r\n"
                ),
            ),
            (
                "a name",
                format!("GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{long}: y\r\n\r\n"),
            ),
            ("a method", format!("{long} / HTTP/1.1\r\nHost: x\r\n\r\n")),
        ] {
            cases.push(case(format!("{name} of {size} bytes"), request, Fate::Refused));
        }
    }
    for count in [97, 200, 5000] {
        let many: String = (0..count).map(|n| format!("X-{n}: y\r\n")).collect();
        let request = format!("GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{many}\r\n");
        cases.push(case(format!("{count} headers"), request, Fate::Refused));
    }
    cases
}

/// Handshakes that are none: no 101, and what hides behind is not answered.
fn upgrades() -> Vec<Case> {
    let good = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", // pragma: allowlist secret
    ];
    let head = |method: &str, headers: &[&str]| {
        format!("{method} /api/v1/ws HTTP/1.1\r\nHost: x\r\n{}\r\n\r\n", headers.join("\r\n"))
    };
    let mut cases = vec![
        case(
            "with a body",
            head("GET", &[&good[..], &["Content-Length: 44"]].concat()) + HIDDEN,
            Fate::Refused,
        ),
        case(
            "with chunks",
            head("GET", &[&good[..], &["Transfer-Encoding: chunked"]].concat()) + "0\r\n\r\n",
            Fate::Refused,
        ),
        case(
            "to another protocol",
            head("GET", &["Connection: Upgrade, close", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]),
            Fate::Refused,
        ),
    ];
    for method in ["POST", "PUT", "HEAD", "OPTIONS", "DELETE"] {
        cases.push(case(format!("by {method}"), head(method, &good), Fate::Refused));
    }
    for left_out in 0..good.len() {
        let headers: Vec<_> = (0..good.len()).filter(|n| *n != left_out).map(|n| good[n]).collect();
        cases.push(case(format!("without {}", good[left_out]), head("GET", &headers), Fate::Refused));
    }
    for version in ["", "0", "12", "14", "13, 8", "x"] {
        let version = format!("Sec-WebSocket-Version: {version}");
        cases.push(case(version.clone(), head("GET", &[good[0], good[1], good[3], &version]), Fate::Refused));
    }
    cases
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_refused() {
    let cases: Vec<_> =
        [two_lengths(), lines(), hosts_and_sizes(), upgrades()].into_iter().flatten().collect();
    assert!(cases.len() >= 200, "{}", cases.len());
    let app = App::start(Kind::Sqlite).await;

    let mut wrong = Vec::new();
    for some in cases.chunks(20) {
        let said = join_all(some.iter().map(|case| answer(&app, &case.bytes))).await;
        wrong.extend(some.iter().zip(said).filter_map(|(case, said)| judge(case, &said).err()));
    }

    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    app.person("anna").await;
    app.finish().await;
}

/// actix-http panics on such a head; so it must not come that far.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_header_with_a_name_that_is_too_long_is_no_panic() {
    let folder = std::env::temp_dir().join(format!("bulq-names-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    let (log, address) = (folder.join("log"), format!("127.0.0.1:{}", free_port()));
    let mut server = bulq()
        .args(["serve", "--listen", &address, "--data"])
        .arg(&folder)
        .env("RUST_LOG", "info")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let client = Client::new(&format!("http://{address}")).unwrap();
    let is_up =
        async || client.raw("GET", "/readyz", None, &[]).await.is_ok_and(|answer| answer.status == 200);
    let mut tries = 0;
    while !is_up().await {
        tries += 1;
        assert!(tries < 600, "the server does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    for size in [65_536, 70_000, 120_000] {
        let head = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}: y\r\n\r\n", "x".repeat(size));
        assert_eq!(answers_before_the_end(&address, &[head.as_bytes()]).await, 0, "{size}");
        let parts: Vec<_> = head.as_bytes().chunks(10_000).collect();
        assert_eq!(answers_before_the_end(&address, &parts).await, 0, "{size}, in parts");
        let behind = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n{head}");
        assert!(
            answers_before_the_end(&address, &[behind.as_bytes()]).await <= 1,
            "{size}, behind a good one"
        );
        let kept = ["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".as_bytes(), head.as_bytes()];
        assert_eq!(answers_before_the_end(&address, &kept).await, 1, "{size}, after a good one");
    }
    let longest =
        format!("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}: y\r\n\r\n", "x".repeat(65_535));
    assert_eq!(answers_before_the_end(&address, &[longest.as_bytes()]).await, 1, "as long as it may be");

    assert!(is_up().await, "the next one is served");
    server.kill().await.unwrap();
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(!said.contains("panicked") && !said.contains("ERROR"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// How many answers came before the connection ended; `parts` are sent one after the other, with a little time between.
async fn answers_before_the_end(address: &str, parts: &[&[u8]]) -> usize {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let reading = tokio::spawn(async move {
        let mut said = Vec::new();
        // A reset in place of an end is an end, too.
        let _ = reader.read_to_end(&mut said).await;
        String::from_utf8_lossy(&said).matches("HTTP/1.1 ").count()
    });
    for part in parts {
        // It may be ended while this is still being sent.
        let _ = writer.write_all(part).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::timeout(Duration::from_secs(20), reading).await.expect("it ends").unwrap()
}
