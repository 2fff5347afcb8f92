//! Persons and identity checks.

use greenroom_domain::identity::port::{PersonRecord, ProofingRecord};
use greenroom_domain::identity::{
    Age, AgeBand, BirthDate, DocumentType, FieldMatch, GuardianConsent, PersonMatch, PersonState,
    ProofingAuthentication, ProofingMethod, ProofingResult,
};
use greenroom_domain::kernel::{ClientId, Date, OrganizationId, PersonId, Timestamp};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::proofing::Age as WireAge;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{self, CLOCK_SKEW};

/// What one organization sees a person under. Nothing in it is the same for another organization.
pub struct View {
    /// Its name for the person.
    pub name: PersonId,
    /// When it first registered the person.
    pub create_time: Timestamp,
    /// Changes with the record, and tells no version.
    pub etag: String,
}

/// An identity check as a caller reports it.
pub struct Check {
    /// How it was made.
    pub method: ProofingMethod,
    /// What came of it.
    pub result: ProofingResult,
    /// When it was made, if not now.
    pub checked_at: Option<Timestamp>,
    /// SHA-256 of the artefact, if there is one.
    pub artefact_sha256: Option<[u8; 32]>,
    /// The last day of validity of the document shown.
    pub document_valid_until: Option<Date>,
    /// How it is known that the outcome is the source's.
    pub authentication: Option<ProofingAuthentication>,
    /// What the check told of the age.
    pub age: Age,
}

/// Reads an identity check made at the latest at `now`; a little later counts as `now`, since clocks differ.
pub fn check(proofing: Option<&proto::Proofing>, now: Timestamp) -> Result<Check, Fault> {
    let mut violations = Violations::new();
    let Some(proofing) = proofing else {
        violations.add("proofing", "must be set");
        return Err(Fault::fields(violations));
    };
    let method = violations.take("proofing.method", method(proofing.method));
    let result = violations.take("proofing.result", result(proofing.result).ok_or("must be a result"));
    let checked_at = proofing.check_time.as_ref().and_then(|time| {
        let read = wire::instant(time).and_then(|at| {
            if at > now.plus(CLOCK_SKEW) { Err("must not lie in the future") } else { Ok(at.min(now)) }
        });
        violations.take("proofing.check_time", read)
    });
    let artefact = &proofing.artefact_sha256;
    let artefact_sha256 = (!artefact.is_empty())
        .then(|| {
            violations.take("proofing.artefact_sha256", hex(artefact).ok_or("must be 64 hexadecimal digits"))
        })
        .flatten();
    let attested = method == Some(ProofingMethod::AdministratorAttestation);
    violations.require(
        !attested || !artefact.is_empty(),
        "proofing.artefact_sha256",
        "an administrator's attestation needs the digest of what it rests on",
    );
    let valid_until = &proofing.document_valid_until;
    let document_valid_until = (!valid_until.is_empty())
        .then(|| violations.take("proofing.document_valid_until", wire::date(valid_until)))
        .flatten();
    let authentication = authentication(proofing.authentication);
    violations.require(
        !attested || authentication.is_some(),
        "proofing.authentication",
        "an administrator's attestation must say how person and document were compared",
    );
    let age = told_age(proofing.age.as_ref(), now, &mut violations);
    let check = method.zip(result).map(|(method, result)| Check {
        method,
        result,
        checked_at,
        artefact_sha256,
        document_valid_until,
        authentication,
        age,
    });
    violations.finish(check)
}

fn told_age(age: Option<&WireAge>, now: Timestamp, violations: &mut Violations) -> Age {
    match age {
        None => Age::Unknown,
        Some(WireAge::BirthDate(text)) => {
            let date = violations.take("proofing.birth_date", birth_date(text, now));
            date.map_or(Age::Unknown, Age::Born)
        }
        Some(WireAge::AttestedAge(number)) => {
            let adult = *number == i32::from(proto::AttestedAge::Adult);
            violations.require(adult, "proofing.attested_age", "must be an age");
            Age::Adult
        }
    }
}

/// A birth date as a check told it: not in the future, and within what a human being lives.
pub fn birth_date(text: &str, now: Timestamp) -> Result<BirthDate, String> {
    let date = wire::date(text)?;
    let today = now.beijing_date();
    if date > today || date.plus_years(150) < today {
        return Err("must be a day on which somebody who lives now can be born".to_owned());
    }
    Ok(BirthDate::new(date))
}

/// A person on the wire, as the caller sees it, as of `now`.
///
/// Instants that two organizations would otherwise both be told exactly are told to the day, so that neither can know a
/// person of the other's again by them. Of an erased record nothing is told but that.
pub fn person(view: &View, record: &PersonRecord, age: Age, now: Timestamp) -> proto::Person {
    if record.person.state == PersonState::Erased {
        let state = proto::PersonState::Erased.into();
        return proto::Person { name: view.name.name(), state, ..Default::default() };
    }
    let band = age.band(now).0;
    let mode = match record.document_type {
        Some(_) => proto::IdentityMode::Document,
        None => proto::IdentityMode::NetworkNumber,
    };
    let hold_until = record.person.hold_until.filter(|_| record.person.state == PersonState::Frozen);
    proto::Person {
        name: view.name.name(),
        state: state(record.person.state_at(now)).into(),
        evidence_until_time: record.person.evidence_until.map(day_of).map(wire::timestamp),
        age_band: age_band(band).into(),
        document_type: record.document_type.map_or(0, |kind| document_type(kind).into()),
        create_time: Some(wire::timestamp(view.create_time)),
        update_time: Some(wire::timestamp(day_of(record.update_time).max(view.create_time))),
        etag: view.etag.clone(),
        // Always the beginning of a Beijing day.
        document_until_time: record.person.document_until.map(wire::timestamp),
        guardian_consent: guardian_consent(record.person.guardian_consent).into(),
        identity_mode: mode.into(),
        hold_until_time: hold_until.map(day_after).map(wire::timestamp),
    }
}

/// Until when a legal period forbids erasure that still runs, or that holds a frozen record; told to the day.
pub fn running_hold(record: &PersonRecord, now: Timestamp) -> Option<prost_types::Timestamp> {
    let person = &record.person;
    let shown = |until: &Timestamp| match person.state {
        PersonState::Erased => false,
        PersonState::Frozen => true,
        _ => *until > now,
    };
    person.hold_until.filter(shown).map(day_after).map(wire::timestamp)
}

/// An identity check on the wire, as the organization sees it that calls the person `person`.
pub fn proofing(record: &ProofingRecord, person: &PersonId, viewer: &OrganizationId) -> proto::Proofing {
    let proofing = &record.proofing;
    let own = record.actor.client.as_ref().filter(|_| record.actor.organization.as_ref() == Some(viewer));
    let artefact = proofing.artefact_sha256.iter().flatten().map(|byte| format!("{byte:02x}"));
    proto::Proofing {
        method: wire_method(proofing.method).into(),
        result: wire_result(proofing.result).into(),
        check_time: Some(wire::timestamp(day_unless(own.is_some(), proofing.checked_at))),
        // A digest that two organizations are both told would join their persons.
        artefact_sha256: if own.is_some() { artefact.collect() } else { String::new() },
        document_valid_until: proofing.document_valid_until.map(|date| date.to_string()).unwrap_or_default(),
        source: proofing.source.clone(),
        authentication: proofing.authentication.map_or(0, |way| wire_authentication(way).into()),
        age: None,
        fresh_until_time: Some(wire::timestamp(day_of(proofing.fresh_until))),
        create_time: Some(wire::timestamp(day_unless(own.is_some(), record.create_time))),
        client: own.map(ClientId::name).unwrap_or_default(),
        acting_person: own.and(record.actor.person.as_ref()).map(PersonId::name).unwrap_or_default(),
        name: if own.is_some() {
            format!("{}/proofings/{}", person.name(), record.id)
        } else {
            String::new()
        },
    }
}

/// The instant itself to whom it belongs, the beginning of its Beijing day to others.
fn day_unless(own: bool, instant: Timestamp) -> Timestamp {
    if own { instant } else { day_of(instant) }
}

/// The beginning of the Beijing day an instant lies in.
pub fn day_of(instant: Timestamp) -> Timestamp {
    instant.beijing_date().beijing_midnight()
}

/// The first beginning of a Beijing day that does not lie before an instant.
pub fn day_after(instant: Timestamp) -> Timestamp {
    let day = instant.beijing_date();
    let begin = day.beijing_midnight();
    if begin == instant { begin } else { day.next_day().beijing_midnight() }
}

/// The outcome of a comparison on the wire.
pub fn person_match(outcome: PersonMatch) -> proto::MatchPersonResponse {
    proto::MatchPersonResponse {
        real_name: field_match(outcome.name).into(),
        document_type: field_match(outcome.document_type).into(),
        document_number: field_match(outcome.document_number).into(),
    }
}

fn field_match(outcome: FieldMatch) -> proto::FieldMatch {
    match outcome {
        FieldMatch::Match => proto::FieldMatch::Match,
        FieldMatch::Mismatch => proto::FieldMatch::Mismatch,
        FieldMatch::NotProvided => proto::FieldMatch::Unspecified,
        FieldMatch::NotOnRecord => proto::FieldMatch::NotOnRecord,
    }
}

fn method(number: i32) -> Result<ProofingMethod, &'static str> {
    match proto::ProofingMethod::try_from(number) {
        Ok(proto::ProofingMethod::AdministratorAttestation) => Ok(ProofingMethod::AdministratorAttestation),
        Ok(proto::ProofingMethod::Sandbox) => Ok(ProofingMethod::Sandbox),
        Ok(proto::ProofingMethod::Source) => {
            Err("must not be METHOD_SOURCE: what a source says the service records itself; use StartProofing")
        }
        Ok(proto::ProofingMethod::Unspecified) | Err(_) => {
            Err("must be ADMINISTRATOR_ATTESTATION, or SANDBOX where the configuration allows it")
        }
    }
}

const fn wire_method(method: ProofingMethod) -> proto::ProofingMethod {
    match method {
        ProofingMethod::AdministratorAttestation => proto::ProofingMethod::AdministratorAttestation,
        ProofingMethod::Sandbox => proto::ProofingMethod::Sandbox,
        ProofingMethod::Source => proto::ProofingMethod::Source,
    }
}

/// What came of a check, on the wire.
pub const fn wire_result(result: ProofingResult) -> proto::ProofingResult {
    match result {
        ProofingResult::Match => proto::ProofingResult::Match,
        ProofingResult::Mismatch => proto::ProofingResult::Mismatch,
        ProofingResult::NotFound => proto::ProofingResult::NotFound,
        ProofingResult::SourceUnavailable => proto::ProofingResult::SourceUnavailable,
    }
}

fn authentication(number: i32) -> Option<ProofingAuthentication> {
    use proto::ProofingAuthentication as Wire;
    match Wire::try_from(number).ok()? {
        Wire::Unspecified => None,
        Wire::InPerson => Some(ProofingAuthentication::InPerson),
        Wire::Remote => Some(ProofingAuthentication::Remote),
        Wire::MutualTls => Some(ProofingAuthentication::MutualTls),
        Wire::SignedAnswer => Some(ProofingAuthentication::SignedAnswer),
        Wire::Local => Some(ProofingAuthentication::Local),
    }
}

const fn wire_authentication(way: ProofingAuthentication) -> proto::ProofingAuthentication {
    use proto::ProofingAuthentication as Wire;
    match way {
        ProofingAuthentication::InPerson => Wire::InPerson,
        ProofingAuthentication::Remote => Wire::Remote,
        ProofingAuthentication::MutualTls => Wire::MutualTls,
        ProofingAuthentication::SignedAnswer => Wire::SignedAnswer,
        ProofingAuthentication::Local => Wire::Local,
    }
}

/// A guardian's word on the wire.
pub const fn guardian_consent(consent: GuardianConsent) -> proto::GuardianConsent {
    match consent {
        GuardianConsent::NotRecorded => proto::GuardianConsent::NotRecorded,
        GuardianConsent::Given => proto::GuardianConsent::Given,
        GuardianConsent::Withdrawn => proto::GuardianConsent::Withdrawn,
    }
}

fn result(number: i32) -> Option<ProofingResult> {
    match proto::ProofingResult::try_from(number).ok()? {
        proto::ProofingResult::Unspecified => None,
        proto::ProofingResult::Match => Some(ProofingResult::Match),
        proto::ProofingResult::Mismatch => Some(ProofingResult::Mismatch),
        proto::ProofingResult::NotFound => Some(ProofingResult::NotFound),
        proto::ProofingResult::SourceUnavailable => Some(ProofingResult::SourceUnavailable),
    }
}

/// A person's state on the wire.
pub fn state(state: PersonState) -> proto::PersonState {
    match state {
        PersonState::Unverified => proto::PersonState::Unverified,
        PersonState::Verified => proto::PersonState::Verified,
        PersonState::RecheckDue => proto::PersonState::RecheckDue,
        PersonState::DocumentExpired => proto::PersonState::DocumentExpired,
        PersonState::Mismatch => proto::PersonState::Mismatch,
        PersonState::Frozen => proto::PersonState::Frozen,
        PersonState::Erased => proto::PersonState::Erased,
    }
}

/// An age band on the wire.
pub fn age_band(band: AgeBand) -> proto::AgeBand {
    match band {
        AgeBand::Under16 => proto::AgeBand::Under16,
        AgeBand::From16To17 => proto::AgeBand::From16To17,
        AgeBand::Adult => proto::AgeBand::Adult,
        AgeBand::Unknown => proto::AgeBand::Unknown,
    }
}

/// A kind of document on the wire.
pub const fn document_type(document_type: DocumentType) -> proto::DocumentType {
    use proto::DocumentType as Wire;
    match document_type {
        DocumentType::ResidentIdentityCard => Wire::ResidentIdentityCard,
        DocumentType::HongKongMacaoResidencePermit => Wire::HongKongMacaoResidencePermit,
        DocumentType::TaiwanResidencePermit => Wire::TaiwanResidencePermit,
        DocumentType::ForeignPermanentResidentCard => Wire::ForeignPermanentResidentCard,
        DocumentType::ForeignPermanentResidentCardOld => Wire::ForeignPermanentResidentCardOld,
        DocumentType::Passport => Wire::Passport,
        DocumentType::TravelPermit => Wire::TravelPermit,
    }
}

/// 64 hexadecimal digits, capital or small.
pub fn hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok().filter(|_| !pair.starts_with('+'))?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{day_after, hex};
    use greenroom_domain::kernel::{Date, Timestamp};
    use std::time::Duration;

    #[test]
    fn what_is_told_to_the_day_after_is_never_too_early() {
        let midnight = Date::parse("2026-11-02").unwrap().beijing_midnight();
        assert_eq!(day_after(midnight), midnight);
        let next = Date::parse("2026-11-03").unwrap().beijing_midnight();
        for late in [Duration::from_micros(1), Duration::from_hours(23)] {
            assert_eq!(day_after(midnight.plus(late)), next);
        }
        assert!(day_after(Timestamp::MAX) > midnight);
    }

    #[test]
    fn a_digest_is_sixty_four_hexadecimal_digits() {
        assert_eq!(hex(&"aB".repeat(32)), Some([0xab; 32]));
        for text in ["", "ab", &"zz".repeat(32), &"+1".repeat(32), &"ab".repeat(33), &"é".repeat(32)] {
            assert_eq!(hex(text), None, "{text}");
        }
    }
}
