//! A source behind an integrator's `ProofingSourceService`.

use super::{Identities, Outcome, answer};
use crate::wire;
use greenroom_domain::identity::{NamedDocument, PersonIdentity};
use greenroom_proto::identity::source::v1::proofing_source_service_client::ProofingSourceServiceClient;
use greenroom_proto::identity::source::v1::{
    CheckIdentityRequest, CheckPending, GetCheckRequest, check_identity_request, check_identity_response,
    get_check_response,
};
use greenroom_proto::identity::v1::{IdentityClaim, NetworkIdentity};
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::source::answer::pending;
use greenroom_rpc::source::{Answer, Asked, Failure, Line, Question, Source, SourceConfig, failure};
use greenroom_rpc::tls::ClientTls;
use tonic::transport::Channel;

/// A source that is asked over the network.
pub struct Remote {
    line: Line,
    client: ProofingSourceServiceClient<Channel>,
    clock: SharedClock,
}

impl Remote {
    /// The source of a configuration. `tls` is the service's own section. The text says why there can be none.
    pub fn new(source: &SourceConfig, tls: Option<&ClientTls>, clock: SharedClock) -> Result<Self, String> {
        let line = Line::to(source, tls)?;
        let client = ProofingSourceServiceClient::new(line.channel.clone())
            .max_decoding_message_size(Line::LONGEST_ANSWER);
        Ok(Self { line, client, clock })
    }
}

#[tonic::async_trait]
impl Source<Identities> for Remote {
    async fn check(&self, question: &Question<'_, PersonIdentity>) -> Asked<Identities> {
        use check_identity_response::Answer as Told;
        let check_id = question.check_id.to_owned();
        let message = CheckIdentityRequest { check_id, identity: Some(sent(question.subject)) };
        let answered =
            self.client.clone().check_identity(self.line.request(message)).await.map_err(failure)?;
        match answered.into_inner().answer {
            Some(Told::Outcome(outcome)) => answer::outcome(&outcome, question.subject, self.clock.now()),
            Some(Told::Pending(told)) => needs_time(told),
            None => Err(Failure::Malformed("it says nothing")),
        }
    }

    async fn get(&self, question: &Question<'_, PersonIdentity>) -> Asked<Identities> {
        use get_check_response::Answer as Told;
        let (ticket, check_id) = (question.ticket.to_owned(), question.check_id.to_owned());
        let message = self.line.request(GetCheckRequest { ticket, check_id });
        let answered = self.client.clone().get_check(message).await.map_err(failure)?;
        match answered.into_inner().answer {
            Some(Told::Outcome(outcome)) => answer::outcome(&outcome, question.subject, self.clock.now()),
            Some(Told::Pending(told)) => needs_time(told),
            None => Err(Failure::Malformed("it says nothing")),
        }
    }
}

fn needs_time(told: CheckPending) -> Result<Answer<Outcome>, Failure> {
    pending(told.ticket, told.retry_after.as_ref())
}

fn sent(identity: &PersonIdentity) -> check_identity_request::Identity {
    match identity {
        PersonIdentity::Document(NamedDocument { name, document }) => {
            check_identity_request::Identity::Claim(IdentityClaim {
                real_name: name.expose().to_owned(),
                document_type: wire::document_type(document.document_type()).into(),
                document_number: document.expose().to_owned(),
            })
        }
        PersonIdentity::NetworkNumber(number) => {
            check_identity_request::Identity::NetworkIdentity(NetworkIdentity {
                network_number: number.expose().to_owned(),
            })
        }
    }
}
