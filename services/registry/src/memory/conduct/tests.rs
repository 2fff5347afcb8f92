//! Whatever is done to whom in whatever order: what the gate says is what a plain list of it says.

use crate::memory::world::{Effects, World};
use crate::wire::blocklist::entry_record;
use crate::wire::conduct::{sanction_record, violation_record};
use crate::wire::news::{Enrolled, News, of_record};
use greenroom_domain::kernel::{Date, Id, OrganizationId, StreamerId, Timestamp, Version};
use greenroom_domain::registry::{
    ActingParty, BlocklistEntry, Ending, EndorsementPenalty, Enrolment, EnrolmentState, Freshness,
    ListKeeper, Measure, Notice, Question, ReasonKind, Record, Reduction, Sale, Sanction, Term, Violation,
    ViolationState,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

/// Two persons with accounts on two platforms; the first has two on the first.
const ACCOUNTS: [(&str, &str, &str); 4] = [
    ("mina", "shop", "p0"),
    ("mina-too", "shop", "p0"),
    ("jun", "shop", "p1"),
    ("mina-there", "rival", "p0"),
];

/// One thing that happens. Numbers point at what there is, so that histories meet each other.
#[derive(Clone, Debug)]
enum Happens {
    Imposition { measure: usize, account: usize, begins_in: u64, lasts: Option<u64> },
    Lifting(usize),
    Reduction { which: usize, measure: usize, lasts: u64 },
    Overturning(usize),
    Listing { keeper: usize, owner: bool, person: usize, begins_in: u64, lasts: Option<u64> },
    ListingLifted(usize),
    Time(u64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let seconds = || 0u64..40;
    let lasts = || prop::option::of(1u64..40);
    prop_oneof![
        4 => (0..Measure::ALL.len(), 0..ACCOUNTS.len(), seconds(), lasts()).prop_map(
            |(measure, account, begins_in, lasts)| Happens::Imposition { measure, account, begins_in, lasts }
        ),
        1 => (0usize..8).prop_map(Happens::Lifting),
        2 => (0usize..8, 0..Measure::ALL.len(), seconds())
            .prop_map(|(which, measure, lasts)| Happens::Reduction { which, measure, lasts }),
        1 => (0usize..8).prop_map(Happens::Overturning),
        2 => (0..ListKeeper::ALL.len(), any::<bool>(), 0usize..2, seconds(), lasts()).prop_map(
            |(keeper, owner, person, begins_in, lasts)| Happens::Listing {
                keeper, owner, person, begins_in, lasts
            }
        ),
        1 => (0usize..4).prop_map(Happens::ListingLifted),
        3 => seconds().prop_map(Happens::Time),
    ]
}

/// What a plain list says: on which accounts something stood, as what, from when until when.
#[derive(Clone, Debug)]
struct Stood {
    accounts: Vec<usize>,
    code: &'static str,
    from: Timestamp,
    until: Option<Timestamp>,
}

fn id<K>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn party() -> ActingParty {
    ActingParty { client: id("desk"), person: None }
}

fn notice(now: Timestamp) -> Notice {
    let text = || "something".to_owned();
    let appeal_until = now.plus(Duration::from_secs(1));
    Notice { facts: text(), reasons: text(), legal_basis: text(), appeal_channel: text(), appeal_until }
}

fn code(measure: Measure) -> &'static str {
    match measure {
        Measure::Warning | Measure::FunctionLimit | Measure::TrafficLimit => "",
        Measure::LiveSuspension => "LIVE_SUSPENDED",
        Measure::TimedBan => "TIMED_BAN",
        Measure::AccountClosure => "ACCOUNT_CLOSED",
        Measure::ReregistrationBan => "REREGISTRATION_FORBIDDEN",
        Measure::Blacklisting => "BLOCKLISTED",
    }
}

/// Whom a measure on an account reaches, told from the law's words: the person behind every account of the platform.
fn reached(measure: Measure, account: usize) -> Vec<usize> {
    let (_, platform, person) = ACCOUNTS[account];
    let every = measure >= Measure::AccountClosure;
    let same = |other: &usize| {
        *other == account || (every && ACCOUNTS[*other].1 == platform && ACCOUNTS[*other].2 == person)
    };
    (0..ACCOUNTS.len()).filter(same).collect()
}

struct History {
    world: World,
    now: Timestamp,
    sanctions: Vec<(Sanction, Stood)>,
    listings: Vec<(BlocklistEntry, Stood)>,
}

impl History {
    fn begin() -> Self {
        let now = Timestamp::from_micros(1_000_000_000);
        let mut world = World::default();
        for (streamer, platform, person) in ACCOUNTS {
            let enrolled = Enrolled {
                id: id(streamer),
                platform: id(platform),
                person: id(person),
                enrolment: Enrolment { state: EnrolmentState::Enrolled, since: now },
                version: 1,
            };
            world.apply(News::Streamer(enrolled), &mut Effects::default());
        }
        Self { world, now, sanctions: Vec::new(), listings: Vec::new() }
    }

    fn after(&self, seconds: u64) -> Timestamp {
        self.now.plus(Duration::from_secs(seconds))
    }

    /// As a replica takes it: from the bytes, and more than once.
    fn hears(&mut self, record: &Record) {
        for _ in 0..2 {
            self.world.apply(of_record(record).unwrap().unwrap(), &mut Effects::default());
        }
    }

    fn happens(&mut self, what: &Happens) {
        let (now, ending) = (self.now, Ending { at: self.now, reason: "because".to_owned(), by: party() });
        match *what {
            Happens::Time(seconds) => self.now = self.after(seconds),
            Happens::Imposition { measure, account, begins_in, lasts } => {
                self.impose(Measure::ALL[measure], account, (begins_in, lasts));
            }
            Happens::Lifting(which) => {
                let Some((sanction, stood)) = self.sanctions.get_mut(which) else { return };
                let Ok(lifted) = sanction.clone().lift(ending, now) else { return };
                *sanction = Sanction { version: sanction.version.next(), ..lifted };
                stood.until = Some(now);
                let record = sanction_record(sanction);
                self.hears(&record);
            }
            Happens::Overturning(which) => {
                let Some((sanction, stood)) = self.sanctions.get_mut(which) else { return };
                let Ok(overturned) = sanction.clone().overturn(ending, id("a"), now) else { return };
                *sanction = Sanction { version: sanction.version.next(), ..overturned };
                stood.until = Some(stood.until.map_or(now, |until| until.min(now)));
                let record = sanction_record(sanction);
                self.hears(&record);
            }
            Happens::Reduction { which, measure, lasts } => self.reduce(which, Measure::ALL[measure], lasts),
            Happens::Listing { keeper, owner, person, begins_in, lasts } => {
                let owner = if owner { "shop" } else { "rival" };
                self.list(ListKeeper::ALL[keeper], owner, person, (begins_in, lasts));
            }
            Happens::ListingLifted(which) => {
                let Some((entry, stood)) = self.listings.get_mut(which) else { return };
                let Ok(lifted) = entry.clone().lift(ending, now) else { return };
                *entry = BlocklistEntry { version: entry.version.next(), ..lifted };
                stood.until = Some(now);
                let record = entry_record(entry);
                self.hears(&record);
            }
        }
    }

    fn impose(&mut self, measure: Measure, account: usize, (begins_in, lasts): (u64, Option<u64>)) {
        let (streamer, platform, person) = ACCOUNTS[account];
        let from = self.after(begins_in);
        let until = lasts.map(|lasts| from.plus(Duration::from_secs(lasts)));
        let limits = measure == Measure::FunctionLimit;
        let functions: BTreeSet<_> = limits.then(|| id("cart")).into_iter().collect();
        if !measure.faults(until.is_some(), functions.len()).is_empty() {
            return;
        }
        let sanction = Sanction {
            id: id(&format!("s{}", self.sanctions.len())),
            platform: id(platform),
            streamer: id(streamer),
            person: id(person),
            measure,
            kind: ReasonKind::Legal,
            functions,
            violations: BTreeSet::new(),
            notice: notice(self.now),
            term: Term { from, until },
            imposed_by: party(),
            lifted: None,
            overturned: None,
            appeal: None,
            overriding: None,
            created_at: self.now,
            updated_at: self.now,
            version: Version::FIRST,
        };
        self.hears(&sanction_record(&sanction));
        let stood = Stood { accounts: reached(measure, account), code: code(measure), from, until };
        self.sanctions.push((sanction, stood));
    }

    fn reduce(&mut self, which: usize, measure: Measure, lasts: u64) {
        let (now, until) = (self.now, self.after(lasts));
        let Some((sanction, stood)) = self.sanctions.get_mut(which) else { return };
        let reduction = Reduction { measure, functions: BTreeSet::new(), until: Some(until) };
        let Ok(reduced) = sanction.clone().reduce(reduction, id("a"), now) else { return };
        let account = ACCOUNTS.iter().position(|(streamer, ..)| *streamer == sanction.streamer.as_str());
        *sanction = Sanction { version: sanction.version.next(), ..reduced };
        let accounts = reached(measure, account.unwrap());
        *stood = Stood { accounts, code: code(measure), until: Some(until), ..stood.clone() };
        let record = sanction_record(sanction);
        self.hears(&record);
    }

    fn list(
        &mut self,
        keeper: ListKeeper,
        owner: &str,
        person: usize,
        (begins_in, lasts): (u64, Option<u64>),
    ) {
        let from = self.after(begins_in);
        let until = lasts.map(|lasts| from.plus(Duration::from_secs(lasts)));
        let person = format!("p{person}");
        let entry = BlocklistEntry {
            id: id(&format!("b{}", self.listings.len())),
            organization: id(owner),
            keeper,
            subject: "persons/somebody".to_owned(),
            person: id(&person),
            notice: notice(self.now),
            term: Term { from, until },
            added_by: party(),
            lifted: None,
            created_at: self.now,
            updated_at: self.now,
            version: Version::FIRST,
        };
        self.hears(&entry_record(&entry));
        let own = keeper == ListKeeper::Platform;
        let named = |account: &usize| {
            let (_, platform, of) = ACCOUNTS[*account];
            of == person && (!own || platform == owner)
        };
        let accounts = (0..ACCOUNTS.len()).filter(named).collect();
        let code = if keeper == ListKeeper::Association { "INDUSTRY_LISTED" } else { "BLOCKLISTED" };
        self.listings.push((entry, Stood { accounts, code, from, until }));
    }

    /// What the plain list says about an account.
    fn expected(&self, account: usize) -> Vec<&'static str> {
        let all = self.sanctions.iter().map(|(_, stood)| stood).chain(self.listings.iter().map(|(_, it)| it));
        let stands = all.filter(|stood| {
            stood.accounts.contains(&account)
                && stood.from <= self.now
                && stood.until.is_none_or(|until| self.now < until)
        });
        // No policy heeds the lists of associations here.
        let counts = |code: &&str| !code.is_empty() && *code != "INDUSTRY_LISTED";
        let mut codes: Vec<&str> = stands.map(|stood| stood.code).filter(counts).collect();
        codes.sort_by_key(|code| STRICTEST_FIRST.iter().position(|known| known == code));
        codes
    }

    /// What the gate says about it, and until when.
    fn said(&self, account: usize) -> (Vec<&'static str>, Timestamp) {
        let (streamer, platform, _) = ACCOUNTS[account];
        let (platform, streamer): (OrganizationId, StreamerId) = (id(platform), id(streamer));
        let (question, fresh) = (Question::default(), Freshness::all_at(self.now));
        let decision = self.world.decide(&platform, &streamer, &question, &fresh, self.now).unwrap();
        let codes = decision.reasons.iter().map(|reason| reason.code.code());
        (codes.filter(|code| STRICTEST_FIRST.contains(code)).collect(), decision.valid_until)
    }
}

const STRICTEST_FIRST: [&str; 6] = [
    "BLOCKLISTED",
    "INDUSTRY_LISTED",
    "REREGISTRATION_FORBIDDEN",
    "ACCOUNT_CLOSED",
    "TIMED_BAN",
    "LIVE_SUSPENDED",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_history_the_gate_says_what_a_plain_list_says(
        history in prop::collection::vec(happens(), 0..24), later in 0u64..60,
    ) {
        let mut world = History::begin();
        for what in &history {
            world.happens(what);
        }
        let told: Vec<_> = (0..ACCOUNTS.len()).map(|account| world.said(account)).collect();
        for (account, (codes, _)) in told.iter().enumerate() {
            prop_assert_eq!(codes, &world.expected(account));
        }
        // Until the instant the answer names nothing may change by itself.
        world.now = world.after(later);
        for (account, (codes, valid_until)) in told.iter().enumerate() {
            prop_assert_eq!(&world.said(account).0, &world.expected(account));
            if world.now < *valid_until {
                prop_assert_eq!(codes, &world.expected(account));
            }
        }
    }
}

#[test]
fn a_penalty_counts_for_every_account_on_the_platform_that_has_it_on_record() {
    let mut history = History::begin();
    let date = Date::parse("2026-11-01").unwrap();
    history.now = date.beijing_midnight();
    let violation = Violation {
        id: id("v1"),
        platform: id("shop"),
        streamer: id("mina"),
        person: id("p0"),
        kind: id("false-endorsement"),
        description: "something".to_owned(),
        occurred_at: history.now,
        state: ViolationState::Confirmed,
        entries: Vec::new(),
        penalty: Some(EndorsementPenalty { date }),
        reported_by: party(),
        created_at: history.now,
        updated_at: history.now,
        version: Version::FIRST,
    };
    history.hears(&violation_record(&violation));
    let question = Question::of_sale(Sale { categories: BTreeSet::from([id("food")]), ..Sale::default() });
    let barred = |history: &History, account: usize| {
        let (streamer, platform, _) = ACCOUNTS[account];
        let fresh = Freshness::all_at(history.now);
        let decision =
            history.world.decide(&id(platform), &id(streamer), &question, &fresh, history.now).unwrap();
        decision.reasons.iter().any(|reason| reason.code.code() == "ENDORSER_PENALISED")
    };
    assert_eq!([0, 1, 2, 3].map(|account| barred(&history, account)), [true, true, false, false]);
    let reversed = Violation { state: ViolationState::Reversed, version: Version::new(2), ..violation };
    history.hears(&violation_record(&reversed));
    assert!(!barred(&history, 0));
}
