//! A Redis of our own, which a test may hang, empty or stop, and a wire to it that may fall silent.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A running Redis on a free port; ends on drop.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    process: Option<Child>,
}

impl RedisServer {
    /// # Panics
    /// If Redis is not installed or does not start: a test that needs it cannot go on.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        drop(listener);
        let mut server = Self { port, process: None };
        server.run();
        server
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Runs again, empty, after [`RedisServer::stop`].
    ///
    /// # Panics
    /// As [`RedisServer::start`].
    pub fn run(&mut self) {
        let process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(
                "these tests need redis-server: install Redis (Debian, Ubuntu: apt-get install redis-server)",
            );
        self.process = Some(process);
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "Redis did not start on port {}", self.port);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it; what it held is lost.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// It keeps its connections and answers nothing.
    pub fn hang(&self) {
        self.signal("STOP");
    }

    /// It goes on after [`RedisServer::hang`].
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let process = self.process.as_ref().expect("Redis runs");
        let done = Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "the signal arrives");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A wire to a Redis. Once it is silent it stays open, takes whatever comes, brings nothing to Redis and nothing back, and remembers
/// what was asked in vain. It ends with the process.
#[derive(Debug)]
pub struct SilentWire {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    silent: AtomicBool,
    /// Of each connection.
    in_vain: Mutex<Vec<Vec<u8>>>,
}

impl SilentWire {
    /// # Panics
    /// If the machine has no free port.
    #[must_use]
    pub fn to(redis: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let (shared, target) = (Arc::<Shared>::default(), redis.port);
        let wires = shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                lay(client, target, &wires);
            }
        });
        Self { port, shared }
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    pub fn fall_silent(&self) {
        self.shared.silent.store(true, Ordering::SeqCst);
    }

    /// The names of the commands that came in silence.
    ///
    /// # Panics
    /// Never: nobody panics while remembering.
    #[must_use]
    pub fn asked_in_vain(&self) -> Vec<String> {
        let in_vain = self.shared.in_vain.lock().expect("nobody panics while remembering");
        in_vain.iter().flat_map(|bytes| names(bytes)).collect()
    }
}

fn lay(client: TcpStream, target: u16, shared: &Arc<Shared>) {
    let (Ok(redis), Ok(client_reads)) = (TcpStream::connect(("127.0.0.1", target)), client.try_clone())
    else {
        return;
    };
    let Ok(redis_reads) = redis.try_clone() else { return };
    let (there, back) = (shared.clone(), shared.clone());
    std::thread::spawn(move || there.carry(client_reads, redis, true));
    std::thread::spawn(move || back.carry(redis_reads, client, false));
}

impl Shared {
    /// Until either end is closed.
    fn carry(&self, mut from: TcpStream, mut to: TcpStream, remembers: bool) {
        let (mut bytes, mut place) = ([0; 16 * 1024], None);
        while let Ok(count) = from.read(&mut bytes) {
            if count == 0 {
                return;
            }
            if self.silent.load(Ordering::SeqCst) {
                if remembers {
                    self.remember(&bytes[..count], &mut place);
                }
            } else if to.write_all(&bytes[..count]).is_err() {
                return;
            }
        }
    }

    fn remember(&self, bytes: &[u8], place: &mut Option<usize>) {
        let mut in_vain = self.in_vain.lock().expect("nobody panics while remembering");
        let place = *place.get_or_insert_with(|| {
            in_vain.push(Vec::new());
            in_vain.len() - 1
        });
        in_vain[place].extend_from_slice(bytes);
    }
}

/// A command is an array: how many parts, then how long each is and what it is; the first is its name.
fn names(bytes: &[u8]) -> Vec<String> {
    let lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    let commands = lines.windows(3).filter(|lines| lines[0].starts_with(b"*") && lines[1].starts_with(b"$"));
    commands.map(|lines| String::from_utf8_lossy(lines[2]).trim().to_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_command_is_known_by_its_name() {
        let said = b"*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nget\r\n$6\r\nbulq:a\r\n*3\r\n$3\r\nSE";

        assert_eq!(super::names(said), ["PING", "GET", "SE"]);
    }
}
