use super::Rpc;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::Timestamp;
use greenroom_feed::event::Event;
use greenroom_feed::log::HasLog;
use greenroom_feed::tail::Pace;
use greenroom_proto::certification::v1::certification_feed_service_server::CertificationFeedService;
use greenroom_proto::certification::v1::{
    CertificationEvent, CertificationFact, WatchCertificationEventsRequest, WatchCertificationEventsResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::stream::{Answers, follow_log};
use greenroom_rpc::wire::timestamp;
use prost::Message as _;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Store + HasLog> CertificationFeedService for Rpc<S> {
    type WatchCertificationEventsStream = Answers<WatchCertificationEventsResponse>;

    async fn watch_certification_events(
        &self,
        request: Request<WatchCertificationEventsRequest>,
    ) -> Result<Response<Self::WatchCertificationEventsStream>, Status> {
        let call = Call::of(&request)?;
        let cursor = request.into_inner().cursor;
        let (log, clock) = (self.app.store.log().clone(), &self.app.clock);
        let shutdown = self.shutdown.clone();
        let answers = follow_log(log, &cursor, &call, Pace::default(), clock, shutdown, |step, cursor| {
            let events: Result<Vec<CertificationEvent>, Fault> = step.events.into_iter().map(event).collect();
            let current_time = step.current.map(timestamp);
            Ok(WatchCertificationEventsResponse { events: events?, cursor, current_time })
        });
        Ok(Response::new(answers.await?))
    }
}

fn event(event: Event) -> Result<CertificationEvent, Fault> {
    let fact = CertificationFact::decode(event.payload.as_slice()).map_err(|error| Fault::hide(&error))?;
    let name =
        |collection: &str, id: &str| if id.is_empty() { String::new() } else { format!("{collection}/{id}") };
    Ok(CertificationEvent {
        sequence: event.sequence,
        commit_time: Some(timestamp(Timestamp::from_micros(event.commit_time_us))),
        client: name("clients", &event.client),
        organization: name("organizations", &event.organization),
        person: name("persons", &event.person),
        method: event.method,
        request_id: event.request_id,
        fact: Some(fact),
        chain_hash: event.chain,
    })
}
