use crate::kernel::Timestamp;
use std::time::Duration;

/// One way for a client to prove who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredential {
    /// Its id: for a public key the `kid` it goes by.
    pub key_id: String,
    /// What a proof is checked against.
    pub check: CredentialCheck,
    /// When it was added.
    pub create_time: Timestamp,
    /// From when on it proves nothing any more; none if it does not end.
    pub not_after: Option<Timestamp>,
    /// How near its end is, as the event log has told it.
    pub notice: ExpiryNotice,
}

impl ClientCredential {
    /// Whether it proves anything at `now`.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.not_after.is_none_or(|end| now < end)
    }

    /// When the next step towards its end is due; none if it has ended or never does.
    pub fn next_notice(&self) -> Option<Timestamp> {
        let end = self.not_after?;
        self.notice.next().map(|next| end.minus(next.lead()))
    }
}

/// What a client's proof is checked against. Nothing in it lets its holder pose as the client.
#[derive(Clone, PartialEq, Eq)]
pub enum CredentialCheck {
    /// The public key, as a JSON Web Key.
    PublicKey(String),
    /// The hash of the secret.
    SecretHash([u8; 32]),
    /// The certificate of the connection (RFC 8705 §2).
    Certificate(CertificateMatch),
}

impl std::fmt::Debug for CredentialCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PublicKey(_) => f.write_str("PublicKey"),
            Self::SecretHash(_) => f.write_str("SecretHash(redacted)"),
            Self::Certificate(accepted) => f.debug_tuple("Certificate").field(accepted).finish(),
        }
    }
}

/// Which client certificates prove a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateMatch {
    /// The one with this SHA-256; it may be self-signed (RFC 8705 §2.2).
    Thumbprint([u8; 32]),
    /// Those of a trusted authority whose name fits (RFC 8705 §2.1).
    Name(CertificateName, String),
}

/// What of a certificate is compared (RFC 8705 §2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateName {
    /// The subject, as RFC 4514 writes it.
    SubjectDn,
    /// A DNS name among the alternative names.
    SanDns,
    /// A URI among them.
    SanUri,
    /// An IP address among them.
    SanIp,
    /// An e-mail address among them.
    SanEmail,
}

impl CertificateName {
    /// Every name.
    pub const ALL: [Self; 5] = [Self::SubjectDn, Self::SanDns, Self::SanUri, Self::SanIp, Self::SanEmail];

    /// The stable code, used in storage.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SubjectDn => "SUBJECT_DN",
            Self::SanDns => "SAN_DNS",
            Self::SanUri => "SAN_URI",
            Self::SanIp => "SAN_IP",
            Self::SanEmail => "SAN_EMAIL",
        }
    }

    /// The name with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.code() == code)
    }
}

/// How near the end of a credential is. Every step is told by an event, so that nobody learns it from an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExpiryNotice {
    /// Far away, or it does not end.
    None,
    /// At most thirty days.
    ThirtyDays,
    /// At most seven days.
    SevenDays,
    /// At most one day.
    OneDay,
    /// It has ended.
    Ended,
}

impl ExpiryNotice {
    /// Every step, from far to near.
    pub const ALL: [Self; 5] = [Self::None, Self::ThirtyDays, Self::SevenDays, Self::OneDay, Self::Ended];

    /// The stable code, used in storage and events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::ThirtyDays => "THIRTY_DAYS",
            Self::SevenDays => "SEVEN_DAYS",
            Self::OneDay => "ONE_DAY",
            Self::Ended => "ENDED",
        }
    }

    /// The step with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.code() == code)
    }

    /// The step an end is at, seen from `now`.
    pub fn of(not_after: Option<Timestamp>, now: Timestamp) -> Self {
        let Some(end) = not_after else { return Self::None };
        let reached = |notice: &Self| *notice != Self::None && now >= end.minus(notice.lead());
        Self::ALL.into_iter().rev().find(reached).unwrap_or(Self::None)
    }

    const fn next(self) -> Option<Self> {
        match self {
            Self::None => Some(Self::ThirtyDays),
            Self::ThirtyDays => Some(Self::SevenDays),
            Self::SevenDays => Some(Self::OneDay),
            Self::OneDay => Some(Self::Ended),
            Self::Ended => None,
        }
    }

    /// How long before the end the step begins.
    const fn lead(self) -> Duration {
        match self {
            Self::None | Self::Ended => Duration::ZERO,
            Self::ThirtyDays => Duration::from_hours(30 * 24),
            Self::SevenDays => Duration::from_hours(7 * 24),
            Self::OneDay => Duration::from_hours(24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_towards_the_end_is_due_once_and_in_order() {
        let end = Timestamp::from_micros(0).plus(Duration::from_hours(24 * 100));
        let mut credential = ClientCredential {
            key_id: "k".to_owned(),
            check: CredentialCheck::SecretHash([7; 32]),
            create_time: Timestamp::from_micros(0),
            not_after: Some(end),
            notice: ExpiryNotice::of(Some(end), Timestamp::from_micros(0)),
        };
        let mut told = vec![credential.notice];
        while let Some(due) = credential.next_notice() {
            let before = ExpiryNotice::of(Some(end), due.minus(Duration::from_micros(1)));
            assert_eq!(before, credential.notice);
            credential.notice = ExpiryNotice::of(Some(end), due);
            told.push(credential.notice);
        }
        assert_eq!(told, ExpiryNotice::ALL);
        assert!(credential.is_good(end.minus(Duration::from_micros(1))) && !credential.is_good(end));
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for notice in ExpiryNotice::ALL {
            assert_eq!(ExpiryNotice::from_code(notice.code()), Some(notice));
        }
        for name in CertificateName::ALL {
            assert_eq!(CertificateName::from_code(name.code()), Some(name));
        }
    }

    #[test]
    fn no_hash_of_a_secret_reaches_a_log() {
        assert_eq!(format!("{:?}", CredentialCheck::SecretHash([7; 32])), "SecretHash(redacted)");
    }
}
