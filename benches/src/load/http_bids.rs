//! Bids over HTTP: one at a time on each keep-alive connection.

use super::Failure;
use super::args::{HttpBids, Scenario};
use super::cast::Cast;
use super::meter::{Round, Tally};
use super::pace::Due;
use super::report::Report;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

struct Connection {
    number: usize,
    stream: TcpStream,
    /// `Host` and `Authorization`.
    head: String,
    cast: Rc<Cast>,
    due: Rc<Due>,
    tally: Rc<Tally>,
    answer: Vec<u8>,
}

pub(super) async fn play(options: &HttpBids, round: &Round<'_>) -> Result<Report, Failure> {
    let field = &options.field;
    let cast = Rc::new(Cast::hire(&round.server.client(), field.users, field.runs, field.products).await?);
    start(options, &cast, round).await?;
    let windows = round.windows().await?;
    Ok(Report::new(&Scenario::HttpBids(options.clone()), "durable bid", windows))
}

/// They bid until the round ends.
pub(super) async fn start(options: &HttpBids, cast: &Rc<Cast>, round: &Round<'_>) -> Result<(), Failure> {
    let (server, field, tally) = (round.server, &options.field, &round.tally);
    for (number, due) in Due::for_senders(options.connections, field.rate, tally).into_iter().enumerate() {
        let stream = TcpStream::connect(server.address()).await?;
        stream.set_nodelay(true)?;
        let token = cast.token(number)?;
        let head = format!("Host: {}\r\nAuthorization: Bearer {token}\r\n", server.address());
        let (cast, tally, answer) = (cast.clone(), tally.clone(), Vec::with_capacity(4096));
        let connection = Connection { number, stream, head, cast, due, tally, answer };
        round.tally.spawn(connection.keep_bidding());
    }
    Ok(())
}

impl Connection {
    async fn keep_bidding(mut self) -> Result<(), Failure> {
        for n in 1usize.. {
            let at = loop {
                match self.due.take() {
                    Some(at) => break at,
                    None => self.due.more().await,
                }
            };
            self.stream.write_all(self.request(n).as_bytes()).await?;
            self.read_answer().await?;
            self.tally.took(at);
            self.tally.count(1);
        }
        Ok(())
    }

    fn request(&self, n: usize) -> String {
        let step = n.wrapping_mul(7919) + self.number * 104_729;
        let run = self.cast.runs[step % self.cast.runs.len()];
        let product = self.cast.products[(step / 31) % self.cast.products.len()];
        let (head, key, quantity) = (&self.head, Uuid::now_v7(), n % 9 + 1);
        format!(
            "PUT /api/v1/runs/{run}/bids/{product} HTTP/1.1\r\n{head}Idempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: 16\r\n\r\n{{\"quantity\":\"{quantity}\"}}"
        )
    }

    /// Reads one whole answer, which must be a success.
    async fn read_answer(&mut self) -> Result<(), Failure> {
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server hung up".into());
            }
            if let Some(whole) = size_of_answer(&self.answer)
                && self.answer.len() >= whole
            {
                break;
            }
        }
        if self.answer.starts_with(b"HTTP/1.1 200") {
            return Ok(());
        }
        Err(format!("a bid was answered {}", String::from_utf8_lossy(&self.answer)).into())
    }
}

/// Head and body, once the head is there.
fn size_of_answer(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Some(end + length.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_it_says() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: x\r\nContent-Length: 5\r\n\r\nhello";

        assert_eq!(size_of_answer(answer), Some(answer.len()));
        assert_eq!(size_of_answer(&answer[..20]), None);
    }
}
