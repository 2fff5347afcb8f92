//! The gate: what a cached token may still be refused for.

use std::sync::Arc;

use greenroom_auth::{AccessClaims, Confirmation, KeySet, TokenFault, TokenGate, Verified};

use crate::forge::{Mint, NOW, at, client, good_claims, organization};

fn gate(mint: &Mint, size: usize) -> TokenGate {
    TokenGate::new(mint.verifier.clone(), size)
}

fn admit(gate: &TokenGate, mint: &Mint, token: &str, second: i64) -> Result<Arc<Verified>, TokenFault> {
    gate.admit(token, &mint.keys, None, at(second))
}

#[test]
fn a_token_is_verified_once_and_remembered() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let token = mint.good_token();
    let first = admit(&gate, &mint, &token, NOW).unwrap();
    let second = admit(&gate, &mint, &token, NOW + 599).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!((gate.remembered(), second.caller().client_id.as_str()), (1, "platform-backend"));
}

#[test]
fn memory_ends_at_the_expiry_of_the_token() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let token = mint.good_token();
    let first = admit(&gate, &mint, &token, NOW).unwrap();
    let again = admit(&gate, &mint, &token, NOW + 600).unwrap();
    assert!(!Arc::ptr_eq(&first, &again), "within the leeway it is verified anew");
    let expire_time = at(NOW + 600);
    assert_eq!(admit(&gate, &mint, &token, NOW + 605).err(), Some(TokenFault::Expired { expire_time }));
    gate.prune(at(NOW + 600));
    assert_eq!(gate.remembered(), 0);
}

#[test]
fn failures_are_never_remembered() {
    let (mint, thief) = (Mint::ed25519(), Mint::ed25519());
    let gate = gate(&mint, 1024);
    let huge = "x".repeat(1_000_000);
    for token in [&thief.good_token(), "garbage", "", &huge] {
        assert!(admit(&gate, &mint, token, NOW).is_err());
    }
    assert_eq!(gate.remembered(), 0);
}

#[test]
fn memory_is_bounded_and_keeps_what_is_used() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 64);
    let busy = mint.good_token();
    let first = admit(&gate, &mint, &busy, NOW).unwrap();
    for number in 0..500 {
        let claims = AccessClaims { token_id: format!("t{number}"), ..good_claims() };
        admit(&gate, &mint, &mint.key.issue(&claims).unwrap(), NOW).unwrap();
        assert!(Arc::ptr_eq(&first, &admit(&gate, &mint, &busy, NOW).unwrap()));
    }
    assert!(gate.remembered() <= 64, "{}", gate.remembered());
}

#[test]
fn a_withdrawn_key_takes_its_tokens_with_it() {
    let (mint, next) = (Mint::ed25519(), Mint::ed25519());
    let gate = gate(&mint, 1024);
    let token = mint.good_token();
    admit(&gate, &mint, &token, NOW).unwrap();
    let fault = gate.admit(&token, &next.keys, None, at(NOW)).unwrap_err();
    assert!(fault.is_unknown_key());
    let renamed = next.key.public().clone().with_id(mint.key.public().id().clone());
    let swapped = KeySet::try_new([renamed]).unwrap();
    assert_eq!(gate.admit(&token, &swapped, None, at(NOW)).err(), Some(TokenFault::BadSignature));
}

#[test]
fn a_revoked_client_is_refused_while_its_token_lives() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let token = mint.good_token();
    admit(&gate, &mint, &token, NOW).unwrap();
    gate.revoke_client(&client("somebody-else"), at(NOW + 1));
    admit(&gate, &mint, &token, NOW + 1).unwrap();
    gate.revoke_client(&client("platform-backend"), at(NOW + 1));
    assert_eq!(gate.remembered(), 0);
    assert_eq!(admit(&gate, &mint, &token, NOW + 1).err(), Some(TokenFault::Revoked));
    assert_eq!(
        admit(&gate, &mint, &token, NOW + 2).err(),
        Some(TokenFault::Revoked),
        "and not from memory either"
    );
}

#[test]
fn a_token_issued_after_the_revocation_counts() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    gate.revoke_client(&client("platform-backend"), at(NOW));
    let issued = |second: i64| {
        let claims = AccessClaims { issue_time: at(second), expire_time: at(second + 60), ..good_claims() };
        admit(&gate, &mint, &mint.key.issue(&claims).unwrap(), second).err()
    };
    assert_eq!((issued(NOW - 1), issued(NOW)), (Some(TokenFault::Revoked), Some(TokenFault::Revoked)));
    assert_eq!(issued(NOW + 1), None);
    gate.revoke_client(&client("platform-backend"), at(NOW - 100));
    assert_eq!(issued(NOW), Some(TokenFault::Revoked), "an older event changes nothing");
}

#[test]
fn a_suspended_organisation_takes_all_its_clients_with_it() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let other = AccessClaims { organization: organization("platform-b"), ..good_claims() };
    let (ours, theirs) = (mint.good_token(), mint.key.issue(&other).unwrap());
    gate.revoke_organization(&organization("platform-a"), at(NOW), 2);
    assert_eq!(admit(&gate, &mint, &ours, NOW).err(), Some(TokenFault::Revoked));
    assert!(admit(&gate, &mint, &theirs, NOW).is_ok());
}

#[test]
fn one_token_can_be_revoked_alone() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let other = AccessClaims { token_id: "0199-other".to_owned(), ..good_claims() };
    let (gone, stays) = (mint.good_token(), mint.key.issue(&other).unwrap());
    gate.revoke_token("0199-good", at(NOW + 600));
    assert_eq!(admit(&gate, &mint, &gone, NOW).err(), Some(TokenFault::Revoked));
    assert!(admit(&gate, &mint, &stays, NOW).is_ok());
}

#[test]
fn a_revocation_is_kept_as_long_as_a_token_it_refuses_may_live() {
    let mint = Mint::ed25519();
    let claims = AccessClaims { expire_time: at(NOW + 3600), ..good_claims() };
    let token = mint.key.issue(&claims).unwrap();
    let revoke: [fn(&TokenGate); 2] = [
        |gate| gate.revoke_client(&client("platform-backend"), at(NOW)),
        |gate| gate.revoke_token("0199-good", at(NOW + 3600)),
    ];
    for revoke in revoke {
        let gate = gate(&mint, 1024);
        revoke(&gate);
        for second in [NOW, NOW + 3599, NOW + 3604] {
            gate.prune(at(second));
            assert_eq!(admit(&gate, &mint, &token, second).err(), Some(TokenFault::Revoked), "{second}");
        }
        gate.prune(at(NOW + 3605));
        let expire_time = at(NOW + 3600);
        assert_eq!(admit(&gate, &mint, &token, NOW + 3605).err(), Some(TokenFault::Expired { expire_time }));
        assert_eq!(admit(&gate, &mint, &token, NOW).err(), None, "only a clock set back could bring it back");
    }
}

/// Up to when the tokens of a suspended organisation are refused.
const END_OF_9999: i64 = 253_402_300_799;

#[test]
fn a_reinstated_organisation_comes_back_with_new_tokens_alone() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let platform = organization("platform-a");
    let issued = |second: i64| {
        let claims = AccessClaims { issue_time: at(second), expire_time: at(second + 60), ..good_claims() };
        admit(&gate, &mint, &mint.key.issue(&claims).unwrap(), second).err()
    };
    assert_eq!(issued(NOW), None);
    gate.revoke_organization(&platform, at(END_OF_9999), 2);
    assert_eq!((issued(NOW), issued(NOW + 9)), (Some(TokenFault::Revoked), Some(TokenFault::Revoked)));
    // A fact of the same version, or of one before, is no news.
    gate.revoke_organization(&platform, at(NOW - 50), 2);
    gate.revoke_organization(&platform, at(NOW - 50), 1);
    assert_eq!(issued(NOW + 9), Some(TokenFault::Revoked));
    gate.revoke_organization(&platform, at(NOW + 10), 3);
    assert_eq!((issued(NOW + 10), issued(NOW + 11)), (Some(TokenFault::Revoked), None));
    // However late the suspension is told once more.
    gate.prune(at(NOW + 100_000));
    gate.revoke_organization(&platform, at(END_OF_9999), 2);
    assert_eq!(issued(NOW + 11), None);
}

#[test]
fn a_source_that_counts_anew_is_believed_again_and_nothing_is_let_in_before() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let (platform, token) = (organization("platform-a"), mint.good_token());
    gate.revoke_organization(&platform, at(END_OF_9999), 7);
    gate.forget_versions();
    assert_eq!(admit(&gate, &mint, &token, NOW).err(), Some(TokenFault::Revoked));
    gate.revoke_organization(&platform, at(NOW - 1), 1);
    assert_eq!(admit(&gate, &mint, &token, NOW).err(), None);
}

#[test]
fn a_remembered_token_still_needs_its_certificate() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 1024);
    let confirmation = Some(Confirmation::to_certificate(b"certificate"));
    let token = mint.key.issue(&AccessClaims { confirmation, ..good_claims() }).unwrap();
    let show = |certificate: Option<&[u8]>| gate.admit(&token, &mint.keys, certificate, at(NOW)).err();
    assert_eq!(show(Some(b"certificate")), None);
    assert_eq!(show(None), Some(TokenFault::WrongCertificate));
    assert_eq!(show(Some(b"another")), Some(TokenFault::WrongCertificate));
    assert_eq!(show(Some(b"certificate")), None);
}

#[test]
fn a_gate_is_shared_between_threads() {
    let mint = Mint::ed25519();
    let gate = gate(&mint, 64);
    let tokens: Vec<String> = (0..200)
        .map(|number| AccessClaims { token_id: format!("t{number}"), ..good_claims() })
        .map(|claims| mint.key.issue(&claims).unwrap())
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for token in &tokens {
                    assert!(admit(&gate, &mint, token, NOW).is_ok());
                }
            });
        }
        scope.spawn(|| gate.revoke_client(&client("somebody-else"), at(NOW)));
    });
    assert!(gate.remembered() <= 64);
}
