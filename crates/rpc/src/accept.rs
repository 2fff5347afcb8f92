//! How a listener takes connections: handshakes side by side, so many from one address, and none that says nothing.

use crate::peer::Peer;
use crate::sever::Severable;
use crate::tls::{Certificates, ServerTls, TlsError};
use futures::{Stream, StreamExt as _};
use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;

/// From its opening, a connection has this long for its handshake, its preface and the headers of its first request.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// After the system refused to give a connection, for want of file descriptors for instance.
const PAUSE: Duration = Duration::from_millis(100);

/// How many connections one address may hold, unless the configuration says otherwise.
pub const fn default_max_connections_per_address() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(255)
}

/// Whom a listener lets in.
#[derive(Clone)]
pub struct Admission {
    certificates: Option<Certificates>,
    places: Places,
}

impl Admission {
    /// Reads the certificates, if there is TLS.
    pub fn new(tls: Option<&ServerTls>, max_connections_per_address: NonZeroU32) -> Result<Self, TlsError> {
        let certificates = tls.map(Certificates::read).transpose()?;
        let places = Places { most: max_connections_per_address.get(), taken: Arc::default() };
        Ok(Self { certificates, places })
    }

    /// The certificates in use; none where plaintext is spoken.
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }
}

/// A connection as requests know it.
#[derive(Clone)]
pub(crate) struct Arrival {
    pub(crate) peer: Peer,
    /// Cancelled with the first request: the connection may stay.
    pub(crate) begun: CancellationToken,
}

/// A connection that was let in, in plaintext or over TLS.
pub(crate) type Admitted<S> = Severable<Either<S, Box<TlsStream<S>>>, Arrival>;

/// Lets connections in as they become ready. All of them break when `sever` is cancelled.
pub(crate) fn admit<S>(
    incoming: impl Stream<Item = io::Result<(S, SocketAddr)>> + Send + Unpin,
    admission: Admission,
    sever: CancellationToken,
) -> impl Stream<Item = io::Result<Admitted<S>>> + Send
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let handshakes: JoinSet<Option<Admitted<S>>> = JoinSet::new();
    let state = (incoming, handshakes, admission, sever);
    futures::stream::unfold(state, |(mut incoming, mut handshakes, admission, sever)| async move {
        let admitted = loop {
            let next = tokio::select! {
                next = incoming.next() => next?,
                Some(shaken) = handshakes.join_next() => match shaken {
                    Ok(Some(admitted)) => break admitted,
                    // Failed, as its log line says, or panicked.
                    Ok(None) | Err(_) => continue,
                },
            };
            let Some(newcomer) = newcomer(next, &admission.places, &sever).await else { continue };
            match admission.certificates.clone() {
                None => break newcomer.in_plaintext(),
                Some(certificates) => drop(handshakes.spawn(newcomer.shake_hands(certificates))),
            }
        };
        Some((Ok(admitted), (incoming, handshakes, admission, sever)))
    })
}

/// A connection nothing is known of but where it comes from.
struct Newcomer<S> {
    stream: S,
    address: SocketAddr,
    deadline: Instant,
    place: Place,
    sever: CancellationToken,
}

async fn newcomer<S>(
    next: io::Result<(S, SocketAddr)>,
    places: &Places,
    sever: &CancellationToken,
) -> Option<Newcomer<S>> {
    match next {
        Ok((stream, address)) => {
            let place = places.take(address.ip())?;
            Some(Newcomer {
                stream,
                address,
                deadline: Instant::now() + PATIENCE,
                place,
                sever: sever.clone(),
            })
        }
        // The peer was faster away than we were here.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::NotConnected) =>
        {
            None
        }
        Err(error) => {
            tracing::warn!(error = %error, "a connection could not be accepted");
            sleep(PAUSE).await;
            None
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Newcomer<S> {
    fn in_plaintext(self) -> Admitted<S> {
        let peer = Peer { address: self.address, certificate: None };
        admitted(Either::Left(self.stream), peer, self.deadline, self.place, self.sever)
    }

    async fn shake_hands(self, certificates: Certificates) -> Option<Admitted<S>> {
        let Self { stream, address, deadline, place, sever } = self;
        let why = match timeout_at(deadline, certificates.accept(stream)).await {
            Ok(Ok((stream, certificate))) => {
                let peer = Peer { address, certificate };
                return Some(admitted(Either::Right(Box::new(stream)), peer, deadline, place, sever));
            }
            Ok(Err(error)) => error.to_string(),
            Err(elapsed) => elapsed.to_string(),
        };
        tracing::debug!(%address, error = %why, "a TLS handshake failed");
        None
    }
}

fn admitted<S>(
    stream: Either<S, Box<TlsStream<S>>>,
    peer: Peer,
    deadline: Instant,
    place: Place,
    sever: CancellationToken,
) -> Admitted<S> {
    let begun = CancellationToken::new();
    let arrival = Arrival { peer, begun: begun.clone() };
    let address = arrival.peer.address;
    Severable::new(stream, arrival, async move {
        let silent = async {
            tokio::select! {
                () = begun.cancelled() => pending().await,
                () = sleep_until(deadline) => {}
            }
        };
        tokio::select! {
            () = sever.cancelled() => {}
            () = silent => tracing::debug!(%address, "a connection without a request is cut"),
        }
        // Held until the connection is gone.
        drop(place);
    })
}

/// How many connections each address holds.
#[derive(Clone)]
struct Places {
    most: u32,
    taken: Arc<Mutex<HashMap<IpAddr, Taken>>>,
}

#[derive(Default)]
struct Taken {
    count: u32,
    told: bool,
}

impl Places {
    /// A place for a connection from `address`, if that has not got too many. Refusals are told once until all its
    /// connections are gone: a flood of connections shall not become a flood of lines.
    fn take(&self, address: IpAddr) -> Option<Place> {
        let address = party(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let held = taken.entry(address).or_default();
        if held.count < self.most {
            held.count += 1;
            return Some(Place { address, places: self.clone() });
        }
        if !held.told {
            held.told = true;
            tracing::warn!(%address, most = self.most, "an address has too many connections; more are refused");
        }
        None
    }
}

/// The part of an address that one party holds: a whole IPv4 address, or the /64 of an IPv6 address, inside which a host
/// takes as many addresses as it likes.
fn party(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// A place taken, until it is dropped.
struct Place {
    address: IpAddr,
    places: Places,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = taken.get_mut(&self.address) {
            held.count -= 1;
            if held.count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_holds_no_more_places_for_the_many_addresses_of_its_network() {
        let places = Places { most: 2, taken: Arc::default() };
        let take = |address: &str| places.take(address.parse().unwrap());
        let held = [take("2001:db8:0:1::1"), take("2001:db8:0:1:ffff::2")];
        assert!(held.iter().all(Option::is_some) && take("2001:db8:0:1::3").is_none());
        assert!(take("2001:db8:0:2::1").is_some());
        let mapped = [take("192.0.2.1"), take("::ffff:192.0.2.1")];
        assert!(mapped.iter().all(Option::is_some) && take("192.0.2.1").is_none());
        assert!(take("192.0.2.2").is_some());
        drop(held);
        assert!(take("2001:db8:0:1::3").is_some());
    }
}
