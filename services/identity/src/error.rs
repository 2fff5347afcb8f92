//! What can go wrong in this service, and how it is told.

use crate::vault::VaultFault;
use greenroom_auth::{IssueFault, JwkFault};
use greenroom_domain::identity::AgeBand;
use greenroom_domain::kernel::Timestamp;
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
    /// The record is kept for storage only. The name is empty where the caller has none for the person yet.
    #[error("the record is kept for storage only")]
    PersonFrozen(String),
    /// The record's data key is destroyed.
    #[error("the record of `{0}` is erased")]
    PersonErased(String),
    /// The sandbox is not allowed here.
    #[error("the sandbox source is not allowed: the configuration does not set `allow_sandbox_source`")]
    SandboxSourceDisabled,
    /// The client has a credential with that id.
    #[error("the client has a credential `{0}` already")]
    KeyExists(String),
    /// The client has no credential with that id.
    #[error("the client has no credential `{0}`")]
    KeyNotFound(String),
    /// The client holds as many credentials as it may.
    #[error("the client holds 16 credentials, as many as it may; revoke one first")]
    TooManyKeys,
    /// The client is disabled for good.
    #[error("`{0}` is disabled for good; create another client")]
    ClientDisabled(String),
    /// The client's tokens are bound to a certificate, and there is none.
    #[error("the client's tokens are bound to its certificate; open the connection with it")]
    CertificateMissing,
    /// A legal period still runs.
    #[error("the record of `{person}` must be kept until {until}")]
    PersonHeld {
        /// The person.
        person: String,
        /// When the period ends.
        until: Timestamp,
    },
    /// Only a frozen record can be taken into use again.
    #[error("the record of `{0}` is not frozen")]
    PersonNotFrozen(String),
    /// A guardian's consent means something for persons of 16 and 17 only.
    #[error("a guardian's consent counts for persons of 16 and 17 only")]
    ConsentWithoutEffect(AgeBand),
    /// There is no consent to withdraw.
    #[error("no guardian's consent stands that could be withdrawn")]
    ConsentMissing,
    /// No source of that name is configured.
    #[error("no proofing source is called `{source_name}`; {}", these_are(.known))]
    ProofingSourceUnknown {
        /// The name given.
        source_name: String,
        /// Those configured.
        known: String,
    },
    /// No such job of that person.
    #[error("there is no proofing job `{0}`")]
    ProofingJobNotFound(String),
    /// Nobody attests its own identity.
    #[error("a person's own client cannot attest who the person is; somebody else has to")]
    AttestorIsPerson,
    /// What the check tells of the birth contradicts what is known.
    #[error("what the check tells of the age contradicts the document or an earlier check")]
    BirthDateConflict,
    /// The client's proof is not accepted.
    #[error("the client's proof is not accepted")]
    ClientAuthenticationFailed,
    /// The client signed its assertion, and it is not accepted all the same. Says why.
    #[error("the client's assertion is not accepted: {0}")]
    AssertionRefused(String),
    /// The client's proof is right, and it gets no tokens all the same.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
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
    /// There is no such scope.
    #[error("no service of this suite knows a scope `{scope}`")]
    ScopeUnknown {
        /// The scope.
        scope: String,
    },
    /// No service knows all the scopes asked for.
    #[error("the scopes belong to several services; a token is for one: ask for one token each")]
    ScopesOfSeveralServices,
    /// Several services could be meant, and none was named.
    #[error("name the one service the token is for: {}", .0.join(", "))]
    AudienceUnclear(Vec<&'static str>),
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

/// What keeps a client out that has proven who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// It is disabled for good.
    #[error("the client is disabled")]
    ClientDisabled,
    /// Its organization takes no part at present.
    #[error("the organization is suspended")]
    OrganizationSuspended,
    /// The record of the person who acts through it is kept for storage only.
    #[error("the record of the person who acts through the client is kept for storage only")]
    PersonFrozen,
    /// The record of the person who acts through it is erased.
    #[error("the record of the person who acts through the client is erased")]
    PersonErased,
}

impl NotAdmitted {
    const fn reason(self) -> &'static str {
        match self {
            Self::ClientDisabled => "CLIENT_DISABLED",
            Self::OrganizationSuspended => "ORGANIZATION_SUSPENDED",
            Self::PersonFrozen => "PERSON_FROZEN",
            Self::PersonErased => "PERSON_ERASED",
        }
    }
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
            Error::LastOperatorClient(name) => unmet("LAST_OPERATOR_CLIENT", said).with("client", name),
            Error::KeyExists(id) => Self::already_exists("KEY_EXISTS", "key_id", &id),
            Error::KeyNotFound(id) => Self::not_found("KEY_NOT_FOUND", "key_id", &id),
            Error::TooManyKeys => unmet("TOO_MANY_KEYS", said),
            Error::ClientDisabled(name) => unmet("CLIENT_DISABLED", said).with("client", name),
            Error::CertificateMissing => Self::new(Code::InvalidArgument, "CERTIFICATE_MISSING", said),
            Error::ClientAuthenticationFailed | Error::AssertionRefused(_) => {
                Self::new(Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED", said)
            }
            Error::NotAdmitted(cause) => Self::new(Code::PermissionDenied, cause.reason(), said),
            Error::TooManyFailures { wait } => {
                Self::new(Code::ResourceExhausted, "TOO_MANY_FAILURES", said).retry_after(wait)
            }
            Error::ScopeNotGranted { scope, audience } => {
                let refused = Self::new(Code::InvalidArgument, "SCOPE_NOT_GRANTED", said);
                refused.with("scope", scope).with("audience", audience)
            }
            Error::ScopeUnknown { scope } => {
                Self::new(Code::InvalidArgument, "SCOPE_NOT_GRANTED", said).with("scope", scope)
            }
            Error::ScopesOfSeveralServices | Error::AudienceUnclear(_) => {
                Self::new(Code::InvalidArgument, "FIELDS_INVALID", said)
            }
            Error::Vault(_) | Error::Issue(_) | Error::NoSigningKey | Error::StoredKey(_) => {
                Self::hide(&said)
            }
            about_a_person => of_person(about_a_person, said),
        }
    }
}

/// What is refused about a person.
fn of_person(error: Error, said: String) -> Fault {
    match error {
        Error::PersonNotFound(name) => Fault::not_found("PERSON_NOT_FOUND", "person", &name),
        Error::PersonNameConflict => unmet("PERSON_NAME_CONFLICT", said),
        Error::PersonFrozen(name) => unmet("PERSON_FROZEN", said).with("person", name),
        Error::PersonErased(name) => unmet("PERSON_ERASED", said).with("person", name),
        Error::PersonHeld { person, until } => {
            unmet("PERSON_HELD", said).with("person", person).with("hold_until", until)
        }
        Error::PersonNotFrozen(name) => unmet("PERSON_NOT_FROZEN", said).with("person", name),
        Error::ConsentWithoutEffect(band) => {
            unmet("CONSENT_WITHOUT_EFFECT", said).with("age_band", band.code())
        }
        Error::ConsentMissing => unmet("CONSENT_MISSING", said),
        Error::BirthDateConflict => unmet("BIRTH_DATE_CONFLICT", said),
        Error::AttestorIsPerson => unmet("ATTESTOR_IS_PERSON", said),
        Error::SandboxSourceDisabled => Fault::new(Code::InvalidArgument, "SANDBOX_SOURCE_DISABLED", said),
        Error::ProofingSourceUnknown { source_name, known } => {
            let refused = Fault::new(Code::InvalidArgument, "PROOFING_SOURCE_UNKNOWN", said);
            refused.with("source", source_name).with("known", known)
        }
        Error::ProofingJobNotFound(name) => Fault::not_found("PROOFING_JOB_NOT_FOUND", "proofing_job", &name),
        other => Fault::hide(&other),
    }
}

/// Which sources there are.
fn these_are(known: &str) -> String {
    if known.is_empty() {
        "none is configured: the configuration names them in `proofing_sources`".to_owned()
    } else {
        format!("these are: {known}")
    }
}

/// FAILED_PRECONDITION: the request is well-formed, and the state of things forbids it.
fn unmet(reason: &'static str, said: String) -> Fault {
    Fault::new(Code::FailedPrecondition, reason, said)
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
            Error::KeyExists(name()),
            Error::KeyNotFound(name()),
            Error::TooManyKeys,
            Error::ClientDisabled(name()),
            Error::CertificateMissing,
            Error::PersonHeld { person: name(), until: Timestamp::MIN },
            Error::PersonNotFrozen(name()),
            Error::ConsentWithoutEffect(AgeBand::Adult),
            Error::ConsentMissing,
            Error::ProofingSourceUnknown { source_name: name(), known: name() },
            Error::ProofingJobNotFound(name()),
            Error::BirthDateConflict,
            Error::ClientAuthenticationFailed,
            Error::TooManyFailures { wait: Duration::from_secs(1) },
            Error::ScopeNotGranted { scope: name(), audience: name() },
            Error::AssertionRefused(name()),
            Error::NotAdmitted(NotAdmitted::ClientDisabled),
            Error::NotAdmitted(NotAdmitted::OrganizationSuspended),
            Error::NotAdmitted(NotAdmitted::PersonFrozen),
            Error::NotAdmitted(NotAdmitted::PersonErased),
            Error::ScopeUnknown { scope: name() },
            Error::ScopesOfSeveralServices,
            Error::AudienceUnclear(Vec::new()),
            Error::AttestorIsPerson,
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
