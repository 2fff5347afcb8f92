//! What the service does: load, decide, commit.

mod acting;
mod administration;
mod asking;
mod assertion_ids;
mod authenticate;
mod batch;
mod certificate;
mod clients;
mod consent;
mod credentials;
mod dry_run;
mod introspection;
mod jobs;
mod lists;
mod notices;
mod organizations;
mod passing;
mod persons;
mod proofing;
mod put_off;
mod rechecks;
mod record;
mod resolve;
mod retention;
mod revocation;
mod rotation;
mod tokens;

pub use assertion_ids::AssertionIds;
pub use batch::Registration;
pub use introspection::Asker;
pub use notices::Noticed;
pub use put_off::PutOff;
pub use resolve::{Missing, Query};
pub use rotation::Rotation;
pub use tokens::{Connection, Grant, Proof};

use crate::attempts::Attempts;
use crate::error::Error;
use crate::signing::{Keyring, Keyrings};
use crate::sources::Sources;
use crate::vault::Vault;
use greenroom_auth::{Algorithm, AssertionVerifier, Caller, TokenGate, Verifier};
use greenroom_domain::identity::OrganizationRole;
use greenroom_domain::identity::port::Store;
use greenroom_domain::kernel::OrganizationId;
use greenroom_feed::log::HasLog;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once};
use prost::Message;
use std::sync::Arc;
use std::time::Duration;

/// A store of this service with its log.
pub trait Database: Store + HasLog {}

impl<S: Store + HasLog> Database for S {}

/// What the configuration decides.
pub struct Rules {
    /// The issuer named in every token.
    pub issuer: String,
    /// Where tokens are asked for over HTTP.
    pub token_endpoint: String,
    /// How long an access token lives.
    pub token_lifetime: Duration,
    /// How long an identity check counts.
    pub proofing_validity: Duration,
    /// Whether the sandbox counts as a source.
    pub sandbox: Sandbox,
    /// The signing keys.
    pub signing: SigningRules,
    /// Which certificates the listener learns of.
    pub certificates: Certificates,
}

/// Which client certificates the listener learns of, and so what they can prove (RFC 8705 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// None: it does not ask for them.
    Unseen,
    /// Nobody vouches for them: they count by thumbprint alone.
    ByThumbprint,
    /// Those of a trusted authority count by their names as well.
    ByName,
}

/// What the configuration decides about signing keys.
#[derive(Clone, Copy, Debug)]
pub struct SigningRules {
    /// What keys made from now on sign with.
    pub algorithm: Algorithm,
    /// How long anybody may keep the key set.
    pub cached_for: Duration,
    /// How long a key signs before the next is made; without end if none.
    pub changed_after: Option<Duration>,
}

/// Whether the sandbox counts as a source of identity checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandbox {
    /// It does: a demonstration or a test.
    Allowed,
    /// It does not.
    Refused,
}

/// The service.
pub struct App<S> {
    /// Its database.
    pub store: S,
    /// What is stored encrypted.
    pub vault: Vault,
    /// The time.
    pub clock: SharedClock,
    /// What the configuration decides.
    pub rules: Rules,
    /// The keys that sign tokens.
    pub keyrings: Keyrings,
    /// This service's own door: told at once when a client is disabled.
    pub gate: Arc<TokenGate>,
    /// Verifies what clients sign about themselves.
    pub assertions: AssertionVerifier,
    /// The sources that identity checks are asked of.
    pub sources: Sources,
    /// The ids of what they signed, each of which counts once.
    pub assertion_ids: AssertionIds,
    /// Verifies the tokens issued here, whichever service they are for.
    pub issued: Verifier,
    /// The client authentications that failed here.
    pub attempts: Attempts,
    /// What is due and cannot be read here.
    pub put_off: PutOff,
}

impl<S: Database> App<S> {
    /// The frame of one write.
    pub fn once<M: Message>(
        &self,
        call: &Call,
        message: &M,
        request_id: &str,
        validate_only: bool,
    ) -> Result<Once, Fault> {
        let key = self.vault.fingerprint_key();
        Once::new(call, message, request_id, Mode::from(validate_only), key, &self.clock)
    }

    /// The frame of a write without a request id: one that is the same however often it is made.
    pub fn once_without_request(&self, call: &Call) -> Result<Once, Fault> {
        Once::of_body(call, &[], "", Mode::Commit, self.vault.fingerprint_key(), &self.clock)
    }

    /// Reads the signing keys anew.
    pub async fn reload_keys(&self) -> Result<(), Error> {
        let records = self.store.signing_keys().await?;
        let now = self.keyrings.instant(self.clock.now());
        self.keyrings.replace(Keyring::open(&self.vault, &records, now)?);
        Ok(())
    }
}

/// The one organization a caller may see; none for the operator of the suite, who sees all.
fn tenant(caller: &Caller) -> Option<&OrganizationId> {
    (!caller.has_role(OrganizationRole::SuiteOperator)).then_some(&caller.organization)
}
