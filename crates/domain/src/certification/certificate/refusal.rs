use super::CertificateState;
use crate::certification::{IssuerStanding, NumberFinding};
use crate::kernel::{Date, Timestamp};
use crate::occupation::{JobType, Level};
use thiserror::Error;

/// Why a certificate is not recorded or does not change as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The number contradicts the claim.
    #[error("the number contradicts what is claimed: {}", sentences(findings))]
    NumberConflict {
        /// What contradicts, worst or not: every finding that refuses.
        findings: Vec<NumberFinding>,
    },
    /// The draft names another issuer.
    #[error("the certificate names another issuer")]
    OtherIssuer,
    /// The issuer is not in the directory at present.
    #[error("the issuer is not listed at present (`{}`)", standing.code())]
    IssuerNotListed {
        /// Its standing.
        standing: IssuerStanding,
    },
    /// The issuer may not issue this.
    #[error("the issuer is not accredited for `{job_type}` at {} on `{on}`", level.english())]
    NotAccredited {
        /// The job type.
        job_type: JobType,
        /// The level.
        level: Level,
        /// The date of issue.
        on: Date,
    },
    /// A certificate dated later than today in Beijing.
    #[error("the date of issue `{issue_date}` lies in the future")]
    IssuedInFuture {
        /// The date of issue.
        issue_date: Date,
    },
    /// Nothing changes this state any more, or not in this way.
    #[error("a certificate in state `{}` cannot be {wanted}", state.code())]
    Transition {
        /// The present state.
        state: CertificateState,
        /// What was asked for, as a participle.
        wanted: &'static str,
    },
    /// The check was made later than now.
    #[error("the check was made at `{checked_at}`, in the future")]
    FutureEvidence {
        /// When the check claims to have been made.
        checked_at: Timestamp,
    },
    /// The check would count for no time at all.
    #[error("the check counts until `{fresh_until}`, before it was made")]
    EvidenceNeverFresh {
        /// Until when the check would count.
        fresh_until: Timestamp,
    },
    /// A newer conclusive check is on record.
    #[error("a newer check of `{latest}` is on record")]
    EvidenceSuperseded {
        /// When the newest conclusive check was made.
        latest: Timestamp,
    },
    /// Decisions tell why and on what ground.
    #[error("a decision needs an explanation and a legal basis of a sensible length")]
    Unfounded,
    /// A decision takes effect now or did so before.
    #[error("a decision cannot take effect in the future (`{effective_time}`)")]
    EffectInFuture {
        /// From when on it would count.
        effective_time: Timestamp,
    },
    /// Nothing was true of a certificate before it was issued.
    #[error("a decision cannot take effect at `{effective_time}`, before the certificate was issued")]
    EffectBeforeIssue {
        /// From when on it would count.
        effective_time: Timestamp,
    },
    /// What is undone was in effect before.
    #[error("it cannot be undone as of `{effective_time}`: it took effect at `{since}`")]
    EffectBeforeHold {
        /// From when on the certificate would count again.
        effective_time: Timestamp,
        /// Since when it does not.
        since: Timestamp,
    },
    /// What a regulator did only a regulator undoes.
    #[error("a regulator decided so; only a regulator changes it")]
    HeldByRegulator,
}

fn sentences(findings: &[NumberFinding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
