//! What other services are told: facts without names and document numbers, and the feed they come in. Every fact carries
//! a digest of its whole row, so that the tables can be held against the log.

use super::digest;
use super::jobs::job_state;
use super::participants::{client_state, credential_type, expiry_notice, organization_state, role_number};
use super::persons::{age_band, guardian_consent, state};
use greenroom_domain::identity::port::{
    GuardianStatement, PairwiseRecord, PersonRecord, ProofingRecord, RevokedToken, SigningKeyRecord,
};
use greenroom_domain::identity::{Age, Client, ClientCredential, Organization, ProofingJob};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::EventDraft;
use greenroom_feed::event::Event;
use greenroom_feed::tail::Step;
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::wire::timestamp;
use prost::Message as _;

fn event(kind: &'static str, subject: String, fact: Fact) -> EventDraft {
    let payload = proto::IdentityFact { fact: Some(fact) }.encode_to_vec();
    EventDraft { kind, subject, payload }
}

/// What is true of an organization as it is stored now.
pub fn organization_event(organization: &Organization) -> EventDraft {
    let fact = proto::OrganizationFact {
        organization: organization.id.name(),
        roles: organization.roles.iter().map(|role| role_number(*role)).collect(),
        state: organization_state(organization.state).into(),
        version: organization.version.as_i64(),
        record_digest: digest::organization(organization),
        tokens_valid_from: organization.tokens_valid_from.map(timestamp),
    };
    event("organization", organization.id.name(), Fact::Organization(fact))
}

/// What is true of a client as it is stored now.
pub fn client_event(client: &Client) -> EventDraft {
    let fact = proto::ClientFact {
        client: client.id.name(),
        organization: client.organization.name(),
        state: client_state(client.state).into(),
        tokens_valid_from: client.tokens_valid_from.map(timestamp),
        version: client.version.as_i64(),
        record_digest: digest::client(client),
        credentials: client.credentials.iter().map(credential_fact).collect(),
    };
    event("client", client.id.name(), Fact::Client(fact))
}

fn credential_fact(credential: &ClientCredential) -> proto::CredentialFact {
    proto::CredentialFact {
        key_id: credential.key_id.clone(),
        r#type: credential_type(&credential.check).into(),
        not_after_time: credential.not_after.map(timestamp),
        expiry_notice: expiry_notice(credential.notice).into(),
    }
}

/// That a token is refused from now on.
pub fn revoked_token_event(token: &RevokedToken) -> EventDraft {
    let fact = proto::RevokedTokenFact {
        token_id: token.token_id.clone(),
        client: token.client.name(),
        expire_time: Some(timestamp(token.expire_time)),
    };
    event("revoked_token", format!("tokens/{}", token.token_id), Fact::RevokedToken(fact))
}

/// What a guardian said.
pub fn guardian_statement_event(statement: &GuardianStatement) -> EventDraft {
    let (person, statement_id) = (statement.person.name(), statement.id.clone());
    let subject = format!("{person}/guardianStatements/{statement_id}");
    let record_digest = digest::guardian_statement(statement);
    let fact = proto::GuardianConsentFact { person, statement_id, record_digest };
    event("guardian_statement", subject, Fact::GuardianConsent(fact))
}

/// How far a job is.
pub fn proofing_job_event(job: &ProofingJob) -> EventDraft {
    let subject = format!("{}/proofingJobs/{}", job.subject.name(), job.id);
    let fact = proto::ProofingJobFact {
        person: job.subject.name(),
        proofing_job_id: job.id.clone(),
        state: job_state(job.state).into(),
        version: job.version.as_i64(),
        record_digest: digest::proofing_job(job),
    };
    event("proofing_job", subject, Fact::ProofingJob(fact))
}

/// What is true of a person as it is stored now. The age band is that of the record's last change.
///
/// An adult's birthday leaves no trace. A minor's fact tells when the band ends, which reveals the birth date to the
/// suite's own services: what they decide about a minor must change at that instant without being told again.
pub fn person_event(record: &PersonRecord, age: Age) -> EventDraft {
    let (band, until) = age.band(record.update_time);
    let person = &record.person;
    let fact = proto::PersonFact {
        person: person.id.name(),
        state: state(person.state).into(),
        state_since: Some(timestamp(person.state_since)),
        evidence_until_time: person.evidence_until.map(timestamp),
        age_band: age_band(band).into(),
        age_band_until_time: until.map(timestamp),
        version: person.version.as_i64(),
        record_digest: digest::person(record),
        document_until_time: person.document_until.map(timestamp),
        guardian_consent: guardian_consent(person.guardian_consent).into(),
        guardian_consent_since_time: person.guardian_consent_since.map(timestamp),
    };
    event("person", person.id.name(), Fact::Person(fact))
}

/// What is true of a signing key.
pub fn signing_key_event(record: &SigningKeyRecord) -> EventDraft {
    let fact = proto::SigningKeyFact {
        key_id: record.key_id.clone(),
        public_jwk: record.public_jwk.clone(),
        active_from_time: Some(timestamp(record.active_from)),
        record_digest: digest::signing_key(record),
        retired_from_time: record.retired_from.map(timestamp),
    };
    event("signing_key", format!("signingKeys/{}", record.key_id), Fact::SigningKey(fact))
}

/// That an organization has its own name for a person. The name stays between the two.
pub fn pairwise_name_event(record: &PairwiseRecord) -> EventDraft {
    let (organization, person) = (record.name.organization.name(), record.person.name());
    let subject = format!("{organization}/{person}");
    let fact = proto::PairwiseNameFact { organization, person, record_digest: digest::pairwise_name(record) };
    event("pairwise_name", subject, Fact::PairwiseName(fact))
}

/// That an identity check was recorded.
pub fn proofing_event(record: &ProofingRecord) -> EventDraft {
    let (person, proofing_id) = (record.person.name(), record.id.clone());
    let subject = format!("{person}/proofings/{proofing_id}");
    let fact = proto::ProofingFact { person, proofing_id, record_digest: digest::proofing(record) };
    event("proofing", subject, Fact::Proofing(fact))
}

/// A step of the feed on the wire.
pub fn step(step: Step, cursor: String) -> Result<proto::WatchIdentityEventsResponse, Fault> {
    Ok(proto::WatchIdentityEventsResponse {
        events: step.events.into_iter().map(identity_event).collect::<Result<_, _>>()?,
        cursor,
        current_time: step.current.map(timestamp),
    })
}

fn identity_event(event: Event) -> Result<proto::IdentityEvent, Fault> {
    let named = |collection: &str, id: String| if id.is_empty() { id } else { format!("{collection}/{id}") };
    let fact = proto::IdentityFact::decode(event.payload.as_slice()).map_err(|error| Fault::hide(&error))?;
    Ok(proto::IdentityEvent {
        sequence: event.sequence,
        commit_time: Some(timestamp(Timestamp::from_micros(event.commit_time_us))),
        client: named("clients", event.client),
        organization: named("organizations", event.organization),
        method: event.method,
        request_id: event.request_id,
        fact: Some(fact),
        chain_hash: event.chain,
        person: named("persons", event.person),
    })
}
