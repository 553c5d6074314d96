//! A PostgreSQL server of our own.
//!
//! `initdb` runs once per machine into a template folder; a server starts on a copy of it. A shell keeps the server
//! and obeys its standard input: when the test process ends, however it ends, the pipe closes, the shell stops the
//! server and removes its folder.

use sqlx::{Connection, PgConnection};
use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use uuid::Uuid;

/// A running PostgreSQL; ours ends on drop.
#[derive(Debug)]
pub struct PgServer {
    url: String,
    keeper: Option<Mutex<Child>>,
}

const KEEPER: &str = r#"
trap '' INT TERM
start() { "$1/postgres" -D "$2" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c max_connections=200 \
    </dev/null >>"$2/log" 2>&1 & pid=$!; }
start "$@"
while read -r word; do
    case $word in
        stop) kill -QUIT $pid; wait $pid ;;
        start) start "$@" ;;
    esac
done
kill -INT $pid 2>/dev/null; wait $pid
rm -rf "$2"
"#;

const PREPARE: &str = r#"
[ -f "$2/PG_VERSION" ] || {
    rm -rf "$2.new" &&
    "$1/initdb" -D "$2.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --wal-segsize=1 >/dev/null &&
    mv "$2.new" "$2"
}
"#;

impl PgServer {
    /// One that runs already.
    pub(crate) const fn at(url: String) -> Self {
        Self { url, keeper: None }
    }

    /// One that nobody else uses, so that a test may stop it.
    ///
    /// # Panics
    /// If PostgreSQL is not installed or does not start: a test that needs it cannot go on.
    pub async fn private() -> Self {
        let programs = programs();
        let template = template(&programs);
        let folder = std::env::temp_dir().join(format!("bulq-postgres-{}", Uuid::new_v4().simple()));
        copy(&template, &folder);
        let port = free_port().to_string();
        let keeper = shell(KEEPER)
            .args([programs.as_os_str(), folder.as_os_str(), port.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let server = Self { url, keeper: Some(Mutex::new(keeper)) };
        server.wait_until(true).await;
        server
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops without a farewell, as a crash would; what is committed stays.
    pub async fn stop_immediate(&self) {
        self.tell("stop");
        self.wait_until(false).await;
    }

    /// Starts again after [`PgServer::stop_immediate`], on the same port.
    pub async fn start(&self) {
        self.tell("start");
        self.wait_until(true).await;
    }

    fn tell(&self, word: &str) {
        let keeper = self.keeper.as_ref().expect("a server from DATABASE_URL is not ours to stop");
        let mut keeper = keeper.lock().expect("nobody panics while telling");
        let input = keeper.stdin.as_mut().expect("the keeper listens");
        writeln!(input, "{word}").expect("the keeper lives as long as this process");
    }

    async fn wait_until(&self, up: bool) {
        for _ in 0..600 {
            let answer = tokio::time::timeout(Duration::from_secs(5), PgConnection::connect(&self.url)).await;
            if matches!(answer, Ok(Ok(_))) == up {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("PostgreSQL at {} did not {} within 30 s", self.url, if up { "start" } else { "stop" });
    }
}

impl Drop for PgServer {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper.as_mut().and_then(|keeper| keeper.get_mut().ok()) {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

/// Where `initdb` and `postgres` are: the newest of Debian's folders, else on the path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|entry| entry.path().join("bin"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    installed
        .filter(|bin| bin.join("initdb").exists())
        .max()
        .or_else(|| std::env::split_paths(&on_path).find(|bin| bin.join("initdb").exists()))
        .expect("these tests need PostgreSQL: install it, or set DATABASE_URL")
}

/// An initialised, never started server. Whoever comes first makes it while the others wait.
fn template(programs: &Path) -> PathBuf {
    let version = programs.to_string_lossy().replace('/', "-");
    let folder = std::env::temp_dir().join("bulq-testkit");
    make_folder(&folder);
    let template = folder.join(format!("template{version}"));
    let lock = File::create(folder.with_extension("lock")).expect("the temporary folder is writable");
    lock.lock().expect("files can be locked");
    let done = shell(PREPARE).args([programs, &template]).status().expect("a shell starts");
    assert!(done.success(), "initdb failed in {}", template.display());
    template
}

fn make_folder(folder: &Path) {
    let done = shell(r#"mkdir -p "$1""#).arg(folder).status().expect("a shell starts");
    assert!(done.success(), "cannot create {}", folder.display());
}

fn copy(template: &Path, folder: &Path) {
    let done = shell(r#"cp -a "$1" "$2""#).args([template, folder]).status().expect("a shell starts");
    assert!(done.success(), "cannot copy {} to {}", template.display(), folder.display());
}

/// A shell as a user PostgreSQL accepts: it refuses to run as root.
fn shell(script: &str) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh", "-c", script, "sh"]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        command
    };
    command.current_dir(std::env::temp_dir());
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.starts_with(b"0\n"))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
