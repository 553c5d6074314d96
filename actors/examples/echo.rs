//! Says back what it is told, over the two halves of a socket that the live connection uses. scripts/autobahn tries its
//! framing with it: the live connection itself answers text with answers, not with the same text.
//!
//!   cargo run -p bulq-actors --example echo -- 127.0.0.1:9001

use actix::prelude::*;
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, error, web};
use actix_web_actors::ws;
use bulq_actors::reading::{Heard, MESSAGE_BYTES, Reading};
use bulq_actors::transport::{self, Killer};
use bulq_actors::writer::{self, Flusher, Writer};
use bytes::Bytes;
use std::rc::Rc;
use std::time::Duration;

/// How long a socket that is being closed may take to read what was written to it.
const LAST_WORDS: Duration = Duration::from_secs(1);

struct Echo {
    reading: Reading,
    writer: Rc<Writer>,
}

impl Actor for Echo {
    type Context = ws::WebsocketContext<Self>;
}

impl Echo {
    fn end(&self, last: Bytes, ctx: &mut ws::WebsocketContext<Self>) {
        self.writer.end::<Self>(last, LAST_WORDS, ctx);
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Echo {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, ctx: &mut Self::Context) {
        self.writer.open();
        match self.reading.heard(message) {
            Heard::Text(text) => self.writer.push(writer::text_frame(&text)),
            Heard::Binary(bytes) => self.writer.push(writer::binary_frame(&bytes)),
            Heard::Ping(bytes) => self.writer.push(writer::pong_frame(&bytes)),
            Heard::Nothing => {}
            Heard::Goodbye(code) => self.end(writer::close_frame(code, ""), ctx),
            Heard::Broken(why) => self.end(writer::close_frame(Some(why.code), &why.reason), ctx),
        }
    }

    fn finished(&mut self, ctx: &mut Self::Context) {
        match self.reading.fault() {
            Some(why) => {
                self.writer.open();
                self.end(writer::close_frame(Some(why.code), &why.reason), ctx);
            }
            None => ctx.stop(),
        }
    }
}

async fn connect(
    flusher: web::Data<Rc<Flusher>>,
    request: HttpRequest,
    stream: web::Payload,
) -> Result<HttpResponse, Error> {
    let killer = request.conn_data::<Killer>().cloned();
    let killer = killer.ok_or_else(|| error::ErrorInternalServerError("no second handle"))?;
    let (stream, reading) = Reading::new(stream);
    let echo = Echo { reading, writer: Writer::new(killer, flusher.get_ref().clone()) };
    ws::WsResponseBuilder::new(echo, &request, stream).frame_size(MESSAGE_BYTES).start()
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".to_owned());
    let server = HttpServer::new(|| {
        let flusher = Rc::<Flusher>::default();
        actix::spawn(flusher.clone().run());
        App::new().app_data(web::Data::new(flusher)).route("/", web::get().to(connect))
    });
    server.on_connect(transport::on_connect).workers(1).bind(address)?.run().await
}
