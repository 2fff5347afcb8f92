//! `RegistryFeedService`.

use super::{Api, pieces};
use crate::error::Error;
use crate::wire::optional;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::registry::port::Store;
use greenroom_feed::event::Event;
use greenroom_feed::log::{EventLog as _, HasLog};
use greenroom_feed::tail::{Pace, Step};
use greenroom_proto::registry::v1::registry_feed_service_server::RegistryFeedService;
use greenroom_proto::registry::v1::{
    RegistryEvent, RegistryFact, WatchRegistryEventsRequest, WatchRegistryEventsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::stream::{Answers, follow_log};
use greenroom_rpc::wire::timestamp;
use prost::Message as _;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> RegistryFeedService for Api<S> {
    type WatchRegistryEventsStream = Answers<WatchRegistryEventsResponse>;

    async fn watch_registry_events(
        &self,
        request: Request<WatchRegistryEventsRequest>,
    ) -> Result<Response<Self::WatchRegistryEventsStream>, Status> {
        let call = Call::of(&request)?;
        let cursor = request.into_inner().cursor;
        let log = self.app.store.log();
        let database = log.head().await.map_err(Error::from)?.database;
        let answers = follow_log(
            log.clone(),
            &cursor,
            &call,
            Pace::default(),
            &self.app.clock,
            self.shutdown.clone(),
            move |step, _| answer(&step, &database),
        );
        Ok(Response::new(pieces::one_by_one(answers.await?)))
    }
}

fn answer(step: &Step, database: &str) -> Result<Vec<WatchRegistryEventsResponse>, Fault> {
    let events = step.events.iter().map(|one| event(one).map(|told| (one.sequence, told)));
    let pieces = pieces::cut(events.collect::<Result<Vec<_>, Fault>>()?, step.through);
    let told = pieces.into_iter().map(|piece| WatchRegistryEventsResponse {
        cursor: pieces::cursor(&piece, database),
        current_time: optional(step.current.filter(|_| piece.through == step.through)),
        events: piece.events,
    });
    Ok(told.collect())
}

fn event(event: &Event) -> Result<RegistryEvent, Fault> {
    let fact = RegistryFact::decode(event.payload.as_slice()).map_err(|error| Fault::hide(&error))?;
    let name =
        |collection: &str, id: &str| if id.is_empty() { String::new() } else { format!("{collection}/{id}") };
    Ok(RegistryEvent {
        sequence: event.sequence,
        commit_time: Some(timestamp(Timestamp::from_micros(event.commit_time_us))),
        client: name("clients", &event.client),
        organization: name("organizations", &event.organization),
        person: name("persons", &event.person),
        method: event.method.clone(),
        request_id: event.request_id.clone(),
        fact: Some(fact),
        chain_hash: event.chain.clone(),
    })
}
