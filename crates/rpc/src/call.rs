//! Who calls, which method, and until when.

use crate::fault::Fault;
use greenroom_auth::Caller;
use greenroom_domain::ledger::Actor;
use std::sync::Arc;
use tokio::time::Instant;
use tonic::{Code, Request};

/// The full method of a call, as gRPC spells it. Put beside the request by the layers.
#[derive(Clone, Debug)]
pub struct Method(pub Arc<str>);

/// Until when the caller waits. Put beside the request by the layers.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Instant);

/// Whether the token a call came with is still good. Streams ask again and again. Put beside the request by the layers.
#[derive(Clone)]
pub struct Standing(Arc<dyn Fn() -> bool + Send + Sync>);

impl Standing {
    /// Asks `good` each time.
    pub fn new(good: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(good))
    }

    /// Whether the token is still good, apart from its end.
    pub fn is_good(&self) -> bool {
        (self.0)()
    }
}

impl std::fmt::Debug for Standing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Standing").field(&self.is_good()).finish()
    }
}

/// One authenticated call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Arc<Caller>,
    /// The full method, as gRPC spells it.
    pub method: Arc<str>,
    /// Until when the caller waits.
    pub deadline: Instant,
    /// Whether the token is still good.
    pub standing: Standing,
}

impl Call {
    /// What the layers found out about a request. Fails only where a method is public and no token was sent.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Fault> {
        let extensions = request.extensions();
        let caller = extensions.get::<Arc<Caller>>().cloned();
        let method = extensions.get::<Method>().cloned();
        let deadline = extensions.get::<Deadline>().copied();
        let standing = extensions.get::<Standing>().cloned();
        match (caller, method, deadline, standing) {
            (Some(caller), Some(Method(method)), Some(Deadline(deadline)), Some(standing)) => {
                Ok(Self { caller, method, deadline, standing })
            }
            _ => Err(Fault::new(Code::Unauthenticated, "TOKEN_MISSING", "no bearer token was sent")),
        }
    }

    /// The caller, for the event log.
    pub fn actor(&self) -> Actor {
        Actor {
            client: Some(self.caller.client_id.clone()),
            organization: Some(self.caller.organization.clone()),
            person: self.caller.person.clone(),
        }
    }
}
