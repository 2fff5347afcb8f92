//! What sources say about certificates.

use super::App;
use super::certificates::seen_with;
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_auth::Caller;
use greenroom_domain::certification::port::{
    CertificateRecord, Change, EvidenceRecord, IssuerRecord, KeptEvidence, Store,
};
use greenroom_domain::certification::{
    Certificate, CertificateState, Evidence, EvidenceResult, EvidenceSource, Refusal, Witness,
};
use greenroom_domain::kernel::{CertificateId, Timestamp};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;

impl<S: Store + HasLog> App<S> {
    /// Records what a source said.
    pub async fn record_evidence(
        &self,
        call: &Call,
        request: message::RecordEvidenceRequest,
    ) -> Result<message::RecordEvidenceResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let id = certificate_id("certificate", &request.certificate)?;
        let validity = self.terms.evidence_validity;
        // Who stands behind it is known once the certificate is.
        let evidence = wire::evidence(request.evidence.as_ref(), Witness::Issuer, validity, once.now())?;
        if evidence.source == EvidenceSource::Sandbox && !self.terms.allow_sandbox_source {
            return Err(Error::SandboxSourceDisabled);
        }
        let record_id = new_id(&self.clock).to_string();
        let plan = || async {
            let (record, issuer) = self.certificate_to_judge(&call.caller, &id).await?;
            etag::check(&request.etag, record.certificate.version, &id.name())?;
            let clears = evidence.source == EvidenceSource::AdministratorAttestation
                && evidence.result == EvidenceResult::Match;
            if clears {
                person_where_forgery_is_suspected(&call.caller, &record.certificate)?;
            }
            let witness = witness(&call.caller, issuer.as_ref());
            let kept = EvidenceRecord {
                id: record_id.clone(),
                certificate: id.clone(),
                evidence: Evidence { witness, ..evidence.clone() },
                organization: Some(call.caller.organization.clone()),
                lookup: None,
            };
            self.with_evidence((record, issuer.as_ref()), kept, once.now()).await
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::RecordEvidenceResponse { revision, ..done.answer })
    }

    /// Draws the conclusion. What concludes nothing, such as an outage of the source, is kept all the same; so is a match
    /// while the number is verified for somebody else.
    async fn with_evidence(
        &self,
        (record, issuer): (CertificateRecord, Option<&IssuerRecord>),
        kept: EvidenceRecord,
        now: Timestamp,
    ) -> Result<Planned<Change, message::RecordEvidenceResponse>, Error> {
        let source = kept.evidence.source;
        let told = facts::of_evidence(&KeptEvidence { record: kept.clone(), record_time: now });
        let lag = &self.terms.publication_lag;
        let concluded = record.certificate.clone().record_evidence(&kept.evidence, lag, now);
        let concluded = concluded.map_err(|refusal| refused(&refusal, &kept.certificate))?;
        let answer = |record: &CertificateRecord| {
            let shown = issuer.map_or(record.clone(), |issuer| seen_with(record.clone(), issuer));
            let certificate = Some(wire::certificate(&shown));
            message::RecordEvidenceResponse { certificate, revision: String::new() }
        };
        let disputed = self.is_disputed(&record.certificate, &concluded).await?;
        if disputed || !kept.evidence.concludes() {
            let answer = answer(&record);
            return Ok(Planned { change: Change::AddEvidence(kept, now), events: vec![told], answer });
        }
        let next =
            CertificateRecord { certificate: concluded, source: Some(source), update_time: now, ..record };
        let stored = next.stored(now);
        Ok(Planned {
            change: Change::SaveCertificate(Box::new(next), Some(Box::new(kept))),
            events: vec![told, facts::of_certificate(&stored)],
            answer: answer(&stored),
        })
    }

    /// Whether evidence verifies a certificate whose number is verified for somebody else.
    pub(super) async fn is_disputed(
        &self,
        before: &Certificate,
        concluded: &Certificate,
    ) -> Result<bool, Error> {
        let verifies =
            concluded.state == CertificateState::Verified && before.state != CertificateState::Verified;
        Ok(verifies && self.is_verified_for_another(concluded).await?)
    }
}

/// What one human being suspects, another clears: either is on record with the event.
pub(super) fn person_where_forgery_is_suspected(
    caller: &Caller,
    certificate: &Certificate,
) -> Result<(), Error> {
    let suspected = certificate.state == CertificateState::SuspectedForged;
    if suspected && caller.person.is_none() {
        Err(Error::PersonRequired(certificate.id.name()))
    } else {
        Ok(())
    }
}

/// The organization behind the issuer is the issuer, whatever other roles it has.
fn witness(caller: &Caller, issuer: Option<&IssuerRecord>) -> Witness {
    let own = issuer.is_some_and(|issuer| issuer.issuer.organization == caller.organization);
    if own { Witness::Issuer } else { Witness::Independent }
}

pub(super) fn certificate_id(field: &str, name: &str) -> Result<CertificateId, Error> {
    let mut wrong = Violations::new();
    let id = wrong.take(field, greenroom_rpc::wire::name(name));
    Ok(wrong.finish(id)?)
}

/// A refusal of the rules in the contract's terms. Most were told as malformed fields before.
pub(super) fn refused(refusal: &Refusal, id: &CertificateId) -> Error {
    match refusal {
        Refusal::Transition { state: CertificateState::Revoked, .. } => Error::CertificateRevoked(id.name()),
        Refusal::Transition { state, .. } => Error::CertificateStateUnfit(id.name(), *state),
        Refusal::HeldByRegulator => Error::HeldByRegulator(id.name()),
        Refusal::EvidenceSuperseded { .. } | Refusal::FutureEvidence { .. } => {
            field("evidence.check_time", refusal)
        }
        _ => Fault::hide(refusal).into(),
    }
}

pub(super) fn field(path: &str, refusal: &Refusal) -> Error {
    let mut wrong = Violations::new();
    wrong.add(path, refusal);
    Fault::fields(wrong).into()
}
