//! The issuer's steps: review, assessment, conclusion.

use super::rules::rules;
use super::{Side, advanced, application_id, planned, view};
use crate::app::App;
use crate::error::Error;
use crate::wire::{self, ToldAssessor};
use greenroom_domain::certification::eligibility::{Evaluation, Verdict};
use greenroom_domain::certification::port::{ApplicationRecord, Store};
use greenroom_domain::certification::{AssessmentRules, Assessor, Confirmation, ReviewVerdict};
use greenroom_domain::kernel::{OrganizationId, PersonId};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use tonic::Code;

/// The most characters of a reason.
const LONGEST_REASON: usize = 500;

impl<S: Store + HasLog> App<S> {
    /// Accepts or refuses a candidate.
    pub async fn review_application(
        &self,
        call: &Call,
        request: message::ReviewApplicationRequest,
    ) -> Result<message::ReviewApplicationResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let id = application_id("name", &request.name)?;
        let (verdict, reason) = answer(&request)?;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Issuer, &id, &request.etag).await?;
            let listed = &issuer.issuer;
            let stands = self.evaluated(&record, once.now()).await?;
            let Evaluation { verdict: met, confirmation, .. } = stands.evaluation;
            if verdict == ReviewVerdict::Accept && met != Verdict::Met && reason.is_empty() {
                return Err(unexplained());
            }
            // What nobody has read in its source decides nothing by itself.
            let unmet = met == Verdict::NotMet && confirmation == Confirmation::Confirmed;
            let next =
                advanced(record, |application| application.review(verdict, !unmet, listed, once.now()))?;
            let next = ApplicationRecord { review_reason: reason.clone(), evaluation: stands.kept, ..next };
            Ok::<_, Error>(planned(next, None, once.now(), |stored| message::ReviewApplicationResponse {
                application: Some(wire::application_record(stored, view(&call.caller, stored, &issuer))),
                revision: String::new(),
            }))
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::ReviewApplicationResponse { revision, ..done.answer })
    }

    /// Records one part of an assessment.
    pub async fn record_assessment(
        &self,
        call: &Call,
        request: message::RecordAssessmentRequest,
    ) -> Result<message::RecordAssessmentResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let id = application_id("application", &request.application)?;
        let told = wire::told_assessment(request.assessment.as_ref(), &id)?;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Issuer, &id, &request.etag).await?;
            let rules = self.rules_of(&record)?;
            let mut said = told.draft.clone();
            said.assessors = self.assessors(&call.caller.organization, &told.assessors).await?;
            let next =
                advanced(record, |application| application.record(said, &rules, &issuer.issuer, once.now()))?;
            let added = next.application.assessments.last().cloned();
            let view = view(&call.caller, &next, &issuer);
            let assessment = added.as_ref().map(|it| wire::assessment(&next.application, it, view));
            Ok::<_, Error>(planned(next, added, once.now(), |stored| message::RecordAssessmentResponse {
                assessment,
                application: Some(wire::application_record(stored, view)),
                revision: String::new(),
            }))
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::RecordAssessmentResponse { revision, ..done.answer })
    }

    /// Draws the conclusion.
    pub async fn conclude_application(
        &self,
        call: &Call,
        request: message::ConcludeApplicationRequest,
    ) -> Result<message::ConcludeApplicationResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let id = application_id("name", &request.name)?;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Issuer, &id, &request.etag).await?;
            let rules = self.rules_of(&record)?;
            let next =
                advanced(record, |application| application.conclude(&rules, &issuer.issuer, once.now()))?;
            Ok::<_, Error>(planned(next, None, once.now(), |stored| message::ConcludeApplicationResponse {
                application: Some(wire::application_record(stored, view(&call.caller, stored, &issuer))),
                revision: String::new(),
            }))
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::ConcludeApplicationResponse { revision, ..done.answer })
    }

    /// What the application's standard asks of its assessment. A standard that was removed from the folder is known no more.
    fn rules_of(&self, record: &ApplicationRecord) -> Result<AssessmentRules, Error> {
        let application = &record.application;
        let known = self.standards.get(&application.standard);
        let known = known.ok_or_else(|| Error::StandardNotFound(application.standard.name()))?;
        rules(&known.text, application.level).ok_or_else(|| {
            let said = "the standard's data do not tell how this level is assessed";
            let fault = Fault::new(Code::FailedPrecondition, "ASSESSMENT_REFUSED", said);
            fault.with("fault", "rules_missing").with("application", application.id.name()).into()
        })
    }

    /// The assessors with the suite-wide ids of those that are persons.
    async fn assessors(
        &self,
        organization: &OrganizationId,
        told: &[ToldAssessor],
    ) -> Result<Vec<Assessor>, Error> {
        let names: Vec<PersonId> = told
            .iter()
            .filter_map(|assessor| match assessor {
                ToldAssessor::Person(pairwise) => Some(pairwise.clone()),
                ToldAssessor::Listed(_) => None,
            })
            .collect();
        let mut found = self.identity.resolve_names(organization, &names).await?.into_iter();
        told.iter()
            .map(|assessor| match assessor {
                ToldAssessor::Listed(id) => Ok(Assessor::Listed(id.clone())),
                ToldAssessor::Person(pairwise) => {
                    let person = found.next().flatten();
                    let person = person.ok_or_else(|| Error::PersonNotFound(pairwise.name()))?;
                    Ok(Assessor::Person { person, pairwise: pairwise.clone() })
                }
            })
            .collect()
    }
}

/// The issuer's answer. Whoever is refused is told why.
fn answer(request: &message::ReviewApplicationRequest) -> Result<(ReviewVerdict, String), Error> {
    let mut wrong = Violations::new();
    let verdict = wrong.take("verdict", wire::parse_review_verdict(request.verdict));
    let shortest = usize::from(verdict == Some(ReviewVerdict::Refuse));
    let reason = greenroom_rpc::wire::text(request.reason.trim(), shortest..=LONGEST_REASON);
    let reason = wrong.take("reason", reason.map(str::to_owned));
    Ok(wrong.finish(verdict.zip(reason))?)
}

/// Whoever accepts somebody of whom no condition is known to be met says why.
fn unexplained() -> Error {
    let mut wrong = Violations::new();
    wrong.add("reason", "must say why somebody is accepted of whom no condition is known to be met");
    Fault::fields(wrong).into()
}
