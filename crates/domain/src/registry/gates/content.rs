//! What is sold and said: product categories, professional content, and who is seen.

use crate::kernel::{CategoryId, QualificationDomainId, Timestamp};
use crate::registry::facts::Facts;
use crate::registry::question::{Host, Question};
use crate::registry::reason::{Fact, Reason, ReasonCode, Requirement};
use crate::registry::rules::CategoryNeed;

/// Every requirement about what is sold and said that is not met.
pub(in crate::registry) fn reasons(facts: &Facts, question: &Question, now: Timestamp) -> Vec<Reason> {
    let of_goods =
        question.sale.categories.iter().flat_map(|category| of_category(facts, question, category, now));
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in of_goods.chain(host(question.sale.host)).chain(penalised(facts, question, now)) {
        // Two categories may need one and the same.
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// What a category needs, by the edition of the rules. One that the edition does not know cannot be judged, and is not sold.
fn of_category(facts: &Facts, question: &Question, category: &CategoryId, now: Timestamp) -> Vec<Reason> {
    let fact = || Fact::Category { category: category.clone() };
    if !facts.rules.categories.contains_key(category) {
        return vec![Reason::new(ReasonCode::CategoryForbidden, fact(), Requirement::CategoryOpen)];
    }
    let unmet = facts.rules.needs(category, now).filter_map(|(need, basis)| {
        let reason = match need {
            CategoryNeed::NotLive => {
                Some(Reason::new(ReasonCode::CategoryForbidden, fact(), Requirement::CategoryOpen))
            }
            CategoryNeed::NoEndorsement => {
                Some(Reason::new(ReasonCode::EndorsementForbidden, fact(), Requirement::CategoryOpen))
            }
            CategoryNeed::InstitutionStaff => (!is_staff(facts, category, now))
                .then(|| Reason::new(ReasonCode::FinanceStaffOnly, fact(), Requirement::InstitutionStaff)),
            CategoryNeed::Licence => licence(question, category),
            CategoryNeed::Qualification(domain) => qualification(facts, domain, now),
        };
        reason.map(|reason| Reason { legal_basis: Some(basis.clone()), ..reason })
    });
    unmet.collect()
}

/// Where nobody runs the room but the streamer, there is nobody to hold the licence. An operator's own licences are looked at
/// with the operator.
fn licence(question: &Question, category: &CategoryId) -> Option<Reason> {
    let requirement = Requirement::OperatorLicensed { category: category.clone() };
    let fact = Fact::Category { category: category.clone() };
    question
        .sale
        .operator
        .is_none()
        .then(|| Reason::new(ReasonCode::CategoryLicenceMissing, fact, requirement))
}

/// Code of Conduct for Online Streamers, art. 13: the platform has reviewed the qualification and keeps it on file.
fn qualification(facts: &Facts, domain: &QualificationDomainId, now: Timestamp) -> Option<Reason> {
    let on_file = facts.qualifications.iter().any(|held| held.domain == *domain && held.counts(now));
    let fact = Fact::NoQualification { domain: domain.clone() };
    let requirement = Requirement::Qualified { domain: domain.clone() };
    (!on_file).then(|| Reason::new(ReasonCode::ProfessionalQualificationMissing, fact, requirement))
}

/// Staff of a licensed institution: engaged with the operator of the room, which holds the licence.
fn is_staff(facts: &Facts, category: &CategoryId, now: Timestamp) -> bool {
    facts.operator.as_ref().is_some_and(|institution| {
        let licensed = institution.is_licensed(category, now);
        let engaged = |of: &&crate::registry::operator::EngagementFact| of.operator == institution.operator;
        licensed && facts.engagements.iter().filter(engaged).any(|engagement| engagement.holds(now))
    })
}

/// Advertising Law, art. 38: who sells goods live in their own person endorses them.
fn penalised(facts: &Facts, question: &Question, now: Timestamp) -> Option<Reason> {
    let category = question.sale.categories.first()?.clone();
    let penalty = facts.penalties.iter().filter(|penalty| penalty.holds(now)).max()?;
    let reason =
        Reason::new(ReasonCode::EndorserPenalised, Fact::Category { category }, Requirement::NotPenalised);
    Some(Reason { since: Some(penalty.from()), until: Some(penalty.until()), ..reason })
}

/// Order 117, art. 37.
fn host(host: Host) -> Option<Reason> {
    let unlabelled = host == Host::SyntheticUnlabelled;
    unlabelled.then(|| Reason::new(ReasonCode::AiLabelMissing, Fact::Host { host }, Requirement::AiLabel))
}
