//! Bytes that are no frame, or not one we take: the connection ends with the right code, and nothing is held for it.
//!
//! The framing by itself is tried with the Autobahn testsuite (scripts/autobahn); this is the real server.

use crate::support::{App, Launch};
use bulq_testkit::Kind;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const PING: &str = r#"{"type":"ping","id":7}"#;
/// What comes of a frame that is good: the pong to [`PING`], sent behind it.
const GOES_ON: u16 = 0;
/// What comes of a text that is one, and says nothing we know.
const NO_FRAME_OF_OURS: u16 = 4010;

/// A masked frame whose head announces `announced` bytes.
fn announcing(first: u8, announced: u64, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match announced {
        0..126 => frame.push(0x80 | announced as u8),
        126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend((announced as u16).to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend(announced.to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(body.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

fn frame(first: u8, body: &[u8]) -> Vec<u8> {
    announcing(first, body.len() as u64, body)
}

/// What is sent, in how many pieces, and the close code it ends with.
struct Case {
    name: String,
    pieces: Vec<Vec<u8>>,
    code: u16,
}

fn case(name: impl Into<String>, bytes: impl Into<Vec<u8>>, code: u16) -> Case {
    Case { name: name.into(), pieces: vec![bytes.into()], code }
}

/// An open live connection, after its welcome, as bytes.
async fn connect(app: &App, token: &str) -> TcpStream {
    let host = app.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n" // pragma: allowlist secret
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
    let (first, welcome) = received(&mut stream).await.expect("a welcome");
    assert!(first == 0x81 && welcome.starts_with(br#"{"type":"welcome""#));
    stream
}

/// The next frame of the server: its first byte and its body. None at the end.
async fn received(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let first = stream.read_u8().await.ok()?;
    let length = match stream.read_u8().await.ok()? {
        126 => u64::from(stream.read_u16().await.ok()?),
        127 => stream.read_u64().await.ok()?,
        short => u64::from(short),
    };
    let mut body = vec![0; usize::try_from(length).ok()?];
    stream.read_exact(&mut body).await.ok()?;
    Some((first, body))
}

/// The code of the close frame, or [`GOES_ON`] if the pong of a ping comes first; 1005 for a close frame without a code, 1006 if
/// the connection ends without one.
async fn outcome(stream: &mut TcpStream) -> u16 {
    loop {
        match received(stream).await {
            None => return 1006,
            Some((0x88, body)) => return body.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)),
            Some((0x81, body)) if body == br#"{"type":"pong","id":7}"# => return GOES_ON,
            Some(_) => {}
        }
    }
}

async fn tried(app: &App, token: &str, case: &Case) -> Result<(), String> {
    let mut stream = connect(app, token).await;
    for piece in &case.pieces {
        if stream.write_all(piece).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
    if case.code == GOES_ON {
        // It may have been ended already, which is what is to be found out.
        let _ = stream.write_all(&frame(0x81, PING.as_bytes())).await;
    }
    let code = outcome(&mut stream).await;
    if code == case.code { Ok(()) } else { Err(format!("{}: {code} instead of {}", case.name, case.code)) }
}

async fn all_hold(cases: Vec<Case>, least: usize) {
    assert!(cases.len() >= least, "{}", cases.len());
    let app = App::start(Kind::Sqlite).await;
    let token = app.person("anna").await.tokens().unwrap().access_token;

    let mut wrong = Vec::new();
    for some in cases.chunks(20) {
        let outcomes = join_all(some.iter().map(|case| tried(&app, &token, case))).await;
        wrong.extend(outcomes.into_iter().filter_map(Result::err));
    }

    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    app.finish().await;
}

fn heads() -> Vec<Case> {
    let mut cases = Vec::new();
    for reserved in 1..8u8 {
        for opcode in [0x0, 0x1, 0x2, 0x8, 0x9, 0xA] {
            let bytes = frame(0x80 | reserved << 4 | opcode, b"");
            cases.push(case(format!("reserved bits {reserved} with opcode {opcode}"), bytes, 1002));
        }
    }
    for opcode in [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] {
        for body in [&b""[..], b"x", &[b'x'; 125], &[b'x'; 1000]] {
            for fin in [0x80, 0x00] {
                let name = format!("opcode {opcode}, {} bytes, fin {fin}", body.len());
                // A long body of an opcode that may be a control frame's is too long before it is unknown: both are 1002.
                cases.push(case(name, frame(fin | opcode, body), 1002));
            }
        }
    }
    for (name, bytes) in
        [("text", &b"\x81\x02{}"[..]), ("a ping", b"\x89\x00"), ("a close frame", b"\x88\x02\x03\xe8")]
    {
        cases.push(case(format!("{name} without a mask"), bytes, 1002));
    }
    for opcode in [0x8, 0x9, 0xA] {
        cases.push(case(format!("control frame {opcode} in parts"), frame(opcode, b""), 1002));
        for announced in [126, 1000, 65_535, 65_536, 1 << 31, 1 << 40, u64::MAX >> 1] {
            let bytes = announcing(0x80 | opcode, announced, b"");
            cases.push(case(format!("control frame {opcode} of {announced} bytes"), bytes, 1002));
        }
    }
    cases
}

fn sizes() -> Vec<Case> {
    let mut cases = Vec::new();
    for opcode in [0x1, 0x2] {
        for announced in
            [65_537, 100_000, 1 << 24, 1 << 31, (1 << 32) + 1, 1 << 62, u64::MAX >> 1, 1 << 63, u64::MAX]
        {
            for body in [&b""[..], &[b'x'; 3000]] {
                let name = format!("opcode {opcode}, {announced} bytes announced, {} sent", body.len());
                // A length has 63 bits (RFC 6455, 5.2): one of 64 is no length.
                let code = if announced > u64::MAX >> 1 { 1002 } else { 1009 };
                cases.push(case(name, announcing(0x80 | opcode, announced, body), code));
            }
        }
    }
    for parts in [2, 3, 17, 65] {
        let part = vec![b' '; 65_536 / (parts - 1)];
        let mut pieces = vec![frame(0x01, &part)];
        pieces.resize_with(parts - 1, || frame(0x00, &part));
        pieces.push(frame(0x80, b"too much"));
        cases.push(Case { name: format!("{parts} parts"), pieces, code: 1009 });
    }
    let padded = format!("{PING}{}", " ".repeat(65_536 - PING.len()));
    cases.push(case("exactly 64 KiB", frame(0x81, padded.as_bytes()), GOES_ON));
    let (begin, end) = padded.as_bytes().split_at(40_000);
    cases.push(case("exactly 64 KiB in parts", [frame(0x01, begin), frame(0x80, end)].concat(), GOES_ON));
    cases
}

/// No UTF-8, and no begin of any.
const NOT_UTF8: &[&[u8]] = &[
    b"\x80",
    b"\xbf",
    b"\x80\xbf\x80",
    b"\xfe",
    b"\xff",
    b"\xfe\xfe\xff\xff",
    b"\xc0\xaf",
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf",
    b"\xf8\x80\x80\x80\xaf",
    b"\xfc\x80\x80\x80\x80\xaf",
    b"\xc1\xbf",
    b"\xe0\x9f\xbf",
    b"\xf0\x8f\xbf\xbf",
    b"\xf8\x87\xbf\xbf\xbf",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xed\xad\xbf",
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xfb\xbf\xbf\xbf\xbf",
    b"\xc3\x28",
    b"\xe2\x28\xa1",
    b"\xe2\x82\x28",
    b"\xf0\x28\x8c\xbc",
    b"\xf0\x90\x28\xbc",
    b"\xf0\x28\x8c\x28",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80",
];
/// The begin of a character.
const CUT: &[&[u8]] =
    &[b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9f", b"\xf0\x9f\x98", b"\xce\xba\xe1\xbd"];
const UTF8: &[&str] = &[
    "κόσμε",
    "\u{0080}",
    "\u{07ff}",
    "\u{0800}",
    "\u{ffff}",
    "\u{10000}",
    "\u{10ffff}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{1fffe}",
    "😀👩\u{200d}👩\u{200d}👧",
    "Петрушка и सूप",
    "\u{feff}",
];

fn texts() -> Vec<Case> {
    let mut cases = Vec::new();
    for bad in NOT_UTF8 {
        let text = [&b"{\"x\":\""[..], bad, b"\"}"].concat();
        cases.push(case(format!("{bad:02x?}"), frame(0x81, &text), 1007));
        let parts = [frame(0x01, &text[..7]), frame(0x89, b""), frame(0x00, &text[7..])];
        cases.push(case(format!("{bad:02x?} in parts, the last of them never sent"), parts.concat(), 1007));
        let endless = announcing(0x81, 1000, &text);
        cases.push(Case {
            name: format!("{bad:02x?}, byte by byte, in a frame that never ends"),
            pieces: endless.chunks(1).map(<[u8]>::to_vec).collect(),
            code: 1007,
        });
    }
    for cut in CUT {
        cases.push(case(format!("{cut:02x?} at the end"), frame(0x81, cut), 1007));
        cases.push(case(
            format!("{cut:02x?} at the end, in parts"),
            [frame(0x01, cut), frame(0x80, b"")].concat(),
            1007,
        ));
        cases.push(case(
            format!("{cut:02x?} and a letter"),
            [frame(0x01, cut), frame(0x80, b"x")].concat(),
            1007,
        ));
    }
    for good in UTF8 {
        let text = format!(r#"{{"type":"ping","id":1,"{good}":"{good}"}}"#);
        cases.push(case(format!("{good:?}"), frame(0x81, text.as_bytes()), NO_FRAME_OF_OURS));
        let bytes = text.as_bytes();
        let mut parts: Vec<_> = bytes[1..].chunks(1).map(|byte| frame(0x00, byte)).collect();
        parts.insert(0, frame(0x01, &bytes[..1]));
        parts.push(frame(0x80, b""));
        cases.push(Case {
            name: format!("{good:?}, a frame for each byte"),
            pieces: parts,
            code: NO_FRAME_OF_OURS,
        });
    }
    cases
}

fn sequences() -> Vec<Case> {
    let (begin, end) = PING.as_bytes().split_at(9);
    let ping = frame(0x89, b"are you there?");
    let mut cases = vec![
        case("a continuation of nothing", frame(0x80, b"x"), 1002),
        case("a part of nothing", frame(0x00, b"x"), 1002),
        case("text within a text", [frame(0x01, begin), frame(0x81, end)].concat(), 1002),
        case("a new text within a text", [frame(0x01, begin), frame(0x01, end)].concat(), 1002),
        case("binary within a text", [frame(0x01, begin), frame(0x82, end)].concat(), 1002),
        case(
            "a continuation of what is complete",
            [frame(0x81, begin), frame(0x80, end)].concat(),
            NO_FRAME_OF_OURS,
        ),
        case("binary", frame(0x82, b"\x00\x01"), NO_FRAME_OF_OURS),
        case("binary in parts", [frame(0x02, b"\x00"), frame(0x80, b"\x01")].concat(), NO_FRAME_OF_OURS),
        case("an empty text", frame(0x81, b""), NO_FRAME_OF_OURS),
        case("a ping with a body", ping.clone(), GOES_ON),
        case("a pong nobody asked for", frame(0x8A, b"yes"), GOES_ON),
        case(
            "pings between parts",
            [frame(0x01, begin), ping.clone(), ping.clone(), frame(0x80, end)].concat(),
            GOES_ON,
        ),
        case("ten pings at once", ping.repeat(10), GOES_ON),
        case(
            "a good message before a bad frame",
            [frame(0x81, PING.as_bytes()), frame(0x83, b"")].concat(),
            GOES_ON,
        ),
        case(
            "a good message before bad text",
            [frame(0x81, PING.as_bytes()), frame(0x81, b"\xff")].concat(),
            GOES_ON,
        ),
    ];
    for size in [1, 2, 3, 5, 8] {
        let whole = [frame(0x01, begin), ping.clone(), frame(0x80, end)].concat();
        let pieces = whole.chunks(size).map(<[u8]>::to_vec).collect();
        cases.push(Case { name: format!("{size} bytes at a time"), pieces, code: GOES_ON });
    }
    for text in [
        "x",
        "{",
        "[]",
        "7",
        "null",
        "\"ping\"",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"nonsense","id":1}"#,
        "\u{0}",
        "\u{feff}{}",
    ] {
        cases.push(case(format!("{text:?}"), frame(0x81, text.as_bytes()), NO_FRAME_OF_OURS));
    }
    cases
}

fn goodbyes() -> Vec<Case> {
    let body = |code: u16, reason: &[u8]| [&code.to_be_bytes()[..], reason].concat();
    let mut cases = vec![
        case("no code", frame(0x88, b""), 1005),
        case("half a code", frame(0x88, b"\x03"), 1002),
        case("no UTF-8", frame(0x88, &body(1000, b"\xce\xba\xff")), 1002),
        case("as long a reason as there may be", frame(0x88, &body(1000, &[b'x'; 123])), 1000),
        case("and a ping", [frame(0x88, &body(1000, b"")), frame(0x89, b"")].concat(), 1000),
    ];
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        cases.push(case(format!("{code}"), frame(0x88, &body(code, b"bye")), code));
    }
    for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535] {
        cases.push(case(format!("{code}, which nobody may send"), frame(0x88, &body(code, b"")), 1002));
    }
    cases
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_frame_ends_with_its_code() {
    let groups = [heads(), sizes(), texts(), sequences(), goodbyes()];
    all_hold(groups.into_iter().flatten().collect(), 247).await;
}

fn limited() -> Launch {
    Launch { environment: vec![("BULQ_RATE_LIMITS", "on".to_owned())] }
}

/// Of whatever kind they are: a ping costs a pong, and an endless text costs as much as many short ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_any_frame_are_cut_off() {
    let app = App::start_with(Kind::Sqlite, limited()).await;
    let token = app.person("anna").await.tokens().unwrap().access_token;
    let endless = [frame(0x01, b"{"), frame(0x00, b" ").repeat(2000)].concat();
    let floods = [
        case("messages", frame(0x81, PING.as_bytes()).repeat(100), 4029),
        case("pings", frame(0x89, b"!").repeat(2000), 4029),
        case("pongs", frame(0x8A, b"!").repeat(2000), 4029),
        case("parts of a text that never ends", endless, 4029),
        case("empty parts", [frame(0x01, b""), frame(0x00, b"").repeat(2000)].concat(), 4029),
    ];

    for flood in &floods {
        let mut stream = connect(&app, &token).await;
        // The server may hang up before it has read all of it.
        let _ = stream.write_all(&flood.pieces[0]).await;
        let code = loop {
            match received(&mut stream).await {
                Some((0x88, body)) => break body.first_chunk().map(|code| u16::from_be_bytes(*code)),
                Some(_) => {}
                None => break None,
            }
        };
        assert_eq!(code, Some(flood.code), "{}", flood.name);
    }
    app.finish().await;
}

/// A frame that announces much and never comes costs what was sent of it, and nothing more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_announced_is_not_held() {
    let app = App::start(Kind::Sqlite).await;
    let token = app.person("anna").await.tokens().unwrap().access_token;
    let before = app.resident_kb().await;
    let mut streams = Vec::new();
    for first in [0x81, 0x82, 0x89, 0x01].repeat(5) {
        let mut stream = connect(&app, &token).await;
        let _ = stream.write_all(&announcing(first, 1 << 30, b"")).await;
        streams.push(stream);
    }

    let junk = vec![0x55; 64 * 1024];
    for stream in &mut streams {
        for _ in 0..128 {
            // 8 MB each, 160 MB together, until the server hangs up.
            if stream.write_all(&junk).await.is_err() {
                break;
            }
        }
    }

    let after = app.resident_kb().await;
    assert!(after < before + 32 * 1024, "{before} kB before, {after} kB after");
    app.finish().await;
}
