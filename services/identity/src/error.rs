//! What can go wrong in this service, and how it is told.

use crate::vault::VaultFault;
use greenroom_auth::{IssueFault, JwkFault};
use greenroom_domain::ledger::StoreError;
use greenroom_rpc::fault::Fault;
use std::time::Duration;
use tonic::{Code, Status};

/// Why a call failed. Names are resource names as the caller knows them; nothing personal is ever part of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Told by the frame: malformed fields, etags, request ids.
    #[error("the call failed: {}", .0.reason())]
    Fault(Fault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such organization that the caller may see.
    #[error("there is no organization `{0}`")]
    OrganizationNotFound(String),
    /// The organization id is taken.
    #[error("the organization `{0}` exists already")]
    OrganizationExists(String),
    /// No such client that the caller may see.
    #[error("there is no client `{0}`")]
    ClientNotFound(String),
    /// The client id is taken.
    #[error("the client `{0}` exists already")]
    ClientExists(String),
    /// A key that could never be used.
    #[error("the key could never be used: {0}")]
    KeyUnusable(JwkFault),
    /// No such person under the caller's names.
    #[error("there is no person `{0}`")]
    PersonNotFound(String),
    /// The client is the last that can administer the suite.
    #[error("`{0}` is the last client that can administer the suite; create another before")]
    LastOperatorClient(String),
    /// The document is proven to be that of somebody with another name.
    #[error("the document is proven to be that of somebody with another name")]
    PersonNameConflict,
    /// The record is kept for storage only.
    #[error("the record of `{0}` is kept for storage only")]
    PersonFrozen(String),
    /// The record's data key is destroyed.
    #[error("the record of `{0}` is erased")]
    PersonErased(String),
    /// The sandbox is not allowed here.
    #[error("the sandbox source is not allowed by the configuration")]
    SandboxSourceDisabled,
    /// The client's proof is not accepted.
    #[error("the client's proof is not accepted")]
    ClientAuthenticationFailed,
    /// Too many proofs for the claimed client or from the address failed; this one was not looked at.
    #[error("too many client authentications failed; try again later")]
    TooManyFailures {
        /// How long to wait.
        wait: Duration,
    },
    /// The client does not hold the scope, or the service it asks for does not know it.
    #[error("the client holds no scope `{scope}` for `{audience}`")]
    ScopeNotGranted {
        /// The scope; `*` where none was named and none is held.
        scope: String,
        /// The service.
        audience: String,
    },
    /// The scopes belong to several services, and none was named.
    #[error("name the one service the token is for")]
    AudienceUnclear,
    /// Stored ciphertext cannot be read, or nothing can be encrypted.
    #[error(transparent)]
    Vault(#[from] VaultFault),
    /// A token was not signed.
    #[error(transparent)]
    Issue(#[from] IssueFault),
    /// No signing key is active.
    #[error("no signing key is active")]
    NoSigningKey,
    /// A stored key cannot be read.
    #[error("a stored key cannot be read: {0}")]
    StoredKey(JwkFault),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        match error {
            Error::Fault(fault) => fault,
            Error::Store(error) => error.into(),
            Error::OrganizationNotFound(name) => {
                Self::not_found("ORGANIZATION_NOT_FOUND", "organization", &name)
            }
            Error::OrganizationExists(name) => {
                Self::already_exists("ORGANIZATION_EXISTS", "organization", &name)
            }
            Error::ClientNotFound(name) => Self::not_found("CLIENT_NOT_FOUND", "client", &name),
            Error::ClientExists(name) => Self::already_exists("CLIENT_EXISTS", "client", &name),
            Error::KeyUnusable(fault) => {
                Self::new(Code::InvalidArgument, "KEY_UNUSABLE", said).with("fault", fault)
            }
            Error::PersonNotFound(name) => Self::not_found("PERSON_NOT_FOUND", "person", &name),
            Error::LastOperatorClient(name) => {
                Self::new(Code::FailedPrecondition, "LAST_OPERATOR_CLIENT", said).with("client", name)
            }
            Error::PersonNameConflict => Self::new(Code::FailedPrecondition, "PERSON_NAME_CONFLICT", said),
            Error::PersonFrozen(name) => {
                Self::new(Code::FailedPrecondition, "PERSON_FROZEN", said).with("person", name)
            }
            Error::PersonErased(name) => {
                Self::new(Code::FailedPrecondition, "PERSON_ERASED", said).with("person", name)
            }
            Error::SandboxSourceDisabled => Self::new(Code::InvalidArgument, "SANDBOX_SOURCE_DISABLED", said),
            Error::ClientAuthenticationFailed => {
                Self::new(Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED", said)
            }
            Error::TooManyFailures { wait } => {
                Self::new(Code::ResourceExhausted, "TOO_MANY_FAILURES", said).retry_after(wait)
            }
            Error::ScopeNotGranted { scope, audience } => {
                Self::new(Code::InvalidArgument, "SCOPE_NOT_GRANTED", said)
                    .with("scope", scope)
                    .with("audience", audience)
            }
            Error::AudienceUnclear => Self::new(Code::InvalidArgument, "FIELDS_INVALID", said),
            Error::Vault(_) | Error::Issue(_) | Error::NoSigningKey | Error::StoredKey(_) => {
                Self::hide(&said)
            }
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Fault::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_proto::identity::v1::ErrorReason;

    #[test]
    fn every_reason_is_one_of_the_contract() {
        let name = || "x".to_owned();
        let errors = [
            Error::OrganizationNotFound(name()),
            Error::OrganizationExists(name()),
            Error::ClientNotFound(name()),
            Error::ClientExists(name()),
            Error::KeyUnusable(JwkFault::NotJson),
            Error::PersonNotFound(name()),
            Error::LastOperatorClient(name()),
            Error::PersonNameConflict,
            Error::PersonFrozen(name()),
            Error::PersonErased(name()),
            Error::SandboxSourceDisabled,
            Error::ClientAuthenticationFailed,
            Error::TooManyFailures { wait: Duration::from_secs(1) },
            Error::ScopeNotGranted { scope: name(), audience: name() },
            Error::AudienceUnclear,
            Error::NoSigningKey,
            Error::Store(StoreError::Conflict),
        ];
        for error in errors {
            let fault = Fault::from(error);
            let full = format!("ERROR_REASON_{}", fault.reason());
            assert!(ErrorReason::from_str_name(&full).is_some(), "{full}");
        }
    }
}
