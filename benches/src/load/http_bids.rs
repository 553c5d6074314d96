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

/// What the n-th bid of a connection is.
type Request = Box<dyn Fn(usize) -> String>;

struct Connection {
    stream: TcpStream,
    request: Request,
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

/// The same on a server that stores each bid in a transaction of its own, to have something to compare with. It understands
/// `PUT /runs/1/bids/1` with `{"person":1,"quantity":1}`, its runs and products being numbers from one on.
pub(super) async fn play_plain(options: &HttpBids, round: &Round<'_>) -> Result<Report, Failure> {
    let field = options.field.clone();
    let address = round.server.address().to_owned();
    let request = |number: usize| -> Result<Request, Failure> {
        let (field, address) = (field.clone(), address.clone());
        Ok(Box::new(move |n| {
            let step = step(number, n);
            let (run, product) = (step % field.runs + 1, (step / 31) % field.products + 1);
            let body = format!(r#"{{"person":{},"quantity":{}}}"#, number % field.users + 1, n % 9 + 1);
            format!(
                "PUT /runs/{run}/bids/{product} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        }))
    };
    connect(options, round, request).await?;
    let windows = round.windows().await?;
    Ok(Report::new(&Scenario::PlainBids(options.clone()), "durable bid", windows))
}

/// They bid until the round ends.
pub(super) async fn start(options: &HttpBids, cast: &Rc<Cast>, round: &Round<'_>) -> Result<(), Failure> {
    let address = round.server.address();
    let request = |number: usize| -> Result<Request, Failure> {
        let head = format!("Host: {address}\r\nAuthorization: Bearer {}\r\n", cast.token(number)?);
        let cast = cast.clone();
        Ok(Box::new(move |n| {
            let step = step(number, n);
            let run = cast.runs[step % cast.runs.len()];
            let product = cast.products[(step / 31) % cast.products.len()];
            let (key, quantity) = (Uuid::now_v7(), n % 9 + 1);
            format!(
                "PUT /api/v1/runs/{run}/bids/{product} HTTP/1.1\r\n{head}Idempotency-Key: {key}\r\n\
                 Content-Type: application/json\r\nContent-Length: 16\r\n\r\n{{\"quantity\":\"{quantity}\"}}"
            )
        }))
    };
    connect(options, round, request).await
}

/// `request`: of the connection with this number.
async fn connect(
    options: &HttpBids,
    round: &Round<'_>,
    request: impl Fn(usize) -> Result<Request, Failure>,
) -> Result<(), Failure> {
    let tally = &round.tally;
    let dues = Due::for_senders(options.connections, options.field.rate, tally);
    for (number, due) in dues.into_iter().enumerate() {
        let stream = TcpStream::connect(round.server.address()).await?;
        stream.set_nodelay(true)?;
        let (request, tally, answer) = (request(number)?, tally.clone(), Vec::with_capacity(4096));
        let connection = Connection { stream, request, due, tally, answer };
        round.tally.spawn(connection.keep_bidding());
    }
    Ok(())
}

/// Spreads bids over runs and products.
const fn step(connection: usize, n: usize) -> usize {
    n.wrapping_mul(7919) + connection * 104_729
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
            let request = (self.request)(n);
            self.stream.write_all(request.as_bytes()).await?;
            self.read_answer().await?;
            self.tally.took(at);
            self.tally.count(1);
        }
        Ok(())
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
