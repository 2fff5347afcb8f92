//! Opens live sessions, revokes the certificates they rest on, and measures how long the cuts take to arrive.

use super::actor::Actor;
use super::cast::Person;
use super::decisions::code;
use super::stage::{self, request_id};
use crate::failure::{Failure, Result};
use crate::refusal::answer;
use crate::say;
use greenroom_proto::certification::v1::certificate_service_client::CertificateServiceClient;
use greenroom_proto::certification::v1::{Revocation, RevocationReason, RevokeCertificateRequest};
use greenroom_proto::registry::v1::live_session_service_client::LiveSessionServiceClient;
use greenroom_proto::registry::v1::{
    LiveSessionEventType, LiveSessionState, OpenLiveSessionRequest, Sale, WatchLiveSessionsRequest,
    WatchLiveSessionsResponse,
};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tonic::Streaming;

/// How long a cut may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A marketer with account and certificate.
pub struct Marketer {
    /// Who.
    pub person: Person,
    /// `streamers/…`.
    pub streamer: String,
}

/// How long one cut took to arrive, in milliseconds.
pub struct Cut {
    /// Since the call that revoked was sent.
    pub from_call: f64,
    /// Since its answer came; below zero if the cut was here first.
    pub from_answer: f64,
    /// `streamers/…` who was cut.
    pub streamer: String,
    /// The revision of the revocation.
    pub revision: String,
}

struct Arrival {
    session: String,
    at: Instant,
}

/// Opens one session for each marketer and cuts them one after the other.
pub async fn cut_all(
    platform: &Actor,
    academy: &Actor,
    marketers: &[Marketer],
    revision: &str,
) -> Result<Vec<Cut>> {
    let mut sessions = LiveSessionServiceClient::new(platform.registry.clone());
    let watched = sessions.watch_live_sessions(WatchLiveSessionsRequest::default()).await;
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let watch = tokio::spawn(listen(answer("WatchLiveSessions", watched)?, sender));
    let mut open = Vec::new();
    for marketer in marketers {
        open.push((marketer, open_session(platform, marketer, revision).await?));
    }
    let mut cuts = Vec::new();
    for (marketer, session) in open {
        cuts.push(cut(academy, marketer, &session, &mut arrivals).await?);
    }
    watch.abort();
    Ok(cuts)
}

async fn listen(mut stream: Streaming<WatchLiveSessionsResponse>, sender: mpsc::UnboundedSender<Arrival>) {
    // Ends with the stream; whoever waits for a cut gives up then.
    while let Ok(Some(batch)) = stream.message().await {
        let at = Instant::now();
        for event in batch.events.iter().filter(|event| event.r#type() == LiveSessionEventType::MarketerCut) {
            let session = event.live_session.clone().unwrap_or_default().name;
            drop(sender.send(Arrival { session, at }));
        }
    }
}

async fn open_session(platform: &Actor, marketer: &Marketer, revision: &str) -> Result<String> {
    let mut sessions = LiveSessionServiceClient::new(platform.registry.clone());
    let request = OpenLiveSessionRequest {
        room: format!("room-of-{}", marketer.person.account),
        streamers: vec![marketer.streamer.clone()],
        sale: Some(Sale { categories: vec!["general".to_owned()], ..Sale::default() }),
        at_least_revision: revision.to_owned(),
        request_id: request_id(),
        validate_only: false,
    };
    let opened = answer("OpenLiveSession", sessions.open_live_session(request).await)?;
    let session = opened.live_session.unwrap_or_default();
    if session.state() == LiveSessionState::Open {
        return Ok(session.name);
    }
    let decisions = session.roster.into_iter().filter_map(|marketer| marketer.decision);
    let codes: Vec<_> = decisions.flat_map(|it| it.reasons.iter().map(code).collect::<Vec<_>>()).collect();
    Err(Failure::new(format!("{} may not go live: {}", marketer.person.label, codes.join(", "))))
}

async fn cut(
    academy: &Actor,
    marketer: &Marketer,
    session: &str,
    arrivals: &mut mpsc::UnboundedReceiver<Arrival>,
) -> Result<Cut> {
    let number = marketer.person.paper.as_ref().map(|paper| paper.number.as_str()).unwrap_or_default();
    let found = stage::certificate(academy, number).await?;
    let certificate = found.ok_or_else(|| Failure::new(format!("certificate `{number}` is not there")))?;
    let mut certificates = CertificateServiceClient::new(academy.certification.clone());
    let request = RevokeCertificateRequest {
        name: certificate.name,
        revocation: Some(Revocation {
            reason: RevocationReason::IssuedInError.into(),
            explanation: "issued by mistake, in the demo".to_owned(),
            legal_basis: "the demo's own rules".to_owned(),
            ..Revocation::default()
        }),
        etag: String::new(),
        request_id: request_id(),
        validate_only: false,
    };
    let called = Instant::now();
    let revoked = answer("RevokeCertificate", certificates.revoke_certificate(request).await)?;
    let answered = Instant::now();
    let arrived = tokio::time::timeout(PATIENCE, arrival(session, arrivals)).await;
    let arrived = arrived.ok().flatten().ok_or_else(|| {
        Failure::new(format!("no cut of `{session}` within {} s of the revocation", PATIENCE.as_secs()))
    })?;
    let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
    let from_answer = arrived
        .checked_duration_since(answered)
        .map_or_else(|| -millis(answered.duration_since(arrived)), millis);
    Ok(Cut {
        from_call: millis(arrived.duration_since(called)),
        from_answer,
        streamer: marketer.streamer.clone(),
        revision: revoked.revision,
    })
}

async fn arrival(session: &str, arrivals: &mut mpsc::UnboundedReceiver<Arrival>) -> Option<Instant> {
    while let Some(arrival) = arrivals.recv().await {
        if arrival.session == session {
            return Some(arrival.at);
        }
    }
    None
}

/// The measurement as a table: median and worst.
pub fn table(cuts: &[Cut]) -> String {
    let heading = format!("from revocation to cut, {} sessions", cuts.len());
    let rows = [
        ("since RevokeCertificate was called", cuts.iter().map(|cut| cut.from_call).collect()),
        ("since RevokeCertificate had answered", cuts.iter().map(|cut| cut.from_answer).collect()),
    ];
    latencies(&heading, rows)
}

/// A table of times in milliseconds: median and worst of each row.
pub fn latencies(heading: &str, rows: [(&str, Vec<f64>); 2]) -> String {
    let mut table = say::table(&[heading, "p50", "max"]);
    for (label, values) in rows {
        let (median, worst) = middle_and_last(values);
        table.add_row([label.to_owned(), format!("{median:.2} ms"), format!("{worst:.2} ms")]);
    }
    table.to_string()
}

fn middle_and_last(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or_default();
    (median, values.last().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_worst_do_not_depend_on_the_order() {
        assert_eq!(middle_and_last(vec![3.0, -1.0, 2.0]), (2.0, 3.0));
        assert_eq!(middle_and_last(Vec::new()), (0.0, 0.0));
    }
}
