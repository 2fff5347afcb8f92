//! Professional qualifications: filed, reviewed, withdrawn, and changed by time.

use super::{App, Sight, sight};
use crate::error::Error;
use crate::wire::{facts, qualifications as wire};
use greenroom_auth::Caller;
use greenroom_domain::certification::port::{Change, QualificationRecord, Store};
use greenroom_domain::certification::{Qualification, QualificationRefusal, QualificationReview};
use greenroom_domain::kernel::{OrganizationId, PersonId, QualificationId, Timestamp};
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;

impl<S: Store + HasLog> App<S> {
    /// A qualification the caller may see.
    pub async fn qualification(
        &self,
        caller: &Caller,
        id: &QualificationId,
    ) -> Result<QualificationRecord, Error> {
        let found = self.store.qualification(id).await?;
        let seen = found.filter(|record| match sight(caller) {
            Sight::All => true,
            Sight::Of(organization) => record.qualification.filed_by == organization,
        });
        seen.ok_or_else(|| Error::QualificationNotFound(id.name()))
    }

    /// Files a qualification.
    pub async fn file_qualification(
        &self,
        call: &Call,
        request: message::FileQualificationRequest,
    ) -> Result<message::FileQualificationResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let (person, licence) = wire::licence(request.qualification.as_ref(), &self.domains)?;
        let id = QualificationId::try_new(&new_id(&self.clock).to_string());
        let id = id.map_err(|fault| Fault::hide(&fault))?;
        let organization = &call.caller.organization;
        let plan = || async {
            let holder = self.known_person(organization, &person).await?;
            let (licence, filer) = (licence.clone(), organization.clone());
            let filed = Qualification::file(id.clone(), holder, licence, filer, once.now());
            let record = QualificationRecord {
                qualification: filed.map_err(|refusal| refused(refusal, &id))?,
                person: person.clone(),
                filing_person: call.caller.person.clone(),
                reviews: Vec::new(),
                update_time: once.now(),
            };
            if let Some(known) = self.store.on_file(&record).await? {
                return Err(Error::QualificationExists(known.name()));
            }
            let qualification = Some(wire::qualification(&record, organization));
            Ok(Planned {
                events: vec![facts::of_qualification(&record)],
                answer: message::FileQualificationResponse { qualification, revision: String::new() },
                change: Change::AddQualification(record),
            })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.filed.notify_one();
        let revision = done.revision();
        Ok(message::FileQualificationResponse { revision, ..done.answer })
    }

    /// Records a review.
    pub async fn review_qualification(
        &self,
        call: &Call,
        request: message::ReviewQualificationRequest,
    ) -> Result<message::ReviewQualificationResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let organization = &call.caller.organization;
        let (id, review) = wire::review(&request, organization, once.now())?;
        let plan = || async {
            let record = self.qualification(&call.caller, &id).await?;
            etag::check(&request.etag, record.qualification.version, &id.name())?;
            if !is_independent(&call.caller, &record) {
                return Err(Error::ReviewerNotIndependent(id.name()));
            }
            let known = record.qualification.clone();
            let reviewed = known.review(&review, self.terms.qualification_recheck);
            let qualification = reviewed.map_err(|refusal| refused(refusal, &id))?;
            let (change, event, stored) = saved(record, qualification, Some(review.clone()), once.now());
            let qualification = Some(wire::qualification(&stored, organization));
            let answer = message::ReviewQualificationResponse { qualification, revision: String::new() };
            Ok::<_, Error>(Planned { change, events: vec![event], answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.filed.notify_one();
        let revision = done.revision();
        Ok(message::ReviewQualificationResponse { revision, ..done.answer })
    }

    /// Withdraws a qualification.
    pub async fn withdraw_qualification(
        &self,
        call: &Call,
        request: message::WithdrawQualificationRequest,
    ) -> Result<message::WithdrawQualificationResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let mut wrong = Violations::new();
        let id: Option<QualificationId> = wrong.take("name", greenroom_rpc::wire::name(&request.name));
        let id = wrong.finish(id)?;
        let plan = || async {
            let record = self.qualification(&call.caller, &id).await?;
            etag::check(&request.etag, record.qualification.version, &id.name())?;
            let withdrawn = record.qualification.clone().withdraw(once.now());
            let qualification = withdrawn.map_err(|refusal| refused(refusal, &id))?;
            let (change, event, stored) = saved(record, qualification, None, once.now());
            let qualification = Some(wire::qualification(&stored, &call.caller.organization));
            let answer = message::WithdrawQualificationResponse { qualification, revision: String::new() };
            Ok::<_, Error>(Planned { change, events: vec![event], answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::WithdrawQualificationResponse { revision, ..done.answer })
    }

    /// Records what time has changed about a qualification: one event for each instant that has come, told as of it.
    /// Another replica that was first is no error.
    pub async fn pass_qualification_time(
        &self,
        mut record: QualificationRecord,
        now: Timestamp,
    ) -> Result<(), Error> {
        // INVARIANT: every step moves the instant that is due further, or ends it.
        while let Some(next) = record.qualification.next_step(now) {
            let at = next.state_since;
            let (change, event, stored) = saved(record, next, None, at);
            match self.store.commit(change, Write::by_service("passing_time", vec![event], now)).await {
                Ok(_) => record = stored,
                Err(StoreError::Conflict) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The suite-wide id of a person that an organization knows by a name of its own.
    async fn known_person(
        &self,
        organization: &OrganizationId,
        person: &PersonId,
    ) -> Result<PersonId, Error> {
        let found = self.identity.named(organization, person).await?;
        found.ok_or_else(|| Error::PersonNotFound(person.name()))
    }
}

/// The change, its event and the record as it is afterwards.
fn saved(
    record: QualificationRecord,
    qualification: Qualification,
    review: Option<QualificationReview>,
    now: Timestamp,
) -> (Change, greenroom_domain::ledger::EventDraft, QualificationRecord) {
    let next = QualificationRecord { qualification, update_time: now, ..record };
    let stored = next.stored(review.as_ref(), now);
    let event = facts::of_qualification(&stored);
    (Change::SaveQualification(next, review), event, stored)
}

/// Whoever filed or holds it does not review it. What a person is called by another organization says nothing here.
fn is_independent(caller: &Caller, record: &QualificationRecord) -> bool {
    let Some(reviewer) = caller.person.as_ref() else { return true };
    let same_names = caller.organization == record.qualification.filed_by;
    !same_names || (*reviewer != record.person && record.filing_person.as_ref() != Some(reviewer))
}

fn refused(refusal: QualificationRefusal, id: &QualificationId) -> Error {
    let field = |path: &str| {
        let mut wrong = Violations::new();
        wrong.add(path, refusal);
        Fault::fields(wrong).into()
    };
    match refusal {
        QualificationRefusal::Ended => field("qualification.valid_until_date"),
        QualificationRefusal::Unfounded => field("reason"),
        QualificationRefusal::Final { state } => Error::QualificationFinal(id.name(), state),
    }
}
