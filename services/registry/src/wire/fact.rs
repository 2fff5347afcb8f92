//! Domain states as the facts of the event log. Their bytes are kept for ever: a fact only ever gains fields.

use super::{level, optional, streamer_state};
use greenroom_domain::kernel::{OrganizationId, StreamerId, Version};
use greenroom_domain::ledger::{EventDraft, Position};
use greenroom_domain::registry::port::{PolicyRecord, PolicyRevision};
use greenroom_domain::registry::{
    CallerStanding, CertificateStanding, ConditionFact, IssuerStandingFact, Mirrored, PersonStanding,
    QualificationStanding, Record, RecordKind, RevokedToken, StandardStanding, Streamer,
};
use greenroom_feed::event::sha256;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{self as proto, RegistryFact};
use greenroom_rpc::wire::timestamp;
use prost::Message as _;

/// The kind of the events about live sessions.
pub const LIVE_SESSION: &str = "live_session";
/// The kind of the events about grants.
pub const GRANT: &str = RecordKind::Grant.code();
/// The kind of the events about revoked tokens. Their rows are dropped once they are over.
pub const REVOKED_TOKEN: &str = "revoked_token";

/// What is true of a streamer.
pub fn streamer(streamer: &Streamer) -> EventDraft {
    let rest = super::streamer(streamer);
    let fact = proto::StreamerFact {
        streamer: streamer.id.name(),
        platform: streamer.platform.name(),
        person: streamer.person.name(),
        state: streamer_state(streamer.state).into(),
        state_since_time: Some(timestamp(streamer.state_since)),
        version: streamer.version.as_i64(),
        record_digest: sha256(&rest.encode_to_vec()).to_vec(),
    };
    draft("streamer", streamer.id.name(), Fact::Streamer(fact))
}

/// What is true of a revision of a policy. Each revision is a subject of its own: it never changes.
pub fn policy(revision: &PolicyRevision) -> EventDraft {
    let terms = revision.policy.terms();
    let subject = super::policy::subject(&terms.platform, terms.permission, terms.revision);
    let fact =
        proto::PolicyFact { platform: terms.platform.name(), policy: Some(super::policy::policy(revision)) };
    draft("policy", subject, Fact::Policy(fact))
}

/// A revision as its table keeps it.
pub fn policy_record(revision: &PolicyRevision) -> PolicyRecord {
    let terms = revision.policy.terms();
    PolicyRecord {
        platform: terms.platform.clone(),
        permission: terms.permission,
        revision: terms.revision,
        created_at: revision.created_at,
        fact: policy(revision).payload,
    }
}

/// What the log says of a revision that its table keeps.
pub fn kept_policy(record: &PolicyRecord) -> EventDraft {
    let subject = super::policy::subject(&record.platform, record.permission, record.revision);
    EventDraft { kind: "policy", subject, payload: record.fact.clone() }
}

/// What a platform reported about a streamer, encoded.
pub fn condition(
    platform: &OrganizationId,
    streamer: &StreamerId,
    said: &ConditionFact,
    version: Version,
) -> Vec<u8> {
    encoded(Fact::Condition(proto::ConditionFact {
        condition: Some(super::policy::condition(streamer, said)),
        platform: platform.name(),
        streamer: streamer.name(),
        version: version.as_i64(),
    }))
}

/// What another service said.
pub fn mirrored(mirrored: &Mirrored) -> EventDraft {
    match mirrored {
        Mirrored::Person(person) => self::person(person),
        Mirrored::Certificate(certificate) => self::certificate(certificate),
        Mirrored::Issuer(issuer) => self::issuer(issuer),
        Mirrored::Qualification(qualification) => self::qualification(qualification),
        Mirrored::Standard(told) => standard(told),
        Mirrored::Caller(caller) => self::caller(caller),
        Mirrored::Token(token) => revoked_token(token),
    }
}

/// What the registry knows of a person.
pub fn person(person: &PersonStanding) -> EventDraft {
    let fact = proto::PersonStanding {
        person: person.person.name(),
        state: person.state.code().to_owned(),
        state_since_time: Some(timestamp(person.since)),
        evidence_until_time: optional(person.evidence_until),
        age_band: person.age_band.code().to_owned(),
        age_band_until_time: optional(person.age_band_until),
        version: person.version,
        document_until_time: optional(person.document_until),
        guardian_consent: person.guardian_consent.code().to_owned(),
        guardian_consent_since_time: optional(person.guardian_consent_since),
    };
    draft("person", person.person.name(), Fact::Person(fact))
}

/// What the registry knows of a certificate.
pub fn certificate(certificate: &CertificateStanding) -> EventDraft {
    let fact = proto::CertificateStanding {
        certificate: certificate.certificate.name(),
        holder: certificate.holder.name(),
        standard: certificate.standard.name(),
        job_type: certificate.job_type.to_string(),
        level: level(certificate.level).into(),
        issuer: certificate.issuer.name(),
        state: certificate.state.code().to_owned(),
        state_since_time: Some(timestamp(certificate.since)),
        verified_time: optional(certificate.verified_at),
        evidence_until_time: optional(certificate.evidence_until),
        retry_time: optional(certificate.retry_at),
        version: certificate.version,
    };
    draft("certificate", certificate.certificate.name(), Fact::Certificate(fact))
}

/// What the registry knows of an issuer.
pub fn issuer(issuer: &IssuerStandingFact) -> EventDraft {
    let fact = proto::IssuerStandingFact {
        issuer: issuer.issuer.name(),
        standing: issuer.standing.code().to_owned(),
        version: issuer.version,
        struck_off_time: optional(issuer.review.map(|review| review.struck_off_at)),
        review_from_time: optional(issuer.review.map(|review| review.begins)),
        review_until_time: optional(issuer.review.map(|review| review.ends)),
    };
    draft("issuer", issuer.issuer.name(), Fact::Issuer(fact))
}

/// What the registry knows of a professional qualification.
pub fn qualification(qualification: &QualificationStanding) -> EventDraft {
    let name = qualification.qualification.name();
    let fact = proto::QualificationStanding {
        qualification: name.clone(),
        holder: qualification.holder.name(),
        domain: qualification.domain.name(),
        organization: qualification.organization.name(),
        state: qualification.state.code().to_owned(),
        state_since_time: Some(timestamp(qualification.since)),
        lapse_time: optional(qualification.lapses_at),
        recheck_time: optional(qualification.recheck_at),
        version: qualification.version,
    };
    draft("qualification", name, Fact::Qualification(fact))
}

/// What the registry knows of a standard.
pub fn standard(told: &StandardStanding) -> EventDraft {
    draft("standard", told.standard.id().name(), Fact::Standard(super::standard::standing(told)))
}

/// Whose tokens are refused.
pub fn caller(caller: &CallerStanding) -> EventDraft {
    let name = caller.caller.name();
    let fact = proto::CallerStanding {
        caller: name.clone(),
        tokens_valid_from: Some(timestamp(caller.tokens_valid_from)),
        version: caller.version,
    };
    draft("caller", name, Fact::Caller(fact))
}

/// Which token is refused.
pub fn revoked_token(token: &RevokedToken) -> EventDraft {
    let fact = proto::RevokedToken {
        token_id: token.token_id.as_str().to_owned(),
        expire_time: Some(timestamp(token.expires_at)),
    };
    let subject = format!("revokedTokens/{}", token.token_id.as_str());
    draft(REVOKED_TOKEN, subject, Fact::RevokedToken(fact))
}

/// How far another service's feed has been applied.
pub fn source(source: &str, at: &Position) -> EventDraft {
    let fact = proto::SourceAdvance {
        source: source.to_owned(),
        database: at.database.clone(),
        sequence: at.sequence,
    };
    draft("source", format!("sources/{source}"), Fact::Source(fact))
}

/// A change of a live session.
pub fn live_session(fact: proto::LiveSessionFact) -> EventDraft {
    let name = fact.live_session.as_ref().map(|session| session.name.clone()).unwrap_or_default();
    draft(LIVE_SESSION, name, Fact::LiveSession(fact))
}

/// What is true of a record: the very bytes it is kept with, so that event and row cannot differ. Make those with [`encoded`].
pub fn record(record: &Record) -> EventDraft {
    EventDraft { kind: record.kind.code(), subject: record.name.clone(), payload: record.fact.clone() }
}

/// A fact in the encoding that events and records keep.
pub fn encoded(fact: Fact) -> Vec<u8> {
    RegistryFact { fact: Some(fact) }.encode_to_vec()
}

fn draft(kind: &'static str, subject: String, fact: Fact) -> EventDraft {
    EventDraft { kind, subject, payload: encoded(fact) }
}
