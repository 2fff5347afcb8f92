//! What changes about issuers, between messages and values.

use super::codes;
use super::parse::accreditations;
use crate::standards::Standards;
use greenroom_domain::certification::port::IssuerImpact;
use greenroom_domain::certification::{Accreditation, Issuer, IssuerMeasure, Site, province};
use greenroom_domain::kernel::{Date, IssuerId, Timestamp};
use greenroom_proto::certification::v1 as wire;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::mask::Mask;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire as parse;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;

/// The most sites of an issuer.
const MOST_SITES: usize = 500;

/// What is wrong with the code of a province, if anything.
pub fn province(code: &str) -> Result<(), &'static str> {
    province::of(code).map(|_| ()).ok_or("must be the two digits of a province (GB/T 2260)")
}

/// The sites given under `issuer.sites`.
pub fn sites(given: &[wire::IssuerSite], wrong: &mut Violations) -> Vec<Site> {
    wrong.require(given.len() <= MOST_SITES, "issuer.sites", "must be 500 at most");
    let sites = given.iter().take(MOST_SITES).enumerate();
    sites.filter_map(|(index, one)| site(one, index, wrong)).collect()
}

fn site(given: &wire::IssuerSite, index: usize, wrong: &mut Violations) -> Option<Site> {
    let path = |field: &str| format!("issuer.sites[{index}].{field}");
    let sequence = Site::is_sequence(&given.sequence);
    wrong.require(sequence, &path("sequence"), "must have six characters `0-9`, `A-Z`");
    let known = wrong.take(&path("province"), province(&given.province));
    let name = wrong.take(&path("display_name"), parse::text(&given.display_name, 1..=120));
    let from = wrong.take(&path("from_date"), parse::date(&given.from_date));
    let to = match given.to_date.as_str() {
        "" => None,
        day => Some(wrong.take(&path("to_date"), parse::date(day))?),
    };
    let ordered = from.zip(to).is_none_or(|(first, last)| first <= last);
    wrong.require(ordered, &path("to_date"), "must not lie before `from_date`");
    Some(Site {
        sequence: given.sequence.clone(),
        province: known.map(|()| given.province.clone())?,
        name: name?.to_owned(),
        from: from?,
        to,
    })
}

/// Sites on the wire.
pub fn sites_told(issuer: &Issuer) -> Vec<wire::IssuerSite> {
    let told = issuer.sites.iter().map(|site| wire::IssuerSite {
        sequence: site.sequence.clone(),
        province: site.province.clone(),
        display_name: site.name.clone(),
        from_date: site.from.to_string(),
        to_date: site.to.map(|day| day.to_string()).unwrap_or_default(),
    });
    told.collect()
}

/// A measure on the wire.
pub fn measure_told(measure: &IssuerMeasure) -> wire::IssuerMeasure {
    wire::IssuerMeasure {
        reason: measure.explanation.clone(),
        legal_basis: measure.legal_basis.clone(),
        effective_time: Some(timestamp(measure.effective_at)),
        enter_time: Some(timestamp(measure.entered_at)),
        review_until_time: measure.review_until.map(timestamp),
    }
}

/// What changes about an issuer; `None` is left as it is.
pub struct IssuerChange {
    /// Which one.
    pub id: IssuerId,
    /// Its name.
    pub display_name: Option<String>,
    /// What it may issue.
    pub accreditations: Option<Vec<Accreditation>>,
    /// Where it assesses.
    pub sites: Option<Vec<Site>>,
}

/// Reads what changes.
pub fn change(request: &wire::UpdateIssuerRequest, standards: &Standards) -> Result<IssuerChange, Fault> {
    let mut wrong = Violations::new();
    let Some(given) = &request.issuer else {
        wrong.add("issuer", "must be set");
        return wrong.finish(None);
    };
    let id = wrong.take("issuer.name", parse::name(&given.name));
    let set = [
        ("display_name", !given.display_name.is_empty()),
        ("accreditations", !given.accreditations.is_empty()),
        ("sites", !given.sites.is_empty()),
    ];
    let mask = Mask::read(request.update_mask.as_ref(), &set, &mut wrong);
    let display_name = if mask.names("display_name") {
        wrong.take("issuer.display_name", parse::text(&given.display_name, 1..=120)).map(str::to_owned)
    } else {
        None
    };
    let accreditations =
        mask.names("accreditations").then(|| accreditations(&given.accreditations, standards, &mut wrong));
    let sites = mask.names("sites").then(|| sites(&given.sites, &mut wrong));
    wrong.finish(id.map(|id| IssuerChange { id, display_name, accreditations, sites }))
}

/// Why an issuer is stopped from now on.
pub fn suspension(
    request: &wire::SuspendIssuerRequest,
    now: Timestamp,
) -> Result<(IssuerId, IssuerMeasure), Fault> {
    let mut wrong = Violations::new();
    let id = wrong.take("name", parse::name(&request.name));
    let grounds = grounds(&request.reason, &request.legal_basis, &mut wrong);
    let whole = id.zip(grounds).map(|(id, (explanation, legal_basis))| {
        (
            id,
            IssuerMeasure {
                explanation,
                legal_basis,
                effective_at: now,
                entered_at: now,
                review_until: None,
            },
        )
    });
    wrong.finish(whole)
}

/// Why an issuer is struck off, since when, and until when its certificates are reviewed: `review` from now on unless the
/// request says when.
pub fn strike_off(
    request: &wire::StrikeOffIssuerRequest,
    review: Duration,
    now: Timestamp,
) -> Result<(IssuerId, IssuerMeasure), Fault> {
    let mut wrong = Violations::new();
    let id = wrong.take("name", parse::name(&request.name));
    let grounds = grounds(&request.reason, &request.legal_basis, &mut wrong);
    let mut day = |field: &str, text: &str| match text {
        "" => Some(None),
        day => wrong.take(field, parse::date(day)).map(Some),
    };
    let effective = day("effective_date", &request.effective_date);
    let deadline = day("review_deadline", &request.review_deadline);
    let today = now.beijing_date();
    let past = |day: Option<Option<Date>>, holds: fn(Date, Date) -> bool| {
        day.flatten().is_none_or(|day| holds(day, today))
    };
    wrong.require(past(effective, |day, today| day <= today), "effective_date", "must not lie in the future");
    wrong.require(past(deadline, |day, today| day >= today), "review_deadline", "must not lie before today");
    let whole = match (id, grounds, effective, deadline) {
        (Some(id), Some((explanation, legal_basis)), Some(effective), Some(deadline)) => {
            let effective_at = effective.map_or(now, Date::beijing_midnight);
            let last = deadline.unwrap_or_else(|| now.plus(review).beijing_date());
            let review_until = Some(last.next_day().beijing_midnight());
            Some((
                id,
                IssuerMeasure { explanation, legal_basis, effective_at, entered_at: now, review_until },
            ))
        }
        _ => None,
    };
    wrong.finish(whole)
}

fn grounds(reason: &str, basis: &str, wrong: &mut Violations) -> Option<(String, String)> {
    let reason = wrong.take("reason", parse::text(reason.trim(), 1..=IssuerMeasure::LONGEST_EXPLANATION));
    let basis = wrong.take("legal_basis", parse::text(basis.trim(), 1..=IssuerMeasure::LONGEST_BASIS));
    reason.zip(basis).map(|(reason, basis)| (reason.to_owned(), basis.to_owned()))
}

/// Whom a strike-off hits, on the wire.
pub fn impact(impact: &IssuerImpact) -> wire::StrikeOffImpact {
    let count = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let groups = impact.groups.iter().map(|group| wire::StrikeOffGroup {
        standard: group.standard.name(),
        job_type: group.job_type.code().to_owned(),
        level: codes::level(group.level),
        state: codes::state(group.state),
        certificate_count: count(group.certificates),
        in_force_count: count(group.in_force),
    });
    wire::StrikeOffImpact {
        certificate_count: count(impact.groups.iter().map(|group| group.certificates).sum()),
        in_force_count: count(impact.groups.iter().map(|group| group.in_force).sum()),
        holder_count: count(impact.holders),
        groups: groups.collect(),
    }
}
