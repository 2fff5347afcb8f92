//! From an assessment that was passed to the certificate.

use super::{Side, advanced, application_id, view};
use crate::app::App;
use crate::app::issuing::{Issuance, Numbering, read_numbering};
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_domain::certification::port::{ApplicationRecord, Change, Store};
use greenroom_domain::kernel::{CertificateId, Date, Timestamp};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1 as message;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::Planned;
use greenroom_rpc::violations::Violations;

/// What the issuer says of the certificate.
struct Print {
    id: CertificateId,
    numbering: Numbering,
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
        let _turn = self.number_turn(&print.numbering).await;
        let plan = || async {
            let (record, issuer) = self.own(call, Side::Issuer, &id, &request.etag).await?;
            // Before anything is looked up: another state has nothing to certify.
            advanced(record.clone(), |application| application.certify(print.id.clone(), once.now()))?;
            let issued = self.plan_issuance(&issuer, &issuance(&record, &print)?, once.now()).await?;
            let certificate = issued.record.certificate.id.clone();
            let next = advanced(record, |application| application.certify(certificate, once.now()))?;
            let next = ApplicationRecord { update_time: once.now(), ..next };
            let stored = next.stored(once.now());
            let application = wire::application_record(&stored, view(&call.caller, &stored, &issuer));
            let (mut changes, mut events) = (issued.changes, issued.events);
            changes.push(Change::SaveApplication(Box::new(next), None));
            events.push(facts::of_application(&stored));
            let answer = message::CertifyApplicationResponse {
                application: Some(application),
                certificate: Some(wire::certificate(&issued.record)),
                revision: String::new(),
            };
            Ok::<_, Error>(Planned { change: Change::All(changes), events, answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(message::CertifyApplicationResponse { revision, ..done.answer })
    }

    fn print(&self, request: &message::CertifyApplicationRequest, now: Timestamp) -> Result<Print, Error> {
        let mut wrong = Violations::new();
        let given = ("certificate_number", request.certificate_number.as_str());
        let numbering = read_numbering(given, &request.site, &mut wrong);
        let today = now.beijing_date();
        let issue_date = match request.issue_date.as_str() {
            "" => Some(today),
            day => wrong.take("issue_date", greenroom_rpc::wire::date(day)),
        };
        let past = issue_date.is_none_or(|day| day <= today);
        wrong.require(past, "issue_date", "must not lie in the future");
        let (numbering, issue_date) = wrong.finish(numbering.zip(issue_date))?;
        let id = CertificateId::try_new(&new_id(&self.clock).to_string());
        let id = id.map_err(|fault| Fault::hide(&fault))?;
        Ok(Print { id, numbering, issue_date })
    }
}

/// The certificate that an application comes to: the issuer's word, as for any other it issues.
fn issuance(record: &ApplicationRecord, print: &Print) -> Result<Issuance, Error> {
    let application = &record.application;
    let concluded = application.conclusion.as_ref().map(|conclusion| conclusion.date);
    if concluded.is_some_and(|day| print.issue_date < day) {
        let mut wrong = Violations::new();
        wrong.add("issue_date", "must not lie before the conclusion of the assessment");
        return Err(Fault::fields(wrong).into());
    }
    Ok(Issuance {
        id: print.id.clone(),
        issuer: application.issuer.clone(),
        holder: application.candidate.clone(),
        standard: application.standard.clone(),
        job_type: application.job_type,
        level: application.level,
        issue_date: print.issue_date,
        numbering: print.numbering.clone(),
        supersedes: None,
    })
}
