//! Certificates: evidence and revocation.

use super::{App, sight};
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_auth::Caller;
use greenroom_domain::certification::port::{
    CertificateFilter, CertificateRecord, Change, EvidenceRecord, IssuerRecord, Store,
};
use greenroom_domain::certification::{Evidence, EvidenceSource, Refusal, Witness};
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
    /// A certificate the caller may see.
    pub async fn certificate(&self, caller: &Caller, id: &CertificateId) -> Result<CertificateRecord, Error> {
        Ok(self.issued(caller, id).await?.0)
    }

    /// A certificate the caller may see, and who issued it.
    async fn issued(
        &self,
        caller: &Caller,
        id: &CertificateId,
    ) -> Result<(CertificateRecord, IssuerRecord), Error> {
        let unknown = || Error::CertificateNotFound(id.name());
        let record = self.store.certificate(id).await?.ok_or_else(unknown)?;
        match self.own_issuer(caller, &record.certificate.issuer).await {
            Ok(issuer) => Ok((record, issuer)),
            Err(Error::IssuerNotFound(_)) => Err(unknown()),
            Err(error) => Err(error),
        }
    }

    /// The certificates the caller may see, behind id `after`. A number names one at most.
    pub async fn certificates(
        &self,
        caller: &Caller,
        mut filter: CertificateFilter,
        number: &str,
        (after, limit): (&str, i64),
    ) -> Result<Vec<CertificateRecord>, Error> {
        if let super::Sight::Of(organization) = sight(caller) {
            if let Some(issuer) = &filter.issuer {
                let known = self.store.issuer(issuer).await?;
                if known.is_none_or(|record| record.issuer.organization != organization) {
                    return Ok(Vec::new());
                }
            }
            filter.organization = Some(organization);
        }
        if number.is_empty() {
            return Ok(self.store.certificates(&filter, after, limit).await?);
        }
        let found = self.store.certificates_numbered(&[number.to_owned()]).await?;
        let mut shown = Vec::new();
        for record in found {
            let certificate = &record.certificate;
            let wanted = filter.issuer.as_ref().is_none_or(|issuer| certificate.issuer == *issuer);
            if wanted
                && certificate.id.as_str() > after
                && self.certificate(caller, &certificate.id).await.is_ok()
            {
                shown.push(record);
            }
        }
        Ok(shown)
    }

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
            let (record, issuer) = self.issued(&call.caller, &id).await?;
            etag::check(&request.etag, record.certificate.version, &id.name())?;
            let kept = EvidenceRecord {
                id: record_id.clone(),
                certificate: id.clone(),
                evidence: Evidence { witness: witness(&call.caller, &issuer), ..evidence.clone() },
                organization: call.caller.organization.clone(),
            };
            self.with_evidence(record, kept, once.now())
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::RecordEvidenceResponse { revision, ..done.answer })
    }

    /// Draws the conclusion. What concludes nothing, such as an outage of the source, is kept all the same.
    fn with_evidence(
        &self,
        record: CertificateRecord,
        kept: EvidenceRecord,
        now: Timestamp,
    ) -> Result<Planned<Change, message::RecordEvidenceResponse>, Error> {
        let source = kept.evidence.source;
        let lag = self.terms.publication_lag;
        let concluded = record.certificate.clone().record_evidence(&kept.evidence, lag, now);
        let concluded = concluded.map_err(|refusal| refused(&refusal, &kept.certificate))?;
        let answer = |record: &CertificateRecord| message::RecordEvidenceResponse {
            certificate: Some(wire::certificate(record)),
            revision: String::new(),
        };
        if !kept.evidence.concludes() {
            let answer = answer(&record);
            return Ok(Planned { change: Change::AddEvidence(kept, now), events: Vec::new(), answer });
        }
        let next =
            CertificateRecord { certificate: concluded, source: Some(source), update_time: now, ..record };
        let stored = next.stored(now);
        Ok(Planned {
            change: Change::SaveCertificate(Box::new(next), Some(kept)),
            events: vec![facts::of_certificate(&stored)],
            answer: answer(&stored),
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
        let revocation = wire::revocation(request.revocation.as_ref(), once.now())?;
        let plan = || async {
            let record = self.certificate(&call.caller, &id).await?;
            etag::check(&request.etag, record.certificate.version, &id.name())?;
            let revoked = record.certificate.clone().revoke(&revocation, once.now());
            let revoked = revoked.map_err(|refusal| refused(&refusal, &id))?;
            let next = CertificateRecord {
                certificate: revoked,
                revocation: Some(revocation.clone()),
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

/// The organization behind the issuer is the issuer, whatever other roles it has.
fn witness(caller: &Caller, issuer: &IssuerRecord) -> Witness {
    if issuer.issuer.organization == caller.organization { Witness::Issuer } else { Witness::Independent }
}

fn certificate_id(field: &str, name: &str) -> Result<CertificateId, Error> {
    let mut wrong = Violations::new();
    let id = wrong.take(field, greenroom_rpc::wire::name(name));
    Ok(wrong.finish(id)?)
}

/// A refusal of the rules in the contract's terms. Most were told as malformed fields before.
fn refused(refusal: &Refusal, id: &CertificateId) -> Error {
    match refusal {
        Refusal::Transition { .. } => Error::CertificateRevoked(id.name()),
        Refusal::EvidenceSuperseded { .. } | Refusal::FutureEvidence { .. } => {
            field("evidence.check_time", refusal)
        }
        Refusal::RevocationInFuture { .. } => field("revocation.effective_time", refusal),
        Refusal::RevocationUnfounded => field("revocation.explanation", refusal),
        _ => Fault::hide(refusal).into(),
    }
}

fn field(path: &str, refusal: &Refusal) -> Error {
    let mut wrong = Violations::new();
    wrong.add(path, refusal);
    Fault::fields(wrong).into()
}
