//! From an assessment that was passed to the certificate.

use super::{Side, advanced, application_id, view};
use crate::app::App;
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_domain::certification::port::{
    ApplicationRecord, CertificateRecord, Change, IssuerRecord, Store,
};
use greenroom_domain::certification::{
    Certificate, CertificateDraft, CertificateNumber, EvidenceSource, NumberClaim, Refusal, Scheme, Severity,
    Standard, cross_check,
};
use greenroom_domain::kernel::{CertificateId, Date, Timestamp};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::Planned;
use greenroom_rpc::violations::Violations;
use tonic::Code;

/// What the issuer says of the certificate.
struct Print {
    id: CertificateId,
    number: CertificateNumber,
    issue_date: Date,
}

impl<S: Store + HasLog> App<S> {
    /// Issues the certificate on an application that was passed.
    pub async fn certify_application(
        &self,
        call: &Call,
        request: message::CertifyApplicationRequest,
    ) -> Result<message::CertifyApplicationResponse, Error> {
        let once = self.application_once(call, &request, &request.request_id, request.validate_only)?;
        let id = application_id("name", &request.name)?;
        let print = self.print(&request, once.now())?;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Issuer, &id, &request.etag).await?;
            let next = advanced(record, |application| application.certify(print.id.clone(), once.now()))?;
            let certificate = self.issued_on(&next, &issuer, &print, once.now()).await?;
            let next = ApplicationRecord { update_time: once.now(), ..next };
            let stored = next.stored(once.now());
            let application = wire::application_record(&stored, view(&call.caller, &stored, &issuer));
            Ok::<_, Error>(Planned {
                events: vec![facts::of_certificate(&certificate), facts::of_application(&stored)],
                answer: message::CertifyApplicationResponse {
                    application: Some(application),
                    certificate: Some(wire::certificate(&certificate)),
                    revision: String::new(),
                },
                change: Change::CertifyApplication(Box::new(next), Box::new(certificate)),
            })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::CertifyApplicationResponse { revision, ..done.answer })
    }

    fn print(&self, request: &message::CertifyApplicationRequest, now: Timestamp) -> Result<Print, Error> {
        let mut wrong = Violations::new();
        let number = CertificateNumber::parse(&request.certificate_number);
        let number = wrong.take("certificate_number", number);
        if number.as_ref().is_some_and(|number| number.scheme() == Scheme::Unknown) {
            wrong.add("certificate_number", "follows no scheme this service knows");
        }
        let today = now.beijing_date();
        let issue_date = match request.issue_date.as_str() {
            "" => Some(today),
            day => wrong.take("issue_date", greenroom_rpc::wire::date(day)),
        };
        let past = issue_date.is_none_or(|day| day <= today);
        wrong.require(past, "issue_date", "must not lie in the future");
        let (number, issue_date) = wrong.finish(number.zip(issue_date))?;
        let id = CertificateId::try_new(&new_id(&self.clock).to_string());
        let id = id.map_err(|fault| Fault::hide(&fault))?;
        Ok(Print { id, number, issue_date })
    }

    /// The one place where an application becomes a certificate: the issuer's word counts as it does in its roll.
    async fn issued_on(
        &self,
        record: &ApplicationRecord,
        issuer: &IssuerRecord,
        print: &Print,
        now: Timestamp,
    ) -> Result<CertificateRecord, Error> {
        let application = &record.application;
        let concluded = application.conclusion.as_ref().map(|conclusion| conclusion.date);
        if concluded.is_some_and(|day| print.issue_date < day) {
            let mut wrong = Violations::new();
            wrong.add("issue_date", "must not lie before the conclusion of the assessment");
            return Err(Fault::fields(wrong).into());
        }
        let known = self.standards.get(&application.standard);
        let known = known.ok_or_else(|| Error::StandardNotFound(application.standard.name()))?;
        check_number(print, known.standard(), record, issuer)?;
        let number = print.number.as_str();
        if !self.store.certificates_numbered(&[number.to_owned()]).await?.is_empty() {
            let said = format!("a certificate with the number `{number}` is on record");
            let fault = Fault::new(Code::AlreadyExists, "CERTIFICATE_NUMBER_TAKEN", said);
            return Err(fault.with("number", number).into());
        }
        let draft = CertificateDraft {
            id: print.id.clone(),
            number: print.number.clone(),
            holder: application.candidate.clone(),
            standard: application.standard.clone(),
            job_type: application.job_type,
            level: application.level,
            issuer: application.issuer.clone(),
            issue_date: print.issue_date,
        };
        let validity = self.terms.evidence_validity;
        let certificate = Certificate::from_roll(draft, &issuer.issuer, now, validity, now);
        let certificate = certificate.map_err(|refusal| not_issued(&refusal, issuer))?;
        let source = Some(EvidenceSource::IssuerRoll);
        Ok(CertificateRecord { certificate, source, revocation: None, create_time: now, update_time: now })
    }
}

/// A number that contradicts what it is meant for is a slip of the pen, told before it is printed.
fn check_number(
    print: &Print,
    standard: &Standard,
    record: &ApplicationRecord,
    issuer: &IssuerRecord,
) -> Result<(), Error> {
    let claim = NumberClaim {
        job_type: Some((standard, record.application.job_type)),
        level: record.application.level,
        issue_date: print.issue_date,
        issuer: Some(&issuer.issuer),
    };
    let findings = cross_check(&print.number, &claim);
    let refusing: Vec<_> = findings.iter().filter(|it| it.severity() == Severity::Refuse).collect();
    if refusing.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = refusing.iter().map(|finding| finding.code().code()).collect();
    let told: Vec<String> = refusing.iter().map(ToString::to_string).collect();
    let said = format!("the number contradicts the certificate: {}", told.join("; "));
    let fault = Fault::new(Code::InvalidArgument, "CERTIFICATE_NUMBER_REFUSED", said);
    Err(fault.with("faults", codes.join(",")).into())
}

fn not_issued(refusal: &Refusal, issuer: &IssuerRecord) -> Error {
    let told = |reason| Fault::new(Code::FailedPrecondition, reason, refusal.to_string());
    let fault = match refusal {
        Refusal::IssuerNotListed { standing } => {
            told("ASSESSING_ISSUER_NOT_LISTED").with("standing", standing.code())
        }
        Refusal::NotAccredited { on, .. } => told("ASSESSING_ISSUER_NOT_ACCREDITED").with("date", on),
        // Everything else was looked at before.
        _ => return Fault::hide(refusal).into(),
    };
    fault.with("issuer", issuer.issuer.id.name()).into()
}
