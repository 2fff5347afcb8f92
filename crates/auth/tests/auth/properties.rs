//! What holds for every token, not only for those somebody thought of.

use std::sync::LazyLock;

use greenroom_auth::{AccessClaims, Algorithm, Confirmation, Scopes, peek_client_id};
use greenroom_domain::identity::OrganizationRole;
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId};
use proptest::prelude::*;

use crate::forge::{AUDIENCE, ISSUER, Mint, NOW, at};

static ED25519: LazyLock<(Mint, String)> = LazyLock::new(|| minted(Algorithm::EdDsa));
static ES256: LazyLock<(Mint, String)> = LazyLock::new(|| minted(Algorithm::Es256));

fn minted(algorithm: Algorithm) -> (Mint, String) {
    let mint = Mint::new(algorithm);
    let token = mint.good_token();
    (mint, token)
}

fn either() -> impl Strategy<Value = &'static (Mint, String)> {
    prop_oneof![Just(&*ED25519), Just(&*ES256)]
}

fn id() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?"
}

prop_compose! {
    fn claims()(
        (client_id, organization, person) in (id(), id(), prop::option::of(id())),
        (roles, scopes) in (prop::sample::subsequence(&OrganizationRole::ALL[..], 0..=6), "[!#-Z^-~]{1,20}( [a-z.]{1,20}){0,5}"),
        (age, life, start) in (0..3000_i64, 1..=3600_i64, prop::option::of(-3000..=0_i64)),
        (token_id, certificate) in ("[!-~]{1,128}", prop::option::of(any::<Vec<u8>>())),
    ) -> AccessClaims {
        let issued = NOW - age.min(life - 1);
        AccessClaims {
            issuer: ISSUER.to_owned(),
            client_id: ClientId::try_new(&client_id).unwrap(),
            audience: AUDIENCE.to_owned(),
            organization: OrganizationId::try_new(&organization).unwrap(),
            roles,
            scope: Scopes::parse(&scopes).unwrap(),
            person: person.map(|id| PersonId::try_new(&id).unwrap()),
            issue_time: at(issued),
            start_time: start.map(|start| at(NOW + start)),
            expire_time: at(issued + life),
            token_id,
            confirmation: certificate.map(|der| Confirmation::to_certificate(&der)),
        }
    }
}

#[test]
fn a_token_with_any_one_character_changed_is_refused() {
    for (mint, token) in [&*ED25519, &*ES256] {
        for position in 0..token.len() {
            for replacement in ["A", "B", "_", "9", ".", "=", "\0", ""] {
                let mut changed = token.clone();
                changed.replace_range(position..=position, replacement);
                assert!(
                    changed == *token || mint.verify(&changed).is_err(),
                    "{position} {replacement:?} {changed}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_issued_is_what_is_verified(claims in claims(), (mint, _) in either()) {
        let token = mint.key.issue(&claims).unwrap();
        let verified = mint.verify(&token).unwrap();
        prop_assert_eq!(verified.claims(), &claims);
        prop_assert_eq!(&verified.caller().token_id, &claims.token_id);
    }

    #[test]
    fn one_changed_byte_is_refused((mint, token) in either(), at in any::<prop::sample::Index>(), byte in 0_u8..128) {
        let mut bytes = token.clone().into_bytes();
        let position = at.index(bytes.len());
        prop_assume!(bytes[position] != byte);
        bytes[position] = byte;
        prop_assert!(mint.verify(&String::from_utf8(bytes).unwrap()).is_err());
    }

    #[test]
    fn a_cut_or_stretched_token_is_refused((mint, token) in either(), at in any::<prop::sample::Index>(), more in "\\PC{1,20}") {
        let position = at.index(token.len());
        prop_assert!(mint.verify(&token[..position]).is_err());
        prop_assert!(mint.verify(&token[position..]).is_err() || position == 0);
        prop_assert!(mint.verify(&[&token[..position], &more, &token[position..]].concat()).is_err());
    }

    #[test]
    fn no_text_at_all_panics_or_passes(text in "\\PC{0,200}", parts in prop::collection::vec(any::<Vec<u8>>(), 3)) {
        let (mint, _) = &*ED25519;
        let forged = parts.iter().map(crate::forge::encode).collect::<Vec<_>>().join(".");
        for token in [text, forged] {
            prop_assert!(mint.verify(&token).is_err());
            prop_assert!(peek_client_id(&token).is_err());
        }
    }

    #[test]
    fn signed_rubbish_never_panics(header in "\\PC{0,80}", claims in "\\{(\"(iss|sub|aud|exp|jti)\":(1|\"a\"|\\[\\]|null|-1|1e9),?){0,5}\\}") {
        let (mint, _) = &*ED25519;
        prop_assert!(mint.verify(&mint.forge(&header, &claims)).is_err());
        prop_assert!(mint.verify(&mint.forge(&mint.header().to_string(), &claims)).is_err());
    }
}
