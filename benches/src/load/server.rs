//! The server under load: one that runs already, or one of our own.

use super::args::Scenario;
use super::{Args, Failure, say};
use bulq_client::Client;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long a started server may take until it answers.
const START: Duration = Duration::from_secs(30);

pub(super) struct Server {
    client: Client,
    own: Option<Own>,
}

/// Ended when dropped.
struct Own {
    child: Child,
    binary: PathBuf,
    folder: PathBuf,
    command: Command,
}

impl Server {
    /// The server the arguments name, once it is ready.
    pub(super) async fn reach(args: &Args) -> Result<Self, Failure> {
        if let Some(url) = &args.url {
            let server = Self { client: Client::new(url)?, own: None };
            return if matches!(args.scenario, Some(Scenario::Plain(_) | Scenario::PlainBids(_))) {
                Ok(server)
            } else {
                server.ready().await
            };
        }
        let path =
            args.start.as_deref().ok_or("say --url of a running server, or --start PATH of its binary")?;
        Self::start(path, args)?.ready().await
    }

    fn start(path: &Path, args: &Args) -> Result<Self, Failure> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("bulq-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let log = std::fs::File::create(folder.join("server.log"))?;
        let mut command = match args.server_core {
            Some(core) => {
                let mut pinned = Command::new("taskset");
                pinned.arg("-c").arg(core.to_string()).arg(path);
                pinned
            }
            None => Command::new(path),
        };
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(folder.join("data"));
        command.args(args.database_url.iter().flat_map(|url| ["--database-url", url]));
        command.env("BULQ_RATE_LIMITS", "off").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.kill_on_drop(true).spawn().map_err(|e| format!("{}: {e}", path.display()))?;
        let client = Client::new(&format!("http://127.0.0.1:{port}"))?;
        Ok(Self { client, own: Some(Own { child, binary: path.to_owned(), folder, command }) })
    }

    /// Ends a server of our own and starts it again on the same data; how long it took until it answered.
    pub(super) async fn restart(&mut self) -> Result<Duration, Failure> {
        self.own()?.child.kill().await?;
        self.start_again().await
    }

    /// Ends a server of our own as an operator does, replays every log it has written (`bulq verify`), and starts it again.
    pub(super) async fn verify(&mut self, args: &Args) -> Result<String, Failure> {
        let own = self.own()?;
        let pid = own.child.id().ok_or("the server has ended by itself")?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        tokio::time::timeout(START, own.child.wait()).await.map_err(|_| "the server does not end")??;
        let mut verify = Command::new(&own.binary);
        verify.arg("verify").arg("--data").arg(own.folder.join("data"));
        verify.args(args.database_url.iter().flat_map(|url| ["--database-url", url]));
        let output = verify.stdin(Stdio::null()).output().await?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        if !output.status.success() {
            return Err(format!("`bulq verify` found a difference: {said}").into());
        }
        self.start_again().await?;
        Ok(said)
    }

    fn own(&mut self) -> Result<&mut Own, Failure> {
        self.own.as_mut().ok_or_else(|| "this needs a server that was started here: --start PATH".into())
    }

    async fn start_again(&mut self) -> Result<Duration, Failure> {
        let begin = Instant::now();
        let own = self.own()?;
        own.child = own.command.spawn()?;
        while !self.client.raw("GET", "/readyz", None, &[]).await.is_ok_and(|answer| answer.status == 200) {
            if begin.elapsed() > START {
                return Err("the server does not come back".into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(begin.elapsed())
    }

    /// Of a server of our own: the database it is on, as it takes it.
    pub(super) fn database_url(&self, args: &Args) -> Option<String> {
        let folder = &self.own.as_ref()?.folder;
        let file = || format!("sqlite:{}", folder.join("data/bulq.db").display());
        Some(args.database_url.clone().unwrap_or_else(file))
    }

    async fn ready(mut self) -> Result<Self, Failure> {
        let answering = async {
            while !matches!(self.client.raw("GET", "/readyz", None, &[]).await, Ok(answer) if answer.status == 200)
            {
                if let Some(own) = &mut self.own
                    && let Some(status) = own.child.try_wait()?
                {
                    return Err(format!("the server ended with {status}: {}", own.last_words()).into());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok::<_, Failure>(())
        };
        tokio::time::timeout(START, answering).await.map_err(|_| "the server is not ready after 30 s")??;
        say(&format!("the server answers at {}", self.client.base_url()));
        Ok(self)
    }

    /// Where a server of our own keeps its data; of another one only the disk of temporary files is known.
    pub(super) fn folder(&self) -> PathBuf {
        self.own.as_ref().map_or_else(std::env::temp_dir, |own| own.folder.clone())
    }

    pub(super) fn client(&self) -> Client {
        self.client.anonymous()
    }

    /// `host:port`.
    pub(super) fn address(&self) -> &str {
        self.client.base_url().trim_start_matches("http://")
    }

    /// Whose CPU and memory count as the server's.
    pub(super) fn pids(&self, args: &Args) -> Vec<u32> {
        let own = self.own.as_ref().and_then(|own| own.child.id());
        if args.pids.is_empty() { own.into_iter().collect() } else { args.pids.clone() }
    }

    /// Ends a server of our own and removes its folder.
    pub(super) async fn end(self) -> Result<(), Failure> {
        if let Some(mut own) = self.own {
            own.child.kill().await?;
        }
        Ok(())
    }
}

impl Own {
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        log.lines().last().unwrap_or("it said nothing").to_owned()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
