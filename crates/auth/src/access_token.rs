//! Access tokens: the profile of RFC 9068 (`at+jwt`) and RFC 8725, in one place.

use std::sync::Arc;
use std::time::Duration;

use greenroom_domain::identity::OrganizationRole;
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::access::Caller;
use crate::claims::{Claims, check_times, to_seconds};
use crate::confirmation::{Confirmation, WireConfirmation};
use crate::fault::{Part, TokenFault};
use crate::jws::Jws;
use crate::key_id::KeyId;
use crate::key_set::KeySet;
use crate::scope::Scopes;

/// `typ` of an access token (RFC 9068 §2.1).
pub(crate) const TYPE: &str = "at+jwt";

/// The same, unabridged: RFC 9068 §4 has verifiers accept both.
const LONG_TYPE: &str = "application/at+jwt";

/// The longest life of an access token.
pub const MAX_TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// The most organisation roles a token carries.
const MAX_ROLES: usize = 16;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// `iss`: who issued it, an https URL.
    pub issuer: String,
    /// `sub` and `client_id`: the machine client it was issued to. Both claims carry the same id (RFC 9068 §2.2).
    pub client_id: ClientId,
    /// `aud`: the one service it is meant for.
    pub audience: String,
    /// `org`: the organisation the client belongs to.
    pub organization: OrganizationId,
    /// `org_roles`: what that organisation is. Names unknown to the reader are left out: they can grant nothing.
    pub roles: Vec<OrganizationRole>,
    /// `scope`: what the client may do; never empty.
    pub scope: Scopes,
    /// `person`: the person the client acts for, if it acts for one, under the id that the organisation knows.
    pub person: Option<PersonId>,
    /// `iat`: when it was issued. Carried in whole seconds, as are the two others.
    pub issue_time: Timestamp,
    /// `nbf`: from when it counts, if that is later than its issue.
    pub start_time: Option<Timestamp>,
    /// `exp`: from when it counts no more; at most [`MAX_TOKEN_LIFETIME`] after its issue.
    pub expire_time: Timestamp,
    /// `jti`: its own id, 1 to 128 visible ASCII characters.
    pub token_id: String,
    /// `cnf`: the client certificate it is bound to (RFC 8705 §3.1), if it is.
    pub confirmation: Option<Confirmation>,
}

impl AccessClaims {
    /// Refuses a life that is empty or too long, counted in the whole seconds that a token carries.
    fn check_lifetime(&self) -> Result<(), TokenFault> {
        let longest = i64::try_from(MAX_TOKEN_LIFETIME.as_secs()).unwrap_or(i64::MAX);
        let (issued, expires) = (to_seconds(self.issue_time), to_seconds(self.expire_time));
        let starts = self.start_time.map_or(issued, to_seconds);
        let fits = starts < expires && (1..=longest).contains(&expires.saturating_sub(issued));
        if fits { Ok(()) } else { Err(TokenFault::LifetimeNotAccepted) }
    }

    fn read(claims: &Claims) -> Result<Self, TokenFault> {
        let client_id: ClientId = claims.id("client_id")?;
        if claims.text("sub")? != client_id.as_str() {
            return Err(TokenFault::SubjectMismatch);
        }
        let scope = Scopes::parse(claims.text("scope")?);
        Ok(Self {
            issuer: claims.text("iss")?.to_owned(),
            audience: claims.audience()?.to_owned(),
            organization: claims.id("org")?,
            roles: roles(claims.required("org_roles")?)?,
            scope: scope.map_err(|_| TokenFault::ClaimMalformed { name: "scope" })?,
            person: claims.optional("person").map(|_| claims.id("person")).transpose()?,
            issue_time: claims.time("iat")?,
            start_time: claims.optional_time("nbf")?,
            expire_time: claims.time("exp")?,
            token_id: claims.identifier("jti")?.to_owned(),
            confirmation: claims.optional("cnf").map(Confirmation::read).transpose()?,
            client_id,
        })
    }
}

/// An access token whose every check has passed, its signature last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    claims: AccessClaims,
    caller: Arc<Caller>,
    key_id: KeyId,
    key_thumbprint: [u8; 32],
}

impl Verified {
    /// What the token says.
    pub fn claims(&self) -> &AccessClaims {
        &self.claims
    }

    /// Who is calling.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }

    /// The key it was signed with.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Whether the key it was signed with is still in `keys`: a withdrawn key takes its tokens with it.
    pub fn key_is_in(&self, keys: &KeySet) -> bool {
        keys.get(self.key_id.as_str()).is_some_and(|key| *key.thumbprint() == self.key_thumbprint)
    }

    /// Holds a bound token against the certificate of the connection (DER), as RFC 8705 §3 demands.
    ///
    /// A token that is not bound is accepted with any certificate and without one.
    pub fn check_binding(&self, certificate: Option<&[u8]>) -> Result<(), TokenFault> {
        match &self.claims.confirmation {
            Some(confirmation) if !certificate.is_some_and(|der| confirmation.matches(der)) => {
                Err(TokenFault::WrongCertificate)
            }
            _ => Ok(()),
        }
    }
}

/// Verifies access tokens of one issuer for one audience, or for whoever may judge them, for several.
#[derive(Debug, Clone)]
pub struct Verifier {
    issuer: String,
    audiences: Vec<String>,
}

impl Verifier {
    /// A verifier that trusts `issuer` alone and answers for `audience` alone. Both are compared byte by byte.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self::for_any_of(issuer, [audience])
    }

    /// A verifier of tokens for any one of `audiences`: for the issuer itself, which tells and revokes what it issued. A
    /// service that is called with the token never uses it.
    pub fn for_any_of(
        issuer: impl Into<String>,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self { issuer: issuer.into(), audiences: audiences.into_iter().map(Into::into).collect() }
    }

    /// Verifies `token` at `now`. Cheap checks come first and the signature last, so that a flood of bad tokens costs
    /// little; an unknown key is only reported for a token that is right in everything that can be read.
    ///
    /// Stricter than the standards where nobody of ours needs the freedom: `typ` is compared exactly, `alg` must be the
    /// name under which the key is published, `kid` is required, times are whole seconds, a member named twice is
    /// refused. Unknown claims and header members are ignored, as RFC 7519 §4 and RFC 7515 §4 ask.
    ///
    /// An ECDSA signature has a twin that also verifies, so the text of a token is not its identity: that is `jti`.
    pub fn verify(&self, token: &str, keys: &KeySet, now: Timestamp) -> Result<Verified, TokenFault> {
        let jws = Jws::split(token)?;
        let header = jws.header()?;
        if !matches!(header.typ()?, Some(TYPE | LONG_TYPE)) {
            return Err(TokenFault::WrongType);
        }
        header.algorithm()?;
        let key_id = header.key_id()?.ok_or(TokenFault::KeyIdMissing)?;
        let claims = self.check(&Claims(jws.claims()?), now)?;
        let unknown = || TokenFault::UnknownKey { kid: key_id.to_string() };
        let key = keys.get(key_id.as_str()).ok_or_else(unknown)?;
        // Compared as text: our own tokens never use the second name of an algorithm.
        if header.text("alg")? != Some(key.algorithm().name()) {
            return Err(TokenFault::AlgorithmMismatch);
        }
        jws.verify(key)?;
        let caller = Arc::new(Caller::from(&claims));
        Ok(Verified { claims, caller, key_thumbprint: *key.thumbprint(), key_id })
    }

    fn check(&self, claims: &Claims, now: Timestamp) -> Result<AccessClaims, TokenFault> {
        if claims.text("iss")? != self.issuer {
            return Err(TokenFault::WrongIssuer);
        }
        let audience = claims.audience()?;
        if !self.audiences.iter().any(|own| own == audience) {
            return Err(TokenFault::WrongAudience);
        }
        let read = AccessClaims::read(claims)?;
        check_times(read.expire_time, [read.start_time, Some(read.issue_time)], now)?;
        read.check_lifetime()?;
        Ok(read)
    }
}

fn roles(value: &Value) -> Result<Vec<OrganizationRole>, TokenFault> {
    let malformed = TokenFault::ClaimMalformed { name: "org_roles" };
    let Some(list) = value.as_array().filter(|list| list.len() <= MAX_ROLES) else {
        return Err(malformed);
    };
    let names: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    Ok(names.ok_or(malformed)?.into_iter().filter_map(OrganizationRole::from_code).collect())
}

/// The claims as they stand in the token.
#[derive(Serialize)]
pub(crate) struct WireClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    client_id: &'a str,
    aud: &'a str,
    org: &'a str,
    org_roles: Vec<&'static str>,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a str>,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    exp: i64,
    jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<WireConfirmation>,
}

impl WireClaims<'_> {
    /// Reads the claims back as the verifier will, so that nothing is issued that it would refuse at sight.
    pub(crate) fn check(&self) -> Result<(), TokenFault> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => AccessClaims::read(&Claims(members))?.check_lifetime(),
            _ => Err(TokenFault::NotJson { part: Part::Claims }),
        }
    }
}

impl<'a> From<&'a AccessClaims> for WireClaims<'a> {
    fn from(claims: &'a AccessClaims) -> Self {
        Self {
            iss: &claims.issuer,
            sub: claims.client_id.as_str(),
            client_id: claims.client_id.as_str(),
            aud: &claims.audience,
            org: claims.organization.as_str(),
            org_roles: claims.roles.iter().copied().map(OrganizationRole::code).collect(),
            scope: claims.scope.to_string(),
            person: claims.person.as_ref().map(PersonId::as_str),
            iat: to_seconds(claims.issue_time),
            nbf: claims.start_time.map(to_seconds),
            exp: to_seconds(claims.expire_time),
            jti: &claims.token_id,
            cnf: claims.confirmation.as_ref().map(WireConfirmation::from),
        }
    }
}
