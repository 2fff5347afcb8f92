//! Who a client is: the one door for every endpoint at which clients prove themselves.

use super::certificate::{Shown, shows_certificate};
use super::tokens::{Authenticated, Member, Proven, presents_secret, signed_with};
use super::{App, Connection, Database, Proof};
use crate::attempts::{Attempt, Claimed, Hearing, Work, Wrong};
use crate::error::{Error, NotAdmitted};
use greenroom_auth::{AssertionFault, TokenFault, peek_client_id};
use greenroom_domain::identity::port::PairwiseName;
use greenroom_domain::identity::{Client, ClientState, OrganizationState, PersonState};
use greenroom_domain::kernel::ClientId;

/// Somebody who claims to be a client, and whom there is by that id.
struct Claim {
    attempt: Attempt,
    hearing: Hearing,
    id: Option<ClientId>,
    member: Option<Member>,
}

impl<S: Database> App<S> {
    /// The client behind a proof that came over `connection`, and its organization.
    ///
    /// Whatever is wrong with the proof, the answer is the same, and so is the work: it depends on what was sent, never on
    /// whether there is such a client. Who failed too often waits, and is refused before anything is read or verified, but for
    /// clients that have authenticated from there before: see [`crate::attempts`]. Who has proven to be a client is told
    /// what keeps it out, and that is no failure.
    pub async fn authenticate(&self, proof: Proof, connection: &Connection) -> Result<Authenticated, Error> {
        let origin = connection.origin;
        match proof {
            Proof::Secret { client_id, secret } => {
                let attempt = self.attempts.by_secret(&client_id, origin);
                let claim = self.look_up(attempt, ClientId::try_new(&client_id).ok()).await?;
                self.attempts.note(Work::Comparison);
                let proven = presents_secret(claim.member.as_ref(), &secret, self.clock.now());
                self.settle(claim, proven.ok_or(Wrong::Secret)).await
            }
            Proof::Assertion(assertion) => {
                let id = peek_client_id(&assertion);
                let attempt = self.attempts.by_key(id.as_ref().ok(), origin);
                let claim = self.look_up(attempt, id.as_ref().ok().cloned()).await?;
                let proven = match id {
                    Ok(id) => self.prove_by_key(&claim, &id, &assertion).await?,
                    Err(fault) => Err(Wrong::Assertion(AssertionFault::Unproven(fault))),
                };
                self.settle(claim, proven).await
            }
            Proof::Certificate { client_id } => {
                let id = ClientId::try_new(&client_id).ok();
                let attempt = self.attempts.by_key(id.as_ref(), origin);
                let claim = self.look_up(attempt, id).await?;
                self.attempts.note(Work::Certificate);
                let shown = connection.certificate.as_ref().map(Shown::read);
                let proven = shows_certificate(claim.member.as_ref(), shown.as_ref(), self.clock.now());
                self.settle(claim, proven.ok_or(Wrong::Certificate)).await
            }
        }
    }

    async fn prove_by_key(
        &self,
        claim: &Claim,
        id: &ClientId,
        assertion: &str,
    ) -> Result<Result<Proven, Wrong>, Error> {
        self.attempts.note(Work::Verification);
        let verified = match self.check_assertion(id, claim.member.as_ref(), assertion)? {
            Ok(verified) => verified,
            Err(fault) => return Ok(Err(Wrong::Assertion(fault))),
        };
        // The last step: a proof that is refused must not use up the id of one that would not be.
        let counts = !matches!(claim.hearing, Hearing::ForShow { .. });
        if counts && !self.use_up(&verified).await? {
            return Ok(Err(Wrong::Replayed));
        }
        Ok(signed_with(claim.member.as_ref(), &verified)
            .ok_or(Wrong::Assertion(AssertionFault::Unproven(TokenFault::BadSignature))))
    }

    /// Looks up who is claimed, unless the attempt has to wait. What could not be a client's id is not looked up.
    async fn look_up(&self, attempt: Attempt, id: Option<ClientId>) -> Result<Claim, Error> {
        let mut hearing = self.admit(&attempt)?;
        let mut member = None;
        if let Some(id) = &id {
            self.attempts.note(Work::Lookup);
            member = self.store.member(id).await?;
            // Once more: of many attempts sent at once, those that others have overtaken are not verified. From here to
            // the verdict nothing is waited for.
            hearing = self.admit(&attempt)?;
        }
        Ok(Claim { attempt, hearing, id, member })
    }

    fn admit(&self, attempt: &Attempt) -> Result<Hearing, Error> {
        self.attempts.admit(attempt, self.clock.now()).map_err(|wait| Error::TooManyFailures { wait })
    }

    /// Every verdict is counted, and only who may is let in.
    async fn settle(&self, claim: Claim, proven: Result<Proven, Wrong>) -> Result<Authenticated, Error> {
        let Claim { attempt, hearing, id, member } = claim;
        let now = self.clock.now();
        match (member, proven) {
            (Some(member), Ok(Proven { not_after })) => {
                let heard = self.attempts.succeeded(&attempt, hearing, now);
                heard.map_err(|wait| Error::TooManyFailures { wait })?;
                self.ensure_admitted(&member).await?;
                let (client, organization) = member;
                Ok(Authenticated { client, organization, not_after })
            }
            (member, proven) => {
                let claimed = match (&member, &id) {
                    (Some((client, _)), _) => Claimed::Known(&client.id),
                    (None, Some(id)) => Claimed::Nobody(id),
                    (None, None) => Claimed::Unreadable,
                };
                let wrong = proven.err().unwrap_or(Wrong::Secret);
                match self.attempts.failed(&attempt, hearing, (claimed, &wrong), now) {
                    Some(wait) => Err(Error::TooManyFailures { wait }),
                    None => Err(self.told(wrong)),
                }
            }
        }
    }

    /// What is told of a proof that does not hold: nothing, but to whoever could sign it.
    fn told(&self, wrong: Wrong) -> Error {
        match wrong {
            Wrong::Assertion(AssertionFault::Signed(TokenFault::WrongAudience)) => {
                let (issuer, endpoint) = (&self.rules.issuer, &self.rules.token_endpoint);
                Error::AssertionRefused(format!("its `aud` must be `{issuer}` or `{endpoint}`, and no other"))
            }
            Wrong::Assertion(AssertionFault::Signed(TokenFault::LifetimeNotAccepted)) => {
                Error::AssertionRefused(
                    "its `exp` must follow `iat`, and be at most an hour ahead".to_owned(),
                )
            }
            Wrong::Assertion(AssertionFault::Signed(fault)) => Error::AssertionRefused(fault.to_string()),
            Wrong::Replayed => Error::AssertionRefused(
                "its `jti` was used before; sign a new one for every request".to_owned(),
            ),
            Wrong::Assertion(AssertionFault::Unproven(_)) | Wrong::Secret | Wrong::Certificate => {
                Error::ClientAuthenticationFailed
            }
        }
    }

    /// Only active clients of active organizations are let in, and nobody acts through whom the suite must not process.
    async fn ensure_admitted(&self, (client, organization): &Member) -> Result<(), Error> {
        if client.state == ClientState::Disabled {
            return Err(Error::NotAdmitted(NotAdmitted::ClientDisabled));
        }
        if organization.state == OrganizationState::Suspended {
            return Err(Error::NotAdmitted(NotAdmitted::OrganizationSuspended));
        }
        match self.state_of_person(client).await? {
            Some(PersonState::Frozen) => Err(Error::NotAdmitted(NotAdmitted::PersonFrozen)),
            Some(PersonState::Erased) => Err(Error::NotAdmitted(NotAdmitted::PersonErased)),
            _ => Ok(()),
        }
    }

    /// The recorded state of the person who acts through a client; none for a machine.
    pub(super) async fn state_of_person(&self, client: &Client) -> Result<Option<PersonState>, Error> {
        let Some(name) = client.person.clone() else { return Ok(None) };
        let name = PairwiseName { organization: client.organization.clone(), name };
        Ok(self.store.person_named(&name).await?.map(|(_, record)| record.person.state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempts::Counts;
    use crate::config::Config;
    use greenroom_auth::{Algorithm, AssertionClaims, SigningKey};
    use greenroom_identity_store_sqlite::Store;
    use greenroom_rpc::peer::{Chain, PeerCertificate};
    use greenroom_testkit::{ManualClock, Pair};
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;
    use tempfile::TempDir;
    use zeroize::Zeroizing;

    /// A new suite with its own clients, all of which have a key.
    async fn app() -> (App<impl Database>, ManualClock, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let (config, clock) = (Config::in_folder(folder.path()), ManualClock::monday_noon());
        let store = Store::open(&config.database_url).await.unwrap();
        (crate::assemble(store, &config, clock.shared()).await.unwrap(), clock, folder)
    }

    fn from(last: u8) -> Connection {
        Connection { origin: IpAddr::from(Ipv4Addr::new(192, 0, 2, last)).into(), certificate: None }
    }

    fn with_certificate() -> Connection {
        let certificate = PeerCertificate::new(&Pair::self_signed("registry").der, Chain::Untrusted);
        Connection { certificate: Some(certificate), ..from(1) }
    }

    fn secret(client: &str) -> Proof {
        Proof::Secret { client_id: client.to_owned(), secret: Zeroizing::new("gr_wrong".to_owned()) }
    }

    fn certificate(client: &str) -> Proof {
        Proof::Certificate { client_id: client.to_owned() }
    }

    fn assertion(app: &App<impl Database>, client: &str, algorithm: Algorithm) -> Proof {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let now = app.clock.now();
        let claims = AssertionClaims {
            client_id: ClientId::try_new(client).unwrap(),
            audience: app.rules.issuer.clone(),
            assertion_id: "one".to_owned(),
            issue_time: now,
            expire_time: now.plus(Duration::from_mins(1)),
        };
        Proof::Assertion(Zeroizing::new(key.sign_assertion(&claims).unwrap()))
    }

    /// What one attempt costs, and its answer.
    async fn cost(app: &App<impl Database>, proof: Proof) -> (Counts, String) {
        cost_over(app, proof, &from(1)).await
    }

    async fn cost_over(app: &App<impl Database>, proof: Proof, connection: &Connection) -> (Counts, String) {
        let before = app.attempts.counts();
        let answer = app.authenticate(proof, connection).await.unwrap_err().to_string();
        let after = app.attempts.counts();
        let spent = Counts {
            succeeded: after.succeeded - before.succeeded,
            failed: after.failed - before.failed,
            refused: after.refused - before.refused,
            lookups: after.lookups - before.lookups,
            comparisons: after.comparisons - before.comparisons,
            verifications: after.verifications - before.verifications,
            certificates: after.certificates - before.certificates,
        };
        (spent, answer)
    }

    #[tokio::test]
    async fn the_work_for_a_client_and_for_nobody_is_the_same() {
        let (app, _, _folder) = app().await;
        for _ in 0..25 {
            let (known, unknown) = (cost(&app, secret("registry")).await, cost(&app, secret("nobody")).await);
            assert_eq!(known, unknown);
        }
        let counts = app.attempts.counts();
        // The eleventh is the first that brings a wait.
        assert_eq!((counts.failed, counts.refused), (22, 28));
        assert_eq!((counts.lookups, counts.comparisons, counts.verifications), (22, 22, 0));
        for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
            let known = cost(&app, assertion(&app, "registry", algorithm)).await;
            assert_eq!(known, cost(&app, assertion(&app, "nobody", algorithm)).await);
            assert_eq!((known.0.lookups, known.0.comparisons, known.0.verifications), (1, 0, 1));
        }
        for connection in [from(1), with_certificate()] {
            let known = cost_over(&app, certificate("registry"), &connection).await;
            assert_eq!(known, cost_over(&app, certificate("nobody"), &connection).await);
            assert_eq!((known.0.lookups, known.0.certificates, known.0.failed), (1, 1, 1));
        }
    }

    #[tokio::test]
    async fn what_fails_by_certificate_counts_at_its_address_and_never_against_the_client_elsewhere() {
        let (app, _, _folder) = app().await;
        for index in 0..11 {
            let refused = app.authenticate(certificate("registry"), &with_certificate()).await.unwrap_err();
            assert!(matches!(refused, Error::ClientAuthenticationFailed), "{index}");
        }
        let waits = app.authenticate(certificate("registry"), &with_certificate()).await.unwrap_err();
        assert!(matches!(waits, Error::TooManyFailures { .. }));
        for proof in [certificate("registry"), secret("registry")] {
            let elsewhere = app.authenticate(proof, &from(2)).await.unwrap_err();
            assert!(matches!(elsewhere, Error::ClientAuthenticationFailed));
        }
        // One with a stale certificate leaves its address to its neighbours; many strangers do not.
        for index in 0..40 {
            let refused =
                app.authenticate(certificate(&format!("client-{index}")), &with_certificate()).await;
            assert!(matches!(refused.unwrap_err(), Error::ClientAuthenticationFailed), "{index}");
        }
        let waits = app.authenticate(certificate("another"), &with_certificate()).await.unwrap_err();
        assert!(matches!(waits, Error::TooManyFailures { .. }));
    }

    #[tokio::test]
    async fn an_address_that_waits_is_refused_before_anything_is_read() {
        let (app, clock, _folder) = app().await;
        for index in 0..51 {
            let refused = app.authenticate(secret(&format!("client-{index}")), &from(1)).await.unwrap_err();
            assert!(matches!(refused, Error::ClientAuthenticationFailed), "{index}");
        }
        let nothing = Counts { refused: 1, ..Counts::default() };
        for proof in [secret("another"), secret("No Client!"), assertion(&app, "registry", Algorithm::EdDsa)]
        {
            let (spent, answer) = cost(&app, proof).await;
            assert_eq!((spent, answer.contains("too many")), (nothing, true));
        }
        let elsewhere = app.authenticate(secret("another"), &from(2)).await.unwrap_err();
        assert!(matches!(elsewhere, Error::ClientAuthenticationFailed));
        clock.advance(Duration::from_secs(1));
        let later = app.authenticate(secret("another"), &from(1)).await.unwrap_err();
        assert!(matches!(later, Error::ClientAuthenticationFailed));
    }

    #[tokio::test]
    async fn where_some_client_has_authenticated_the_work_is_the_same_for_all_who_wait() {
        let (app, clock, folder) = app().await;
        let path = Config::in_folder(folder.path()).credentials_dir.join("registry.json");
        let credential = greenroom_rpc::credential::read(&path).unwrap();
        let prove = async || {
            use greenroom_proto::identity::v1::issue_token_request::Proof as Wire;
            let Wire::ClientAssertion(signed) = credential.proof(app.clock.now()).unwrap() else { panic!() };
            app.authenticate(Proof::Assertion(Zeroizing::new(signed)), &from(1)).await
        };
        prove().await.unwrap();
        for index in 0..51 {
            app.authenticate(secret(&format!("client-{index}")), &from(1)).await.unwrap_err();
        }
        for _ in 0..15 {
            let all = [secret("registry"), secret("certification"), secret("nobody")];
            let mut costs = Vec::new();
            for proof in all {
                costs.push(cost(&app, proof).await);
            }
            assert!(costs[0].1.contains("too many") && costs.windows(2).all(|pair| pair[0] == pair[1]));
            let mut costs = Vec::new();
            for client in ["registry", "certification", "nobody"] {
                costs.push(cost(&app, assertion(&app, client, Algorithm::EdDsa)).await);
            }
            assert!(costs.windows(2).all(|pair| pair[0] == pair[1]), "{costs:?}");
        }
        // What was wrong in its own name makes it wait, and no longer than the cap.
        assert!(matches!(prove().await.unwrap_err(), Error::TooManyFailures { .. }));
        clock.advance(Duration::from_mins(1));
        prove().await.unwrap();
    }

    #[tokio::test]
    async fn attempts_sent_all_at_once_do_not_pass_the_limit_together() {
        let (app, _, _folder) = app().await;
        let here = from(1);
        let all = (0..200).map(|_| app.authenticate(secret("registry"), &here));
        let answers = futures_of(all).await;
        let heard = answers.iter().filter(|answer| matches!(answer, Err(Error::ClientAuthenticationFailed)));
        assert_eq!((heard.count(), app.attempts.counts().comparisons), (11, 11));
    }

    /// All of them at once, in one task.
    async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
        let mut all: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
        std::future::poll_fn(|context| {
            for (one, done) in &mut all {
                if done.is_none()
                    && let std::task::Poll::Ready(output) = one.as_mut().poll(context)
                {
                    *done = Some(output);
                }
            }
            let ended = all.iter().all(|(_, done)| done.is_some());
            if ended { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        all.into_iter().filter_map(|(_, done)| done).collect()
    }
}
