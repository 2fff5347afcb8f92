//! Clients that prove themselves by the certificate of the connection (RFC 8705 §2).

use super::tokens::{Member, Proven};
use greenroom_auth::Confirmation;
use greenroom_domain::identity::{CertificateMatch, CertificateName, CredentialCheck};
use greenroom_domain::kernel::Timestamp;
use greenroom_rpc::peer::{AlternativeNames, Chain, PeerCertificate, distinguished_name};
use std::net::IpAddr;

/// What of a certificate is compared. Read before anybody knows whether there is such a client.
pub(super) struct Shown {
    thumbprint: Confirmation,
    /// Those that an authority vouches for; none of any other certificate.
    names: Option<Names>,
}

struct Names {
    subject: Option<String>,
    alternative: AlternativeNames,
}

impl Shown {
    /// Reads a certificate.
    pub(super) fn read(certificate: &PeerCertificate) -> Self {
        let names = || Names {
            subject: certificate.distinguished_name(),
            alternative: certificate.alternative_names(),
        };
        Self {
            thumbprint: Confirmation::to_certificate(certificate.der()),
            names: (certificate.chain() == Chain::Trusted).then(names),
        }
    }

    fn fits(&self, accepted: &CertificateMatch) -> bool {
        match accepted {
            CertificateMatch::Thumbprint(hash) => self.thumbprint == Confirmation::from_sha256(*hash),
            CertificateMatch::Name(name, text) => {
                self.names.as_ref().is_some_and(|names| names.fit(*name, text))
            }
        }
    }
}

impl Names {
    /// RFC 8705 §2.1.2. No two spellings of a URI or of the name before an `@` are taken for the same; of a host the case
    /// does not count (RFC 5280 §7.2, §7.5).
    fn fit(&self, name: CertificateName, text: &str) -> bool {
        let Self { subject, alternative } = self;
        match name {
            CertificateName::SubjectDn => subject.is_some() && *subject == distinguished_name(text),
            CertificateName::SanDns => alternative.dns.iter().any(|own| own.eq_ignore_ascii_case(text)),
            CertificateName::SanUri => alternative.uri.iter().any(|own| own == text),
            CertificateName::SanIp => {
                text.parse::<IpAddr>().is_ok_and(|address| alternative.ip.contains(&address))
            }
            CertificateName::SanEmail => alternative.email.iter().any(|own| same_mailbox(own, text)),
        }
    }
}

fn same_mailbox(left: &str, right: &str) -> bool {
    match (left.rsplit_once('@'), right.rsplit_once('@')) {
        (Some((name, host)), Some((other, elsewhere))) => {
            name == other && host.eq_ignore_ascii_case(elsewhere)
        }
        _ => false,
    }
}

/// What the certificate proves, if it is one of those accepted that have not ended. Of several credentials that it fits,
/// the one that counts longest.
pub(super) fn shows_certificate(
    member: Option<&Member>,
    shown: Option<&Shown>,
    now: Timestamp,
) -> Option<Proven> {
    let (shown, (client, _)) = (shown?, member?);
    let fitting = client.credentials.iter().filter(|credential| match &credential.check {
        CredentialCheck::Certificate(accepted) => credential.is_good(now) && shown.fits(accepted),
        CredentialCheck::PublicKey(_) | CredentialCheck::SecretHash(_) => false,
    });
    let longest = fitting.max_by_key(|credential| (credential.not_after.is_none(), credential.not_after))?;
    Some(Proven { not_after: longest.not_after })
}
