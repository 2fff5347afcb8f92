//! What the services of this process say: every log line and span, and every error that reaches a caller.

use http_body_util::BodyExt as _;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::task::{Context, Poll};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic::codegen::{Service, StdError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// All of the suite's own, and of its libraries more than anybody lets a running service say.
const EVERYTHING: &str = "debug,greenroom=trace";

/// All that was logged in this process.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn open<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens to the log of this process from now on; gives how much was logged before.
///
/// # Panics
/// If the log already goes somewhere else.
pub fn listen() -> usize {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(|| Ear)
            .with_ansi(false)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE);
        let everything = tracing_subscriber::registry().with(EnvFilter::new(EVERYTHING)).with(lines);
        everything.try_init().expect("nobody else listens to the log");
    });
    open(&LOG).len()
}

/// What was logged since.
pub fn logged(since: usize) -> Vec<u8> {
    open(&LOG).get(since..).unwrap_or_default().to_vec()
}

struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        open(&LOG).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The errors that callers were answered with.
#[derive(Clone, Default)]
pub struct Errors(Arc<Mutex<Vec<u8>>>);

impl Errors {
    /// All of them: as they were sent, and as they are read.
    pub fn all(&self) -> Vec<u8> {
        open(&self.0).clone()
    }

    fn hear(&self, headers: &HeaderMap) {
        let Some(status) = Status::from_header_map(headers).filter(|it| it.code() != tonic::Code::Ok) else {
            return;
        };
        let mut all = open(&self.0);
        for value in headers.values() {
            all.extend_from_slice(value.as_bytes());
            all.push(b'\n');
        }
        all.extend_from_slice(status.message().as_bytes());
        all.push(b'\n');
        all.extend_from_slice(status.details());
        all.push(b'\n');
    }
}

/// A connection whose errors are heard.
#[derive(Clone)]
pub struct Heard<C> {
    connection: C,
    errors: Errors,
}

impl<C> Heard<C> {
    /// `connection`, with somebody who listens.
    pub fn new(connection: C, errors: Errors) -> Self {
        Self { connection, errors }
    }
}

impl<C> Service<Request<Body>> for Heard<C>
where
    C: Service<Request<Body>, Response = Response<Body>>,
    C::Future: Send + 'static,
    C::Error: Into<StdError>,
{
    type Response = Response<Body>;
    type Error = C::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connection.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (answer, errors) = (self.connection.call(request), self.errors.clone());
        Box::pin(async move {
            let answer = answer.await?;
            errors.hear(answer.headers());
            // An error may come after a part of the answer.
            Ok(answer.map(|body| {
                Body::new(body.map_frame(move |frame| {
                    if let Some(trailers) = frame.trailers_ref() {
                        errors.hear(trailers);
                    }
                    frame
                }))
            }))
        })
    }
}
