use super::Rpc;
use crate::app::Database;
use crate::wire;
use greenroom_feed::tail::Pace;
use greenroom_proto::identity::v1::identity_feed_service_server::IdentityFeedService;
use greenroom_proto::identity::v1::{FeedBeginning, WatchIdentityEventsRequest, WatchIdentityEventsResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::stream::{Answers, follow_log};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl<S: Database> IdentityFeedService for Rpc<S> {
    type WatchIdentityEventsStream = Answers<WatchIdentityEventsResponse>;

    async fn watch_identity_events(
        &self,
        request: Request<WatchIdentityEventsRequest>,
    ) -> Result<Response<Self::WatchIdentityEventsStream>, Status> {
        let call = Call::of(&request)?;
        let WatchIdentityEventsRequest { mut cursor, beginning } = request.into_inner();
        if cursor.is_empty() && beginning == i32::from(FeedBeginning::LivingTokens) {
            cursor = self.app.before_living_tokens().await.map_err(Fault::from)?;
        }
        let log = self.app.store.log().clone();
        let (clock, shutdown) = (&self.app.clock, self.shutdown.clone());
        let answers = follow_log(log, &cursor, &call, Pace::default(), clock, shutdown, |step, cursor| {
            wire::step(step, cursor)
        });
        Ok(Response::new(answers.await?))
    }
}
