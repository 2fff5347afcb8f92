//! Whatever happens in whatever order: what the memory says is what the rules say about the rows.

#[path = "../../../../crates/domain/tests/reference/model.rs"]
mod by_the_text;
mod refusals;

use super::load;
use crate::wire::fact;
use crate::wire::news::of_policy;
use greenroom_auth::{TokenGate, Verifier};
use greenroom_domain::kernel::{Id, OrganizationId, StreamerId, Timestamp, Version};
use greenroom_domain::ledger::Write;
use greenroom_domain::occupation::{JobTypeName, Level};
use greenroom_domain::registry::port::{Change, PolicyRevision, Store as _};
use greenroom_domain::registry::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::registry::{
    CallerName, CallerStanding, Catalogue, CertificateStanding, Decision, Demand, Enrolment, Facts,
    Freshness, IdentityFact, IssuerStandingFact, Mirrored, Permission, PersonStanding, Policy, PolicyTerms,
    QualificationStanding, Question, StandardStanding, Streamer, decide,
};
use greenroom_domain::registry::{CertificateState, IssuerReview, IssuerStanding, QualificationState};
use greenroom_domain::registry::{OccupationCode, Standard, StandardJobType};
use greenroom_feed::log::{EventLog as _, HasLog as _};
use greenroom_registry_store_sqlite::Store;
use greenroom_testkit::database::sqlite;
use greenroom_testkit::occupation::{LIVE_SALESPERSON, VIDEO_CREATOR, job_type};
use proptest::prelude::*;
use refusals::{ISSUER, Refusals, TOKENS};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const STREAMERS: usize = 3;

/// One thing that happens. Names are numbers, so that histories meet each other.
#[derive(Clone, Debug)]
enum Happens {
    Withdrawal(usize),
    Policy {
        level: usize,
        begins_in: u64,
    },
    Person {
        who: usize,
        state: usize,
        band: (usize, u64),
        consent: usize,
        lasts: (u64, u64),
    },
    Certificate {
        which: usize,
        holder: usize,
        job_type: &'static str,
        level: usize,
        state: usize,
        lasts: u64,
    },
    Issuer {
        standing: usize,
        review: (u64, u64, u64),
    },
    Qualification {
        which: usize,
        holder: usize,
        shop: bool,
        state: usize,
        lasts: (u64, u64),
    },
    Standard {
        named: usize,
    },
    Refusal {
        client: bool,
        version: i64,
        instant: u64,
    },
    TokenRevoked(usize),
    Time(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let seconds = 0u64..100;
    prop_oneof![
        (0..STREAMERS).prop_map(Happens::Withdrawal),
        (0..Level::ALL.len(), seconds.clone())
            .prop_map(|(level, begins_in)| Happens::Policy { level, begins_in }),
        (
            0..STREAMERS,
            0..PersonState::ALL.len(),
            (0..AgeBand::ALL.len(), seconds.clone()),
            0..GuardianConsent::ALL.len(),
            (seconds.clone(), seconds.clone())
        )
            .prop_map(|(who, state, band, consent, lasts)| Happens::Person {
                who,
                state,
                band,
                consent,
                lasts
            }),
        (any::<bool>(), 0i64..4, seconds.clone()).prop_map(|(client, version, instant)| Happens::Refusal {
            client,
            version,
            instant
        }),
        (0..TOKENS.len()).prop_map(Happens::TokenRevoked),
        of_certification(),
        of_certification(),
        of_certification(),
        seconds.prop_map(Happens::Time),
    ]
}

/// What the certification service tells.
fn of_certification() -> impl Strategy<Value = Happens> {
    let seconds = 0u64..100;
    prop_oneof![
        (
            0usize..4,
            (0..STREAMERS, prop::sample::select(vec![LIVE_SALESPERSON, LIVE_SALESPERSON, VIDEO_CREATOR])),
            0..Level::ALL.len(),
            0..CertificateState::ALL.len(),
            seconds.clone()
        )
            .prop_map(|(which, (holder, job_type), level, state, lasts)| Happens::Certificate {
                which,
                holder,
                job_type,
                level,
                state,
                lasts
            }),
        (0..IssuerStanding::ALL.len(), (0u64..200, 0u64..200, seconds.clone()))
            .prop_map(|(standing, review)| Happens::Issuer { standing, review }),
        (
            0usize..3,
            0..STREAMERS,
            any::<bool>(),
            0..QualificationState::ALL.len(),
            (seconds.clone(), seconds.clone())
        )
            .prop_map(|(which, holder, shop, state, lasts)| Happens::Qualification {
                which,
                holder,
                shop,
                state,
                lasts
            }),
        (0usize..4).prop_map(|named| Happens::Standard { named }),
    ]
}

fn id<K>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn shop() -> OrganizationId {
    id("shop")
}

/// What the standard says in one of its versions: each calls its job types differently.
fn standard(named: usize, version: i64) -> StandardStanding {
    let job_types = [LIVE_SALESPERSON, VIDEO_CREATOR].map(|id| StandardJobType {
        job_type: job_type(id),
        name: JobTypeName { english: format!("{id} {named}"), chinese: format!("{id}{named}员") },
        levels: Level::ALL.into_iter().collect(),
    });
    let codes = vec![OccupationCode::try_new("4-01-02-07").unwrap()];
    let standard = Standard::try_new(id("standard"), codes, 2021, job_types.to_vec()).unwrap();
    StandardStanding { standard, version }
}

/// A database to which things happen, as the services make them happen.
struct History {
    store: Store,
    now: Timestamp,
    version: i64,
    refusals: Refusals,
}

impl History {
    async fn begin(url: &str) -> Self {
        let mut history = Self {
            store: Store::open(url).await.unwrap(),
            now: Timestamp::from_micros(1_000_000_000),
            version: 0,
            refusals: Refusals::new(),
        };
        for number in 0..STREAMERS {
            let (id, person) = (id(&format!("s{number}")), id::<_>(&format!("p{number}")));
            let account = format!("room-{number}");
            let streamer = Streamer::enrol(id, shop(), account, person, self::id("pairwise"), history.now);
            let event = fact::streamer(&streamer);
            history.commit(Change::Enrol(streamer), event).await;
        }
        history
    }

    async fn commit(&mut self, change: Change, event: greenroom_domain::ledger::EventDraft) {
        let write = Write::by_service("test", vec![event], self.now);
        self.store.commit(change, write).await.unwrap();
    }

    async fn said(&mut self, mirrored: Mirrored) {
        let event = fact::mirrored(&mirrored);
        self.commit(Change::Mirror(vec![mirrored]), event).await;
    }

    fn after(&self, seconds: u64) -> Timestamp {
        self.now.plus(Duration::from_secs(seconds))
    }

    async fn happens(&mut self, what: &Happens) {
        self.version += 1;
        let version = self.version;
        match *what {
            Happens::Time(seconds) => self.now = self.after(seconds),
            Happens::Withdrawal(number) => self.withdraw(number).await,
            Happens::Policy { level, begins_in } => self.set_policy(Level::ALL[level], begins_in).await,
            Happens::Person { who, state, band, consent, lasts } => {
                let person = PersonStanding {
                    person: id(&format!("p{who}")),
                    state: PersonState::ALL[state],
                    since: self.now,
                    evidence_until: Some(self.after(lasts.0)),
                    document_until: Some(self.after(lasts.1)),
                    age_band: AgeBand::ALL[band.0],
                    age_band_until: Some(self.after(band.1)),
                    guardian_consent: GuardianConsent::ALL[consent],
                    guardian_consent_since: Some(self.now),
                    version,
                };
                self.said(Mirrored::Person(person)).await;
            }
            Happens::Certificate { which, holder, job_type: held, level, state, lasts } => {
                let certificate = CertificateStanding {
                    certificate: id(&format!("c{which}")),
                    holder: id(&format!("p{holder}")),
                    standard: id("standard"),
                    job_type: job_type(held),
                    level: Level::ALL[level],
                    issuer: id("academy"),
                    state: CertificateState::ALL[state],
                    since: self.now,
                    verified_at: Some(self.now),
                    evidence_until: Some(self.after(lasts)),
                    retry_at: None,
                    version,
                };
                self.said(Mirrored::Certificate(certificate)).await;
            }
            Happens::Refusal { client, version, instant } => {
                let shop = CallerName::Organization(shop());
                let caller = if client { CallerName::Client(id("shop-backend")) } else { shop };
                let tokens_valid_from = self.after(instant);
                self.refuse(CallerStanding { caller, tokens_valid_from, version }).await;
            }
            Happens::TokenRevoked(which) => {
                let token = self.refusals.token(which);
                if !token.is_over(self.now) {
                    self.refusals.revoke(which);
                    self.said(Mirrored::Token(token)).await;
                }
            }
            Happens::Standard { named } => self.said(Mirrored::Standard(standard(named, version))).await,
            Happens::Qualification { which, holder, shop, state, lasts } => {
                self.qualify(which, holder, shop, QualificationState::ALL[state], lasts).await;
            }
            Happens::Issuer { standing, review } => self.stand(IssuerStanding::ALL[standing], review).await,
        }
    }

    async fn qualify(
        &mut self,
        which: usize,
        holder: usize,
        shop: bool,
        state: QualificationState,
        lasts: (u64, u64),
    ) {
        let standing = QualificationStanding {
            qualification: id(&format!("q{which}")),
            holder: id(&format!("p{holder}")),
            domain: id("law"),
            organization: id(if shop { "shop" } else { "rival" }),
            state,
            since: self.now,
            lapses_at: Some(self.after(lasts.0)),
            recheck_at: Some(self.after(lasts.1)),
            version: self.version,
        };
        self.said(Mirrored::Qualification(standing)).await;
    }

    async fn stand(&mut self, standing: IssuerStanding, (struck_off, begins, ends): (u64, u64, u64)) {
        let review = (standing == IssuerStanding::StruckOff).then(|| IssuerReview {
            struck_off_at: self.now.minus(Duration::from_secs(struck_off)),
            begins: self.now.minus(Duration::from_secs(begins)),
            ends: self.after(ends),
        });
        let fact = IssuerStandingFact { issuer: id("academy"), standing, review, version: self.version };
        self.said(Mirrored::Issuer(fact)).await;
    }

    /// As a follower does it: what is no news is left alone.
    async fn refuse(&mut self, standing: CallerStanding) {
        if self.refusals.hear(&standing) {
            self.said(Mirrored::Caller(standing)).await;
        }
    }

    async fn withdraw(&mut self, number: usize) {
        let streamer = self.store.streamer(&id(&format!("s{number}"))).await.unwrap().unwrap();
        if let Ok(withdrawn) = streamer.withdraw(self.now) {
            let stored = Streamer { version: withdrawn.version.next(), ..withdrawn.clone() };
            self.commit(Change::SaveStreamer(withdrawn), fact::streamer(&stored)).await;
        }
    }

    async fn set_policy(&mut self, minimum_level: Level, begins_in: u64) {
        let number = self.store.policies_of(&shop(), Permission::LiveSale).await.unwrap().len();
        let revision = i32::try_from(number).unwrap() + 1;
        let job_types = BTreeSet::from([job_type(LIVE_SALESPERSON)]);
        let demand = Demand::of_level(BTreeSet::from([id("standard")]), job_types, minimum_level);
        let terms = PolicyTerms {
            revision,
            max_staleness: Duration::from_secs(30),
            version: Version::new(revision.into()),
            ..PolicyTerms::plain(shop(), demand, self.after(begins_in))
        };
        if let Ok(policy) = Policy::try_new(terms) {
            let revision = PolicyRevision { policy, created_at: self.now };
            let event = fact::policy(&revision);
            self.commit(Change::AddPolicy(fact::policy_record(&revision)), event).await;
        }
    }

    /// What the rules say about the rows, by the product and by their text.
    async fn by_rows(&self, streamer: &StreamerId, freshness: &Freshness) -> Decision {
        let streamer = self.store.streamer(streamer).await.unwrap().unwrap();
        let persons = self.store.all_persons("", 1_000).await.unwrap();
        let person = persons.iter().find(|person| person.person == streamer.person);
        let issuers = self.store.all_issuers("", 1_000).await.unwrap();
        let licences = self.store.all_qualifications("", 1_000).await.unwrap();
        let licences = licences.iter().filter(|licence| licence.holder == streamer.person);
        let certificates = self.store.all_certificates("", 1_000).await.unwrap();
        let held = certificates.iter().filter(|certificate| certificate.holder == streamer.person);
        let mut catalogue = Catalogue::default();
        for told in self.store.all_standards("", 1_000).await.unwrap() {
            catalogue.insert(told);
        }
        let enrolment = Enrolment { state: streamer.state, since: streamer.state_since };
        let identity = person.map_or(IdentityFact::unknown(streamer.state_since), PersonStanding::fact);
        let facts = Facts {
            certificates: held.map(|certificate| certificate.fact(issuers.first())).collect(),
            qualifications: licences
                .filter(|licence| licence.organization == shop())
                .map(QualificationStanding::fact)
                .collect(),
            ..Facts::of(enrolment, identity, Arc::new(catalogue))
        };
        let records = self.store.policies_of(&shop(), Permission::LiveSale).await.unwrap();
        let policies: Vec<Policy> = records.iter().map(|record| of_policy(record).unwrap().policy).collect();
        let (question, now) = (Question::default(), self.now);
        let decision = decide(&facts, &question, &policies, freshness, now);
        let codes: Vec<_> = decision.reasons.iter().map(|reason| reason.code).collect();
        let by_the_text = by_the_text::answer(&facts, &question, &policies, freshness, now);
        assert_eq!((decision.outcome, codes), by_the_text);
        decision
    }
}

fn gate() -> Arc<TokenGate> {
    Arc::new(TokenGate::new(Verifier::new(ISSUER, "audience"), 16))
}

async fn the_memory_agrees(history: Vec<Happens>, heard_before: u64) {
    let database = sqlite();
    let mut rows = History::begin(&database.url).await;
    let gates = [gate(), gate()];
    let grown = load(&rows.store, Arc::clone(&gates[0]), Arc::default()).await.unwrap();
    for what in &history {
        rows.happens(what).await;
        let news = rows.store.log().read_after(grown.applied().position.sequence, 100).await.unwrap();
        // Delivered at least once: the second time changes nothing.
        grown.apply(&news).unwrap();
        grown.apply(&news).unwrap();
    }
    let loaded = load(&rows.store, Arc::clone(&gates[1]), Arc::default()).await.unwrap();
    for gate in &gates {
        rows.refusals.hold(gate, rows.now);
    }
    let heard = rows.now.minus(Duration::from_secs(heard_before));
    let freshness = Freshness::all_at(heard);
    for number in 0..STREAMERS {
        let streamer = id(&format!("s{number}"));
        let expected = Some(rows.by_rows(&streamer, &freshness).await);
        for memory in [&grown, &loaded] {
            let said = memory.world().decide(&shop(), &streamer, &Question::default(), &freshness, rows.now);
            assert_eq!(said, expected);
        }
    }
    let report = crate::verify::verify(&rows.store).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    rows.store.close().await;
}

#[test]
fn after_any_history_the_memory_says_what_the_rules_say_about_the_rows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(history in prop::collection::vec(happens(), 0..24), heard_before in 0u64..60)| {
        runtime.block_on(the_memory_agrees(history, heard_before));
    });
}
