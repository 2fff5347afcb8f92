//! A source behind an integrator's `CertificateSourceService`.

use super::{Certificates, CheckedCertificate, Outcome, answer};
use crate::wire::codes;
use greenroom_domain::kernel::PersonId;
use greenroom_proto::certification::source::v1::certificate_source_service_client::CertificateSourceServiceClient;
use greenroom_proto::certification::source::v1::{
    self as message, check_certificate_response, get_check_response,
};
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::source::answer::pending;
use greenroom_rpc::source::{Answer, Asked, Failure, Line, Question, Source, SourceConfig, failure};
use greenroom_rpc::tls::ClientTls;
use tonic::transport::Channel;

/// A source that is asked over the network.
pub struct Remote {
    line: Line,
    client: CertificateSourceServiceClient<Channel>,
    clock: SharedClock,
}

impl Remote {
    /// The source of a configuration. `tls` is the service's own section. The text says why there can be none.
    pub fn new(source: &SourceConfig, tls: Option<&ClientTls>, clock: SharedClock) -> Result<Self, String> {
        let line = Line::to(source, tls)?;
        let client = CertificateSourceServiceClient::new(line.channel.clone());
        Ok(Self { line, client: client.max_decoding_message_size(Line::LONGEST_ANSWER), clock })
    }
}

#[tonic::async_trait]
impl Source<Certificates> for Remote {
    async fn check(&self, question: &Question<'_, CheckedCertificate>) -> Asked<Certificates> {
        use check_certificate_response::Answer as Told;
        let sent = self.line.request(sent(question));
        match self.client.clone().check_certificate(sent).await.map_err(failure)?.into_inner().answer {
            Some(Told::Outcome(outcome)) => answer::outcome(&outcome, self.clock.now()),
            Some(Told::Pending(told)) => needs_time(told),
            None => Err(Failure::Malformed("it says nothing")),
        }
    }

    async fn get(&self, question: &Question<'_, CheckedCertificate>) -> Asked<Certificates> {
        use get_check_response::Answer as Told;
        let (ticket, check_id) = (question.ticket.to_owned(), question.check_id.to_owned());
        let sent = self.line.request(message::GetCheckRequest { ticket, check_id });
        match self.client.clone().get_check(sent).await.map_err(failure)?.into_inner().answer {
            Some(Told::Outcome(outcome)) => answer::outcome(&outcome, self.clock.now()),
            Some(Told::Pending(told)) => needs_time(told),
            None => Err(Failure::Malformed("it says nothing")),
        }
    }
}

fn needs_time(told: message::CheckPending) -> Result<Answer<Outcome>, Failure> {
    pending(told.ticket, told.retry_after.as_ref())
}

fn sent(question: &Question<'_, CheckedCertificate>) -> message::CheckCertificateRequest {
    let subject = question.subject;
    message::CheckCertificateRequest {
        check_id: question.check_id.to_owned(),
        certificate: Some(message::CheckedCertificate {
            number: subject.number.as_str().to_owned(),
            standard: subject.standard.name(),
            job_type: subject.job_type.code().to_owned(),
            level: codes::level(subject.level),
            issuer_code: subject.issuer_code.clone(),
            issue_date: subject.issue_date.to_string(),
        }),
        holder: subject.holder.as_ref().map(PersonId::name).unwrap_or_default(),
    }
}
