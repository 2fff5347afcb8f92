//! Records that somebody is said to hold a certificate. What the claimant learns by it is what the number itself says, and
//! what is on record of this very person; never whether anybody else has the number.

use super::App;
use super::verification::{Begun, actor};
use crate::error::Error;
use crate::wire::{self, codes, facts};
use greenroom_domain::certification::port::{CertificateRecord, Change, ClaimRecord, Store};
use greenroom_domain::certification::{
    Certificate, CertificateDraft, CertificateNumber, CertificateState, Issuer, NumberClaim, NumberFinding,
    Refusal, Scheme, cross_check,
};
use greenroom_domain::kernel::{
    CertificateId, Date, IssuerId, OrganizationId, PersonId, StandardId, Timestamp,
};
use greenroom_domain::ledger::EventDraft;
use greenroom_domain::occupation::{JobType, Level};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire as parse;

/// The issuer code of those that a province filed first; only the province tells them apart.
const FILED_WITH_PROVINCE: &str = "0000";

/// The request, read.
struct Claimed {
    person: PersonId,
    number: CertificateNumber,
    standard: StandardId,
    job_type: JobType,
    level: Level,
    issuer: Option<IssuerId>,
    issue_date: Date,
}

/// A claim that the number does not contradict.
struct Sound {
    certificate: Certificate,
    findings: Vec<NumberFinding>,
}

impl<S: Store + HasLog> App<S> {
    /// Records a claim.
    pub async fn claim(
        &self,
        call: &Call,
        request: message::ClaimCertificateRequest,
    ) -> Result<message::ClaimCertificateResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let claimed = self.read_claim(&request, once.now())?;
        let id = new_id(&self.clock).to_string();
        let id = CertificateId::try_new(&id).map_err(|fault| Fault::hide(&fault))?;
        let plan = || self.plan_claim(call, &claimed, &id, mode, once.now());
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::ClaimCertificateResponse { revision, ..done.answer })
    }

    async fn plan_claim(
        &self,
        call: &Call,
        claimed: &Claimed,
        id: &CertificateId,
        mode: Mode,
        now: Timestamp,
    ) -> Result<Planned<Change, message::ClaimCertificateResponse>, Error> {
        let organization = &call.caller.organization;
        let holder = self.identity.named(organization, &claimed.person).await?;
        let holder = holder.ok_or_else(|| Error::PersonNotFound(claimed.person.name()))?;
        let Sound { certificate, findings } = self.sound(claimed, id, holder, now).await?;
        let (certificate, begun) = self.begin_check(certificate, &actor(&call.caller), now);
        let new = CertificateRecord::new(certificate, None, now);
        let found = self.store.certificates_numbered(&[claimed.number.as_str().to_owned()]).await?;
        let own = found.into_iter().find(|record| record.certificate.holder == new.certificate.holder);
        let (record, change, events) = if let Some(own) = own {
            self.linked(call, own, new, mode, now).await?
        } else {
            let claim = link(&new.certificate.id, organization, now);
            let mut events = vec![facts::of_certificate(&new), facts::of_claim(&claim)];
            let mut changes = vec![Change::AddCertificate(Box::new(new.clone())), Change::AddClaim(claim)];
            changes.extend(begun.changes);
            events.extend(begun.events);
            (new, Change::All(changes), events)
        };
        let answer = message::ClaimCertificateResponse {
            certificate: Some(wire::certificate(&record)),
            findings: findings.iter().map(wire::number_finding).collect(),
            revision: String::new(),
        };
        Ok(Planned { change, events, answer })
    }

    /// What is on record of this person, linked to the claim, and corrected by it where that may be.
    async fn linked(
        &self,
        call: &Call,
        own: CertificateRecord,
        new: CertificateRecord,
        mode: Mode,
        now: Timestamp,
    ) -> Result<(CertificateRecord, Change, Vec<EventDraft>), Error> {
        let organization = &call.caller.organization;
        let known = self.store.claim(&own.certificate.id, organization).await?;
        // Who only tries it out is told what a first claim would be: what is on record is for those who claim it.
        if known.is_none() && mode == Mode::ValidateOnly {
            return Ok((new, Change::Nothing, Vec::new()));
        }
        let claim = known.is_none().then(|| link(&own.certificate.id, organization, now));
        let (record, Begun { mut changes, mut events }) =
            self.corrected(call, own, new.certificate, now).await?;
        events.extend(claim.as_ref().map(facts::of_claim));
        changes.extend(claim.map(Change::AddClaim));
        Ok((record, Change::All(changes), events))
    }

    /// What is on record, or what is claimed now instead, with the checks begun anew: as long as nobody has confirmed it,
    /// whoever alone claims it may correct it, and once a source has contradicted it whoever claims it.
    async fn corrected(
        &self,
        call: &Call,
        own: CertificateRecord,
        claimed: Certificate,
        now: Timestamp,
    ) -> Result<(CertificateRecord, Begun), Error> {
        let known = own.certificate.clone();
        let claims = self.store.claims((known.id.as_str(), ""), 2).await?;
        let of_others = claims
            .iter()
            .any(|claim| claim.certificate == known.id && claim.organization != call.caller.organization);
        let open = !of_others || known.state == CertificateState::Mismatch;
        let corrected =
            if open && !known.says_what(&claimed) { known.reclaimed(claimed, now).ok() } else { None };
        let Some(corrected) = corrected else { return Ok((own, Begun::default())) };
        let mut done = Begun::default();
        for job in self.store.open_verification_jobs(&corrected.id).await? {
            let ended = job.give_up(now);
            done.events.push(facts::of_verification_job(&ended.clone().stored()));
            done.changes.push(Change::SaveVerificationJob(ended));
        }
        let (certificate, begun) = self.begin_check(corrected, &actor(&call.caller), now);
        let next = CertificateRecord { certificate, source: None, update_time: now, ..own };
        let stored = next.stored(now);
        done.events.push(facts::of_certificate(&stored));
        done.changes.push(Change::SaveCertificate(Box::new(next), None));
        done.changes.extend(begun.changes);
        done.events.extend(begun.events);
        Ok((stored, done))
    }

    /// Holds the number against the claim, offline.
    async fn sound(
        &self,
        claimed: &Claimed,
        id: &CertificateId,
        holder: PersonId,
        now: Timestamp,
    ) -> Result<Sound, Error> {
        let issuer = self.issuer_of(claimed).await?;
        let Claimed { job_type, level, issue_date, .. } = *claimed;
        let known = self.standards.get(&claimed.standard);
        let known = known.ok_or_else(|| Error::StandardNotFound(claimed.standard.name()))?;
        let cell = Some((known.standard(), job_type));
        let claim = NumberClaim { job_type: cell, level, issue_date, issuer: issuer.as_ref() };
        let findings = cross_check(&claimed.number, &claim);
        let unknown = IssuerId::try_new(Certificate::UNKNOWN_ISSUER).map_err(|fault| Fault::hide(&fault))?;
        let draft = CertificateDraft {
            id: id.clone(),
            number: claimed.number.clone(),
            holder,
            standard: claimed.standard.clone(),
            job_type,
            level,
            issuer: issuer.map_or(unknown, |issuer| issuer.id),
            issue_date,
        };
        match Certificate::claim(draft, &findings, now) {
            Ok(certificate) => Ok(Sound { certificate, findings }),
            Err(Refusal::NumberConflict { findings }) => Err(Error::NumberConflict(findings)),
            Err(refusal) => Err(super::evidence::field("issue_date", &refusal)),
        }
    }

    /// The issuer that is claimed; or the one whose site the number names; or the one that alone is filed with what the
    /// number says.
    async fn issuer_of(&self, claimed: &Claimed) -> Result<Option<Issuer>, Error> {
        if let Some(id) = &claimed.issuer {
            let known = self.store.issuer(id).await?.ok_or_else(|| Error::IssuerNotFound(id.name()))?;
            return Ok(Some(known.issuer));
        }
        let number = &claimed.number;
        if let Some(prefix) = number.site_prefix()
            && let Some(owner) = self.store.issuer_at(prefix).await?
        {
            return Ok(self.store.issuer(&owner).await?.map(|record| record.issuer));
        }
        let read = (number.issuer_class(), number.issuer_code(), number.province());
        let (Scheme::Level22, (Some(class), Some(code), Some(province))) = (number.scheme(), read) else {
            return Ok(None);
        };
        let province = if code == FILED_WITH_PROVINCE { province } else { "" };
        let filed = self.store.issuers_filed(class, code, province, 2).await?;
        match filed.as_slice() {
            [one] => Ok(self.store.issuer(one).await?.map(|record| record.issuer)),
            _ => Ok(None),
        }
    }

    fn read_claim(
        &self,
        request: &message::ClaimCertificateRequest,
        now: Timestamp,
    ) -> Result<Claimed, Error> {
        let mut wrong = Violations::new();
        let person = wrong.take("person", parse::name(&request.person));
        let number = wrong.take("number", CertificateNumber::parse(&request.number));
        let standard: Option<StandardId> = wrong.take("standard", parse::name(&request.standard));
        let known = standard
            .as_ref()
            .map(|id| self.standards.get(id).ok_or_else(|| Error::StandardNotFound(id.name())));
        let job_type = wrong.take("job_type", wire::job_type(&request.job_type, known.transpose()?));
        let level = wrong.take("level", codes::parse_level(request.level));
        let issuer = match request.issuer.as_str() {
            "" => None,
            name => wrong.take("issuer", issuer_name(name)),
        };
        let issue_date = wrong.take("issue_date", parse::date(&request.issue_date));
        let future = issue_date.is_some_and(|day| day > now.beijing_date());
        wrong.require(!future, "issue_date", "must not lie in the future");
        let whole = (|| {
            Some(Claimed {
                person: person?,
                number: number?,
                standard: standard?,
                job_type: job_type?,
                level: level?,
                issuer,
                issue_date: issue_date?,
            })
        })();
        Ok(wrong.finish(whole)?)
    }
}

fn link(certificate: &CertificateId, organization: &OrganizationId, now: Timestamp) -> ClaimRecord {
    ClaimRecord { certificate: certificate.clone(), organization: organization.clone(), claim_time: now }
}

fn issuer_name(name: &str) -> Result<IssuerId, String> {
    parse::name(name)
}
