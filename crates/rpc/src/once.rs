//! Writes that take effect once (AIP-155): the same `request_id` gives the same answer after a crash, on another
//! replica, and from many callers at the same time. With another body it is refused by name.
//!
//! Every write of every service goes through [`Once::run`], which also carries `validate_only` (AIP-163) and repeats a
//! decision whose resources changed while it was made.

use crate::call::Call;
use crate::clock::SharedClock;
use crate::fault::Fault;
use crate::violations::Violations;
use aws_lc_rs::hmac;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{Actor, EventDraft, Position, Receipt, RequestKey, StoreError, Write};
use greenroom_feed::cursor::Revision;
use greenroom_feed::log::EventLog;
use prost::Message;
use std::future::Future;
use tonic::Code;
use uuid::Uuid;

/// How often a decision is made anew because its resources changed meanwhile.
const ATTEMPTS: usize = 8;

/// Whether a write is carried out or only checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Carry it out.
    Commit,
    /// Check and answer, store nothing.
    ValidateOnly,
}

impl From<bool> for Mode {
    fn from(validate_only: bool) -> Self {
        if validate_only { Self::ValidateOnly } else { Self::Commit }
    }
}

/// What was decided: the change for the store, what is true since, and the answer.
#[derive(Debug)]
pub struct Planned<C, A> {
    /// What the store is to do.
    pub change: C,
    /// What is true since. May be empty where nothing changes.
    pub events: Vec<EventDraft>,
    /// The answer, without its revision.
    pub answer: A,
}

/// What came of a write.
#[derive(Debug)]
pub struct Done<A> {
    /// The answer, without its revision.
    pub answer: A,
    /// Where the feed stood after the write; `None` where nothing was stored.
    pub position: Option<Position>,
}

impl<A> Done<A> {
    /// The revision for the answer; empty where nothing was stored.
    pub fn revision(&self) -> String {
        self.position.as_ref().map(|position| Revision::at(position).encode()).unwrap_or_default()
    }
}

/// One write on its way: who asked, under which request id, and when it was decided.
#[derive(Debug)]
pub struct Once {
    actor: Actor,
    method: String,
    request: Option<RequestKey>,
    mode: Mode,
    now: Timestamp,
}

impl Once {
    /// Reads what the frame needs from a request. `key` is a secret of the service's: fingerprints of requests that
    /// carry personal data must not be open to guessing.
    pub fn new<M: Message>(
        call: &Call,
        message: &M,
        request_id: &str,
        mode: Mode,
        key: &[u8],
        clock: &SharedClock,
    ) -> Result<Self, Fault> {
        let mut body = message.encode_to_vec();
        // The id is part of the body whose repetition is recognised, and counts in either case.
        fold(&mut body, request_id);
        Self::of_body(call, &body, request_id, mode, key, clock)
    }

    /// The same for a body that is not one message, such as a stream's digest.
    pub fn of_body(
        call: &Call,
        body: &[u8],
        request_id: &str,
        mode: Mode,
        key: &[u8],
        clock: &SharedClock,
    ) -> Result<Self, Fault> {
        let request = match request_id {
            "" => None,
            text => Some(RequestKey {
                client: call.caller.client_id.as_str().to_owned(),
                id: parse_request_id(text)?,
                fingerprint: fingerprint(key, &call.method, body),
            }),
        };
        Ok(Self { actor: call.actor(), method: call.method.to_string(), request, mode, now: clock.now() })
    }

    /// The frame of a write that is the same however often it is made, by `actor`, whom the service knows otherwise than by
    /// a token. `method` is what the event log names.
    pub fn by(actor: Actor, method: &str, clock: &SharedClock) -> Self {
        Self { actor, method: method.to_owned(), request: None, mode: Mode::Commit, now: clock.now() }
    }

    /// The instant every attempt decides at.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether the write is carried out.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The request id, or the empty text.
    pub fn request_id(&self) -> &str {
        self.request.as_ref().map(|key| key.id.as_str()).unwrap_or_default()
    }

    /// Decides with `plan`, commits with `commit`, and answers; or answers what was answered before.
    ///
    /// `plan` may run several times and must not have effects of its own.
    pub async fn run<L, C, A, E, P, PF, W, WF>(&self, log: &L, plan: P, commit: W) -> Result<Done<A>, E>
    where
        L: EventLog,
        A: Message + Default,
        E: From<Fault>,
        P: Fn() -> PF,
        PF: Future<Output = Result<Planned<C, A>, E>>,
        W: Fn(C, Write) -> WF,
        WF: Future<Output = Result<Position, StoreError>>,
    {
        if let Some(done) = self.recall(log).await? {
            return Ok(done);
        }
        for _ in 0..ATTEMPTS {
            let planned = match plan().await {
                Ok(planned) => planned,
                // The refusal may rest on this very request having taken effect in a parallel call.
                Err(refusal) => return self.recall(log).await?.ok_or(refusal),
            };
            if self.mode == Mode::ValidateOnly {
                return Ok(Done { answer: planned.answer, position: None });
            }
            match commit(planned.change, self.write(planned.events, planned.answer.encode_to_vec())).await {
                Ok(position) => {
                    return Ok(Done { answer: planned.answer, position: Some(position) });
                }
                Err(StoreError::Conflict | StoreError::Answered | StoreError::Taken(_)) => {
                    if let Some(done) = self.recall(log).await? {
                        return Ok(done);
                    }
                }
                Err(error) => return Err(Fault::from(error).into()),
            }
        }
        Err(Fault::concurrent_change().into())
    }

    fn write(&self, events: Vec<EventDraft>, answer: Vec<u8>) -> Write {
        Write {
            actor: self.actor.clone(),
            method: self.method.clone(),
            request: self.request.clone(),
            answer,
            events,
            advance: None,
            now: self.now,
        }
    }

    /// What was answered to this request before, if it was. For a write that takes more than one transaction: it has to
    /// know before the first of them, not at the last, that its request id is spent.
    pub async fn recall<L: EventLog, A: Message + Default>(&self, log: &L) -> Result<Option<Done<A>>, Fault> {
        let (Some(key), Mode::Commit) = (&self.request, self.mode) else {
            return Ok(None);
        };
        let Some(receipt) = log.recall(&key.client, &key.id).await? else {
            return Ok(None);
        };
        let Receipt { fingerprint, answer, position } = receipt;
        if fingerprint != key.fingerprint {
            let said = format!("the request id `{}` was used for another request", key.id);
            return Err(
                Fault::new(Code::InvalidArgument, "REQUEST_ID_REUSED", said).with("request_id", &key.id)
            );
        }
        let answer = A::decode(answer.as_slice()).map_err(|error| Fault::hide(&error))?;
        Ok(Some(Done { answer, position: Some(position) }))
    }
}

fn parse_request_id(text: &str) -> Result<String, Fault> {
    let plain = |id: &Uuid| !id.is_nil() && id.to_string().eq_ignore_ascii_case(text);
    let parsed = Uuid::parse_str(text).ok().filter(plain);
    parsed.map(|id| id.to_string()).ok_or_else(|| {
        let mut violations = Violations::new();
        violations.add("request_id", "must be a UUID such as `3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10`");
        Fault::fields(violations)
    })
}

/// Makes the letters of a request id small where they stand in a body.
fn fold(body: &mut [u8], request_id: &str) {
    let small = request_id.to_ascii_lowercase();
    if small == request_id {
        return;
    }
    let found = body.windows(small.len()).position(|window| window == request_id.as_bytes());
    let place = found.and_then(|start| body.get_mut(start..start + small.len()));
    if let Some(place) = place {
        place.copy_from_slice(small.as_bytes());
    }
}

fn fingerprint(key: &[u8], method: &str, body: &[u8]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(method.as_bytes());
    context.update(&[0]);
    context.update(body);
    context.sign().as_ref().to_vec()
}
