//! Where a request comes from.

use greenroom_rpc::peer::Peer;
use http::Extensions;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The part of an address that one party holds: a whole IPv4 address, or the /64 of an IPv6 address, inside which a host
/// takes as many addresses as it likes.
///
/// It is the address of the connection. Behind a proxy that ends connections, all clients come from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A transport without addresses, inside a process: one origin of its own.
    Unknown,
    /// An IPv4 address.
    V4([u8; 4]),
    /// The first 64 bits of an IPv6 address.
    V6(u64),
}

impl Origin {
    /// The origin of a request, gRPC or plain HTTP: the listener notes it among the request's extensions.
    pub fn of(extensions: &Extensions) -> Self {
        Peer::among(extensions).map_or(Self::Unknown, |peer| peer.address.ip().into())
    }
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        // A listener on both families sees IPv4 peers as mapped addresses.
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => Self::V6(u64::try_from(address.to_bits() >> 64).unwrap_or_default()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => formatter.write_str("unknown"),
            Self::V4(octets) => IpAddr::from(*octets).fmt(formatter),
            Self::V6(prefix) => write!(formatter, "{}/64", Ipv6Addr::from_bits(u128::from(*prefix) << 64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_one_party_holds() {
        let origin = |text: &str| Origin::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(origin("192.0.2.1").to_string(), "192.0.2.1");
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_eq!(origin("2001:db8::1"), origin("2001:db8:0:0:ffff::2"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("2001:db8:0:1::1").to_string(), "2001:db8:0:1::/64");
        assert_eq!(Origin::of(&Extensions::new()), Origin::Unknown);
    }
}
