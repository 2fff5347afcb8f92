//! Registers room operators, keeps their data and their verifications.

use super::App;
use crate::error::Error;
use crate::wire::fact;
use crate::wire::operator::{of_record, record, room_operator as to_wire};
use greenroom_domain::kernel::{OrganizationId, PersonId, RoomOperatorId, Timestamp, Version};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{
    Check, Enterprise, Licence, OperatorChange, OperatorParty, OperatorRefusal, OperatorState,
    OperatorVerification, RecordFilter, RecordKind, RoomOperator, RoomTier,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::page::Page;
use greenroom_rpc::violations::Violations;
use std::collections::BTreeSet;

/// Who is to be registered.
#[derive(Clone, Debug)]
pub enum Applicant {
    /// An organization.
    Enterprise(Enterprise),
    /// A person, by the platform's own name.
    Individual(PersonId),
}

/// What a caller asks a room operator to be.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Who it is.
    pub applicant: Applicant,
    /// How large its rooms are.
    pub tier: RoomTier,
    /// The organization of the suite that runs it.
    pub organization: Option<OrganizationId>,
    /// Its licences.
    pub licences: Vec<Licence>,
    /// Its first verification.
    pub verification: Option<Verified>,
}

/// What a caller tells of a verification.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What was verified.
    pub checks: BTreeSet<Check>,
    /// When.
    pub at: Timestamp,
    /// SHA-256 over what was looked at.
    pub artefact_digest: Vec<u8>,
}

impl Verified {
    fn recorded(&self, call: &Call, now: Timestamp) -> OperatorVerification {
        OperatorVerification {
            checks: self.checks.clone(),
            verified_at: self.at,
            artefact_digest: self.artefact_digest.clone(),
            recorded_at: now,
            client: call.caller.client_id.clone(),
            person: call.caller.person.clone(),
        }
    }
}

/// Which operators a list shows. What is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct OperatorFilter {
    /// Those in this state.
    pub state: Option<OperatorState>,
    /// Those of this tier.
    pub tier: Option<RoomTier>,
    /// Those to be verified before an instant.
    pub due_before: Option<Timestamp>,
}

impl OperatorFilter {
    fn passes(&self, operator: &RoomOperator) -> bool {
        self.tier.is_none_or(|tier| tier == operator.tier)
            && self.due_before.is_none_or(|instant| operator.is_due_before(instant))
    }
}

/// Names an operator to change, and the etag it was decided on.
pub type Named<'a> = (&'a RoomOperatorId, &'a str);

impl<S: Store + HasLog> App<S> {
    /// Registers an operator on the caller's platform.
    pub async fn register_operator(
        &self,
        call: &Call,
        once: &Once,
        registration: &Registration,
    ) -> Result<proto::RegisterRoomOperatorResponse, Error> {
        let id = RoomOperatorId::try_new(&new_id(&self.clock).to_string());
        let id = id.map_err(|fault| Fault::hide(&fault))?;
        let plan = || self.plan_registration(&id, call, registration);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(proto::RegisterRoomOperatorResponse { revision, ..done.answer })
    }

    async fn plan_registration(
        &self,
        id: &RoomOperatorId,
        call: &Call,
        registration: &Registration,
    ) -> Result<Planned<Change, proto::RegisterRoomOperatorResponse>, Error> {
        let platform = &call.caller.organization;
        let party = match &registration.applicant {
            Applicant::Enterprise(enterprise) => OperatorParty::Enterprise(enterprise.clone()),
            Applicant::Individual(pairwise) => OperatorParty::Individual {
                person: self.resolve(platform, pairwise).await?,
                pairwise: pairwise.clone(),
            },
        };
        if let Some(known) = self.memory.world().operators.keyed(platform, party.key()) {
            return Err(Error::RoomOperatorRegistered(known.clone()));
        }
        let now = self.clock.now();
        let new = RoomOperator {
            id: id.clone(),
            platform: platform.clone(),
            party,
            tier: registration.tier,
            organization: registration.organization.clone(),
            licences: registration.licences.clone(),
            verifications: Vec::new(),
            state: OperatorState::Registered,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let operator = match &registration.verification {
            None => new,
            Some(verified) => {
                let first = new.verify(verified.recorded(call, now), now);
                RoomOperator { version: Version::FIRST, ..first.map_err(|refusal| refused(id, refusal))? }
            }
        };
        let answer = proto::RegisterRoomOperatorResponse {
            room_operator: Some(to_wire(&operator)),
            revision: String::new(),
        };
        Ok(kept(&operator, None, answer))
    }

    /// Changes an operator, and tells it as it is then, with the revision.
    ///
    /// What is kept for the same request is the answer to a withdrawal: the answers to all changes have the same fields.
    async fn alter(
        &self,
        call: &Call,
        once: &Once,
        (id, etag): Named<'_>,
        act: impl Fn(RoomOperator, Timestamp) -> Result<RoomOperator, OperatorRefusal> + Send + Sync,
    ) -> Result<(Option<proto::RoomOperator>, String), Error> {
        let platform = &call.caller.organization;
        let plan = || async {
            let before = self.operator(platform, id).await?;
            etag::check(etag, before.version, &id.name())?;
            let read_at = before.version;
            let after = act(before, self.clock.now()).map_err(|refusal| refused(id, refusal))?;
            let room_operator = Some(to_wire(&after));
            let answer = proto::WithdrawRoomOperatorResponse { room_operator, revision: String::new() };
            Ok::<_, Error>(kept(&after, Some(read_at), answer))
        };
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok((done.answer.room_operator, revision))
    }

    /// Withdraws an operator for good.
    pub async fn withdraw_operator(
        &self,
        call: &Call,
        once: &Once,
        named: Named<'_>,
    ) -> Result<proto::WithdrawRoomOperatorResponse, Error> {
        let (room_operator, revision) = self.alter(call, once, named, RoomOperator::withdraw).await?;
        Ok(proto::WithdrawRoomOperatorResponse { room_operator, revision })
    }

    /// Records a verification of an operator.
    pub async fn reverify(
        &self,
        call: &Call,
        once: &Once,
        named: Named<'_>,
        verified: &Verified,
    ) -> Result<proto::RecordReverificationResponse, Error> {
        let act = |before: RoomOperator, now| before.verify(verified.recorded(call, now), now);
        let (room_operator, revision) = self.alter(call, once, named, act).await?;
        Ok(proto::RecordReverificationResponse { room_operator, revision })
    }

    /// Changes the data of an operator.
    pub async fn update_operator(
        &self,
        call: &Call,
        once: &Once,
        named: Named<'_>,
        change: &OperatorChange,
    ) -> Result<proto::UpdateRoomOperatorResponse, Error> {
        let act = |before: RoomOperator, now| before.change(change.clone(), now);
        let (room_operator, revision) = self.alter(call, once, named, act).await?;
        Ok(proto::UpdateRoomOperatorResponse { room_operator, revision })
    }

    /// One operator of a platform.
    pub async fn operator(
        &self,
        platform: &OrganizationId,
        id: &RoomOperatorId,
    ) -> Result<RoomOperator, Error> {
        let record = self.store.record(&id.name()).await?;
        let own = record.filter(|record| record.owner == *platform);
        let own = own.ok_or_else(|| Error::RoomOperatorNotFound(id.clone()))?;
        Ok(of_record(&own)?)
    }

    /// A page of a platform's operators, and the token of the next.
    pub async fn operators(
        &self,
        platform: &OrganizationId,
        filter: &OperatorFilter,
        page: &Page,
    ) -> Result<(Vec<RoomOperator>, String), Error> {
        let stored = RecordFilter { about: None, state: filter.state.map(|state| state.code().to_owned()) };
        let of = (RecordKind::RoomOperator, platform);
        let read = |record: &_| of_record(record).map(|it| Some(it).filter(|it| filter.passes(it)));
        let found = self.sift(of, &stored, page, read).await?;
        Ok(page.cut(found, |operator| operator.id.name()))
    }
}

fn kept<A>(operator: &RoomOperator, read_at: Option<Version>, answer: A) -> Planned<Change, A> {
    let record = record(operator);
    Planned {
        events: vec![fact::record(&record)],
        answer,
        change: Change::Keep(vec![Kept { record, read_at }]),
    }
}

fn refused(id: &RoomOperatorId, refusal: OperatorRefusal) -> Error {
    let field = match refusal {
        OperatorRefusal::Withdrawn => return Error::RoomOperatorWithdrawn(id.clone()),
        OperatorRefusal::NameOfIndividual => "room_operator.enterprise.registered_name",
        OperatorRefusal::VerifiedLater => "verification.verify_time",
        OperatorRefusal::LicencesUnchecked => "verification.checks",
    };
    let mut violations = Violations::new();
    violations.add(field, refusal);
    Fault::fields(violations).into()
}
