//! Professional qualifications between messages and values.

use super::parse::sha256;
use super::standard::phrase;
use crate::domains::{Domains, KnownDomain};
use greenroom_domain::certification::port::{QualificationFilter, QualificationRecord};
use greenroom_domain::certification::{
    Licence, QualificationReview, QualificationState, QualificationVerdict,
};
use greenroom_domain::kernel::{OrganizationId, PersonId, QualificationDomainId, QualificationId, Timestamp};
use greenroom_proto::certification::v1 as wire;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire as parse;
use greenroom_rpc::wire::timestamp;

/// A state on the wire.
pub fn state(state: QualificationState) -> i32 {
    let name = format!("QUALIFICATION_STATE_{}", state.code());
    wire::QualificationState::from_str_name(&name).unwrap_or_default().into()
}

fn verdict(verdict: QualificationVerdict) -> i32 {
    let name = format!("QUALIFICATION_VERDICT_{}", verdict.code());
    wire::QualificationVerdict::from_str_name(&name).unwrap_or_default().into()
}

fn parse_state(number: i32) -> Result<QualificationState, &'static str> {
    let value: wire::QualificationState = parse::enum_value(number)?;
    let code = value.as_str_name().strip_prefix("QUALIFICATION_STATE_");
    code.and_then(QualificationState::from_code).ok_or("is not a value this service knows")
}

fn parse_verdict(number: i32) -> Result<QualificationVerdict, &'static str> {
    let value: wire::QualificationVerdict = parse::enum_value(number)?;
    let code = value.as_str_name().strip_prefix("QUALIFICATION_VERDICT_");
    code.and_then(QualificationVerdict::from_code).ok_or("is not a value this service knows")
}

/// A hash as text; empty for none.
fn hex(hash: Option<[u8; 32]>) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
    hash.into_iter().flatten().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(digit).collect()
}

fn hash(text: &str) -> Result<Option<[u8; 32]>, &'static str> {
    if text.is_empty() { Ok(None) } else { sha256(text).map(Some) }
}

/// A qualification as an organization sees it: a person's name belongs to the organization that filed it.
pub fn qualification(record: &QualificationRecord, seen_by: &OrganizationId) -> wire::Qualification {
    let qualification = &record.qualification;
    let licence = &qualification.licence;
    let reviews = record.reviews.iter().map(|review| wire::QualificationReview {
        verdict: verdict(review.verdict),
        reason: review.reason.clone(),
        artefact_sha256: hex(review.artefact_sha256),
        organization: review.organization.name(),
        review_time: Some(timestamp(review.at)),
    });
    let own = qualification.filed_by == *seen_by;
    wire::Qualification {
        name: qualification.id.name(),
        domain: licence.domain.name(),
        person: if own { record.person.name() } else { String::new() },
        organization: qualification.filed_by.name(),
        title: licence.title.clone(),
        register_number: licence.register_number.clone(),
        employer_proof_sha256: hex(licence.employer_proof),
        valid_until_date: licence.valid_until.map(|day| day.to_string()).unwrap_or_default(),
        state: state(qualification.state),
        state_since_time: Some(timestamp(qualification.state_since)),
        file_time: Some(timestamp(qualification.filed_at)),
        recheck_time: qualification.recheck_at.map(timestamp),
        reviews: reviews.collect(),
        update_time: Some(timestamp(record.update_time)),
        etag: etag::of(qualification.version),
    }
}

/// A domain.
pub fn domain((id, known): (&QualificationDomainId, &KnownDomain)) -> wire::QualificationDomain {
    wire::QualificationDomain {
        name: id.name(),
        display_name: known.display_name.clone(),
        chinese_name: known.chinese_name.clone(),
        basis: Some(phrase(&known.basis)),
        registers: known.registers.iter().map(phrase).collect(),
    }
}

/// A licence to be filed, and the person it is filed for.
pub fn licence(given: Option<&wire::Qualification>, domains: &Domains) -> Result<(PersonId, Licence), Fault> {
    let mut wrong = Violations::new();
    let Some(given) = given else {
        wrong.add("qualification", "must be set");
        return wrong.finish(None);
    };
    let person = wrong.take("qualification.person", parse::name(&given.person));
    let domain: Option<QualificationDomainId> =
        wrong.take("qualification.domain", parse::name(&given.domain));
    let known = domain.as_ref().is_none_or(|domain| domains.knows(domain));
    wrong.require(known, "qualification.domain", "is not a domain this service knows");
    let title = wrong.take("qualification.title", parse::text(given.title.trim(), 1..=60));
    let number = Licence::register_number(&given.register_number);
    let number = number.ok_or("must have 1 to 40 letters A to Z and digits");
    let register_number = wrong.take("qualification.register_number", number);
    let proof = wrong.take("qualification.employer_proof_sha256", hash(&given.employer_proof_sha256));
    let valid_until = match given.valid_until_date.as_str() {
        "" => Some(None),
        day => wrong.take("qualification.valid_until_date", parse::date(day)).map(Some),
    };
    let whole = match (person, domain, title, register_number, proof, valid_until) {
        (Some(person), Some(domain), Some(title), Some(register_number), Some(proof), Some(valid_until)) => {
            let (title, employer_proof) = (title.to_owned(), proof);
            Some((person, Licence { domain, title, register_number, employer_proof, valid_until }))
        }
        _ => None,
    };
    wrong.finish(whole)
}

/// A review by an organization.
pub fn review(
    request: &wire::ReviewQualificationRequest,
    organization: &OrganizationId,
    now: Timestamp,
) -> Result<(QualificationId, QualificationReview), Fault> {
    let mut wrong = Violations::new();
    let id = wrong.take("name", parse::name(&request.name));
    let verdict = wrong.take("verdict", parse_verdict(request.verdict));
    let least = usize::from(verdict == Some(QualificationVerdict::Refuse));
    let longest = QualificationReview::LONGEST_REASON;
    let reason = wrong.take("reason", parse::text(request.reason.trim(), least..=longest));
    let artefact = wrong.take("artefact_sha256", hash(&request.artefact_sha256));
    let whole = match (id, verdict, reason, artefact) {
        (Some(id), Some(verdict), Some(reason), Some(artefact_sha256)) => {
            let (reason, organization) = (reason.to_owned(), organization.clone());
            Some((id, QualificationReview { verdict, reason, artefact_sha256, organization, at: now }))
        }
        _ => None,
    };
    wrong.finish(whole)
}

/// What to list, before the caller's sight.
pub fn filter(request: &wire::ListQualificationsRequest) -> Result<QualificationFilter, Fault> {
    let mut wrong = Violations::new();
    let person = match request.person.as_str() {
        "" => None,
        name => wrong.take("person", parse::name(name)),
    };
    let domain = match request.domain.as_str() {
        "" => None,
        name => wrong.take("domain", parse::name(name)),
    };
    let state = match request.state {
        0 => None,
        number => wrong.take("state", parse_state(number)),
    };
    wrong.finish(Some(QualificationFilter { organization: None, person, domain, state }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_verdict_is_read_back_as_it_was_sent() {
        for value in QualificationState::ALL {
            assert_eq!(parse_state(state(value)), Ok(value));
        }
        for value in QualificationVerdict::ALL {
            assert_eq!(parse_verdict(verdict(value)), Ok(value));
        }
        assert_eq!(parse_verdict(0), Err("must be set"));
    }

    #[test]
    fn a_hash_is_written_as_it_is_read() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(hex(hash(&text).unwrap()), text);
        assert_eq!((hash(""), hex(None)), (Ok(None), String::new()));
        assert!(hash("12").is_err());
    }
}
