//! Tokens in the hand, and the doors they open.

use crate::Answer;
use crate::town::{Service, Town};
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::client::{Credential, Tokens};
use std::sync::Arc;
use tonic::{Request, Status};

/// A request that carries a token.
pub fn bearing<T>(token: &str, message: T) -> Answer<Request<T>> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse();
    let bearer = bearer.map_err(|_| Status::invalid_argument("the token is no header value"))?;
    request.metadata_mut().insert("authorization", bearer);
    Ok(request)
}

impl Town {
    /// A fresh token for a service.
    pub async fn token(&self, service: Service, credential: &Arc<Credential>) -> Answer<String> {
        let identity = self.channel(Service::Identity);
        let (credential, clock) = (Arc::clone(credential), self.clock.shared());
        let tokens = Tokens::new(identity, credential, service.audience(), clock);
        Ok(tokens.bearer().await?.to_string())
    }

    /// A fresh token for each of the three services.
    pub async fn tokens(&self, credential: &Arc<Credential>) -> Answer<Vec<(Service, String)>> {
        let mut tokens = Vec::new();
        for service in Service::ALL {
            tokens.push((service, self.token(service, credential).await?));
        }
        Ok(tokens)
    }

    /// Reads something of a service that every platform may read, with a token.
    pub async fn knock(&self, service: Service, token: &str) -> Answer<()> {
        let door = self.open_connection(service);
        match service {
            Service::Identity => {
                let request = bearing(token, identity::ListPersonsRequest::default())?;
                let mut persons = identity::person_service_client::PersonServiceClient::new(door);
                persons.list_persons(request).await.map(drop)
            }
            Service::Certification => {
                let request = bearing(token, certification::ListStandardsRequest::default())?;
                let mut standards = certification::standard_service_client::StandardServiceClient::new(door);
                standards.list_standards(request).await.map(drop)
            }
            Service::Registry => {
                let request = bearing(token, registry::ListStreamersRequest::default())?;
                let mut streamers = registry::streamer_service_client::StreamerServiceClient::new(door);
                streamers.list_streamers(request).await.map(drop)
            }
        }
    }

    /// Waits until a service refuses a token; gives the reason. The time in town stands still meanwhile.
    pub async fn refused(&self, service: Service, token: &str) -> Status {
        let what = format!("{service:?} refuses the token");
        greenroom_testkit::eventually(&what, || async { self.knock(service, token).await.err() }).await
    }
}
