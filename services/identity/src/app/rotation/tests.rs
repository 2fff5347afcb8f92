use super::*;
use crate::config::Config;
use crate::signing::{Keyring, published};
use greenroom_auth::{AccessClaims, Scopes, Verifier};
use greenroom_domain::kernel::{ClientId, OrganizationId};
use greenroom_testkit::{ManualClock, database};
use proptest::prelude::*;

const ISSUER: &str = "https://id.example";
const LEAD: Duration = Duration::from_mins(6);

#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(u64),
    Publish,
    Compromise,
}

/// What was signed, until when it counts, and whether its key was given up since.
struct Signed {
    token: String,
    until: Timestamp,
    key_id: String,
}

/// All keys ever made, as a database has them.
struct Keys {
    vault: crate::vault::Vault,
    records: Vec<SigningKeyRecord>,
    signed: Vec<Signed>,
    now: Timestamp,
}

impl Keys {
    fn begin() -> Self {
        let vault = crate::vault::Vault::new(&crate::secrets::Secrets::for_test()).unwrap();
        let now = Timestamp::from_micros(1_793_592_000_000_000);
        let first = make_key(&vault, greenroom_auth::Algorithm::EdDsa, now).unwrap();
        Self { vault, records: vec![first], signed: Vec::new(), now }
    }

    fn take(&mut self, step: Step) {
        let present = || self.records.iter().filter(|record| is_published(record, self.now)).cloned();
        match step {
            Step::Pass(seconds) => self.now = self.now.plus(Duration::from_secs(seconds)),
            Step::Publish => {
                let made = self.make(self.now.plus(LEAD));
                self.apply(publish_first(present().collect(), made, self.now));
            }
            Step::Compromise => {
                let given_up: Vec<_> = present().map(|record| record.key_id).collect();
                self.signed.retain(|signed| !given_up.contains(&signed.key_id));
                let made = self.make(self.now);
                self.apply(give_up(present().collect(), made, self.now));
            }
        }
        self.check();
    }

    fn make(&self, active_from: Timestamp) -> SigningKeyRecord {
        make_key(&self.vault, greenroom_auth::Algorithm::EdDsa, active_from).unwrap()
    }

    fn apply(&mut self, plan: Plan) {
        assert_eq!(plan.changes.len(), plan.events.len());
        for change in plan.changes {
            match change {
                Change::AddSigningKey(made) => self.records.push(made),
                Change::RetireSigningKey { key_id, read, retired_from } => {
                    let record = self.records.iter_mut().find(|record| record.key_id == key_id).unwrap();
                    assert_eq!(record.retired_from, read);
                    record.retired_from = Some(retired_from);
                }
                other => panic!("{other:?}"),
            }
        }
        let still: Vec<_> = self.records.iter().filter(|record| is_published(record, self.now)).collect();
        let mut told: Vec<_> = plan.keys.iter().collect();
        told.sort_by_key(|record| (record.active_from, record.key_id.clone()));
        let mut known = still.clone();
        known.sort_by_key(|record| (record.active_from, record.key_id.clone()));
        assert_eq!(told, known);
    }

    /// Exactly one key signs, it was published before, and whatever was signed and has not ended verifies.
    fn check(&mut self) {
        let keyring = Keyring::open(&self.vault, &self.records, self.now).unwrap();
        let signer = keyring.signer(self.now).unwrap();
        let claims = AccessClaims {
            issuer: ISSUER.to_owned(),
            client_id: ClientId::try_new("till").unwrap(),
            audience: crate::AUDIENCE.to_owned(),
            organization: OrganizationId::try_new("shop").unwrap(),
            roles: Vec::new(),
            scope: Scopes::parse("persons.read").unwrap(),
            person: None,
            issue_time: self.now,
            start_time: None,
            expire_time: self.now.plus(MAX_TOKEN_LIFETIME),
            token_id: "one".to_owned(),
            confirmation: None,
        };
        self.signed.push(Signed {
            token: signer.issue(&claims).unwrap(),
            until: claims.expire_time.plus(LEEWAY),
            key_id: signer.public().id().as_str().to_owned(),
        });
        self.signed.retain(|signed| self.now < signed.until);
        let keys = published(&self.records, self.now).unwrap();
        let verifier = Verifier::new(ISSUER, crate::AUDIENCE);
        for signed in &self.signed {
            verifier.verify(&signed.token, &keys, self.now).unwrap();
        }
        assert_eq!(self.records.iter().filter(|record| record.retired_from.is_none()).count(), 1);
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pass = prop_oneof![0_u64..600, 3000_u64..4500].prop_map(Step::Pass);
    proptest::collection::vec(
        prop_oneof![6 => pass, 3 => Just(Step::Publish), 1 => Just(Step::Compromise)],
        1..24,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn at_every_instant_one_key_signs_and_every_token_that_counts_verifies(steps in steps()) {
        let mut keys = Keys::begin();
        for step in steps {
            keys.take(step);
        }
    }
}

#[test]
fn a_key_is_published_for_as_long_as_the_set_may_be_kept_before_it_signs() {
    let mut keys = Keys::begin();
    keys.take(Step::Publish);
    let [old, next] = keys.records.as_slice() else { panic!() };
    assert_eq!(next.active_from, keys.now.plus(LEAD));
    let retired_from = next.active_from.plus(MAX_TOKEN_LIFETIME).plus(LEEWAY);
    assert_eq!((old.retired_from, next.retired_from), (Some(retired_from), None));
    let (old, next) = (old.key_id.clone(), next.key_id.clone());
    let signs = |keys: &Keys| {
        let keyring = Keyring::open(&keys.vault, &keys.records, keys.now).unwrap();
        keyring.signer(keys.now).unwrap().public().id().as_str().to_owned()
    };
    keys.take(Step::Pass(LEAD.as_secs() - 1));
    assert_eq!(signs(&keys), old);
    keys.take(Step::Pass(1));
    assert_eq!(signs(&keys), next);
}

#[test]
fn the_lead_is_never_shorter_than_the_suites_own_services_need() {
    let lead = |seconds| {
        let rules = crate::app::SigningRules {
            algorithm: greenroom_auth::Algorithm::EdDsa,
            cached_for: Duration::from_secs(seconds),
            changed_after: None,
        };
        rules.lead()
    };
    assert_eq!((lead(300), lead(86_400)), (LEAD, Duration::from_mins(1441)));
    assert_eq!(lead(60), RefreshRules::default().publish_ahead());
}

async fn two_replicas_make_one<S: Database>(left: S, right: S) {
    let folder = tempfile::tempdir().unwrap();
    let (config, clock) = (Config::in_folder(folder.path()), ManualClock::monday_noon());
    let left = crate::assemble(left, &config, clock.shared()).await.unwrap();
    let right = crate::assemble(right, &config, clock.shared()).await.unwrap();
    left.rotate_on_schedule().await.unwrap();
    assert_eq!(left.store.signing_keys().await.unwrap().len(), 1);
    for round in 2..5 {
        // As long as the newest has signed, which it does from the end of the lead on.
        clock.advance(Duration::from_hours(90 * 24) + LEAD);
        let (one, other) = tokio::join!(left.rotate_on_schedule(), right.rotate_on_schedule());
        one.unwrap();
        other.unwrap();
        assert_eq!(left.store.signing_keys().await.unwrap().len(), round);
    }
    let by_hand = || Once::by(Actor::default(), "test", &left.clock);
    let (one, other) = (by_hand(), by_hand());
    let (one, other) = tokio::join!(
        left.rotate_signing_key(&one, Rotation::PublishFirst),
        right.rotate_signing_key(&other, Rotation::PublishFirst)
    );
    // The one made by schedule has not begun to sign.
    assert_eq!(one.unwrap().answer.next_key, other.unwrap().answer.next_key);
    assert_eq!(left.store.signing_keys().await.unwrap().len(), 4);
    let report = crate::verify::verify_store(&left.store, &left.vault).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn two_replicas_make_one_key_by_schedule() {
    let database = database::sqlite();
    let open = || greenroom_identity_store_sqlite::Store::open(&database.url);
    let (left, right) = (open().await.unwrap(), open().await.unwrap());
    Box::pin(two_replicas_make_one(left, right)).await;
}

#[tokio::test]
async fn on_postgres_two_replicas_make_one_key_by_schedule() {
    let database = database::postgres().await;
    let open = || greenroom_identity_store_postgres::Store::open(&database.url);
    let (left, right) = (open().await.unwrap(), open().await.unwrap());
    Box::pin(two_replicas_make_one(left, right)).await;
}
