//! Checks of certificates that sources are asked for.

use super::evidence::certificate_id;
use super::{App, Sight, sight};
use crate::error::Error;
use crate::sources::SANDBOX;
use crate::wire::{self, facts};
use greenroom_auth::Caller;
use greenroom_domain::certification::port::{CertificateRecord, Change, Store};
use greenroom_domain::certification::{Certificate, CertificateState, VerificationJob};
use greenroom_domain::kernel::{CertificateId, Timestamp};
use greenroom_domain::ledger::{Actor, EventDraft};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::once::{Mode, Once, Planned};

/// A check that is begun together with something else: what has to be stored with it.
#[derive(Debug, Default)]
pub struct Begun {
    /// The jobs.
    pub changes: Vec<Change>,
    /// That they are true since.
    pub events: Vec<EventDraft>,
}

impl<S: Store + HasLog> App<S> {
    /// Begins the checks that a claim brings by itself: one with each automatic source. Gives the certificate as it is
    /// while they run, and what is to be stored together with it.
    pub fn begin_check(
        &self,
        certificate: Certificate,
        actor: &Actor,
        now: Timestamp,
    ) -> (Certificate, Begun) {
        let mut begun = Begun::default();
        for source in self.sources.all().iter().filter(|source| source.kind.automatic) {
            self.begin(&certificate.id, &source.name, actor, now, &mut begun);
        }
        let asked = if begun.changes.is_empty() { None } else { asked(&certificate, now).ok() };
        (asked.unwrap_or(certificate), begun)
    }

    /// Begins a job.
    pub(super) fn begin(
        &self,
        certificate: &CertificateId,
        source: &str,
        actor: &Actor,
        now: Timestamp,
        begun: &mut Begun,
    ) {
        let id = new_id(&self.clock).to_string();
        let job = VerificationJob::begin(id, certificate.clone(), source.to_owned(), actor.clone(), now);
        begun.events.push(facts::of_verification_job(&job));
        begun.changes.push(Change::AddVerificationJob(job));
    }

    /// Begins a check by a source, or finds the one that is still open. The source is asked at once, but not within this
    /// call.
    pub async fn start_verification(
        &self,
        call: &Call,
        request: message::StartVerificationRequest,
    ) -> Result<message::StartVerificationResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let id = certificate_id("certificate", &request.certificate)?;
        let source = request.source.as_str();
        self.ensure_source(source)?;
        let job_id = new_id(&self.clock).to_string();
        let plan = || async {
            let (record, _) = self.certificate(&call.caller, &id).await?;
            let answer = |job: &VerificationJob| message::StartVerificationResponse {
                verification_job: Some(wire::verification_job(job)),
                revision: String::new(),
            };
            let open = self.store.open_verification_jobs(&id).await?;
            if let Some(job) = open.iter().find(|job| job.source == source) {
                return Ok(Planned { change: Change::Nothing, events: Vec::new(), answer: answer(job) });
            }
            let now = once.now();
            let certificate = asked(&record.certificate, now)?;
            let (mut changes, mut events) = (Vec::new(), Vec::new());
            if certificate != record.certificate {
                let next = CertificateRecord { certificate, update_time: now, ..record };
                events.push(facts::of_certificate(&next.stored(now)));
                changes.push(Change::SaveCertificate(Box::new(next), None));
            }
            let job = VerificationJob::begin(
                job_id.clone(),
                id.clone(),
                source.to_owned(),
                actor(&call.caller),
                now,
            );
            events.push(facts::of_verification_job(&job));
            changes.push(Change::AddVerificationJob(job.clone()));
            Ok::<_, Error>(Planned { change: Change::All(changes), events, answer: answer(&job) })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::StartVerificationResponse { revision, ..done.answer })
    }

    /// How far a job is, if the caller may see its certificate.
    pub async fn verification_job(
        &self,
        caller: &Caller,
        certificate: &CertificateId,
        id: &str,
    ) -> Result<VerificationJob, Error> {
        let missing = || Error::VerificationJobNotFound(wire::verification_job_name(certificate, id));
        match self.certificate(caller, certificate).await {
            Ok(_) => {}
            Err(Error::CertificateNotFound(_)) => return Err(missing()),
            Err(error) => return Err(error),
        }
        let job = self.store.verification_job(id).await?;
        job.filter(|job| job.subject == *certificate).ok_or_else(missing)
    }

    /// The jobs of a certificate the caller may see, behind id `after`.
    pub async fn verification_jobs(
        &self,
        caller: &Caller,
        certificate: &CertificateId,
        (after, limit): (&str, i64),
    ) -> Result<Vec<VerificationJob>, Error> {
        self.certificate(caller, certificate).await?;
        Ok(self.store.verification_jobs(Some(certificate), after, limit).await?)
    }

    /// The certificates the caller may see that a human must look at, behind id `after`.
    pub async fn certificates_for_review(
        &self,
        caller: &Caller,
        (after, limit): (&str, i64),
    ) -> Result<Vec<CertificateRecord>, Error> {
        let owner = match sight(caller) {
            Sight::All => None,
            Sight::Of(organization) => Some(organization),
        };
        Ok(self.store.certificates_for_review(owner.as_ref(), after, limit).await?)
    }

    fn ensure_source(&self, name: &str) -> Result<(), Error> {
        if self.sources.named(name).is_some() {
            return Ok(());
        }
        if name == SANDBOX && !self.terms.allow_sandbox_source {
            return Err(Error::SandboxSourceDisabled);
        }
        let (source, known) = (name.chars().take(63).collect(), self.sources.names());
        Err(Error::CertificateSourceUnknown { source, known })
    }
}

/// Who asks, as a job keeps it.
pub(super) fn actor(caller: &Caller) -> Actor {
    Actor {
        client: Some(caller.client_id.clone()),
        organization: Some(caller.organization.clone()),
        person: caller.person.clone(),
    }
}

/// The certificate while a source is asked. Only what rests on nobody's word is under verification meanwhile: asking
/// again what is known must not change it. No source's word changes a certificate that is final.
fn asked(certificate: &Certificate, now: Timestamp) -> Result<Certificate, Error> {
    let state = certificate.state;
    let open = matches!(state, CertificateState::Claimed | CertificateState::FormatOk);
    if open || certificate.is_stale(now) {
        let refused = |_| Error::VerificationRefused { certificate: certificate.id.name(), state };
        return certificate.clone().begin_verification(now).map_err(refused);
    }
    if state.is_final() {
        return Err(Error::VerificationRefused { certificate: certificate.id.name(), state });
    }
    Ok(certificate.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::certification::{CertificateDraft, CertificateNumber};
    use greenroom_domain::kernel::{Date, Id};
    use greenroom_domain::occupation::{JobType, Level};

    const NOW: Timestamp = Timestamp::from_micros(1_793_592_000_000_000);

    fn in_state(state: CertificateState) -> Certificate {
        let draft = CertificateDraft {
            id: Id::try_new("c1").unwrap(),
            number: CertificateNumber::parse("S000033000000243000001").unwrap(),
            holder: Id::try_new("p1").unwrap(),
            standard: Id::try_new("internet-marketer-2021").unwrap(),
            job_type: JobType::from_code("live-salesperson").unwrap(),
            level: Level::Three,
            issuer: Id::try_new("north").unwrap(),
            issue_date: Date::try_new(2024, 5, 6).unwrap(),
        };
        let claimed = Certificate::claim(draft, &[], NOW).unwrap();
        Certificate { state, evidence_until: Some(Timestamp::MAX), ..claimed }
    }

    #[test]
    fn what_rests_on_nobodys_word_is_under_verification_while_a_source_is_asked() {
        for state in CertificateState::ALL {
            let asked = asked(&in_state(state), NOW);
            match state {
                CertificateState::Claimed | CertificateState::FormatOk => {
                    assert_eq!(asked.unwrap().state, CertificateState::UnderVerification);
                }
                CertificateState::Revoked | CertificateState::Superseded => assert!(asked.is_err()),
                _ => assert_eq!(asked.unwrap(), in_state(state)),
            }
        }
        let lapsed = Certificate { evidence_until: Some(NOW), ..in_state(CertificateState::Verified) };
        assert_eq!(asked(&lapsed, NOW).unwrap().state, CertificateState::UnderVerification);
    }
}
