//! Messages as the domain's values. Everything that is wrong is told at once, with the paths of the fields.

use super::{codes, issuers};
use crate::config::Validity;
use crate::standards::{KnownStandard, Standards};
use greenroom_domain::certification::port::AsOf;
use greenroom_domain::certification::{
    Accreditation, Authority, Certificate, Evidence, EvidenceSource, Issuer, IssuerStanding, Measure,
    Revocation, Witness,
};
use greenroom_domain::kernel::{IssuerId, StandardId, Timestamp, Version};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::identity::v1::DocumentType;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire as parse;
use std::collections::BTreeSet;

/// A value that may be left out.
pub fn optional<T>(
    number: i32,
    read: impl Fn(i32) -> Result<T, &'static str>,
) -> Result<Option<T>, &'static str> {
    if number == 0 { Ok(None) } else { read(number).map(Some) }
}

/// The kind of a document by its name, with or without the enum's prefix.
pub fn document_type(name: &str) -> Result<DocumentType, &'static str> {
    let name = name.strip_prefix("DOCUMENT_TYPE_").unwrap_or(name);
    let value = DocumentType::from_str_name(&format!("DOCUMENT_TYPE_{name}"));
    value
        .filter(|value| *value != DocumentType::Unspecified)
        .ok_or("must name a kind of document such as `RESIDENT_IDENTITY_CARD`")
}

/// A new issuer and its display name.
pub fn issuer_terms(
    request: &wire::AccreditIssuerRequest,
    standards: &Standards,
) -> Result<(Issuer, String), Fault> {
    let mut wrong = Violations::new();
    let id = wrong.take(
        "issuer_id",
        IssuerId::try_new(&request.issuer_id)
            .map_err(|_| "must have 1 to 63 small letters, digits and inner hyphens".to_owned()),
    );
    let reserved = id.as_ref().is_some_and(|id: &IssuerId| id.as_str() == Certificate::UNKNOWN_ISSUER);
    wrong.require(!reserved, "issuer_id", "stands for issuers that are not known");
    let Some(given) = &request.issuer else {
        wrong.add("issuer", "must be set");
        return wrong.finish(None);
    };
    let organization = wrong.take("issuer.organization", parse::name(&given.organization));
    let name = wrong.take("issuer.display_name", parse::text(&given.display_name, 1..=120));
    let class = wrong.take("issuer.issuer_class", codes::parse_class(given.issuer_class));
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    wrong.require(digits(&given.code, 4), "issuer.code", "must have four digits");
    wrong.take("issuer.province", issuers::province(&given.province));
    let accreditations = accreditations(&given.accreditations, standards, &mut wrong);
    let sites = issuers::sites(&given.sites, &mut wrong);
    let whole = match (id, organization, name, class) {
        (Some(id), Some(organization), Some(name), Some(class)) => Some((
            Issuer {
                id,
                organization,
                class,
                code: given.code.clone(),
                province: given.province.clone(),
                standing: IssuerStanding::Listed,
                measure: None,
                accreditations,
                sites,
                version: Version::FIRST,
            },
            name.to_owned(),
        )),
        _ => None,
    };
    wrong.finish(whole)
}

/// The accreditations given under `issuer.accreditations`.
pub(super) fn accreditations(
    given: &[wire::Accreditation],
    standards: &Standards,
    wrong: &mut Violations,
) -> Vec<Accreditation> {
    wrong.require(given.len() <= 100, "issuer.accreditations", "must be 100 at most");
    let given = given.iter().take(100).enumerate();
    given.filter_map(|(index, one)| accreditation(one, index, standards, wrong)).collect()
}

fn accreditation(
    given: &wire::Accreditation,
    index: usize,
    standards: &Standards,
    wrong: &mut Violations,
) -> Option<Accreditation> {
    let path = |field: &str| format!("issuer.accreditations[{index}].{field}");
    let standard: Option<StandardId> = wrong.take(&path("standard"), parse::name(&given.standard));
    let known = standard.as_ref().and_then(|id| standards.get(id));
    if standard.is_some() && known.is_none() {
        wrong.add(path("standard"), "is not a standard this service knows");
    }
    let job_type = wrong.take(&path("job_type"), job_type(&given.job_type, known));
    let levels: Option<BTreeSet<Level>> =
        wrong.take(&path("levels"), given.levels.iter().copied().map(codes::parse_level).collect());
    wrong.require(!given.levels.is_empty(), &path("levels"), "must name at least one level");
    if let (Some(known), Some(job_type), Some(levels)) = (known, job_type, &levels) {
        for level in levels.iter().filter(|level| !known.standard().has_cell(job_type, **level)) {
            let called = known.standard().name_of(job_type).english;
            wrong.add(path("levels"), format!("the standard has no {} for a {called}", level.english()));
        }
    }
    let from = wrong.take(&path("from_date"), parse::date(&given.from_date));
    let to = match given.to_date.as_str() {
        "" => None,
        day => wrong.take(&path("to_date"), parse::date(day)),
    };
    let ordered = from.zip(to).is_none_or(|(first, last)| first <= last);
    wrong.require(ordered, &path("to_date"), "must not lie before `from_date`");
    Some(Accreditation { standard: standard?, job_type: job_type?, levels: levels?, from: from?, to })
}

/// A job type of a standard. Where the standard is not known, that is told elsewhere, and any well-formed id will do.
pub fn job_type(given: &str, standard: Option<&KnownStandard>) -> Result<JobType, String> {
    let id = JobType::try_new(given).map_err(|fault| fault.to_string())?;
    let Some(known) = standard else { return Ok(id) };
    match known.standard().job_type(id) {
        Some(_) => Ok(id),
        None => Err(format!("must be a job type of the standard: {}", job_types([known]))),
    }
}

/// A job type of any standard.
pub fn any_job_type(given: &str, standards: &Standards) -> Result<JobType, String> {
    let id = JobType::try_new(given).map_err(|fault| fault.to_string())?;
    if standards.all().any(|known| known.standard().job_type(id).is_some()) {
        return Ok(id);
    }
    Err(format!("must be a job type of a standard: {}", job_types(standards.all())))
}

fn job_types<'a>(standards: impl IntoIterator<Item = &'a KnownStandard>) -> String {
    let known: BTreeSet<JobType> =
        standards.into_iter().flat_map(|known| known.standard().job_types()).map(|it| it.job_type).collect();
    let known: Vec<String> = known.iter().map(|id| format!("`{id}`")).collect();
    known.join(", ")
}

/// Evidence that counts for as long as its source's word does, if `witness` attests it. The future is refused.
pub fn evidence(
    given: Option<&wire::Evidence>,
    witness: Witness,
    validity: Validity,
    now: Timestamp,
) -> Result<Evidence, Fault> {
    let mut wrong = Violations::new();
    let Some(given) = given else {
        wrong.add("evidence", "must be set");
        return wrong.finish(None);
    };
    let source = wrong.take("evidence.source", codes::parse_source(given.source));
    let result = wrong.take("evidence.result", codes::parse_result(given.result));
    let checked_at = match &given.check_time {
        Some(time) => wrong.take("evidence.check_time", parse::instant(time)),
        None => Some(now),
    };
    wrong.require(checked_at.is_none_or(|at| at <= now), "evidence.check_time", "must not lie in the future");
    let by_roll = source == Some(EvidenceSource::IssuerRoll);
    wrong.require(!by_roll, "evidence.source", "is recorded by roll imports only");
    let attested = source == Some(EvidenceSource::AdministratorAttestation);
    let artefact = match given.artefact_sha256.as_str() {
        "" => {
            wrong.require(!attested, "evidence.artefact_sha256", "must be set for attestations");
            None
        }
        text => wrong.take("evidence.artefact_sha256", sha256(text)),
    };
    let whole = match (source, result, checked_at) {
        (Some(source), Some(result), Some(checked_at)) => Some(Evidence {
            source,
            witness,
            result,
            checked_at,
            fresh_until: checked_at.plus(validity.of(source)),
            artefact_sha256: artefact,
        }),
        _ => None,
    };
    wrong.finish(whole)
}

/// A SHA-256 from the wire, 64 hexadecimal digits.
pub(super) fn sha256(text: &str) -> Result<[u8; 32], &'static str> {
    let told = "must have 64 hexadecimal digits";
    let mut hash = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(told);
    }
    for (byte, place) in hash.iter_mut().zip((0..).step_by(2)) {
        let digits = text.get(place..place + 2).ok_or(told)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| told)?;
    }
    Ok(hash)
}

/// A revocation that takes effect now unless it says when.
pub fn revocation(
    given: Option<&wire::Revocation>,
    by: Authority,
    now: Timestamp,
) -> Result<Revocation, Fault> {
    let mut wrong = Violations::new();
    let Some(given) = given else {
        wrong.add("revocation", "must be set");
        return wrong.finish(None);
    };
    let reason = wrong.take("revocation.reason", codes::parse_reason(given.reason));
    let explanation = wrong.take("revocation.explanation", parse::text(given.explanation.trim(), 1..=500));
    let basis = wrong.take("revocation.legal_basis", parse::text(given.legal_basis.trim(), 1..=200));
    let effective_time = match &given.effective_time {
        Some(time) => wrong.take("revocation.effective_time", parse::instant(time)),
        None => Some(now),
    };
    let past = effective_time.is_none_or(|at| at <= now);
    wrong.require(past, "revocation.effective_time", "must not lie in the future");
    let whole = match (reason, explanation, basis, effective_time) {
        (Some(reason), Some(explanation), Some(basis), Some(effective_time)) => Some(Revocation {
            reason,
            explanation: explanation.to_owned(),
            legal_basis: basis.to_owned(),
            effective_time,
            by,
        }),
        _ => None,
    };
    wrong.finish(whole)
}

/// A decision of `by` that takes effect now unless it says when.
pub fn measure(given: Option<&wire::Measure>, by: Authority, now: Timestamp) -> Result<Measure, Fault> {
    let mut wrong = Violations::new();
    let Some(given) = given else {
        wrong.add("measure", "must be set");
        return wrong.finish(None);
    };
    let explanation = wrong.take("measure.explanation", parse::text(given.explanation.trim(), 1..=500));
    let basis = wrong.take("measure.legal_basis", parse::text(given.legal_basis.trim(), 1..=200));
    let effective_time = match &given.effective_time {
        Some(time) => wrong.take("measure.effective_time", parse::instant(time)),
        None => Some(now),
    };
    let past = effective_time.is_none_or(|at| at <= now);
    wrong.require(past, "measure.effective_time", "must not lie in the future");
    wrong.require(given.authority == 0, "measure.authority", "must be left out: the caller decides");
    let whole = match (explanation, basis, effective_time) {
        (Some(explanation), Some(basis), Some(effective_time)) => Some(Measure {
            by,
            explanation: explanation.to_owned(),
            legal_basis: basis.to_owned(),
            effective_time,
        }),
        _ => None,
    };
    wrong.finish(whole)
}

/// A point on the two axes of history; what is left out reaches to the end of time.
pub fn as_of(given: Option<&wire::AsOf>, now: Timestamp) -> Result<Option<AsOf>, Fault> {
    let Some(given) = given else { return Ok(None) };
    let mut wrong = Violations::new();
    let mut time = |path: &str, given: &Option<prost_types::Timestamp>| match given {
        Some(time) => wrong.take(path, parse::instant(time)),
        None => Some(Timestamp::MAX),
    };
    let known = time("as_of.known_time", &given.known_time);
    let effective = time("as_of.effective_time", &given.effective_time);
    let future = given.known_time.is_some() && known.is_some_and(|known| known > now);
    wrong.require(!future, "as_of.known_time", "must not lie in the future");
    wrong.finish(known.zip(effective).map(|(known, effective)| Some(AsOf { known, effective })))
}
