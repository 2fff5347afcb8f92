//! Whatever happens to operators, engagements and accounts: what the memory says is what the rules say about the rows.

use crate::app::engagements::with_streamer;
use crate::memory::load;
use crate::wire::{engagement, fact, operator};
use greenroom_auth::{TokenGate, Verifier};
use greenroom_domain::kernel::{Id, OrganizationId, Timestamp, Version};
use greenroom_domain::ledger::{EventDraft, Write};
use greenroom_domain::registry::port::{Change, Kept, Store as _};
use greenroom_domain::registry::{
    Catalogue, Check, Decision, Engagement, EngagementState, Enrolment, Facts, Freshness, IdentityFact,
    OperatorParty, OperatorState, OperatorVerification, Party, Question, RecordKind, RoomOperator, RoomTier,
    Sale, Streamer, decide,
};
use greenroom_feed::log::{EventLog as _, HasLog as _};
use greenroom_registry_store_sqlite::Store;
use greenroom_testkit::database::sqlite;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

const STREAMERS: usize = 2;
const OPERATORS: usize = 2;
const DAY: u64 = 24;

/// One thing that happens. Names are numbers, so that histories meet each other.
#[derive(Clone, Debug)]
enum Happens {
    Verification { operator: usize, days_ago: u64 },
    Withdrawal(usize),
    Engagement { streamer: usize, operator: usize, begins_in: u64, lasts: Option<u64> },
    End(usize),
    Rebinding { streamer: usize, person: usize },
    Days(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        (0..OPERATORS, 0u64..220)
            .prop_map(|(operator, days_ago)| Happens::Verification { operator, days_ago }),
        (0..OPERATORS).prop_map(Happens::Withdrawal),
        (0..STREAMERS, 0..OPERATORS, 0u64..20, prop::option::of(1u64..40)).prop_map(
            |(streamer, operator, begins_in, lasts)| Happens::Engagement {
                streamer,
                operator,
                begins_in,
                lasts
            }
        ),
        (0usize..4).prop_map(Happens::End),
        (0..STREAMERS, 0usize..3).prop_map(|(streamer, person)| Happens::Rebinding { streamer, person }),
        (0u64..60).prop_map(Happens::Days),
    ]
}

fn id<K>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn shop() -> OrganizationId {
    id("shop")
}

fn question(operator: usize) -> Question {
    Question::of_sale(Sale { operator: Some(id(&format!("o{operator}"))), ..Sale::default() })
}

struct History {
    store: Store,
    now: Timestamp,
    engagements: usize,
}

impl History {
    async fn begin(url: &str) -> Self {
        let now = Timestamp::from_micros(1_793_592_000_000_000);
        let history = Self { store: Store::open(url).await.unwrap(), now, engagements: 0 };
        for number in 0..STREAMERS {
            let person = id(&format!("p{number}"));
            let account = format!("room-{number}");
            let streamer = Streamer::enrol(id(&format!("s{number}")), shop(), account, person, id("p"), now);
            let event = fact::streamer(&streamer);
            history.commit(Change::Enrol(streamer), vec![event]).await;
        }
        for number in 0..OPERATORS {
            let party = OperatorParty::Individual { person: id(&format!("q{number}")), pairwise: id("q") };
            let new = RoomOperator {
                id: id(&format!("o{number}")),
                platform: shop(),
                party,
                tier: RoomTier::Ordinary,
                organization: None,
                licences: Vec::new(),
                verifications: Vec::new(),
                state: OperatorState::Registered,
                created_at: now,
                updated_at: now,
                version: Version::FIRST,
            };
            history.keep(&new, None).await;
        }
        history
    }

    async fn commit(&self, change: Change, events: Vec<EventDraft>) {
        self.store.commit(change, Write::by_service("test", events, self.now)).await.unwrap();
    }

    async fn keep(&self, operator: &RoomOperator, read_at: Option<Version>) {
        let record = operator::record(operator);
        let event = fact::record(&record);
        self.commit(Change::Keep(vec![Kept { record, read_at }]), vec![event]).await;
    }

    fn in_days(&self, days: u64) -> Timestamp {
        self.now.plus(Duration::from_hours(days * DAY))
    }

    async fn streamer(&self, number: usize) -> Streamer {
        self.store.streamer(&id(&format!("s{number}"))).await.unwrap().unwrap()
    }

    async fn operator(&self, number: usize) -> RoomOperator {
        let record = self.store.record(&format!("roomOperators/o{number}")).await.unwrap().unwrap();
        operator::of_record(&record).unwrap()
    }

    async fn all_engagements(&self) -> Vec<Engagement> {
        let rows = self.store.all_records("", 1_000).await.unwrap();
        let rows = rows.iter().filter(|row| row.kind == RecordKind::Engagement);
        rows.map(|row| engagement::of_record(row).unwrap()).collect()
    }

    async fn happens(&mut self, what: &Happens) {
        match *what {
            Happens::Days(days) => self.now = self.in_days(days),
            Happens::Verification { operator, days_ago } => {
                let before = self.operator(operator).await;
                let read_at = before.version;
                let verification = OperatorVerification {
                    checks: Check::ALL.into(),
                    verified_at: self.now.minus(Duration::from_hours(days_ago * DAY)),
                    artefact_digest: vec![1; 32],
                    recorded_at: self.now,
                    client: id("backend"),
                    person: None,
                };
                if let Ok(verified) = before.verify(verification, self.now) {
                    self.keep(&verified, Some(read_at)).await;
                }
            }
            Happens::Withdrawal(operator) => {
                let before = self.operator(operator).await;
                let read_at = before.version;
                if let Ok(gone) = before.withdraw(self.now) {
                    self.keep(&gone, Some(read_at)).await;
                }
            }
            Happens::Engagement { streamer, operator, begins_in, lasts } => {
                self.engage(streamer, operator, begins_in, lasts).await;
            }
            Happens::End(which) => self.end(which).await,
            Happens::Rebinding { streamer, person } => {
                let person = id(&format!("p{person}"));
                if let Ok(rebound) = self.streamer(streamer).await.rebind(person, id("r"), self.now) {
                    let stored = Streamer { version: rebound.version.next(), ..rebound.clone() };
                    self.commit(Change::SaveStreamer(rebound), vec![fact::streamer(&stored)]).await;
                }
            }
        }
    }

    async fn engage(&mut self, streamer: usize, operator: usize, begins_in: u64, lasts: Option<u64>) {
        self.engagements += 1;
        let new = Engagement {
            id: id(&format!("e{}", self.engagements)),
            platform: shop(),
            streamer: id(&format!("s{streamer}")),
            party: Party::Operator(id(&format!("o{operator}"))),
            role: String::new(),
            contract: String::new(),
            filing: String::new(),
            from: self.in_days(begins_in),
            until: lasts.map(|lasts| self.in_days(begins_in + lasts)),
            created_at: self.now,
            updated_at: self.now,
            version: Version::FIRST,
        };
        if !self.all_engagements().await.iter().any(|known| known.collides(&new)) {
            let (events, change) = with_streamer(self.streamer(streamer).await, self.now, &[(new, None)]);
            self.commit(change, events).await;
        }
    }

    async fn end(&self, which: usize) {
        let Some(before) = self.all_engagements().await.into_iter().nth(which) else { return };
        let read_at = before.version;
        let streamer = self.store.streamer(&before.streamer).await.unwrap().unwrap();
        if let Ok(ended) = before.end(None, self.now) {
            let (events, change) = with_streamer(streamer, self.now, &[(ended, Some(read_at))]);
            self.commit(change, events).await;
        }
    }

    /// What the rules say about the rows.
    async fn by_rows(&self, streamer: usize, operator: usize) -> Decision {
        let streamer = self.streamer(streamer).await;
        let enrolment = Enrolment { state: streamer.state, since: streamer.state_since };
        let identity = IdentityFact::unknown(streamer.state_since);
        let held = self.all_engagements().await;
        let facts = Facts {
            operator: self.operator(operator).await.fact(),
            engagements: held
                .iter()
                .filter(|it| it.streamer == streamer.id)
                .filter_map(Engagement::fact)
                .collect(),
            ..Facts::of(enrolment, identity, Arc::new(Catalogue::default()))
        };
        decide(&facts, &question(operator), &[], &Freshness::all_at(self.now), self.now)
    }
}

fn gate() -> Arc<TokenGate> {
    Arc::new(TokenGate::new(Verifier::new("http://issuer", "audience"), 16))
}

async fn the_memory_agrees(history: Vec<Happens>) {
    let database = sqlite();
    let mut rows = History::begin(&database.url).await;
    let grown = load(&rows.store, gate(), Arc::default()).await.unwrap();
    for what in &history {
        rows.happens(what).await;
        let news = rows.store.log().read_after(grown.applied().position.sequence, 100).await.unwrap();
        // Delivered at least once: the second time changes nothing.
        grown.apply(&news).unwrap();
        grown.apply(&news).unwrap();
    }
    let loaded = load(&rows.store, gate(), Arc::default()).await.unwrap();
    let now = rows.now;
    for number in 0..STREAMERS {
        let streamer = id(&format!("s{number}"));
        for operator in 0..OPERATORS {
            let expected = Some(rows.by_rows(number, operator).await);
            let held = rows.all_engagements().await;
            let party = Party::Operator(id(&format!("o{operator}")));
            let engaged = held.iter().any(|it| {
                it.streamer == streamer && it.party == party && it.state(now) == EngagementState::Current
            });
            for memory in [&grown, &loaded] {
                let world = memory.world();
                let said =
                    world.decide(&shop(), &streamer, &question(operator), &Freshness::all_at(now), now);
                assert_eq!(said, expected);
                let name = super::party_key(&party);
                assert_eq!(world.operators.engaged(&shop(), &name, now).contains(&streamer), engaged);
            }
        }
    }
    let report = crate::verify::verify(&rows.store).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    rows.store.close().await;
}

#[test]
fn after_any_history_of_operators_the_memory_says_what_the_rules_say_about_the_rows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(history in prop::collection::vec(happens(), 0..20))| {
        runtime.block_on(the_memory_agrees(history));
    });
}
