//! The sources that identity checks are asked of. One kind of thing, whether it is asked over the network or built in.

mod answer;
mod remote;

pub use greenroom_rpc::source::{SANDBOX, SourceConfig as ProofingSource, check_all};

use crate::config::Config;
use greenroom_domain::identity::{
    Age, NamedDocument, PersonIdentity, ProofingAuthentication, ProofingMethod, ProofingResult,
};
use greenroom_domain::kernel::{Date, PersonId, Timestamp};
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::source::{self, Inquiry, Sandbox, Sandboxed, Scripted, Terms};
use std::sync::Arc;

/// What this service has checked: whether an identity is real.
pub enum Identities {}

impl Inquiry for Identities {
    const SOURCE: &'static str = "proofing source";
    const JOB: &'static str = "proofing job";
    type Id = PersonId;
    type Subject = PersonIdentity;
    type Outcome = Outcome;
    type Verdict = ProofingResult;
    type Kind = ProofingMethod;

    fn verdict(outcome: &Outcome) -> ProofingResult {
        outcome.verdict
    }
}

/// A source with what the configuration says of it.
pub type Configured = source::Configured<Identities>;

/// All sources, and the questions under way.
pub type Sources = source::Sources<Identities>;

/// What came of a check.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict; never that the source is unavailable.
    pub verdict: ProofingResult,
    /// When the check was made, not later than now; now, if the source did not tell.
    pub checked_at: Option<Timestamp>,
    /// SHA-256 of the source's own answer.
    pub artefact_sha256: Option<[u8; 32]>,
    /// How it is known that the answer is the source's.
    pub authentication: Option<ProofingAuthentication>,
    /// The document's last day of validity.
    pub document_valid_until: Option<Date>,
    /// What the source told of the age.
    pub age: Age,
}

impl Outcome {
    /// A verdict and nothing else.
    pub const fn bare(verdict: ProofingResult) -> Self {
        Self {
            verdict,
            checked_at: None,
            artefact_sha256: None,
            authentication: None,
            document_valid_until: None,
            age: Age::Unknown,
        }
    }
}

impl Sandboxed for Identities {
    fn number(identity: &PersonIdentity) -> &str {
        match identity {
            PersonIdentity::Document(NamedDocument { document, .. }) => document.expose(),
            PersonIdentity::NetworkNumber(number) => number.expose(),
        }
    }

    fn scripted(outcome: Scripted) -> Outcome {
        let verdict = match outcome {
            Scripted::Match | Scripted::Revoked => ProofingResult::Match,
            Scripted::Mismatch => ProofingResult::Mismatch,
            Scripted::NotFound => ProofingResult::NotFound,
        };
        Outcome { authentication: Some(ProofingAuthentication::Local), ..Outcome::bare(verdict) }
    }
}

/// The sources of a configuration. Nothing is connected yet. The text says what is wrong.
pub fn sources(config: &Config, clock: &SharedClock) -> Result<Sources, String> {
    let mut sources = Sources::default();
    let validity = config.proofing_validity();
    if config.allow_sandbox_source {
        sources.add(SANDBOX, ProofingMethod::Sandbox, Terms::built_in(validity), Box::new(Sandbox));
    }
    for source in &config.proofing_sources {
        let remote = remote::Remote::new(source, config.client_tls.as_ref(), Arc::clone(clock))
            .map_err(|error| format!("the proofing source `{}`: {error}", source.name))?;
        let terms = Terms::of(source, validity);
        sources.add(&source.name, ProofingMethod::Source, terms, Box::new(remote));
    }
    Ok(sources)
}
