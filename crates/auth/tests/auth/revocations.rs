//! Facts about revocations may come late, twice and in any order: the gate answers like the newest of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use greenroom_auth::{AccessClaims, TokenFault, TokenGate};
use proptest::prelude::*;

use crate::forge::{Mint, NOW, at, client, good_claims, organization};

const ORGANIZATIONS: [&str; 2] = ["platform-a", "platform-b"];
const CLIENTS: [&str; 3] = ["one", "two", "three"];
/// Tokens are issued at one of these seconds after [`NOW`].
const SECONDS: i64 = 4;
/// A suspension refuses up to here.
const END_OF_9999: i64 = 253_402_300_799;

/// One fact. The versions of an organisation are the places in its history.
#[derive(Debug, Clone)]
enum Told {
    Organization(usize, prop::sample::Index),
    Client(usize, i64),
    Token(usize),
    /// What nobody needs is dropped.
    Prune,
}

fn instant() -> impl Strategy<Value = i64> {
    prop_oneof![NOW - 1..=NOW + SECONDS, Just(END_OF_9999)]
}

fn told() -> impl Strategy<Value = Told> {
    prop_oneof![
        4 => (0..ORGANIZATIONS.len(), any::<prop::sample::Index>())
            .prop_map(|(which, version)| Told::Organization(which, version)),
        2 => (0..CLIENTS.len(), instant()).prop_map(|(which, instant)| Told::Client(which, instant)),
        1 => (0..TOKENS.len()).prop_map(Told::Token),
        1 => Just(Told::Prune),
    ]
}

struct Token {
    organization: usize,
    client: usize,
    second: i64,
    text: String,
}

static MINT: LazyLock<Mint> = LazyLock::new(Mint::ed25519);

static TOKENS: LazyLock<Vec<Token>> = LazyLock::new(|| {
    let mut tokens = Vec::new();
    for (number, organization) in ORGANIZATIONS.iter().enumerate() {
        for (client, name) in CLIENTS.iter().enumerate() {
            for second in NOW..NOW + SECONDS {
                let claims = AccessClaims {
                    client_id: self::client(name),
                    organization: self::organization(organization),
                    issue_time: at(second),
                    token_id: format!("t{}", tokens.len()),
                    ..good_claims()
                };
                let text = MINT.key.issue(&claims).unwrap();
                tokens.push(Token { organization: number, client, second, text });
            }
        }
    }
    tokens
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order_the_newest_facts_hold(
        histories in prop::collection::vec(prop::collection::vec(instant(), 1..6), ORGANIZATIONS.len()),
        facts in prop::collection::vec(told(), 0..24),
    ) {
        let gate = TokenGate::new(MINT.verifier.clone(), 1024);
        let mut newest: BTreeMap<usize, usize> = BTreeMap::new();
        let mut clients: BTreeMap<usize, i64> = BTreeMap::new();
        let mut tokens = Vec::new();
        for fact in facts {
            match fact {
                Told::Organization(which, version) => {
                    let version = version.index(histories[which].len());
                    let (name, instant) = (organization(ORGANIZATIONS[which]), histories[which][version]);
                    gate.revoke_organization(&name, at(instant), i64::try_from(version).unwrap());
                    let known = newest.entry(which).or_insert(version);
                    *known = version.max(*known);
                }
                Told::Client(which, instant) => {
                    gate.revoke_client(&client(CLIENTS[which]), at(instant));
                    let known = clients.entry(which).or_insert(instant);
                    *known = instant.max(*known);
                }
                Told::Token(which) => {
                    gate.revoke_token(&format!("t{which}"), at(NOW + 600));
                    tokens.push(which);
                }
                Told::Prune => gate.prune(at(NOW + SECONDS)),
            }
        }
        for (number, token) in TOKENS.iter().enumerate() {
            let up_to = newest.get(&token.organization).map(|version| histories[token.organization][*version]);
            let refused = up_to.is_some_and(|instant| token.second <= instant)
                || clients.get(&token.client).is_some_and(|instant| token.second <= *instant)
                || tokens.contains(&number);
            let admitted = gate.admit(&token.text, &MINT.keys, None, at(NOW + SECONDS)).err();
            prop_assert_eq!(admitted, refused.then_some(TokenFault::Revoked));
        }
    }
}
