//! Access tokens (RFC 6749 §4.4, RFC 9068).

use super::{App, Database};
use crate::attempts::Origin;
use crate::error::Error;
use crate::scopes;
use greenroom_auth::{
    AccessClaims, AssertionFault, Confirmation, KeyPurpose, KeySet, PublicKey, Scopes, SecretHash,
    VerifiedAssertion,
};
use greenroom_domain::identity::{Client, CredentialCheck, Organization, TokenBinding, issue_time};
use greenroom_domain::kernel::{ClientId, Timestamp};
use greenroom_rpc::peer::{Peer, PeerCertificate};
use http::Extensions;
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Tokens carry whole seconds.
const SHORTEST_LIFE: Duration = Duration::from_secs(1);

/// How a client proves who it is.
pub enum Proof {
    /// Its id and secret.
    Secret {
        /// The OAuth `client_id`.
        client_id: String,
        /// The secret.
        secret: Zeroizing<String>,
    },
    /// A signed assertion (RFC 7523).
    Assertion(Zeroizing<String>),
    /// The certificate of the connection (RFC 8705 §2).
    Certificate {
        /// The OAuth `client_id`.
        client_id: String,
    },
}

/// What is known of the connection a request came over.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Where it comes from.
    pub origin: Origin,
    /// The certificate its client has proven to hold, if it has shown one.
    pub certificate: Option<PeerCertificate>,
}

impl Connection {
    /// What the listener noted among a request's extensions, gRPC or plain HTTP.
    pub fn of(extensions: &Extensions) -> Self {
        let certificate = Peer::among(extensions).and_then(|peer| peer.certificate.clone());
        Self { origin: Origin::of(extensions), certificate }
    }
}

/// What is asked for.
#[derive(Default)]
pub struct Grant {
    /// The one service; derived from the scopes if none is named.
    pub audience: Option<&'static str>,
    /// The scopes; all that the client holds for the service if none are named.
    pub scopes: Vec<String>,
}

/// A token as issued.
pub struct Issued {
    /// The token.
    pub access_token: Zeroizing<String>,
    /// How long it lives.
    pub lifetime: Duration,
    /// What it carries.
    pub scopes: Scopes,
    /// From when on the credential that was used proves nothing any more; none if it does not end.
    pub credential_not_after: Option<Timestamp>,
}

impl Issued {
    /// How long it lives, in whole seconds.
    pub fn expires_in(&self) -> i32 {
        i32::try_from(self.lifetime.as_secs()).unwrap_or(i32::MAX)
    }
}

/// A client and its organization.
pub type Member = (Client, Organization);

/// A client that proved who it is.
#[derive(Debug)]
pub struct Authenticated {
    /// The client.
    pub client: Client,
    /// Its organization.
    pub organization: Organization,
    /// From when on the credential it used proves nothing any more; none if it does not end.
    pub not_after: Option<Timestamp>,
}

/// What a client proved itself with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proven {
    /// From when on the credential proves nothing any more; none if it does not end.
    pub not_after: Option<Timestamp>,
}

impl<S: Database> App<S> {
    /// Issues a token, if the proof holds and the client holds what is asked for.
    pub async fn issue_token(
        &self,
        proof: Proof,
        connection: &Connection,
        grant: &Grant,
    ) -> Result<Issued, Error> {
        // Before the client is read: a revocation that the read does not see must be later than the token.
        let now = self.clock.now();
        let by_certificate = matches!(proof, Proof::Certificate { .. });
        let Authenticated { client, organization, not_after } = self.authenticate(proof, connection).await?;
        let (audience, scopes) = granted(&client, grant)?;
        let binding = if by_certificate { TokenBinding::ClientCertificate } else { client.token_binding };
        let confirmation = confirmation(binding, connection)?;
        let lifetime = self.rules.token_lifetime;
        let refused = client.tokens_valid_from.max(organization.tokens_valid_from);
        let issue_time = issue_time(now, refused);
        let claims = AccessClaims {
            issuer: self.rules.issuer.clone(),
            client_id: client.id,
            audience: audience.to_owned(),
            organization: organization.id,
            roles: organization.roles,
            scope: scopes.clone(),
            person: client.person,
            issue_time,
            start_time: None,
            // Counted from now, whatever second is stated as that of its issue; but no token lives for no time at all.
            expire_time: now.plus(lifetime).max(issue_time.plus(SHORTEST_LIFE)),
            token_id: Uuid::new_v4().to_string(),
            confirmation,
        };
        let keyring = self.keyrings.current();
        let signer = keyring.signer(now).ok_or(Error::NoSigningKey)?;
        let access_token = Zeroizing::new(signer.issue(&claims)?);
        Ok(Issued { access_token, lifetime, scopes, credential_not_after: not_after })
    }

    /// Verifies an assertion with the keys of its client, none where there is no such client: what does not fit one of
    /// them is verified with a key that nobody has, for the time that takes must not tell which clients there are.
    pub(super) fn check_assertion(
        &self,
        id: &ClientId,
        member: Option<&Member>,
        assertion: &str,
    ) -> Result<Result<VerifiedAssertion, AssertionFault>, Error> {
        let now = self.clock.now();
        let keys = member.map(|(client, _)| keys_of(client, now)).transpose()?.unwrap_or_default();
        Ok(self.assertions.verify(assertion, id, &keys, now))
    }

    /// Remembers the id of an assertion; false if it was used before.
    pub(super) async fn use_up(&self, verified: &VerifiedAssertion) -> Result<bool, Error> {
        Ok(self.assertion_ids.use_up(verified).await?)
    }
}

/// Which secret was presented, if any of those that have not ended. Compares in constant time, and takes the same time
/// where there is nothing to compare with.
pub(super) fn presents_secret(member: Option<&Member>, secret: &str, now: Timestamp) -> Option<Proven> {
    let credentials = member.into_iter().flat_map(|(client, _)| &client.credentials);
    let secrets = credentials.filter_map(|credential| match &credential.check {
        CredentialCheck::SecretHash(hash) if credential.is_good(now) => {
            Some((SecretHash::from_bytes(*hash), Proven { not_after: credential.not_after }))
        }
        CredentialCheck::SecretHash(_) | CredentialCheck::PublicKey(_) | CredentialCheck::Certificate(_) => {
            None
        }
    });
    let secrets: Vec<_> = secrets.collect();
    let place = SecretHash::which_matches(secrets.iter().map(|(hash, _)| *hash), secret)?;
    secrets.get(place).map(|(_, proven)| *proven)
}

/// The key that an assertion was signed with.
pub(super) fn signed_with(member: Option<&Member>, verified: &VerifiedAssertion) -> Option<Proven> {
    let credential = member?.0.credential(verified.key_id.as_str())?;
    Some(Proven { not_after: credential.not_after })
}

/// The keys that have not ended.
fn keys_of(client: &Client, now: Timestamp) -> Result<KeySet, Error> {
    let good = client.credentials.iter().filter(|credential| credential.is_good(now));
    let jwks = good.filter_map(|credential| match &credential.check {
        CredentialCheck::PublicKey(jwk) => Some(jwk),
        CredentialCheck::SecretHash(_) | CredentialCheck::Certificate(_) => None,
    });
    let keys =
        jwks.map(|jwk| PublicKey::from_jwk(jwk, KeyPurpose::ClientAssertion).map_err(Error::StoredKey));
    KeySet::try_new(keys.collect::<Result<Vec<_>, _>>()?).map_err(|fault| Error::StoredKey(fault.fault))
}

/// What a token is bound to (RFC 8705 §3); it is never unbound for want of a certificate.
fn confirmation(binding: TokenBinding, connection: &Connection) -> Result<Option<Confirmation>, Error> {
    match binding {
        TokenBinding::None => Ok(None),
        TokenBinding::ClientCertificate => {
            let certificate = connection.certificate.as_ref().ok_or(Error::CertificateMissing)?;
            Ok(Some(Confirmation::to_certificate(certificate.der())))
        }
    }
}

/// The one service and the scopes: those asked for, which the client must all hold and the service know, or all that
/// fit.
fn granted(client: &Client, grant: &Grant) -> Result<(&'static str, Scopes), Error> {
    if let Some(scope) = grant.scopes.iter().find(|scope| !scopes::is_known(scope)) {
        return Err(Error::ScopeUnknown { scope: scope.clone() });
    }
    let audience = match grant.audience {
        Some(audience) => audience,
        None => audience_of(client, &grant.scopes)?,
    };
    let refused =
        |scope: &str| Error::ScopeNotGranted { scope: scope.to_owned(), audience: audience.to_owned() };
    let fits =
        |scope: &&String| client.scopes.contains(*scope) && scopes::audiences_of(scope).contains(&audience);
    if let Some(scope) = grant.scopes.iter().find(|scope| !fits(scope)) {
        return Err(refused(scope));
    }
    let wanted = if grant.scopes.is_empty() { &client.scopes } else { &grant.scopes };
    let held = wanted.iter().filter(fits).map(String::as_str);
    Ok((audience, Scopes::try_new(held).map_err(|_| refused("*"))?))
}

/// The one service that knows the scopes asked for, or all that the client holds.
fn audience_of(client: &Client, asked: &[String]) -> Result<&'static str, Error> {
    let wanted = if asked.is_empty() { client.scopes.as_slice() } else { asked };
    if let Some(audience) = scopes::common_audience(wanted) {
        return Ok(audience);
    }
    let knows = |audience: &'static str, scope: &String| scopes::audiences_of(scope).contains(&audience);
    let fits = |audience: &&'static str| match asked {
        [] => wanted.iter().any(|scope| knows(audience, scope)),
        asked => asked.iter().all(|scope| knows(audience, scope)),
    };
    let fitting: Vec<_> = scopes::AUDIENCES.into_iter().filter(fits).collect();
    Err(if fitting.is_empty() { Error::ScopesOfSeveralServices } else { Error::AudienceUnclear(fitting) })
}
