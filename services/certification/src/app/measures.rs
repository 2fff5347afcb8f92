//! What people decide about certificates: to withhold, to suspect, to reinstate, to revoke.

use super::App;
use super::evidence::{certificate_id, field, person_where_forgery_is_suspected, refused};
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_auth::Caller;
use greenroom_domain::certification::port::{CertificateRecord, Change, Store};
use greenroom_domain::certification::{Authority, Certificate, CertificateState, Measure, Refusal};
use greenroom_domain::kernel::{CertificateId, Timestamp};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::once::{Mode, Once, Planned};
use prost::Message;

/// How a measure changes a certificate.
type Transition = fn(Certificate, &Measure, Timestamp) -> Result<Certificate, Refusal>;

/// What the three requests have in common.
struct Asked<'a> {
    name: &'a str,
    measure: Option<&'a message::Measure>,
    etag: &'a str,
    request_id: &'a str,
    validate_only: bool,
}

/// What the three answers have in common: they are one message on the wire.
type Answer = message::SuspendCertificateResponse;

impl<S: Store + HasLog> App<S> {
    /// Suspends a certificate.
    pub async fn suspend(
        &self,
        call: &Call,
        request: message::SuspendCertificateRequest,
    ) -> Result<message::SuspendCertificateResponse, Error> {
        let asked = Asked {
            name: &request.name,
            measure: request.measure.as_ref(),
            etag: &request.etag,
            request_id: &request.request_id,
            validate_only: request.validate_only,
        };
        self.take_measure(call, &request, asked, Certificate::suspend).await
    }

    /// Records a suspicion of forgery.
    pub async fn suspect_forgery(
        &self,
        call: &Call,
        request: message::SuspectForgeryRequest,
    ) -> Result<message::SuspectForgeryResponse, Error> {
        let asked = Asked {
            name: &request.name,
            measure: request.measure.as_ref(),
            etag: &request.etag,
            request_id: &request.request_id,
            validate_only: request.validate_only,
        };
        let Answer { certificate, revision } =
            self.take_measure(call, &request, asked, Certificate::suspect_forgery).await?;
        Ok(message::SuspectForgeryResponse { certificate, revision })
    }

    /// Undoes a suspension, a suspicion or a replacement.
    pub async fn reinstate(
        &self,
        call: &Call,
        request: message::ReinstateCertificateRequest,
    ) -> Result<message::ReinstateCertificateResponse, Error> {
        let asked = Asked {
            name: &request.name,
            measure: request.measure.as_ref(),
            etag: &request.etag,
            request_id: &request.request_id,
            validate_only: request.validate_only,
        };
        let Answer { certificate, revision } =
            self.take_measure(call, &request, asked, Certificate::reinstate).await?;
        Ok(message::ReinstateCertificateResponse { certificate, revision })
    }

    async fn take_measure<M: Message>(
        &self,
        call: &Call,
        request: &M,
        asked: Asked<'_>,
        transition: Transition,
    ) -> Result<Answer, Error> {
        let mode = Mode::from(asked.validate_only);
        let once = Once::new(call, request, asked.request_id, mode, &self.key, &self.clock)?;
        let id = certificate_id("name", asked.name)?;
        let measure = wire::measure(asked.measure, Authority::Issuer, once.now())?;
        let plan = || async {
            let (record, by) = self.certificate_to_decide(&call.caller, &id).await?;
            etag::check(asked.etag, record.certificate.version, &id.name())?;
            let measure = Measure { by, ..measure.clone() };
            self.measured(&call.caller, record, (measure, transition), once.now()).await
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(Answer { revision, ..done.answer })
    }

    async fn measured(
        &self,
        caller: &Caller,
        record: CertificateRecord,
        (measure, transition): (Measure, Transition),
        now: Timestamp,
    ) -> Result<Planned<Change, Answer>, Error> {
        let id = record.certificate.id.clone();
        let certificate = transition(record.certificate.clone(), &measure, now);
        let certificate = certificate.map_err(|refusal| unmeasured(&refusal, &id))?;
        for suspected in [&record.certificate, &certificate] {
            person_where_forgery_is_suspected(caller, suspected)?;
        }
        let verified = certificate.state == CertificateState::Verified;
        if verified && self.is_verified_for_another(&certificate).await? {
            return Err(Error::NumberTaken(certificate.number.as_str().to_owned()));
        }
        let next = CertificateRecord {
            certificate,
            measure: Some(measure),
            superseded_by: None,
            update_time: now,
            ..record
        };
        let stored = next.stored(now);
        let certificate = Some(wire::certificate(&stored));
        Ok(Planned {
            change: Change::SaveCertificate(Box::new(next), None),
            events: vec![facts::of_certificate(&stored)],
            answer: Answer { certificate, revision: String::new() },
        })
    }

    /// Revokes a certificate.
    pub async fn revoke(
        &self,
        call: &Call,
        request: message::RevokeCertificateRequest,
    ) -> Result<message::RevokeCertificateResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let id = certificate_id("name", &request.name)?;
        let told = wire::revocation(request.revocation.as_ref(), Authority::Issuer, once.now())?;
        let plan = || async {
            let (record, by) = self.certificate_to_decide(&call.caller, &id).await?;
            etag::check(&request.etag, record.certificate.version, &id.name())?;
            let mut revocation = told.clone();
            revocation.by = by;
            let revoked = record.certificate.clone().revoke(&revocation, once.now());
            let revoked = revoked.map_err(|refusal| unrevoked(&refusal, &id))?;
            let next = CertificateRecord {
                certificate: revoked,
                revocation: Some(revocation),
                update_time: once.now(),
                ..record
            };
            let stored = next.stored(once.now());
            let certificate = Some(wire::certificate(&stored));
            Ok::<_, Error>(Planned {
                change: Change::SaveCertificate(Box::new(next), None),
                events: vec![facts::of_certificate(&stored)],
                answer: message::RevokeCertificateResponse { certificate, revision: String::new() },
            })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::RevokeCertificateResponse { revision, ..done.answer })
    }
}

fn unmeasured(refusal: &Refusal, id: &CertificateId) -> Error {
    match refusal {
        Refusal::EffectInFuture { .. }
        | Refusal::EffectBeforeIssue { .. }
        | Refusal::EffectBeforeHold { .. } => field("measure.effective_time", refusal),
        Refusal::Unfounded => field("measure.explanation", refusal),
        _ => refused(refusal, id),
    }
}

fn unrevoked(refusal: &Refusal, id: &CertificateId) -> Error {
    match refusal {
        Refusal::EffectInFuture { .. } | Refusal::EffectBeforeIssue { .. } => {
            field("revocation.effective_time", refusal)
        }
        Refusal::Unfounded => field("revocation.explanation", refusal),
        _ => refused(refusal, id),
    }
}
