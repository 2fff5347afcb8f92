//! Which client certificates prove a client (RFC 8705 §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenroom_domain::identity::{CertificateMatch, CertificateName};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::client_certificate::Match;
use greenroom_rpc::peer::distinguished_name;
use greenroom_rpc::violations::Violations;
use std::net::IpAddr;

/// The longest name compared with one in a certificate.
const LONGEST_NAME: usize = 1024;

/// The longest DNS name (RFC 1035 §2.3.4, without the final dot).
const LONGEST_HOST: usize = 253;

/// The longest label of a DNS name.
const LONGEST_LABEL: usize = 63;

/// Which certificates are accepted, on the wire.
pub fn certificate(accepted: &CertificateMatch) -> proto::ClientCertificate {
    let accepted = match accepted {
        CertificateMatch::Thumbprint(hash) => Match::X5tS256(URL_SAFE_NO_PAD.encode(hash)),
        CertificateMatch::Name(CertificateName::SubjectDn, name) => Match::SubjectDn(name.clone()),
        CertificateMatch::Name(CertificateName::SanDns, name) => Match::SanDns(name.clone()),
        CertificateMatch::Name(CertificateName::SanUri, name) => Match::SanUri(name.clone()),
        CertificateMatch::Name(CertificateName::SanIp, name) => Match::SanIp(name.clone()),
        CertificateMatch::Name(CertificateName::SanEmail, name) => Match::SanEmail(name.clone()),
    };
    proto::ClientCertificate { r#match: Some(accepted) }
}

/// Reads which certificates are accepted. Names are brought into the one form they are compared in.
pub fn accepted(given: &proto::ClientCertificate, violations: &mut Violations) -> Option<CertificateMatch> {
    let (member, name, read) = match &given.r#match {
        None => {
            violations.add("certificate", "must say which certificates are accepted");
            return None;
        }
        Some(Match::X5tS256(text)) => {
            let hash = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
            let hash = hash.ok_or("must be the SHA-256 of the certificate: 43 characters of base64url");
            return violations.take("certificate.x5t_s256", hash).map(CertificateMatch::Thumbprint);
        }
        Some(Match::SubjectDn(text)) => ("subject_dn", CertificateName::SubjectDn, subject(text)),
        Some(Match::SanDns(text)) => ("san_dns", CertificateName::SanDns, host(text)),
        Some(Match::SanUri(text)) => ("san_uri", CertificateName::SanUri, uri(text)),
        Some(Match::SanIp(text)) => ("san_ip", CertificateName::SanIp, address(text)),
        Some(Match::SanEmail(text)) => ("san_email", CertificateName::SanEmail, email(text)),
    };
    let text = violations.take(&format!("certificate.{member}"), read)?;
    Some(CertificateMatch::Name(name, text))
}

/// A distinguished name (RFC 4514) whose types are known or written as object identifiers.
fn subject(text: &str) -> Result<String, &'static str> {
    let fits = text.len() <= LONGEST_NAME && !text.chars().any(char::is_control);
    let form = fits.then(|| distinguished_name(text)).flatten();
    form.ok_or("must be a distinguished name, such as `CN=till,O=Sample`")
}

/// A host name in the form certificates carry it: ASCII, and small letters here, for their case does not count.
fn host(text: &str) -> Result<String, &'static str> {
    let label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() <= LONGEST_HOST && text.split('.').all(label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("must be a DNS name in ASCII without wildcard or final dot, such as `till.example`")
    }
}

/// An absolute URI (RFC 3986 §4.3) as it stands: no two spellings of one are taken for the same.
fn uri(text: &str) -> Result<String, &'static str> {
    let absolute = text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !rest.is_empty()
    });
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte));
    if absolute && printable && text.len() <= LONGEST_NAME {
        Ok(text.to_owned())
    } else {
        Err("must be an absolute URI, such as `spiffe://example/till`")
    }
}

fn address(text: &str) -> Result<String, &'static str> {
    let address: IpAddr = text.parse().map_err(|_| "must be an IP address")?;
    Ok(address.to_string())
}

/// A mailbox in ASCII (RFC 5280 §4.2.1.6); of its host the case does not count.
fn email(text: &str) -> Result<String, &'static str> {
    let mailbox = text.rsplit_once('@').filter(|(local, _)| {
        (1..=64).contains(&local.len()) && local.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@')
    });
    let read = mailbox.and_then(|(local, domain)| Some(format!("{local}@{}", host(domain).ok()?)));
    read.ok_or("must be an e-mail address in ASCII, such as `till@shop.example`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: Match) -> Option<CertificateMatch> {
        let mut violations = Violations::new();
        let read = accepted(&proto::ClientCertificate { r#match: Some(given) }, &mut violations);
        assert_eq!(read.is_none(), !violations.is_empty());
        read
    }

    #[test]
    fn names_come_to_the_one_form_they_are_compared_in() {
        let name = |given, name, text: &str| {
            assert_eq!(read(given), Some(CertificateMatch::Name(name, text.to_owned())));
        };
        name(Match::SanDns("Till.EXAMPLE".to_owned()), CertificateName::SanDns, "till.example");
        name(Match::SanIp("2001:DB8:0:0::1".to_owned()), CertificateName::SanIp, "2001:db8::1");
        name(Match::SanEmail("Till@Shop.Example".to_owned()), CertificateName::SanEmail, "Till@shop.example");
        name(Match::SanUri("spiffe://a/Till".to_owned()), CertificateName::SanUri, "spiffe://a/Till");
        name(Match::SubjectDn("CN=till, O=样例".to_owned()), CertificateName::SubjectDn, "CN=till,O=样例");
        let thumbprint = Match::X5tS256(URL_SAFE_NO_PAD.encode([7; 32]));
        assert_eq!(read(thumbprint), Some(CertificateMatch::Thumbprint([7; 32])));
    }

    #[test]
    fn what_no_certificate_could_carry_is_refused() {
        let text = str::to_owned;
        let long = "a".repeat(2000);
        for given in [
            "",
            "A",
            &format!("{}=", URL_SAFE_NO_PAD.encode([7; 32])),
            &URL_SAFE_NO_PAD.encode([7; 31]),
            &long,
        ] {
            assert_eq!(read(Match::X5tS256(text(given))), None, "{given}");
        }
        for given in ["", "till", "=x", "CN=a\0b", "CN=a,b", &format!("CN={long}")] {
            assert_eq!(read(Match::SubjectDn(text(given))), None, "{given}");
        }
        for given in ["", "*.example", "a..b", "till.example.", "-a.example", "样例.example", "a b", &long]
        {
            assert_eq!(read(Match::SanDns(text(given))), None, "{given}");
        }
        for given in
            ["", "till", "/path", "1a:b", "spiffe:", "spiffe://a b", "http://a#b", &format!("a:{long}")]
        {
            assert_eq!(read(Match::SanUri(text(given))), None, "{given}");
        }
        for given in ["", "1.2.3", "1.2.3.256", "::1%eth0", "127.0.0.1:80", "till.example"] {
            assert_eq!(read(Match::SanIp(text(given))), None, "{given}");
        }
        for given in ["", "till", "@example", "a@", "a b@example", "a@b@example", "样例@example"] {
            assert_eq!(read(Match::SanEmail(text(given))), None, "{given}");
        }
    }
}
