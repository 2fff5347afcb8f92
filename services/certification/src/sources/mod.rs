//! The sources that certificates are checked with. One kind of thing, whether it is asked over the network or built in.

mod answer;
mod config;
mod remote;

pub use config::{CertificateSource, SourceKind, check};
pub use greenroom_rpc::source::SANDBOX;

use crate::config::Config;
use greenroom_domain::certification::{
    CertificateNumber, CheckedField, Differences, EvidenceResult, EvidenceSource, SourceAuthentication,
};
use greenroom_domain::kernel::{CertificateId, Date, OrganizationId, PersonId, StandardId, Timestamp};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::source::{self, Health, Inquiry, Sandbox, Sandboxed, Scripted, Terms};
use std::sync::Arc;

/// What this service has checked: whether a certificate is genuine.
pub enum Certificates {}

impl Inquiry for Certificates {
    const SOURCE: &'static str = "certificate source";
    const JOB: &'static str = "verification job";
    type Id = CertificateId;
    type Subject = CheckedCertificate;
    type Outcome = Outcome;
    type Verdict = EvidenceResult;
    type Kind = Kind;

    fn verdict(outcome: &Outcome) -> EvidenceResult {
        outcome.verdict
    }
}

/// A source with what the configuration says of it.
pub type Configured = source::Configured<Certificates>;

/// All sources, and the questions under way.
pub type Sources = source::Sources<Certificates>;

/// How a source is spoken to, and how what it says is recorded.
#[derive(Clone, Debug)]
pub struct Kind {
    /// How its checks are recorded.
    pub evidence: EvidenceSource,
    /// Under whose names it is told of holders; it is told of none if nobody's.
    pub organization: Option<OrganizationId>,
    /// Whether claimed certificates are checked with it without anybody's doing.
    pub automatic: bool,
}

/// A certificate as a source is asked about it. No name, no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedCertificate {
    /// The number.
    pub number: CertificateNumber,
    /// The standard.
    pub standard: StandardId,
    /// The job type.
    pub job_type: JobType,
    /// The level.
    pub level: Level,
    /// The issuer's code.
    pub issuer_code: String,
    /// The day of issue.
    pub issue_date: Date,
    /// The holder, under the name that the source's organization has for the person; none where nobody is told.
    pub holder: Option<PersonId>,
}

/// What came of a check.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict; never that the source is unavailable.
    pub verdict: EvidenceResult,
    /// In what the certificate differs from what the source has.
    pub differences: Differences,
    /// When the check was made, not later than now; now, if the source did not tell.
    pub checked_at: Option<Timestamp>,
    /// SHA-256 of the source's own answer.
    pub artefact_sha256: Option<[u8; 32]>,
    /// How it is known that the answer is the source's.
    pub authentication: Option<SourceAuthentication>,
}

impl Sandboxed for Certificates {
    fn number(subject: &CheckedCertificate) -> &str {
        subject.number.as_str()
    }

    fn scripted(outcome: Scripted) -> Outcome {
        let (verdict, differs) = match outcome {
            Scripted::Match => (EvidenceResult::Match, None),
            Scripted::Mismatch => (EvidenceResult::Mismatch, Some(CheckedField::Holder)),
            Scripted::NotFound => (EvidenceResult::NotFound, None),
            Scripted::Revoked => (EvidenceResult::Revoked, None),
        };
        Outcome {
            verdict,
            differences: differs.into_iter().collect(),
            checked_at: None,
            artefact_sha256: None,
            authentication: Some(SourceAuthentication::Local),
        }
    }
}

/// How the sources whose checks are recorded as `kind` answer this process: up if any does; none if none was asked.
pub fn health(sources: &Sources, kind: EvidenceSource) -> Option<Health> {
    let of_kind = sources.all().iter().filter(|source| source.kind.evidence == kind);
    of_kind.filter_map(|source| source.gate.record().health).max()
}

/// The sources of a configuration. Nothing is connected yet. The text says what is wrong.
pub fn sources(config: &Config, clock: &SharedClock) -> Result<Sources, String> {
    let mut sources = Sources::default();
    let validity = config.evidence_validity();
    let automatic = |name: &str| config.automatic_sources.iter().any(|one| one == name);
    if config.allow_sandbox_source {
        let kind =
            Kind { evidence: EvidenceSource::Sandbox, organization: None, automatic: automatic(SANDBOX) };
        sources.add(SANDBOX, kind, Terms::built_in(validity.of(EvidenceSource::Sandbox)), Box::new(Sandbox));
    }
    for source in &config.certificate_sources {
        let common = &source.common;
        let remote = remote::Remote::new(common, config.client_tls.as_ref(), Arc::clone(clock))
            .map_err(|error| format!("the certificate source `{}`: {error}", common.name))?;
        let organization = Some(source.organization().map_err(|error| error.to_string())?);
        let (evidence, automatic) = (source.kind.evidence(), automatic(&common.name));
        let terms = Terms::of(common, validity.of(evidence));
        let kind = Kind { evidence, organization, automatic };
        sources.add(&common.name, kind, terms, Box::new(remote));
    }
    Ok(sources)
}
