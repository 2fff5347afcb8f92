//! What a failed call answers: a canonical code, a stable reason, a sentence, and facts a program can read.
//!
//! The cause of a fault of ours is logged here, once, under an incident id; the caller learns the id and nothing else.

use crate::violations::Violations;
use greenroom_domain::ledger::StoreError;
use greenroom_feed::cursor::CursorFault;
use prost::Message;
use std::collections::HashMap;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use uuid::Uuid;

/// `google.rpc.ErrorInfo.domain` of every error of the suite.
pub const DOMAIN: &str = "greenroom";

/// A fault as the caller sees it.
#[derive(Debug)]
pub struct Fault {
    code: Code,
    reason: &'static str,
    message: String,
    facts: Vec<(&'static str, String)>,
    violations: Violations,
    retry_after: Option<Duration>,
    attached: Option<Box<prost_types::Any>>,
}

impl Fault {
    /// A fault with its canonical code, its reason from the service's `ErrorReason`, and a sentence for people.
    ///
    /// The sentence is lower case and carries user input in backticks; every such word belongs into the facts, too.
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            facts: Vec::new(),
            violations: Violations::default(),
            retry_after: None,
            attached: None,
        }
    }

    /// Attaches a message of the contract, which stands among the details beside the usual ones. `name` is its full name.
    /// Details travel in a header, so it must be small.
    #[must_use]
    pub fn attach<M: Message>(mut self, name: &str, message: &M) -> Self {
        let type_url = format!("type.googleapis.com/{name}");
        self.attached = Some(Box::new(prost_types::Any { type_url, value: message.encode_to_vec() }));
        self
    }

    /// Adds a fact a program can read.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers hold references and values of many types")]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.facts.push((key, value.to_string()));
        self
    }

    /// Tells what is wrong field by field, where it is not their form.
    #[must_use]
    pub fn about(mut self, violations: Violations) -> Self {
        self.violations = violations;
        self
    }

    /// Tells when trying again is worth while.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The reason.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// The sentence for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is wrong field by field, for an answer that tells it in another place than the status.
    pub fn into_violations(self) -> Violations {
        self.violations
    }

    /// The canonical code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// `NOT_FOUND`: no such resource that the caller may see. `reason` like `STREAMER_NOT_FOUND`, `key` like `streamer`.
    pub fn not_found(reason: &'static str, key: &'static str, name: &str) -> Self {
        Self::new(Code::NotFound, reason, format!("there is no {} `{name}`", key.replace('_', " ")))
            .with(key, name)
    }

    /// `ALREADY_EXISTS`: the id or another unique value is taken.
    pub fn already_exists(reason: &'static str, key: &'static str, name: &str) -> Self {
        Self::new(
            Code::AlreadyExists,
            reason,
            format!("the {} `{name}` exists already", key.replace('_', " ")),
        )
        .with(key, name)
    }

    /// `INVALID_ARGUMENT` with every malformed field.
    pub fn fields(violations: Violations) -> Self {
        let count = violations.len();
        let noun = if count == 1 { "field is" } else { "fields are" };
        let mut fault = Self::new(Code::InvalidArgument, "FIELDS_INVALID", format!("{count} {noun} invalid"));
        fault.violations = violations;
        fault
    }

    /// `ABORTED`: others kept writing to the same resources.
    pub fn concurrent_change() -> Self {
        let said = "others wrote to the same resources at the same time; try again";
        Self::new(Code::Aborted, "CONCURRENT_CHANGE", said).retry_after(Duration::from_millis(100))
    }

    /// `UNAVAILABLE`: something this call needs does not answer. The cause is logged.
    pub fn unavailable(what: &'static str, cause: &dyn std::fmt::Display) -> Self {
        tracing::warn!(dependency = what, error = %cause, "a dependency does not answer");
        Self::new(Code::Unavailable, "DEPENDENCY_UNAVAILABLE", format!("{what} does not answer; try again"))
            .with("dependency", what)
            .retry_after(Duration::from_secs(1))
    }

    /// `INTERNAL`: a fault of ours. The cause is logged under an incident id.
    pub fn hide(cause: &dyn std::fmt::Display) -> Self {
        let incident = Uuid::new_v4().simple().to_string();
        tracing::error!(incident = %incident, error = %cause, "an internal fault");
        let said = "a fault of ours; the operator finds its cause in the log under the incident id";
        Self::new(Code::Internal, "INTERNAL", said).with("incident", incident)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Conflict | StoreError::Answered | StoreError::CursorMoved | StoreError::Taken(_) => {
                Self::concurrent_change()
            }
            StoreError::Unavailable(_) => Self::unavailable("the database", &error.whole()),
            StoreError::Damaged(_) | StoreError::Failed(_) => Self::hide(&error.whole()),
        }
    }
}

impl From<CursorFault> for Fault {
    fn from(fault: CursorFault) -> Self {
        let (code, reason) = match fault {
            CursorFault::Malformed => (Code::InvalidArgument, "CURSOR_MALFORMED"),
            CursorFault::ForeignDatabase => (Code::OutOfRange, "CURSOR_FOREIGN_DATABASE"),
            CursorFault::Ahead => (Code::OutOfRange, "CURSOR_AHEAD"),
        };
        let hint = if code == Code::OutOfRange { "; begin again from an empty cursor" } else { "" };
        Self::new(code, reason, format!("{fault}{hint}"))
    }
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        let facts: HashMap<String, String> =
            fault.facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut details = ErrorDetails::with_error_info(fault.reason, DOMAIN, facts);
        if !fault.violations.is_empty() {
            details.set_bad_request(fault.violations.into_field_violations());
        }
        if let Some(delay) = fault.retry_after {
            details.set_retry_info(Some(delay));
        }
        let status = Status::with_error_details(fault.code, fault.message, details);
        match fault.attached {
            Some(attached) => with_detail(&status, *attached),
            None => status,
        }
    }
}

/// A status with one more detail.
fn with_detail(status: &Status, detail: prost_types::Any) -> Status {
    // The bytes were made a moment ago, so they can be read.
    let mut whole = tonic_types::pb::Status::decode(status.details()).unwrap_or_default();
    whole.details.push(detail);
    Status::with_details(status.code(), status.message(), whole.encode_to_vec().into())
}

/// The reason a status carries, if it comes from this suite.
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().filter(|info| info.domain == DOMAIN).map(|info| info.reason)
}
