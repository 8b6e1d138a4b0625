//! One connection of a client, which is cut when the client is slow. The server library times the first head of a connection
//! alone, and waits for ever for whoever asks and does not read.
//!
//! What the library refuses before there is a request goes out with the problem that it lacks (`unread`).
//!
//! A body is timed where it is read ([`gate`](super::gate)), and answers with a problem. Everything else is timed here: while
//! no request is being answered, a client that has begun to send something has some time to make a request of it; and while
//! the service has something to send, it has some time to take some of it.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::Extensions;
use actix_web::dev::ServiceRequest;
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::unread;

/// A connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    turn: Rc<Cell<Turn>>,
    /// Since when the client takes nothing.
    stuck: Option<Instant>,
    patience: Duration,
    /// Wakes the connection when time may be over. Made when there is something to wait for.
    alarm: Option<Pin<Box<Sleep>>>,
    /// What goes out before all else: a refusal in words of ours.
    words: Bytes,
    /// Address under which clients know the service.
    public_url: Arc<str>,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, Default)]
enum Turn {
    /// The client's, for the first time: the server library times this one, and answers 408.
    #[default]
    First,
    /// The service's: a request is being answered.
    Service,
    /// Nobody's: the client may ask again.
    Idle,
    /// The client's: since then it sends what is no request yet.
    Client(Instant),
}

/// A request is being answered until this is dropped.
#[derive(Debug)]
pub struct Answering(Rc<Cell<Turn>>);

impl Answering {
    /// From now on. None where requests come without a connection.
    pub fn of(request: &ServiceRequest) -> Option<Self> {
        let turn: &Rc<Cell<Turn>> = request.conn_data()?;
        turn.set(Turn::Service);
        Some(Self(Rc::clone(turn)))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.set(Turn::Idle);
    }
}

impl Connection {
    /// A connection that was accepted. `patience`: how long the client may take for a head, or to take something of an answer.
    pub fn new(stream: TcpStream, patience: Duration, public_url: Arc<str>) -> Self {
        Self { stream, turn: Rc::default(), stuck: None, patience, alarm: None, words: Bytes::new(), public_url }
    }

    /// Sends the words that wait.
    fn poll_words(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.words.is_empty() {
            let attempt = Pin::new(&mut self.stream).poll_write(context, &self.words);
            match ready!(self.sent(attempt, context))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => drop(self.words.split_to(sent)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Lets the requests of the connection find it.
    pub fn introduce(&self, to: &mut Extensions) {
        to.insert(Rc::clone(&self.turn));
    }

    /// Fails when time is over, else sees to it that the connection is woken when it is.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let sending = if let Turn::Client(since) = self.turn.get() { Some(since) } else { None };
        let Some(since) = sending.into_iter().chain(self.stuck).min() else { return Poll::Pending };
        let end = since + self.patience;
        if Instant::now() >= end {
            return Poll::Ready(io::ErrorKind::TimedOut.into());
        }
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if alarm.deadline() != end {
            alarm.as_mut().reset(end);
        }
        alarm.as_mut().poll(context).map(|()| io::ErrorKind::TimedOut.into())
    }

    /// Notes how an attempt to send ended.
    fn sent<T>(&mut self, attempt: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if attempt.is_ready() {
            self.stuck = None;
            // Whoever takes what it is sent may send the next request slowly meanwhile.
            if matches!(self.turn.get(), Turn::Client(_)) {
                self.turn.set(Turn::Client(Instant::now()));
            }
            return attempt;
        }
        self.stuck.get_or_insert_with(Instant::now);
        self.wait(context).map(Err)
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(error) = self.wait(context) {
            return Poll::Ready(Err(error));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        if into.filled().len() > before && matches!(self.turn.get(), Turn::Idle) {
            self.turn.set(Turn::Client(Instant::now()));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_words(context))?;
        if let Some(words) = unread::in_words(from, &self.public_url) {
            // They go out with the flush that follows.
            self.words = words.into();
            return Poll::Ready(Ok(from.len()));
        }
        let attempt = Pin::new(&mut self.stream).poll_write(context, from);
        self.sent(attempt, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_words(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_words(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
