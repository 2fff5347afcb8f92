//! Requests that are more than one value.

use super::claim::parse_claim;
use super::participants::MAX_SCOPES;
use crate::app::{Grant, Proof, Query};
use crate::scopes;
use greenroom_domain::identity::PersonIdentity;
use greenroom_domain::identity::port::PairwiseName;
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::issue_token_request::Proof as WireProof;
use greenroom_proto::identity::v1::person_query::By;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire;
use zeroize::Zeroizing;

/// The most questions of one call.
const MAX_QUERIES: usize = 1000;

/// Reads the questions of one call. What is wrong inside a question is that question's own outcome.
pub fn queries(given: &[proto::PersonQuery]) -> Result<Vec<Query>, Fault> {
    let mut violations = Violations::new();
    violations.require(given.len() <= MAX_QUERIES, "queries", "must be at most 1000");
    let mut queries = Vec::with_capacity(given.len().min(MAX_QUERIES));
    for (index, query) in given.iter().enumerate().take(MAX_QUERIES) {
        match &query.by {
            None => violations.add(format!("queries[{index}].by"), "must be set"),
            Some(By::Claim(claim)) => queries.push(match parse_claim(claim) {
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
        Some(WireProof::CertificateClientId(_)) => None,
        Some(WireProof::ClientAssertion(assertion)) => Some(Proof::Assertion(Zeroizing::new(assertion))),
    };
    let grant = Grant { audience, scopes: message.scopes };
    violations.finish(proof.map(|proof| (proof, grant)))
}
