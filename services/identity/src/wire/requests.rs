//! Requests that are more than one value.

use super::claim::parse_claim;
use super::participants::MAX_SCOPES;
use crate::app::{Grant, Proof, Query, Rotation};
use crate::error::Error;
use crate::scopes;
use crate::signing::public_key;
use greenroom_auth::AccessClaims;
use greenroom_domain::identity::PersonIdentity;
use greenroom_domain::identity::port::{PairwiseName, SigningKeyRecord};
use greenroom_domain::kernel::{PersonId, Timestamp};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::issue_token_request::Proof as WireProof;
use greenroom_proto::identity::v1::person_query::By;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire;
use zeroize::Zeroizing;

/// The most questions of one call.
const MAX_QUERIES: usize = 1000;

/// Reads the questions of one call, made at `now`. What is wrong inside a question is that question's own outcome.
pub fn queries(given: &[proto::PersonQuery], now: Timestamp) -> Result<Vec<Query>, Fault> {
    let mut violations = Violations::new();
    violations.require(given.len() <= MAX_QUERIES, "queries", "must be at most 1000");
    let mut queries = Vec::with_capacity(given.len().min(MAX_QUERIES));
    for (index, query) in given.iter().enumerate().take(MAX_QUERIES) {
        match &query.by {
            None => violations.add(format!("queries[{index}].by"), "must be set"),
            Some(By::Claim(claim)) => queries.push(match parse_claim(claim, now) {
                Ok(claim) => Query::Claim(PersonIdentity::Document(claim)),
                Err(faults) => {
                    Query::Malformed(faults.into_iter().map(|fault| fault.code.to_owned()).collect())
                }
            }),
            Some(By::Pairwise(named)) => queries.push(pairwise(named)),
        }
    }
    violations.finish(Some(queries))
}

fn pairwise(named: &proto::PairwiseName) -> Query {
    match (wire::name(&named.organization), wire::name(&named.person)) {
        (Ok(organization), Ok(name)) => Query::Named(PairwiseName { organization, name }),
        _ => Query::Malformed(vec!["NAME_MALFORMED".to_owned()]),
    }
}

/// The token that is asked about.
pub fn token(text: &str) -> Result<&str, Fault> {
    let mut violations = Violations::new();
    violations.require(!text.is_empty(), "token", "must be set");
    violations.finish(Some(text))
}

/// How fast the next signing key is asked for.
pub fn rotation(number: i32) -> Result<Rotation, Fault> {
    let mut violations = Violations::new();
    let rotation = match proto::SigningKeyRotation::try_from(number) {
        Ok(proto::SigningKeyRotation::Unspecified | proto::SigningKeyRotation::PublishFirst) => {
            Some(Rotation::PublishFirst)
        }
        Ok(proto::SigningKeyRotation::Compromised) => Some(Rotation::Compromised),
        Err(_) => {
            violations.add("rotation", "must be one of the contract's");
            None
        }
    };
    violations.finish(rotation)
}

/// What a token is worth, on the wire; nothing is told of one that is worth nothing.
pub fn introspection(claims: Option<&AccessClaims>) -> proto::IntrospectTokenResponse {
    let Some(claims) = claims else {
        let state = proto::TokenState::Inactive.into();
        return proto::IntrospectTokenResponse { state, ..Default::default() };
    };
    proto::IntrospectTokenResponse {
        state: proto::TokenState::Active.into(),
        client: claims.client_id.name(),
        organization: claims.organization.name(),
        person: claims.person.as_ref().map(PersonId::name).unwrap_or_default(),
        audience: claims.audience.clone(),
        scope: claims.scope.to_string(),
        issue_time: Some(wire::timestamp(claims.issue_time)),
        expire_time: Some(wire::timestamp(claims.expire_time)),
        token_id: claims.token_id.clone(),
        x5t_s256: claims.confirmation.map(|confirmation| confirmation.thumbprint()).unwrap_or_default(),
    }
}

/// A signing key on the wire.
pub fn signing_key(record: &SigningKeyRecord) -> Result<proto::SigningKey, Error> {
    Ok(proto::SigningKey {
        key_id: record.key_id.clone(),
        algorithm: public_key(record)?.algorithm().name().to_owned(),
        active_from_time: Some(wire::timestamp(record.active_from)),
        retired_from_time: record.retired_from.map(wire::timestamp),
    })
}

/// Signing keys on the wire.
pub fn signing_keys(records: &[SigningKeyRecord]) -> Result<Vec<proto::SigningKey>, Error> {
    records.iter().map(signing_key).collect()
}

/// Reads a request for a token.
pub fn token_request(message: proto::IssueTokenRequest) -> Result<(Proof, Grant), Fault> {
    let mut violations = Violations::new();
    let audience = scopes::AUDIENCES.into_iter().find(|audience| *audience == message.audience);
    violations.require(audience.is_some(), "audience", "must name one service of the suite");
    violations.require(message.scopes.len() <= MAX_SCOPES, "scopes", "must be at most 64");
    for (index, scope) in message.scopes.iter().enumerate().take(MAX_SCOPES) {
        let fits = scope.len() <= scopes::MAX_LENGTH;
        violations.require(fits, &format!("scopes[{index}]"), "must have at most 64 characters");
    }
    let proof = match message.proof {
        None => {
            violations.add("proof", "must be set");
            None
        }
        Some(WireProof::ClientSecret(given)) => {
            Some(Proof::Secret { client_id: given.client_id, secret: Zeroizing::new(given.secret) })
        }
        Some(WireProof::CertificateClientId(client_id)) => Some(Proof::Certificate { client_id }),
        Some(WireProof::ClientAssertion(assertion)) => Some(Proof::Assertion(Zeroizing::new(assertion))),
    };
    let grant = Grant { audience, scopes: message.scopes };
    violations.finish(proof.map(|proof| (proof, grant)))
}
