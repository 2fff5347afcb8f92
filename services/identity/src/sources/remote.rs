//! A source behind an integrator's `ProofingSourceService`.

use super::{Answer, Failure, Question, Source, answer};
use crate::wire;
use greenroom_domain::identity::{NamedDocument, PersonIdentity};
use greenroom_proto::identity::source::v1::proofing_source_service_client::ProofingSourceServiceClient;
use greenroom_proto::identity::source::v1::{
    CheckIdentityRequest, GetCheckRequest, check_identity_request, check_identity_response,
    get_check_response,
};
use greenroom_proto::identity::v1::{IdentityClaim, NetworkIdentity};
use greenroom_rpc::client::connect_with;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::tls::ClientTls;
use std::error::Error as _;
use std::time::Duration;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// More than any answer needs.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A source that is asked over the network.
pub struct Remote {
    client: ProofingSourceServiceClient<Channel>,
    deadline: Duration,
    clock: SharedClock,
}

impl Remote {
    /// A source at `url`, which is told how long it has. `tls` says whom it is trusted by and what is shown to it. The text
    /// says why there can be none.
    pub fn new(
        url: &str,
        tls: Option<&ClientTls>,
        deadline: Duration,
        clock: SharedClock,
    ) -> Result<Self, String> {
        let channel = connect_with(url, tls).map_err(|error| error.to_string())?;
        let client = ProofingSourceServiceClient::new(channel).max_decoding_message_size(LONGEST_ANSWER);
        Ok(Self { client, deadline, clock })
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.set_timeout(self.deadline);
        request
    }
}

#[tonic::async_trait]
impl Source for Remote {
    async fn check(&self, question: &Question<'_>) -> Result<Answer, Failure> {
        use check_identity_response::Answer as Told;
        let check_id = question.check_id.to_owned();
        let message = CheckIdentityRequest { check_id, identity: Some(sent(question.identity)) };
        let answered = self.client.clone().check_identity(self.request(message)).await.map_err(failure)?;
        match answered.into_inner().answer {
            Some(Told::Outcome(outcome)) => answer::outcome(&outcome, question.identity, self.clock.now()),
            Some(Told::Pending(pending)) => answer::pending(pending),
            None => Err(Failure::Malformed("it says nothing")),
        }
    }

    async fn get(&self, question: &Question<'_>) -> Result<Answer, Failure> {
        use get_check_response::Answer as Told;
        let (ticket, check_id) = (question.ticket.to_owned(), question.check_id.to_owned());
        let message = self.request(GetCheckRequest { ticket, check_id });
        let answered = self.client.clone().get_check(message).await.map_err(failure)?;
        match answered.into_inner().answer {
            Some(Told::Outcome(outcome)) => answer::outcome(&outcome, question.identity, self.clock.now()),
            Some(Told::Pending(pending)) => answer::pending(pending),
            None => Err(Failure::Malformed("it says nothing")),
        }
    }
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

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn failure(status: Status) -> Failure {
    match status.code() {
        code @ (Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Aborted) => {
            Failure::Outage(code)
        }
        // Not told by the source: the connection failed, or was lost.
        code if status.source().is_some() => Failure::Outage(code),
        code => Failure::Refused(code),
    }
}
