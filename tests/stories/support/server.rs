//! The `bulq` binary as a process of its own.

use bulq_client::Client;
use bulq_testkit::{Kind, TestDatabase};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

/// How long a server may take to answer its first request; debug builds on a busy machine are slow.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct App {
    pub(crate) url: String,
    pub(crate) database: TestDatabase,
    pub(crate) data: PathBuf,
    launch: Launch,
    process: Mutex<Option<Child>>,
}

/// What the server is started with besides address and database.
#[derive(Clone, Default)]
pub(crate) struct Launch {
    pub(crate) environment: Vec<(&'static str, String)>,
}

/// The program under test, quiet, with nothing of the caller's settings.
pub(crate) fn bulq() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bulq"));
    for name in
        ["DATABASE_URL", "REDIS_URL", "BULQ_LISTEN", "BULQ_DATA", "BULQ_ENV", "BULQ_SECRET", "BULQ_CONFIG"]
    {
        command.env_remove(name);
    }
    command.env("BULQ_RATE_LIMITS", "off").env("RUST_LOG", "warn").env("NO_COLOR", "1").stdin(Stdio::null());
    command.kill_on_drop(true);
    command
}

/// Runs `bulq` with these arguments until it ends by itself.
pub(crate) async fn run_to_end(arguments: &[&str]) -> Output {
    let output = bulq().args(arguments).output();
    tokio::time::timeout(PATIENCE, output).await.expect("bulq ends by itself").expect("bulq starts")
}

pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound address").port()
}

impl App {
    pub(crate) async fn start(kind: Kind) -> Self {
        Self::start_with(kind, Launch::default()).await
    }

    pub(crate) async fn start_with(kind: Kind, launch: Launch) -> Self {
        Self::start_on(bulq_testkit::database(kind).await, launch).await
    }

    pub(crate) async fn start_on(database: TestDatabase, launch: Launch) -> Self {
        let data = std::env::temp_dir().join(format!("bulq-data-{}", uuid::Uuid::new_v4().simple()));
        let url = format!("http://127.0.0.1:{}", free_port());
        let app = Self { url, database, data, launch, process: Mutex::new(None) };
        app.launch().await;
        app
    }

    /// Starts the server on the address it always had, and waits until it answers.
    pub(crate) async fn launch(&self) {
        let mut child = bulq()
            .args(["serve", "--listen", self.url.trim_start_matches("http://")])
            .args(["--data", &self.data.display().to_string(), "--database-url", self.database.url()])
            .envs(self.launch.environment.iter().map(|(name, value)| (*name, value.as_str())))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("bulq starts");
        let errors = child.stderr.take().expect("stderr is piped");
        let (said, mut heard) = tokio::sync::mpsc::channel::<String>(100);
        tokio::spawn(async move {
            let mut lines = BufReader::new(errors).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("server: {line}");
                let _ = said.try_send(line);
            }
        });
        let until = tokio::time::Instant::now() + PATIENCE;
        let probe = Client::new(&self.url).expect("a good address");
        while !is_ready(&probe).await {
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the server ended with {status}: {:?}", heard.recv().await);
            }
            assert!(tokio::time::Instant::now() < until, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        *self.process.lock().await = Some(child);
    }

    /// SIGKILL: no drain, no goodbye.
    pub(crate) async fn kill(&self) {
        if let Some(mut child) = self.process.lock().await.take() {
            child.kill().await.expect("the server can be killed");
        }
    }

    /// SIGTERM, and waits for the end.
    pub(crate) async fn stop(&self) {
        let Some(mut child) = self.process.lock().await.take() else { return };
        signal(&child, "TERM").await;
        let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("the server drains and ends");
        assert!(status.expect("the server ends").success(), "the server ends well on SIGTERM");
    }

    /// Sends SIGTERM without waiting.
    pub(crate) async fn ask_to_stop(&self) {
        if let Some(child) = self.process.lock().await.as_ref() {
            signal(child, "TERM").await;
        }
    }

    pub(crate) async fn resident_kb(&self) -> u64 {
        let process = self.process.lock().await;
        let id = process.as_ref().and_then(Child::id).expect("the server runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a process has a status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the status has VmRSS");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("VmRSS is a number")
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url).expect("a good address")
    }

    /// A new account, logged in.
    pub(crate) async fn person(&self, username: &str) -> Client {
        let client = self.client();
        client
            .register(username, &format!("{username} the tester"), "correct horse battery")
            .await
            .expect("registers");
        client
    }

    /// Stops the server and replays every log.
    pub(crate) async fn finish(&self) {
        self.stop().await;
        self.verify().await;
    }

    pub(crate) async fn verify(&self) {
        let data = self.data.display().to_string();
        let output = run_to_end(&["verify", "--data", &data, "--database-url", self.database.url()]).await;
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "bulq verify found a difference:\n{said}");
    }
}

impl Drop for App {
    fn drop(&mut self) {
        remove(&self.data);
    }
}

fn remove(folder: &Path) {
    // A server that was never started has no folder.
    let _ = std::fs::remove_dir_all(folder);
}

async fn is_ready(probe: &Client) -> bool {
    probe.raw("GET", "/readyz", None, &[]).await.is_ok_and(|answer| answer.status == 200)
}

async fn signal(child: &Child, name: &str) {
    let id = child.id().expect("the process has not ended").to_string();
    let status = Command::new("kill").args([&format!("-{name}"), &id]).status().await.expect("kill starts");
    assert!(status.success(), "the signal arrives");
}
