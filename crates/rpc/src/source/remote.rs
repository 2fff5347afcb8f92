//! The way to a source behind an integrator's service.

use super::{Failure, SourceConfig};
use crate::client::connect_with;
use crate::tls::ClientTls;
use std::error::Error as _;
use std::time::Duration;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// A line to a source, which is told how long it has.
pub struct Line {
    /// The connection.
    pub channel: Channel,
    deadline: Duration,
}

impl Line {
    /// More than any answer needs, in bytes.
    pub const LONGEST_ANSWER: usize = 64 * 1024;

    /// A line to the source of a configuration. Its own section says whom it is trusted by and what is shown to it, else
    /// `tls` does. The text says why there can be none.
    pub fn to(source: &SourceConfig, tls: Option<&ClientTls>) -> Result<Self, String> {
        let tls = source.client_tls.as_ref().or(tls);
        let channel = connect_with(&source.url, tls).map_err(|error| error.to_string())?;
        Ok(Self { channel, deadline: source.deadline() })
    }

    /// A question on its way.
    pub fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.set_timeout(self.deadline);
        request
    }
}

/// What a status of a source means.
#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
pub fn failure(status: Status) -> Failure {
    match status.code() {
        code @ (Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Aborted) => {
            Failure::Outage(code)
        }
        // Not told by the source: the connection failed, or was lost.
        code if status.source().is_some() => Failure::Outage(code),
        code => Failure::Refused(code),
    }
}
