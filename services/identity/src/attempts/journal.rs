//! What the log is told of single failures: one line each, and no more of them than somebody reads.

use super::Origin;
use greenroom_auth::AssertionFault;
use greenroom_domain::kernel::{ClientId, Timestamp};
use std::fmt;
use std::time::Duration;

/// The most lines of one minute.
const MOST_LINES: u32 = 60;

const MINUTE: Duration = Duration::from_mins(1);

/// What was wrong with a proof. Nothing of the proof is part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// None of the client's secrets is this.
    Secret,
    /// The assertion is not accepted.
    Assertion(AssertionFault),
    /// The assertion's id was used before.
    Replayed,
    /// None of the client's credentials is the certificate of the connection, or it shows none.
    Certificate,
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret => formatter.write_str("wrong secret"),
            Self::Assertion(AssertionFault::Unproven(fault)) => write!(formatter, "bad assertion: {fault}"),
            Self::Assertion(AssertionFault::Signed(fault)) => write!(formatter, "signed, but: {fault}"),
            Self::Replayed => formatter.write_str("the assertion was used before"),
            Self::Certificate => formatter.write_str("not the certificate of the client"),
        }
    }
}

/// Who was claimed.
#[derive(Clone, Copy, Debug)]
pub enum Claimed<'a> {
    /// A client there is.
    Known(&'a ClientId),
    /// A client there is not.
    Nobody(&'a ClientId),
    /// What could be no client's id: it may be a mistyped secret or somebody's name, and is never told.
    Unreadable,
}

impl Claimed<'_> {
    /// Who keeps failing. Only whom there is.
    pub fn known(&self) -> &str {
        match self {
            Self::Known(id) => id.as_str(),
            Self::Nobody(_) | Self::Unreadable => "unknown",
        }
    }

    fn told(&self) -> &str {
        match self {
            Self::Known(id) | Self::Nobody(id) => id.as_str(),
            Self::Unreadable => "unreadable",
        }
    }
}

/// How many lines were told.
#[derive(Default)]
pub struct Journal {
    since: Option<Timestamp>,
    lines: u32,
    kept_back: u64,
}

impl Journal {
    /// Whether one more may be told now, and how many were not before it.
    pub fn turn(&mut self, now: Timestamp) -> Option<u64> {
        let fresh = self.since.is_none_or(|since| now < since || now.since(since) >= MINUTE);
        if fresh {
            (self.since, self.lines) = (Some(now), 0);
        }
        if self.lines >= MOST_LINES {
            self.kept_back = self.kept_back.saturating_add(1);
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.kept_back))
    }
}

/// Tells the log of one failure, behind so many that it was not told of.
pub fn tell(claimed: Claimed<'_>, wrong: &Wrong, origin: Origin, kept_back: u64) {
    let client = claimed.told();
    let fault = match claimed {
        Claimed::Known(_) => wrong.to_string(),
        Claimed::Nobody(_) => "there is no such client".to_owned(),
        Claimed::Unreadable => "no client is named".to_owned(),
    };
    tracing::info!(client.id = client, peer.origin = %origin, fault, kept_back, "a client authentication failed");
}
