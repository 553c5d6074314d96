//! The promises of every store, kept against something that speaks as much S3 as we use.

use super::S3;
use crate::config::Bucket;
use crate::contents::tests::{Folder, keeps_its_promises};
use crate::contents::{Files, Hash};
use bytes::Bytes;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

type Objects = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// One bucket, on a free port.
struct Fake {
    address: String,
    objects: Objects,
}

impl Fake {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("a bound address"));
        let objects = Objects::default();
        let shared = objects.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, shared.clone()));
            }
        });
        Self { address, objects }
    }

    fn bucket(&self, key: &str) -> Bucket {
        Bucket {
            name: "bulq".to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint: Some(self.address.clone()),
            access_key_id: key.to_owned(),
            secret_access_key: SecretString::from("not a secret"),
        }
    }

    fn count(&self) -> usize {
        self.objects.lock().expect("nobody panics").len()
    }
}

/// One request, one connection.
async fn answer(socket: TcpStream, objects: Objects) -> Option<()> {
    let mut socket = BufReader::new(socket);
    let mut line = String::new();
    socket.read_line(&mut line).await.ok()?;
    let mut request = line.split(' ').map(str::to_owned);
    let (method, path) = (request.next()?, request.next()?);
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    let (status, content) = outcome(&method, &path, &headers, body, &objects);
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\netag: \"1\"\r\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nconnection: close\r\n\r\n",
        content.len()
    );
    socket.write_all(&[head.as_bytes(), &content].concat()).await.ok()
}

fn outcome(
    method: &str,
    path: &str,
    headers: &HashMap<String, String>,
    body: Vec<u8>,
    objects: &Objects,
) -> (&'static str, Vec<u8>) {
    let Some(key) = path.strip_prefix("/bulq/") else { return ("404 Not Found", Vec::new()) };
    if !is_signed(headers, &body) {
        return ("403 Forbidden", b"<Error><Code>SignatureDoesNotMatch</Code></Error>".to_vec());
    }
    let mut objects = objects.lock().expect("nobody panics");
    match method {
        "PUT" => {
            objects.insert(key.to_owned(), body);
            ("200 OK", Vec::new())
        }
        "GET" => match objects.get(key) {
            Some(content) => ("200 OK", content.clone()),
            None => ("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
        },
        "DELETE" => {
            objects.remove(key);
            ("204 No Content", Vec::new())
        }
        _ => ("405 Method Not Allowed", Vec::new()),
    }
}

/// By the one who may, for this region, over this body.
fn is_signed(headers: &HashMap<String, String>, body: &[u8]) -> bool {
    let by = headers.get("authorization").map(String::as_str).unwrap_or_default();
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    by.starts_with("AWS4-HMAC-SHA256 Credential=AKIDTEST/")
        && by.contains("/eu-central-1/s3/aws4_request")
        && by.contains("SignedHeaders=")
        && by.contains("Signature=")
        && headers.contains_key("x-amz-date")
        && headers.get("x-amz-content-sha256").is_some_and(|said| *said == hash)
}

#[tokio::test]
async fn a_bucket_keeps_its_promises() {
    let (fake, folder) = (Fake::start().await, Folder::new());
    let s3 = S3::open(&fake.bucket("AKIDTEST"), folder.0.join("tmp")).expect("the folder can be made");

    keeps_its_promises(&s3, &folder).await;

    assert_eq!(fake.count(), 1, "of three that were kept two were the same, and one was removed");
    let objects = fake.objects.lock().expect("nobody panics");
    let (key, content) = objects.iter().next().expect("there is one");
    assert!(key.starts_with("receipts/") && content == b"another", "{key}");
}

#[tokio::test]
async fn a_bucket_that_refuses_us_leaves_nothing_behind() {
    let (fake, folder) = (Fake::start().await, Folder::new());
    let s3 = S3::open(&fake.bucket("somebody else"), folder.0.join("tmp")).expect("the folder can be made");

    let mut upload = s3.begin().await.expect("the folder can be written");
    upload.write(Bytes::from_static(b"a receipt")).await.expect("there is room");
    upload.keep().await.expect_err("it is not ours");

    assert_eq!(std::fs::read_dir(folder.0.join("tmp")).expect("it is there").count(), 0);
    assert_eq!(fake.count(), 0);
    let hash: Hash = Sha256::digest(b"a receipt").into();
    assert!(s3.open(hash).await.is_err());
}
