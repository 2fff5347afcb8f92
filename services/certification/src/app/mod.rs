//! The use cases: load, decide, commit.

mod ahead;
mod applications;
mod apply;
mod approve;
mod asking;
mod batch;
mod certificates;
mod claim;
mod claiming;
mod evidence;
mod issuers;
mod issuing;
mod lapsing;
mod leavings;
mod measures;
mod numbers;
mod plan;
mod prepare;
mod qualifications;
mod rechecks;
mod roll_back;
mod settle;
mod verification;

pub use certificates::View;
pub use lapsing::Lapsed;
pub(crate) use leavings::{By, abandon};
pub use plan::RollPlan;

use crate::config::Validity;
use crate::domains::Domains;
use crate::error::Error;
use crate::identity::Identity;
use crate::sources::Sources;
use crate::standards::Standards;
use greenroom_auth::{Caller, OrganizationRole};
use greenroom_domain::certification::port::{IssuerRecord, RollImport, Store};
use greenroom_domain::certification::{Confirmation, PublicationLag};
use greenroom_domain::kernel::{IssuerId, OrganizationId, RollImportId, Timestamp};
use greenroom_domain::ledger::{EventDraft, Write};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::SharedClock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// What the operator decided.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long a confirmation counts.
    pub evidence_validity: Validity,
    /// How long a certificate may take to be published.
    pub publication_lag: PublicationLag,
    /// How often a certificate that was not found is looked for again.
    pub recheck_attempts: u32,
    /// How long a plan of a roll may be applied.
    pub plan_validity: Duration,
    /// How many of an issuer's certificates in force a roll may withdraw unasked, in percent.
    pub roll_withdrawal_percent: u32,
    /// Whether a second person has to approve a plan before it is applied.
    pub roll_second_approver: bool,
    /// Whether the sandbox source is allowed.
    pub allow_sandbox_source: bool,
    /// How long the certificates of an issuer that was struck off are under review, unless it is said.
    pub strike_off_review: Duration,
    /// How long a qualification counts before it has to be checked again.
    pub qualification_recheck: Duration,
}

/// Everything the use cases rest on.
#[derive(Clone)]
pub struct App<S> {
    /// The database.
    pub store: S,
    /// The standards known.
    pub standards: Arc<Standards>,
    /// The subjects that ask for a professional qualification.
    pub domains: Arc<Domains>,
    /// Wakes whoever waits for qualifications to lapse: one was written.
    pub filed: Arc<Notify>,
    /// The identity service.
    pub identity: Identity,
    /// The sources that certificates are checked with.
    pub sources: Arc<Sources>,
    /// How sure the years of the calendar of working days are.
    pub working_years: Arc<BTreeMap<i32, Confirmation>>,
    /// The time.
    pub clock: SharedClock,
    /// What the operator decided.
    pub terms: Terms,
    /// The key of request fingerprints.
    pub key: Arc<Zeroizing<Vec<u8>>>,
    /// Held while a number is allocated: calls to one replica need not fight for the same number.
    pub numbering: Arc<tokio::sync::Mutex<()>>,
}

/// How far a caller sees.
pub(crate) enum Sight {
    /// Across all tenants.
    All,
    /// What belongs to this organization.
    Of(OrganizationId),
}

/// Regulators and the suite operator see everything, everybody else their own.
pub(crate) fn sight(caller: &Caller) -> Sight {
    if caller.has_role(OrganizationRole::Regulator) || caller.has_role(OrganizationRole::SuiteOperator) {
        Sight::All
    } else {
        Sight::Of(caller.organization.clone())
    }
}

impl Sight {
    fn reaches(&self, issuer: &IssuerRecord) -> bool {
        match self {
            Self::All => true,
            Self::Of(organization) => issuer.issuer.organization == *organization,
        }
    }
}

impl<S: Store> App<S> {
    /// An issuer the caller acts for, or any for those who see all.
    pub(crate) async fn own_issuer(&self, caller: &Caller, id: &IssuerId) -> Result<IssuerRecord, Error> {
        let found = self.store.issuer(id).await?;
        let own = found.filter(|issuer| sight(caller).reaches(issuer));
        own.ok_or_else(|| Error::IssuerNotFound(id.name()))
    }

    /// An import the caller may see.
    pub async fn import(&self, caller: &Caller, id: &RollImportId) -> Result<RollImport, Error> {
        let unknown = || Error::RollImportNotFound(id.name());
        let import = self.store.import(id).await?.ok_or_else(unknown)?;
        match self.own_issuer(caller, &import.issuer).await {
            Ok(_) => Ok(import),
            Err(Error::IssuerNotFound(_)) => Err(unknown()),
            Err(error) => Err(error),
        }
    }
}

/// A write on the way to the answer: the request id belongs to the last one alone.
fn own_write(call: &Call, events: Vec<EventDraft>, now: Timestamp) -> Write {
    Write {
        actor: call.actor(),
        method: call.method.to_string(),
        request: None,
        answer: Vec::new(),
        events,
        advance: None,
        now,
    }
}

/// The import as it stands once its change is stored.
fn stored(import: &RollImport) -> RollImport {
    RollImport { version: import.version.next(), ..import.clone() }
}
