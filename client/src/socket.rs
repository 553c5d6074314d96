//! One live connection, frame by frame.

use crate::{Client, ClientError};
use bulq_domain::{Command, CommandId, RunId, Seq};
use bulq_protocol::Problem;
use bulq_protocol::live::{ClientFrame, ServerFrame, Topic};
use futures_util::{SinkExt, StreamExt};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// Small, because a test or a load generator opens thousands.
const READ_BUFFER: usize = 4 * 1024;
/// A snapshot of a run with 100 products × 100 people is about 2 MB.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;
/// Closed without a code: the connection broke.
pub const BROKEN: u16 = 1006;

pub(crate) type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A live connection. It answers pings while [`LiveSocket::next`] is being awaited.
#[derive(Debug)]
pub struct LiveSocket {
    stream: Stream,
    last_id: u64,
}

impl LiveSocket {
    /// Opens a connection with the client's token.
    ///
    /// # Errors
    /// [`ClientError::Problem`] if the server refuses, [`ClientError::Transport`] if it cannot be reached.
    pub async fn connect(client: &Client) -> Result<Self, ClientError> {
        client.renew_if_due().await?;
        let tokens = client.tokens().ok_or(ClientError::NotLoggedIn)?;
        let bearer = format!("Bearer {}", tokens.access_token);
        Self::connect_with(client, "", &[(AUTHORIZATION.as_str(), &bearer)]).await
    }

    /// Opens a connection with exactly these headers, and `query` (such as `?ticket=…`) behind the path.
    ///
    /// # Errors
    /// As [`LiveSocket::connect`].
    pub async fn connect_with(
        client: &Client,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, ClientError> {
        let host = client.base_url().trim_start_matches("http://");
        let mut request = format!("ws://{host}/api/v1/ws{query}").into_client_request().map_err(refused)?;
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(value);
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(ClientError::Protocol("not a header".to_owned()));
            };
            request.headers_mut().append(name, value);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(READ_BUFFER)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let (stream, _) = connect_async_with_config(request, Some(config), true).await.map_err(refused)?;
        Ok(Self { stream, last_id: 0 })
    }

    /// A new id for a frame of this connection.
    pub fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// [`ClientError::Closed`] or [`ClientError::Transport`].
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), ClientError> {
        self.send_text(frame.to_json()).await
    }

    /// Sends any text as a frame.
    ///
    /// # Errors
    /// As [`LiveSocket::send`].
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), ClientError> {
        self.stream.send(Message::text(text.into())).await.map_err(broken)
    }

    /// Sends any WebSocket message.
    ///
    /// # Errors
    /// As [`LiveSocket::send`].
    pub async fn send_message(&mut self, message: Message) -> Result<(), ClientError> {
        self.stream.send(message).await.map_err(broken)
    }

    /// Asks for a run's stream; returns the frame's id.
    ///
    /// # Errors
    /// As [`LiveSocket::send`].
    pub async fn subscribe(&mut self, run: RunId, after: Option<Seq>) -> Result<u64, ClientError> {
        self.subscribe_to(Topic::Run(run), after).await
    }

    /// Asks for a topic; returns the frame's id.
    ///
    /// # Errors
    /// As [`LiveSocket::send`].
    pub async fn subscribe_to(&mut self, topic: Topic, after: Option<Seq>) -> Result<u64, ClientError> {
        let id = self.new_id();
        self.send(&ClientFrame::Subscribe { id, topic, after }).await?;
        Ok(id)
    }

    /// Asks something of a run; returns the frame's id.
    ///
    /// # Errors
    /// As [`LiveSocket::send`].
    pub async fn command(
        &mut self,
        run: RunId,
        command_id: Option<CommandId>,
        command: Command,
    ) -> Result<u64, ClientError> {
        let id = self.new_id();
        self.send(&ClientFrame::Command { id, run, command_id, command }).await?;
        Ok(id)
    }

    /// The next frame.
    ///
    /// # Errors
    /// [`ClientError::Closed`] with the server's code, [`ClientError::Transport`], or
    /// [`ClientError::Protocol`] for a text that is no frame.
    pub async fn next(&mut self) -> Result<ServerFrame, ClientError> {
        let text = self.next_text().await?;
        serde_json::from_str(&text).map_err(|e| ClientError::Protocol(format!("{e}: {text}")))
    }

    /// The next frame's text, as it came.
    ///
    /// # Errors
    /// As [`LiveSocket::next`].
    pub async fn next_text(&mut self) -> Result<String, ClientError> {
        loop {
            match received(self.stream.next().await)? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Binary(_) => return Err(ClientError::Protocol("a binary frame".to_owned())),
                _ => {}
            }
        }
    }

    /// Frames until one that `wanted` accepts, which is returned; the others are dropped.
    ///
    /// # Errors
    /// As [`LiveSocket::next`].
    pub async fn next_where(
        &mut self,
        mut wanted: impl FnMut(&ServerFrame) -> bool,
    ) -> Result<ServerFrame, ClientError> {
        loop {
            let frame = self.next().await?;
            if wanted(&frame) {
                return Ok(frame);
            }
        }
    }

    /// Reads until the server closes; returns code and reason.
    ///
    /// # Errors
    /// Whatever else ends the connection.
    pub async fn closed(&mut self) -> Result<(u16, String), ClientError> {
        loop {
            match self.next_text().await {
                Ok(_) => {}
                Err(ClientError::Closed { code, reason }) => return Ok((code, reason)),
                Err(other) => return Err(other),
            }
        }
    }

    /// Says goodbye properly.
    ///
    /// # Errors
    /// As [`LiveSocket::send`].
    pub async fn close(mut self) -> Result<(), ClientError> {
        self.stream.close(None).await.map_err(broken)
    }

    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }
}

/// A message, or how the connection ended.
pub(crate) fn received(item: Option<Result<Message, Error>>) -> Result<Message, ClientError> {
    match item {
        Some(Ok(Message::Close(frame))) => Err(closed(frame)),
        Some(Ok(message)) => Ok(message),
        Some(Err(error)) => Err(broken(error)),
        None => Err(closed(None)),
    }
}

fn closed(frame: Option<CloseFrame>) -> ClientError {
    match frame {
        Some(frame) => {
            ClientError::Closed { code: frame.code.into(), reason: frame.reason.as_str().to_owned() }
        }
        None => ClientError::Closed { code: BROKEN, reason: String::new() },
    }
}

pub(crate) fn broken(error: Error) -> ClientError {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => closed(None),
        other => ClientError::transport(other),
    }
}

/// Why there was no 101.
fn refused(error: Error) -> ClientError {
    let Error::Http(answer) = error else { return ClientError::transport(error) };
    let status = answer.status().as_u16();
    let text = answer.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let problem = serde_json::from_str(&text)
        .unwrap_or_else(|_| Problem::new(status, "NOT_A_PROBLEM", "The handshake was refused", text));
    ClientError::Problem(Box::new(problem))
}
