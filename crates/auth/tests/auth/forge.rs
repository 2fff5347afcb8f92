//! Makes good tokens, and bad ones with good signatures.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenroom_auth::{AccessClaims, Algorithm, KeySet, Scopes, SigningKey, TokenFault, Verified, Verifier};
use greenroom_domain::identity::OrganizationRole;
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

pub const ISSUER: &str = "https://identity.example";
pub const AUDIENCE: &str = "greenroom.registry";

/// The second at which everything here happens.
pub const NOW: i64 = 1_800_000_000;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

pub fn client(id: &str) -> ClientId {
    ClientId::try_new(id).unwrap()
}

pub fn organization(id: &str) -> OrganizationId {
    OrganizationId::try_new(id).unwrap()
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// An issuer with one key, and one who verifies its tokens.
#[derive(Debug)]
pub struct Mint {
    pub key: SigningKey,
    pub encoding: EncodingKey,
    pub keys: KeySet,
    pub verifier: Verifier,
}

impl Mint {
    pub fn new(algorithm: Algorithm) -> Self {
        let (key, document) = SigningKey::generate(algorithm).unwrap();
        let encoding = match algorithm {
            Algorithm::EdDsa => EncodingKey::from_ed_der(&document),
            _ => EncodingKey::from_ec_der(&document),
        };
        let keys = KeySet::try_new([key.public().clone()]).unwrap();
        Self { key, encoding, keys, verifier: Verifier::new(ISSUER, AUDIENCE) }
    }

    pub fn ed25519() -> Self {
        Self::new(Algorithm::EdDsa)
    }

    pub fn kid(&self) -> &str {
        self.key.public().id().as_str()
    }

    pub fn verify(&self, token: &str) -> Result<Verified, TokenFault> {
        self.verifier.verify(token, &self.keys, at(NOW))
    }

    pub fn fault(&self, token: &str) -> Option<TokenFault> {
        self.verify(token).err()
    }

    pub fn good_token(&self) -> String {
        self.key.issue(&good_claims()).unwrap()
    }

    /// The header of a good token, to be spoilt.
    pub fn header(&self) -> Value {
        json!({"typ": "at+jwt", "alg": self.key.public().algorithm().name(), "kid": self.kid()})
    }

    /// Signs any header and any claims, as texts, with the good key.
    pub fn forge(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let algorithm = match self.key.public().algorithm() {
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            _ => jsonwebtoken::Algorithm::ES256,
        };
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.encoding, algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

pub fn good_claims() -> AccessClaims {
    AccessClaims {
        issuer: ISSUER.to_owned(),
        client_id: client("platform-backend"),
        audience: AUDIENCE.to_owned(),
        organization: organization("platform-a"),
        roles: vec![OrganizationRole::Platform],
        scope: Scopes::parse("registry.check registry.sessions").unwrap(),
        person: None,
        issue_time: at(NOW),
        start_time: None,
        expire_time: at(NOW + 600),
        token_id: "0199-good".to_owned(),
        confirmation: None,
    }
}

/// The claims of a good token as they stand in it, to be spoilt.
pub fn wire_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "platform-backend", "client_id": "platform-backend", "aud": AUDIENCE,
        "org": "platform-a", "org_roles": ["PLATFORM"], "scope": "registry.check registry.sessions",
        "iat": NOW, "exp": NOW + 600, "jti": "0199-good",
    })
}

/// `value` with one member set, or taken away.
pub fn with(value: &Value, name: &str, member: impl Into<Option<Value>>) -> String {
    let mut object = value.as_object().unwrap().clone();
    match member.into() {
        Some(member) => object.insert(name.to_owned(), member),
        None => object.remove(name),
    };
    Value::Object(object).to_string()
}

/// Why a token with a good header, good signature and these claims is refused, if it is.
pub fn fault_of(mint: &Mint, claims: &str) -> Option<TokenFault> {
    mint.fault(&mint.forge(&mint.header().to_string(), claims))
}

/// The JWK of a new key, to be spoilt.
pub fn jwk(algorithm: Algorithm) -> Value {
    let (key, _) = SigningKey::generate(algorithm).unwrap();
    serde_json::from_str(&key.public().to_jwk_json()).unwrap()
}
