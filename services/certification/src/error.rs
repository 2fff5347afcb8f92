//! What a call of this service can fail with, and how it is told.

use crate::roll::QuoteOpen;
use greenroom_domain::certification::port::{MISSING_FROM, RollImportState};
use greenroom_domain::certification::{
    CertificateState, IssuerStanding, NumberFinding, QualificationState, TermFault,
};
use greenroom_domain::ledger::StoreError;
use greenroom_rpc::fault::Fault;
use tonic::{Code, Status};

/// Why a call failed. User input stands in backticks; nothing personal ever does.
#[derive(Debug)]
pub enum Error {
    /// Told already: malformed fields, a lost race, a dependency that does not answer.
    Fault(Box<Fault>),
    /// No such standard.
    StandardNotFound(String),
    /// No such issuer, or not the caller's.
    IssuerNotFound(String),
    /// The issuer id is taken.
    IssuerExists(String),
    /// Something on record is missing from a list of the issuer's, or was changed although it has ended; the field says
    /// where.
    IssuerTermNotKept(String, String, TermFault),
    /// The issuer's standing does not allow it.
    IssuerStandingWrong(String, IssuerStanding),
    /// The characters of a site are another issuer's.
    SiteTaken(String),
    /// No such qualification that the caller may see.
    QualificationNotFound(String),
    /// The licence is on file.
    QualificationExists(String),
    /// The qualification changes no more.
    QualificationFinal(String, QualificationState),
    /// Whoever filed or holds it does not review it.
    ReviewerNotIndependent(String),
    /// The caller's organization knows no such person.
    PersonNotFound(String),
    /// No such certificate that the caller may see.
    CertificateNotFound(String),
    /// No such application that the caller may see.
    ApplicationNotFound(String),
    /// The certificate is final.
    CertificateRevoked(String),
    /// What in the number contradicts what is said of the certificate.
    NumberConflict(Vec<NumberFinding>),
    /// The number is on another certificate.
    NumberTaken(String),
    /// Every number with this prefix is taken.
    NumbersExhausted(String),
    /// The issuer may not issue this at present, or not on that day.
    IssuerNotAccredited(String),
    /// The certificate's state does not admit it.
    CertificateStateUnfit(String, CertificateState),
    /// A regulator decided so.
    HeldByRegulator(String),
    /// A person decides this, and the client acts for nobody.
    PersonRequired(String),
    /// The new certificate cannot take this one's place.
    NotSupersedable(String),
    /// The sandbox source is not allowed.
    SandboxSourceDisabled,
    /// No such source of certificate checks. `known` are those there are.
    CertificateSourceUnknown {
        /// The name, cut to the length of one.
        source: String,
        /// All others.
        known: String,
    },
    /// No such job that the caller may see.
    VerificationJobNotFound(String),
    /// No source's word changes the certificate.
    VerificationRefused {
        /// Which.
        certificate: String,
        /// Why.
        state: CertificateState,
    },
    /// The identity service knows the holder of a certificate no more. Never told to a caller.
    HolderUnknown,
    /// The roll as a whole cannot be read; the word says why.
    RollUnreadable(&'static str, String),
    /// A quote of the roll is open at the end of its line, in this row.
    RollQuoteOpen(i64),
    /// The roll is larger than accepted for its format.
    RollTooLarge {
        /// How many bytes are.
        bytes: u64,
        /// How many rows are.
        rows: i64,
    },
    /// No such import, or another issuer's.
    RollImportNotFound(String),
    /// The digest names another plan.
    RollDigestMismatch(String),
    /// The plan can no longer be carried out as it was made.
    RollPlanOutdated(String, Outdated),
    /// More certificates would be withdrawn than is allowed unasked.
    RollWithdrawalTooLarge {
        /// Of which import.
        name: String,
        /// How many.
        withdrawals: i64,
        /// How many are allowed.
        allowed: i64,
    },
    /// A second person has to approve the plan first.
    RollApprovalMissing(String),
    /// A plan is approved by a person, and not by the one who made it.
    RollApproverRefused(String),
    /// No row of the import was applied.
    RollNotApplied(String),
    /// The import was rolled back, or is being.
    RollRolledBack(String),
    /// There is no plan that waits.
    RollNotPlanned(String, RollImportState),
    /// The id is another import's.
    RollImportExists(String),
}

/// Why a plan can no longer be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outdated {
    /// What this row rests on has changed.
    Row(i64),
    /// It is older than the operator allows.
    Age,
    /// An earlier call found so.
    Before,
}

impl From<QuoteOpen> for Error {
    fn from(QuoteOpen(row): QuoteOpen) -> Self {
        Self::RollQuoteOpen(row)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Fault::from(error).into()
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Fault(fault) => *fault,
            Error::StandardNotFound(name) => Self::not_found("STANDARD_NOT_FOUND", "standard", &name),
            Error::IssuerNotFound(name) => Self::not_found("ISSUER_NOT_FOUND", "issuer", &name),
            Error::IssuerExists(name) => Self::already_exists("ISSUER_EXISTS", "issuer", &name),
            Error::CertificateNotFound(name) => {
                Self::not_found("CERTIFICATE_NOT_FOUND", "certificate", &name)
            }
            Error::ApplicationNotFound(name) => {
                Self::not_found("APPLICATION_NOT_FOUND", "application", &name)
            }
            Error::PersonNotFound(name) => Self::not_found("PERSON_NOT_FOUND", "person", &name),
            Error::CertificateRevoked(name) => {
                let said = format!("the certificate `{name}` is revoked; nothing changes that");
                Self::new(Code::FailedPrecondition, "CERTIFICATE_REVOKED", said).with("certificate", name)
            }
            Error::NumberConflict(findings) => number_conflict(&findings),
            Error::NumberTaken(number) => number_taken(&number),
            Error::NumbersExhausted(prefix) => numbers_exhausted(&prefix),
            Error::IssuerNotAccredited(name) => not_accredited(&name),
            Error::CertificateStateUnfit(name, state) => state_unfit(&name, state),
            Error::HeldByRegulator(name) => held_by_regulator(&name),
            Error::PersonRequired(name) => person_required(name),
            Error::NotSupersedable(name) => not_supersedable(&name),
            Error::IssuerTermNotKept(name, field, why) => term_not_kept(name, field, why),
            Error::IssuerStandingWrong(name, standing) => standing_wrong(name, standing),
            Error::SiteTaken(prefix) => Self::already_exists("SITE_TAKEN", "site", &prefix),
            Error::QualificationNotFound(name) => {
                Self::not_found("QUALIFICATION_NOT_FOUND", "qualification", &name)
            }
            Error::QualificationExists(name) => {
                Self::already_exists("QUALIFICATION_EXISTS", "qualification", &name)
            }
            Error::QualificationFinal(name, state) => qualification_final(name, state),
            Error::ReviewerNotIndependent(name) => not_independent(name),
            Error::SandboxSourceDisabled
            | Error::CertificateSourceUnknown { .. }
            | Error::VerificationJobNotFound(_)
            | Error::VerificationRefused { .. }
            | Error::HolderUnknown => of_sources(error),
            Error::RollUnreadable(..)
            | Error::RollQuoteOpen(_)
            | Error::RollTooLarge { .. }
            | Error::RollImportNotFound(_)
            | Error::RollDigestMismatch(_)
            | Error::RollPlanOutdated(..)
            | Error::RollWithdrawalTooLarge { .. }
            | Error::RollNotPlanned(..) => of_roll(error),
            Error::RollApprovalMissing(_)
            | Error::RollApproverRefused(_)
            | Error::RollNotApplied(_)
            | Error::RollRolledBack(_)
            | Error::RollImportExists(_) => refused(error),
        }
    }
}

/// What sources of certificate checks are about.
fn of_sources(error: Error) -> Fault {
    match error {
        Error::SandboxSourceDisabled => {
            let said = "the sandbox source is not allowed by the configuration";
            Fault::new(Code::InvalidArgument, "SANDBOX_SOURCE_DISABLED", said)
        }
        Error::CertificateSourceUnknown { source, known } => {
            let said = format!("there is no source of certificate checks `{source}`; these are: {known}");
            Fault::new(Code::InvalidArgument, "CERTIFICATE_SOURCE_UNKNOWN", said).with("source", source)
        }
        Error::VerificationJobNotFound(name) => {
            Fault::not_found("VERIFICATION_JOB_NOT_FOUND", "verification_job", &name)
        }
        Error::VerificationRefused { certificate, state } => {
            let state = state.code();
            let said = format!("the certificate `{certificate}` is {state}: no source's word changes that");
            Fault::new(Code::FailedPrecondition, "VERIFICATION_REFUSED", said)
                .with("certificate", certificate)
                .with("state", state)
        }
        Error::HolderUnknown => Fault::hide(&"the holder of a certificate is known no more"),
        other => Fault::from(other),
    }
}

/// What a roll as a whole is refused for.
fn of_roll(error: Error) -> Fault {
    match error {
        Error::RollUnreadable(fault, said) => {
            Fault::new(Code::InvalidArgument, "ROLL_UNREADABLE", said).with("fault", fault)
        }
        Error::RollQuoteOpen(row) => {
            let said = format!("row {row}: a quote is still open at the end of the line");
            Fault::new(Code::InvalidArgument, "ROLL_UNREADABLE", said)
                .with("fault", "quote_open")
                .with("row", row)
        }
        Error::RollTooLarge { bytes, rows } => {
            let said = format!("the roll is larger than accepted: {bytes} bytes and {rows} rows at most");
            Fault::new(Code::ResourceExhausted, "ROLL_TOO_LARGE", said)
                .with("limit_bytes", bytes)
                .with("limit_rows", rows)
        }
        Error::RollImportNotFound(name) => Fault::not_found("ROLL_IMPORT_NOT_FOUND", "roll_import", &name),
        Error::RollDigestMismatch(name) => {
            let said = format!("the digest is not that of the plan `{name}`");
            Fault::new(Code::FailedPrecondition, "ROLL_DIGEST_MISMATCH", said).with("roll_import", name)
        }
        Error::RollPlanOutdated(name, why) => outdated(name, why),
        Error::RollWithdrawalTooLarge { name, withdrawals, allowed } => {
            let said = format!(
                "applying `{name}` would withdraw {withdrawals} certificates in force, and {allowed} are allowed; \
                 make sure that the roll is complete"
            );
            Fault::new(Code::FailedPrecondition, "ROLL_WITHDRAWAL_TOO_LARGE", said)
                .with("roll_import", name)
                .with("withdrawals", withdrawals)
                .with("allowed", allowed)
        }
        Error::RollNotPlanned(name, state) => {
            let said = format!("the import `{name}` is `{}`: there is no plan that waits", state.code());
            Fault::new(Code::FailedPrecondition, "ROLL_NOT_PLANNED", said)
                .with("roll_import", name)
                .with("state", state.code())
        }
        other => Fault::from(other),
    }
}

fn refused(error: Error) -> Fault {
    let precondition = Code::FailedPrecondition;
    let (name, code, reason, said) = match error {
        Error::RollApprovalMissing(name) => {
            (name, precondition, "ROLL_APPROVAL_MISSING", "waits for the approval of a second person")
        }
        Error::RollApproverRefused(name) => (
            name,
            Code::PermissionDenied,
            "ROLL_APPROVER_REFUSED",
            "is approved by a person, through a client that acts for one, and not by the person or client that planned it",
        ),
        Error::RollNotApplied(name) => (
            name,
            precondition,
            "ROLL_NOT_APPLIED",
            "has no row that was applied: there is nothing to roll back",
        ),
        Error::RollRolledBack(name) => {
            (name, precondition, "ROLL_ROLLED_BACK", "was rolled back, or is being; make a new plan")
        }
        Error::RollImportExists(name) => {
            (name, Code::AlreadyExists, "ROLL_IMPORT_EXISTS", "exists already; choose another id")
        }
        other => return Fault::from(other),
    };
    Fault::new(code, reason, format!("the import `{name}` {said}")).with("roll_import", name)
}

fn term_not_kept(name: String, field: String, why: TermFault) -> Fault {
    let said = format!("`{field}`: {why}");
    let fault = Fault::new(Code::FailedPrecondition, "ISSUER_TERM_NOT_KEPT", said);
    fault.with("issuer", name).with("field", field)
}

fn standing_wrong(name: String, standing: IssuerStanding) -> Fault {
    let said = format!("the standing `{}` of `{name}` does not allow it", standing.code());
    let fault = Fault::new(Code::FailedPrecondition, "ISSUER_STANDING_WRONG", said);
    fault.with("issuer", name).with("standing", standing.code())
}

fn qualification_final(name: String, state: QualificationState) -> Fault {
    let said = format!("the state `{}` of `{name}` is final", state.code());
    let fault = Fault::new(Code::FailedPrecondition, "QUALIFICATION_STATE_WRONG", said);
    fault.with("qualification", name).with("state", state.code())
}

fn not_independent(name: String) -> Fault {
    let said = format!("whoever filed or holds `{name}` does not review it");
    Fault::new(Code::FailedPrecondition, "REVIEWER_NOT_INDEPENDENT", said).with("qualification", name)
}

fn number_taken(number: &str) -> Fault {
    let said = format!("the number `{number}` is on another certificate");
    Fault::new(Code::AlreadyExists, "CERTIFICATE_NUMBER_TAKEN", said).with("number", number)
}

fn numbers_exhausted(prefix: &str) -> Fault {
    let said = format!("every number that begins with `{prefix}` is taken");
    Fault::new(Code::ResourceExhausted, "CERTIFICATE_NUMBERS_EXHAUSTED", said).with("prefix", prefix)
}

fn not_accredited(name: &str) -> Fault {
    let said = format!("the issuer `{name}` is not listed, or not accredited for this on that day");
    Fault::new(Code::FailedPrecondition, "ISSUER_NOT_ACCREDITED", said).with("issuer", name)
}

fn state_unfit(name: &str, state: CertificateState) -> Fault {
    let said = format!("the certificate `{name}` is in state `{}`", state.code());
    let fault = Fault::new(Code::FailedPrecondition, "CERTIFICATE_STATE_UNFIT", said);
    fault.with("certificate", name).with("state", state.code())
}

fn held_by_regulator(name: &str) -> Fault {
    let said = format!("a regulator decided about `{name}`; only a regulator changes it");
    Fault::new(Code::PermissionDenied, "CERTIFICATE_HELD_BY_REGULATOR", said).with("certificate", name)
}

fn person_required(name: String) -> Fault {
    let said =
        format!("whether `{name}` is forged is decided by a person, through a client that acts for one");
    Fault::new(Code::PermissionDenied, "PERSON_REQUIRED", said).with("certificate", name)
}

fn not_supersedable(name: &str) -> Fault {
    let said = format!("the new certificate cannot take the place of `{name}`");
    Fault::new(Code::FailedPrecondition, "CERTIFICATE_NOT_SUPERSEDABLE", said).with("certificate", name)
}

fn number_conflict(findings: &[NumberFinding]) -> Fault {
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code().code()).collect();
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let said = format!("the number contradicts what is said of the certificate: {}", said.join("; "));
    Fault::new(Code::FailedPrecondition, "CERTIFICATE_NUMBER_CONFLICT", said)
        .with("findings", codes.join(","))
}

fn outdated(name: String, why: Outdated) -> Fault {
    let told = match why {
        Outdated::Row(row) if row >= MISSING_FROM => {
            format!("a certificate that the roll of `{name}` does not hold has changed since")
        }
        Outdated::Row(row) => format!("row {row} of `{name}` rests on something that changed since"),
        Outdated::Age => format!("the plan `{name}` is too old"),
        Outdated::Before => format!("the plan `{name}` is outdated"),
    };
    let fault =
        Fault::new(Code::FailedPrecondition, "ROLL_PLAN_OUTDATED", format!("{told}; make a new plan"));
    let fault = fault.with("roll_import", name);
    match why {
        Outdated::Row(row) if row < MISSING_FROM => fault.with("row", row),
        Outdated::Row(_) | Outdated::Age | Outdated::Before => fault,
    }
}

/// For the log: the message for callers, which holds nothing personal.
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => f.write_str(fault.message()),
            Self::CertificateNotFound(name) => write!(f, "there is no `{name}`"),
            Self::HolderUnknown => f.write_str("the holder is known no more"),
            other => write!(f, "{other:?}"),
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
    use greenroom_proto::certification::v1::ErrorReason;

    #[test]
    fn every_reason_is_in_the_contract() {
        let name = || "x/y".to_owned();
        let all = [
            Error::StandardNotFound(name()),
            Error::IssuerNotFound(name()),
            Error::IssuerExists(name()),
            Error::CertificateNotFound(name()),
            Error::ApplicationNotFound(name()),
            Error::PersonNotFound(name()),
            Error::CertificateRevoked(name()),
            Error::PersonNotFound(name()),
            Error::NumberConflict(vec![NumberFinding::SchemeUnknown]),
            Error::NumberTaken(name()),
            Error::NumbersExhausted(name()),
            Error::IssuerNotAccredited(name()),
            Error::CertificateStateUnfit(name(), CertificateState::Claimed),
            Error::HeldByRegulator(name()),
            Error::PersonRequired(name()),
            Error::NotSupersedable(name()),
            Error::SandboxSourceDisabled,
            Error::IssuerTermNotKept(name(), name(), TermFault::Vanished(0)),
            Error::IssuerStandingWrong(name(), IssuerStanding::StruckOff),
            Error::SiteTaken(name()),
            Error::QualificationNotFound(name()),
            Error::QualificationExists(name()),
            Error::QualificationFinal(name(), QualificationState::Lapsed),
            Error::ReviewerNotIndependent(name()),
            Error::PersonNotFound(name()),
            Error::CertificateSourceUnknown { source: name(), known: name() },
            Error::VerificationJobNotFound(name()),
            Error::VerificationRefused { certificate: name(), state: CertificateState::Revoked },
            Error::HolderUnknown,
            Error::RollUnreadable("no_heading", name()),
            Error::RollTooLarge { bytes: 1, rows: 1 },
            Error::RollImportNotFound(name()),
            Error::RollDigestMismatch(name()),
            Error::RollQuoteOpen(2),
            Error::RollPlanOutdated(name(), Outdated::Row(2)),
            Error::RollPlanOutdated(name(), Outdated::Age),
            Error::RollWithdrawalTooLarge { name: name(), withdrawals: 2, allowed: 1 },
            Error::RollApprovalMissing(name()),
            Error::RollApproverRefused(name()),
            Error::RollNotApplied(name()),
            Error::RollRolledBack(name()),
            Error::RollNotPlanned(name(), RollImportState::Planning),
            Error::RollImportExists(name()),
        ];
        for error in all {
            let reason = Fault::from(error).reason();
            assert!(ErrorReason::from_str_name(&format!("ERROR_REASON_{reason}")).is_some(), "{reason}");
        }
    }
}
