use super::*;
use crate::memory::conduct::ConductNews;
use crate::memory::world::Effects;
use crate::wire::news::News;
use greenroom_domain::kernel::Id;
use greenroom_domain::occupation::Level;
use greenroom_domain::registry::{
    ActingParty, AgeBand, BlocklistEntry, CertificateStanding, CertificateState, Demand, GuardianConsent,
    IssuerStanding, IssuerStandingFact, ListKeeper, Mirrored, Notice, PersonStanding, PersonState, Reason,
    Term,
};
use greenroom_testkit::occupation::{LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, job_type};
use std::collections::BTreeSet;

fn id<K>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_micros(1_000_000_000)
}

fn later() -> Timestamp {
    now().plus(Duration::from_hours(1))
}

/// A demand for administrators of at least a level.
fn demand(minimum_level: Level) -> Policy {
    let standards = BTreeSet::from([id("internet-marketer-2021")]);
    let administrators = BTreeSet::from([job_type(PLATFORM_ADMINISTRATOR)]);
    let asked = Demand::of_level(standards, administrators, minimum_level);
    let terms = PolicyTerms::plain(id("shop"), asked, now());
    Policy::try_new(PolicyTerms { permission: Permission::ImposeSanction, ..terms }).unwrap()
}

/// A world with a person who holds a certificate at level 4 of a job type, and is no streamer.
fn with(state: PersonState, held: &str) -> World {
    let mut world = World::default();
    let person = PersonStanding {
        person: id("suite-ann"),
        state,
        since: now(),
        evidence_until: Some(later()),
        document_until: None,
        age_band: AgeBand::Adult,
        age_band_until: None,
        guardian_consent: GuardianConsent::NotRecorded,
        guardian_consent_since: None,
        version: 1,
    };
    let certificate = CertificateStanding {
        certificate: id("c1"),
        holder: id("suite-ann"),
        standard: id("internet-marketer-2021"),
        job_type: job_type(held),
        level: Level::Four,
        issuer: id("academy"),
        state: CertificateState::Verified,
        since: now(),
        verified_at: Some(now()),
        evidence_until: Some(later()),
        retry_at: None,
        version: 1,
    };
    let standing = IssuerStanding::Listed;
    let issuer = IssuerStandingFact { issuer: id("academy"), standing, review: None, version: 1 };
    for told in [Mirrored::Person(person), Mirrored::Certificate(certificate), Mirrored::Issuer(issuer)] {
        world.apply(News::Mirrored(told), &mut Effects::default());
    }
    world
}

fn said(world: &World, minimum_level: Level) -> Vec<&'static str> {
    let (shop, ann) = (id("shop"), id("suite-ann"));
    let (revisions, fresh) = ([demand(minimum_level)], Freshness::all_at(now()));
    let decision = judge(world, (&shop, &ann), Permission::ImposeSanction, &revisions, (&fresh, now()));
    assert_eq!(decision.outcome == Outcome::Allow, decision.reasons.is_empty());
    let code = |reason: &Reason| reason.code.code();
    decision.reasons.iter().map(code).collect()
}

#[test]
fn an_administrator_is_judged_as_a_streamer_is_but_for_the_account() {
    let verified = with(PersonState::Verified, PLATFORM_ADMINISTRATOR);
    assert_eq!(said(&verified, Level::Four), Vec::<&str>::new());
    assert_eq!(said(&verified, Level::Three), ["LEVEL_TOO_LOW"]);
    let seller = with(PersonState::Verified, LIVE_SALESPERSON);
    assert_eq!(said(&seller, Level::Four), ["JOB_TYPE_MISMATCH"]);
    assert_eq!(said(&World::default(), Level::Four)[..2], ["IDENTITY_UNVERIFIED", "AGE_UNKNOWN"]);
    let frozen = with(PersonState::Frozen, PLATFORM_ADMINISTRATOR);
    assert!(said(&frozen, Level::Four).contains(&"IDENTITY_RECORD_CLOSED"));
}

#[test]
fn whoever_is_blocklisted_administers_nothing() {
    let mut world = with(PersonState::Verified, PLATFORM_ADMINISTRATOR);
    let text = || "something".to_owned();
    let entry = BlocklistEntry {
        id: id("b1"),
        organization: id("authority"),
        keeper: ListKeeper::Regulator,
        subject: "persons/ann".to_owned(),
        person: id("suite-ann"),
        notice: Notice {
            facts: text(),
            reasons: text(),
            legal_basis: text(),
            appeal_channel: text(),
            appeal_until: later(),
        },
        term: Term { from: now(), until: None },
        added_by: ActingParty { client: id("desk"), person: None },
        lifted: None,
        created_at: now(),
        updated_at: now(),
        version: Version::FIRST,
    };
    world.apply(News::Conduct(ConductNews::Listing(Box::new(entry))), &mut Effects::default());
    assert_eq!(said(&world, Level::Four), ["BLOCKLISTED"]);
}

fn overriding() -> Override {
    Override {
        id: id("o1"),
        platform: id("shop"),
        reason: "nobody else is awake".to_owned(),
        declared_by: ActingParty { client: id("desk"), person: Some(id("ann")) },
        expires_at: later(),
        state: OverrideState::Active,
        acts: Vec::new(),
        ending: None,
        created_at: now(),
        updated_at: now(),
        version: Version::FIRST,
    }
}

fn call() -> Call {
    let caller = greenroom_auth::Caller {
        client_id: id("desk"),
        organization: id("shop"),
        roles: Vec::new(),
        scopes: greenroom_auth::Scopes::default(),
        person: Some(id("ann")),
        token_id: String::new(),
        expire_time: later(),
    };
    Call {
        caller: std::sync::Arc::new(caller),
        method: "/greenroom.registry.v1.ConductService/LiftSanction".into(),
        deadline: tokio::time::Instant::now(),
        standing: greenroom_rpc::call::Standing::new(|| true),
    }
}

#[test]
fn an_act_under_an_override_stands_in_its_record_in_the_same_transaction() {
    let planned = || Planned { change: Change::Keep(Vec::new()), events: Vec::new(), answer: () };
    let plain = Authority(None).note(planned(), &call(), "sanctions/s1", now()).unwrap();
    assert_eq!((plain.change, plain.events), (Change::Keep(Vec::new()), Vec::new()));
    let noted = Authority(Some(overriding())).note(planned(), &call(), "sanctions/s1", now()).unwrap();
    let Change::All(changes) = noted.change else { panic!("one change") };
    let [Change::Keep(_), Change::Keep(kept)] = changes.as_slice() else { panic!("{changes:?}") };
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((kept.read_at, kept.record.version), (Some(Version::FIRST), Version::new(2)));
    assert_eq!(noted.events, [fact::record(&kept.record)]);
    let [act] = &restored(&kept.record, read).unwrap().acts[..] else { panic!("no act") };
    assert_eq!((act.resource.as_str(), act.at), ("sanctions/s1", now()));
    assert!(act.method.ends_with("LiftSanction"));
    let over = Authority(Some(overriding())).note(planned(), &call(), "sanctions/s1", later());
    assert!(over.is_err(), "nothing is done under an override that is over");
}
