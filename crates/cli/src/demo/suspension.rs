//! Suspends an organization again and again, and measures how long the registry goes on answering it.

use super::actor::Actor;
use super::cut::latencies;
use super::stage::request_id;
use crate::failure::{Failure, Result};
use crate::refusal::answer;
use greenroom_proto::identity::v1::organization_service_client::OrganizationServiceClient;
use greenroom_proto::identity::v1::{ReinstateOrganizationRequest, SuspendOrganizationRequest};
use greenroom_proto::registry::v1::ListStreamersRequest;
use greenroom_proto::registry::v1::streamer_service_client::StreamerServiceClient;
use std::time::{Duration, Instant};
use tonic::{Code, Response, Status};

/// How often it is suspended.
const ROUNDS: usize = 5;

/// How long a refusal, or an answer to a new token, may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait for the next second: a token of the second of a suspension is refused with the older ones.
const PAUSE: Duration = Duration::from_millis(50);

/// How long one refusal took, in milliseconds.
struct Refusal {
    /// Since the call that suspended was sent.
    from_call: f64,
    /// Since its answer came; below zero if the refusal was here first.
    from_answer: f64,
}

/// Suspends `organization`, whose client is `visitor`, and reinstates it, several times. Answers the measurement as a table.
pub async fn measure(operator: &Actor, organization: &str, visitor: &Actor) -> Result<String> {
    let mut refusals = Vec::new();
    // It may be suspended since a run that was cut off.
    reinstate(operator, organization).await?;
    for _ in 0..ROUNDS {
        within(admitted(visitor)).await?;
        let refusal = within(refused(operator, organization, visitor)).await;
        reinstate(operator, organization).await?;
        refusals.push(refusal??);
    }
    let heading = format!("from suspension to refusal by the registry, {ROUNDS} times");
    let rows = [
        ("since SuspendOrganization was called", refusals.iter().map(|it| it.from_call).collect()),
        ("since SuspendOrganization had answered", refusals.iter().map(|it| it.from_answer).collect()),
    ];
    Ok(latencies(&heading, rows))
}

async fn within<T>(work: impl Future<Output = T>) -> Result<T> {
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.map_err(|_| Failure::new(format!("no answer within {} s", PATIENCE.as_secs())))
}

/// Suspends, and calls with a token that would live for minutes until it is refused.
async fn refused(operator: &Actor, organization: &str, visitor: &Actor) -> Result<Refusal> {
    let called = Instant::now();
    let suspension = async {
        let mut organizations = OrganizationServiceClient::new(operator.identity.clone());
        let request = SuspendOrganizationRequest {
            name: format!("organizations/{organization}"),
            reason: "suspended for a moment, in the demo".to_owned(),
            request_id: request_id(),
            ..SuspendOrganizationRequest::default()
        };
        let suspended = organizations.suspend_organization(request).await;
        answer("SuspendOrganization", suspended).map(|_| Instant::now())
    };
    let refusal = async {
        loop {
            match knock(visitor).await {
                Err(status) if status.code() == Code::Unauthenticated => return Ok(Instant::now()),
                asked => drop(answer("ListStreamers", asked)?),
            }
        }
    };
    let (answered, refused): (Result<Instant>, Result<Instant>) = tokio::join!(suspension, refusal);
    let (answered, refused) = (answered?, refused?);
    let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
    let from_answer = refused
        .checked_duration_since(answered)
        .map_or_else(|| -millis(answered.duration_since(refused)), millis);
    Ok(Refusal { from_call: millis(refused.duration_since(called)), from_answer })
}

/// Calls until a new token is good.
async fn admitted(visitor: &Actor) {
    while knock(visitor).await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
}

async fn knock(visitor: &Actor) -> std::result::Result<Response<()>, Status> {
    let request = ListStreamersRequest { page_size: 1, ..ListStreamersRequest::default() };
    StreamerServiceClient::new(visitor.registry.clone()).list_streamers(request).await.map(|it| it.map(drop))
}

async fn reinstate(operator: &Actor, organization: &str) -> Result<()> {
    let mut organizations = OrganizationServiceClient::new(operator.identity.clone());
    let request = ReinstateOrganizationRequest {
        name: format!("organizations/{organization}"),
        request_id: request_id(),
        ..ReinstateOrganizationRequest::default()
    };
    answer("ReinstateOrganization", organizations.reinstate_organization(request).await).map(drop)
}
