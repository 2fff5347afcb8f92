//! Applications: drafted and submitted by the applicant, reviewed and assessed by the issuer.

mod assess;
mod certify;
mod history;
mod refused;
mod rules;

use super::{App, Sight, sight};
use crate::error::Error;
use crate::wire;
use crate::wire::{View, codes, facts};
use greenroom_auth::Caller;
use greenroom_domain::certification::port::{
    ApplicationFilter, ApplicationRecord, Change, IssuerRecord, Store,
};
use greenroom_domain::certification::{Application, ApplicationRefusal, ApplicationState, Assessment};
use greenroom_domain::kernel::{
    ApplicationId, IssuerId, OrganizationId, PersonId, StandardId, Timestamp, Version,
};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;
use prost::Message;
use refused::refused;

/// Whose step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Applicant,
    Issuer,
}

/// What is applied for.
struct Wish {
    pairwise: PersonId,
    issuer: IssuerId,
    standard: StandardId,
    job_type: JobType,
    level: Level,
    history: Vec<u8>,
}

impl<S: Store + HasLog> App<S> {
    /// An application the caller may see, and what they see of it.
    pub async fn application(
        &self,
        caller: &Caller,
        id: &ApplicationId,
    ) -> Result<(ApplicationRecord, View), Error> {
        let (record, issuer) = self.application_and_issuer(id).await?;
        let view = view(caller, &record, &issuer);
        let seen = match sight(caller) {
            Sight::All => true,
            Sight::Of(_) => view.candidate || (view.assessors && record.application.submitted_at.is_some()),
        };
        if seen { Ok((record, view)) } else { Err(Error::ApplicationNotFound(id.name())) }
    }

    /// The applications the caller may see, behind id `after`.
    pub async fn applications(
        &self,
        caller: &Caller,
        filter: (Option<PersonId>, Option<IssuerId>, Option<ApplicationState>),
        (after, limit): (&str, i64),
    ) -> Result<Vec<(ApplicationRecord, View)>, Error> {
        let (person, issuer, state) = filter;
        let candidate = match person {
            Some(pairwise) => Some(self.resolved(&caller.organization, &pairwise).await?),
            None => None,
        };
        let organization = match sight(caller) {
            Sight::All => None,
            Sight::Of(organization) => Some(organization),
        };
        let filter = ApplicationFilter { candidate, issuer, state, organization };
        let found = self.store.applications(&filter, after, limit).await?;
        let mut shown = Vec::with_capacity(found.len());
        let mut known: Option<IssuerRecord> = None;
        for record in found {
            let wanted = &record.application.issuer;
            let issuer = match known.take().filter(|it| it.issuer.id == *wanted) {
                Some(issuer) => issuer,
                None => self.assessing_issuer(&record).await?,
            };
            let view = view(caller, &record, &issuer);
            known = Some(issuer);
            shown.push((record, view));
        }
        Ok(shown)
    }

    /// Drafts an application.
    pub async fn create_application(
        &self,
        call: &Call,
        request: message::CreateApplicationRequest,
    ) -> Result<message::CreateApplicationResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let wish = self.wish(request.application.as_ref()).await?;
        let id = new_application_id(&new_id(&self.clock).to_string())?;
        let applicant = &call.caller.organization;
        let plan = || async {
            let candidate = self.resolved(applicant, &wish.pairwise).await?;
            let record = drafted(&id, &wish, candidate, applicant, once.now());
            let issuer = self.assessing_issuer(&record).await?;
            let application = wire::application_record(&record, view(&call.caller, &record, &issuer));
            Ok::<_, Error>(Planned {
                events: vec![facts::of_application(&record)],
                change: Change::AddApplication(Box::new(record)),
                answer: message::CreateApplicationResponse {
                    application: Some(application),
                    revision: String::new(),
                },
            })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::CreateApplicationResponse { revision, ..done.answer })
    }

    /// Replaces what a draft says of the candidate's past.
    pub async fn update_application(
        &self,
        call: &Call,
        request: message::UpdateApplicationRequest,
    ) -> Result<message::UpdateApplicationResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let id = application_id("name", &request.name)?;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Applicant, &id, &request.etag).await?;
            let next = advanced(record, Application::revise)?;
            let standard = &next.application.standard;
            let known = self.standards.get(standard);
            let known = known.ok_or_else(|| Error::StandardNotFound(standard.name()))?;
            let history = history::kept_whole(request.history.as_ref(), known, &self.standards)?;
            let next = ApplicationRecord { history, ..next };
            Ok::<_, Error>(planned(next, None, once.now(), |stored| message::UpdateApplicationResponse {
                application: Some(wire::application_record(stored, view(&call.caller, stored, &issuer))),
                revision: String::new(),
            }))
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::UpdateApplicationResponse { revision, ..done.answer })
    }

    /// Hands an application in.
    pub async fn submit_application(
        &self,
        call: &Call,
        request: message::SubmitApplicationRequest,
    ) -> Result<message::SubmitApplicationResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let id = application_id("name", &request.name)?;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Applicant, &id, &request.etag).await?;
            let next = advanced(record, |application| application.submit(once.now()))?;
            Ok::<_, Error>(planned(next, None, once.now(), |stored| message::SubmitApplicationResponse {
                application: Some(wire::application_record(stored, view(&call.caller, stored, &issuer))),
                revision: String::new(),
            }))
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::SubmitApplicationResponse { revision, ..done.answer })
    }

    /// Takes an application back.
    pub async fn withdraw_application(
        &self,
        call: &Call,
        request: message::WithdrawApplicationRequest,
    ) -> Result<message::WithdrawApplicationResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let id = application_id("name", &request.name)?;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Applicant, &id, &request.etag).await?;
            let next = advanced(record, |application| application.withdraw(once.now()))?;
            Ok::<_, Error>(planned(next, None, once.now(), |stored| message::WithdrawApplicationResponse {
                application: Some(wire::application_record(stored, view(&call.caller, stored, &issuer))),
                revision: String::new(),
            }))
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::WithdrawApplicationResponse { revision, ..done.answer })
    }

    fn application_once<M: Message>(
        &self,
        call: &Call,
        request: &M,
        request_id: &str,
        validate_only: bool,
    ) -> Result<Once, Fault> {
        Once::new(call, request, request_id, Mode::from(validate_only), &self.key, &self.clock)
    }

    /// What is asked for, as far as it makes sense.
    async fn wish(&self, given: Option<&message::Application>) -> Result<Wish, Error> {
        let mut wrong = Violations::new();
        let Some(given) = given else {
            wrong.add("application", "must be set");
            return Ok(wrong.finish(None)?);
        };
        let person = wrong.take("application.person", greenroom_rpc::wire::name(&given.person));
        let issuer: Option<IssuerId> =
            wrong.take("application.issuer", greenroom_rpc::wire::name(&given.issuer));
        if let Some(id) = &issuer
            && self.store.issuer(id).await?.is_none()
        {
            wrong.add("application.issuer", "is not an issuer this service knows");
        }
        let standard: Option<StandardId> =
            wrong.take("application.standard", greenroom_rpc::wire::name(&given.standard));
        let known = standard.as_ref().and_then(|id| self.standards.get(id));
        if standard.is_some() && known.is_none() {
            wrong.add("application.standard", "is not a standard this service knows");
        }
        let job_type = wrong.take("application.job_type", wire::job_type(&given.job_type, known));
        let level = wrong.take("application.level", codes::parse_level(given.level));
        if let (Some(known), Some(job_type), Some(level)) = (known, job_type, level) {
            let cell = known.standard().has_cell(job_type, level);
            wrong.require(cell, "application.level", "is not a level the standard has for this job type");
        }
        let history = known.map(|known| {
            let told = ("application.history", &mut wrong);
            history::kept(given.history.as_ref(), known, &self.standards, told)
        });
        let whole = match (person, issuer, standard, job_type, level) {
            (Some(pairwise), Some(issuer), Some(standard), Some(job_type), Some(level)) => {
                let history = history.unwrap_or_default();
                Some(Wish { pairwise, issuer, standard, job_type, level, history })
            }
            _ => None,
        };
        Ok(wrong.finish(whole)?)
    }

    /// The suite-wide id of a person an organization knows by a name of its own.
    async fn resolved(&self, organization: &OrganizationId, pairwise: &PersonId) -> Result<PersonId, Error> {
        let found = self.identity.resolve_names(organization, std::slice::from_ref(pairwise)).await?;
        found.into_iter().next().flatten().ok_or_else(|| Error::PersonNotFound(pairwise.name()))
    }

    /// An application whose next step is the caller's. Nobody else's business exists.
    async fn own(
        &self,
        call: &Call,
        side: Side,
        id: &ApplicationId,
        etag: &str,
    ) -> Result<(ApplicationRecord, IssuerRecord), Error> {
        let (record, issuer) = self.application_and_issuer(id).await?;
        let view = view(&call.caller, &record, &issuer);
        let own = match side {
            Side::Applicant => view.candidate,
            Side::Issuer => view.assessors && (view.candidate || record.application.submitted_at.is_some()),
        };
        if !own {
            return Err(Error::ApplicationNotFound(id.name()));
        }
        etag::check(etag, record.application.version, &id.name())?;
        if side == Side::Issuer {
            self.ensure_independent(&call.caller, &record).await?;
        }
        Ok((record, issuer))
    }

    /// Nobody takes the issuer's steps in an application of their own.
    async fn ensure_independent(&self, caller: &Caller, record: &ApplicationRecord) -> Result<(), Error> {
        let Some(pairwise) = &caller.person else { return Ok(()) };
        let found = self.identity.resolve_names(&caller.organization, std::slice::from_ref(pairwise)).await?;
        let person = found.into_iter().next().flatten();
        if person.is_some_and(|person| person == record.application.candidate) {
            return Err(refused(&ApplicationRefusal::AssessorIsCandidate, &record.application));
        }
        Ok(())
    }

    async fn application_and_issuer(
        &self,
        id: &ApplicationId,
    ) -> Result<(ApplicationRecord, IssuerRecord), Error> {
        let found = self.store.application(id).await?;
        let record = found.ok_or_else(|| Error::ApplicationNotFound(id.name()))?;
        let issuer = self.assessing_issuer(&record).await?;
        Ok((record, issuer))
    }

    async fn assessing_issuer(&self, record: &ApplicationRecord) -> Result<IssuerRecord, Error> {
        let id = &record.application.issuer;
        self.store.issuer(id).await?.ok_or_else(|| Error::IssuerNotFound(id.name()))
    }
}

/// What a caller sees of an application that it may see.
fn view(caller: &Caller, record: &ApplicationRecord, issuer: &IssuerRecord) -> View {
    View {
        candidate: record.applicant == caller.organization,
        assessors: issuer.issuer.organization == caller.organization,
    }
}

fn drafted(
    id: &ApplicationId,
    wish: &Wish,
    candidate: PersonId,
    applicant: &OrganizationId,
    now: Timestamp,
) -> ApplicationRecord {
    let application = Application {
        id: id.clone(),
        candidate,
        issuer: wish.issuer.clone(),
        standard: wish.standard.clone(),
        job_type: wish.job_type,
        level: wish.level,
        state: ApplicationState::Draft,
        state_since: now,
        submitted_at: None,
        reviewed_at: None,
        assessments: Vec::new(),
        conclusion: None,
        certificate: None,
        version: Version::FIRST,
    };
    ApplicationRecord {
        application,
        applicant: applicant.clone(),
        pairwise: wish.pairwise.clone(),
        history: wish.history.clone(),
        review_reason: String::new(),
        evaluation: Vec::new(),
        create_time: now,
        update_time: now,
    }
}

/// The record with its application one step further.
fn advanced(
    record: ApplicationRecord,
    step: impl FnOnce(Application) -> Result<Application, ApplicationRefusal>,
) -> Result<ApplicationRecord, Error> {
    let application = step(record.application.clone()).map_err(|no| refused(&no, &record.application))?;
    Ok(ApplicationRecord { application, ..record })
}

/// The write of a changed application, and its answer.
fn planned<A>(
    next: ApplicationRecord,
    assessment: Option<Assessment>,
    now: Timestamp,
    answer: impl FnOnce(&ApplicationRecord) -> A,
) -> Planned<Change, A> {
    let next = ApplicationRecord { update_time: now, ..next };
    let stored = next.stored(now);
    Planned {
        events: vec![facts::of_application(&stored)],
        answer: answer(&stored),
        change: Change::SaveApplication(Box::new(next), assessment),
    }
}

fn application_id(field: &str, name: &str) -> Result<ApplicationId, Error> {
    let mut wrong = Violations::new();
    let id = wrong.take(field, greenroom_rpc::wire::name(name));
    Ok(wrong.finish(id)?)
}

fn new_application_id(text: &str) -> Result<ApplicationId, Fault> {
    ApplicationId::try_new(text).map_err(|fault| Fault::hide(&fault))
}
