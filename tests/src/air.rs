//! What a platform does about persons beyond welcoming them.

use crate::citizens::Platform;
use crate::town::{Connection, Service};
use crate::{Answer, request_id};
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::client::Credential;
use identity::person_service_client::PersonServiceClient;
use std::sync::Arc;
use tonic::{Status, Streaming};

/// The live sessions of a platform, as they change.
pub type Watch = Streaming<registry::WatchLiveSessionsResponse>;

impl<'a> Platform<'a> {
    /// The same platform, through another of its clients.
    #[must_use]
    pub fn by(&self, credential: Arc<Credential>) -> Platform<'a> {
        Platform { town: self.town, id: self.id.clone(), credential }
    }

    /// Records that a guardian agrees; gives the revision.
    pub async fn consent(&self, person: &str) -> Answer<String> {
        let request = identity::RecordGuardianConsentRequest {
            person: person.to_owned(),
            artefact_sha256: "ef".repeat(32),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.person_service().record_guardian_consent(request).await?.into_inner().revision)
    }

    /// Records that a guardian takes the consent back; gives the revision.
    pub async fn withdraw_consent(&self, person: &str) -> Answer<String> {
        let request = identity::WithdrawGuardianConsentRequest {
            person: person.to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.person_service().withdraw_guardian_consent(request).await?.into_inner().revision)
    }

    /// A person as this platform sees it.
    pub async fn person(&self, name: &str) -> Answer<identity::Person> {
        let request = identity::GetPersonRequest { name: name.to_owned() };
        let answer = self.person_service().get_person(request).await?.into_inner();
        answer.person.ok_or_else(|| Status::data_loss("no person"))
    }

    /// Records that an administrator compared a document that is valid up to a day; gives the revision.
    pub async fn prove_until(&self, person: &str, valid_until: &str) -> Answer<String> {
        let request = identity::RecordProofingRequest {
            person: person.to_owned(),
            proofing: Some(identity::Proofing {
                method: identity::ProofingMethod::AdministratorAttestation.into(),
                authentication: identity::ProofingAuthentication::InPerson.into(),
                result: identity::ProofingResult::Match.into(),
                artefact_sha256: "cd".repeat(32),
                document_valid_until: valid_until.to_owned(),
                ..Default::default()
            }),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.person_service().record_proofing(request).await?.into_inner().revision)
    }

    /// Opens a live session of one streamer and watches it.
    pub async fn on_air(&self, streamer: &str) -> Answer<(registry::LiveSession, Watch)> {
        let opened = self.go_live("room-1", &[streamer]).await?;
        let session = opened.live_session.ok_or_else(|| Status::data_loss("no session"))?;
        let from = registry::WatchLiveSessionsRequest {
            cursor: opened.watch_cursor,
            live_session: session.name.clone(),
            ..Default::default()
        };
        Ok((session, self.live_sessions().watch_live_sessions(from).await?.into_inner()))
    }

    fn person_service(&self) -> PersonServiceClient<Connection> {
        PersonServiceClient::new(self.to(Service::Identity))
    }
}

/// Waits for the next cut; gives the session after it.
pub async fn next_cut(watch: &mut Watch) -> Answer<registry::LiveSession> {
    loop {
        let answer = watch.message().await?.ok_or_else(|| Status::data_loss("the stream has ended"))?;
        let cut = registry::LiveSessionEventType::MarketerCut;
        if let Some(event) = answer.events.into_iter().find(|event| event.r#type() == cut) {
            return event.live_session.ok_or_else(|| Status::data_loss("no session"));
        }
    }
}
