//! What the registry's store promises, on every engine: compiled and run in each store crate.

#[path = "conformance/records.rs"]
mod records;
#[path = "conformance/streamers.rs"]
mod streamers;

use crate::{Store, test_database};
use greenroom_domain::kernel::{Id, OrganizationId, Timestamp};
use greenroom_domain::ledger::{Advance, EventDraft, Position, RequestKey, StoreError, Write};
use greenroom_domain::occupation::Level;
use greenroom_domain::registry::port::{Change, PolicyRecord, SessionFilter, SessionRecord, Store as Port};
use greenroom_domain::registry::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::registry::{
    CallerName, CallerStanding, CertificateStanding, IssuerStandingFact, Mirrored, Permission,
    PersonStanding, QualificationStanding, RevokedToken, SessionState, StandardStanding, Streamer,
    StreamerFilter, TokenId,
};
use greenroom_domain::registry::{CertificateState, IssuerReview, IssuerStanding, QualificationState};
use greenroom_feed::log::{EventLog as _, HasLog as _};
use greenroom_testkit::database::TestDatabase;
use greenroom_testkit::occupation::{self, LIVE_SALESPERSON, job_type};
use std::time::Duration;

async fn opened() -> (TestDatabase, Store) {
    let database = test_database().await;
    let store = Store::open(&database.url).await.unwrap();
    (database, store)
}

fn id<K>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn shop() -> OrganizationId {
    id("shop")
}

fn write() -> Write {
    let event = EventDraft { kind: "test", subject: "test".to_owned(), payload: vec![1] };
    Write::by_service("test", vec![event], at(1))
}

fn streamer(name: &str) -> Streamer {
    Streamer::enrol(id(name), shop(), format!("room-of-{name}"), id("suite-p"), id("p"), at(5))
}

fn revision(number: i32, platform: &str, permission: Permission) -> PolicyRecord {
    let fact = vec![0, u8::try_from(number).unwrap(), 255];
    PolicyRecord { platform: id(platform), permission, revision: number, created_at: at(3), fact }
}

fn session(name: &str, fence: i64, state: SessionState) -> SessionRecord {
    SessionRecord {
        id: id(name),
        platform: shop(),
        state,
        state_since: at(2),
        fence,
        lease: Duration::from_mins(1),
        lease_until: at(40),
        lease_cap: at(60),
        opened_at: at(1),
        updated_at: at(fence),
        record: vec![7, 0, 255],
    }
}

fn person(version: i64, state: PersonState) -> PersonStanding {
    PersonStanding {
        person: id("suite-p"),
        state,
        since: at(1),
        evidence_until: Some(at(99)),
        document_until: Some(at(88)),
        age_band: AgeBand::From16To17,
        age_band_until: None,
        guardian_consent: GuardianConsent::Given,
        guardian_consent_since: Some(at(77)),
        version,
    }
}

fn certificate(version: i64) -> CertificateStanding {
    CertificateStanding {
        certificate: id("c1"),
        holder: id("suite-p"),
        standard: id("one"),
        job_type: job_type(LIVE_SALESPERSON),
        level: Level::Two,
        issuer: id("academy"),
        state: CertificateState::Verified,
        since: at(2),
        verified_at: Some(at(3)),
        evidence_until: Some(at(4)),
        retry_at: None,
        version,
    }
}

#[tokio::test]
async fn a_streamer_is_read_as_it_was_written() {
    let (_database, store) = opened().await;
    let mina = streamer("mina");
    store.commit(Change::Enrol(mina.clone()), write()).await.unwrap();
    assert_eq!(store.streamer(&mina.id).await.unwrap(), Some(mina.clone()));
    assert_eq!(store.streamer_by_account(&shop(), "room-of-mina").await.unwrap(), Some(mina));
    assert_eq!(store.streamer_by_account(&id("rival"), "room-of-mina").await.unwrap(), None);
}

#[tokio::test]
async fn an_account_is_taken_once_on_each_platform() {
    let (_database, store) = opened().await;
    store.commit(Change::Enrol(streamer("mina")), write()).await.unwrap();
    let again = Streamer { id: id("other"), ..streamer("mina") };
    let taken = store.commit(Change::Enrol(again.clone()), write()).await;
    assert!(matches!(taken, Err(StoreError::Taken("account"))));
    let elsewhere = Streamer { platform: id("rival"), ..again };
    store.commit(Change::Enrol(elsewhere), write()).await.unwrap();
}

#[tokio::test]
async fn a_change_decided_on_an_older_version_conflicts() {
    let (_database, store) = opened().await;
    let mina = streamer("mina");
    store.commit(Change::Enrol(mina.clone()), write()).await.unwrap();
    let withdrawn = mina.clone().withdraw(at(9)).unwrap();
    store.commit(Change::SaveStreamer(withdrawn.clone()), write()).await.unwrap();
    let stored = store.streamer(&mina.id).await.unwrap().unwrap();
    assert_eq!(stored, Streamer { version: mina.version.next(), ..withdrawn.clone() });
    let head = store.log().head().await.unwrap();
    let late = store.commit(Change::SaveStreamer(withdrawn), write()).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(store.log().head().await.unwrap(), head);
}

#[tokio::test]
async fn a_revision_number_is_given_once_for_each_permission() {
    let (_database, store) = opened().await;
    let live = Permission::LiveSale;
    for number in 1..=3 {
        store.commit(Change::AddPolicy(revision(number, "shop", live)), write()).await.unwrap();
    }
    let again = store.commit(Change::AddPolicy(revision(2, "shop", live)), write()).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    let other = Permission::DecideAppeal;
    store.commit(Change::AddPolicy(revision(2, "shop", other)), write()).await.unwrap();
    store.commit(Change::AddPolicy(revision(1, "rival", live)), write()).await.unwrap();
    let of_shop = store.policies_of(&shop(), live).await.unwrap();
    assert_eq!(of_shop, [1, 2, 3].map(|number| revision(number, "shop", live)));
    let newest = store.policies_before(&shop(), live, i64::MAX, 2).await.unwrap();
    assert_eq!(newest, [3, 2].map(|number| revision(number, "shop", live)));
    let mut all: Vec<PolicyRecord> = Vec::new();
    loop {
        let after = all.last().map_or(("", "", 0), |last| {
            (last.platform.as_str(), last.permission.code(), i64::from(last.revision))
        });
        let Some(next) = store.all_policies(after, 1).await.unwrap().pop() else { break };
        all.push(next);
    }
    let expected =
        [(1, "rival", live), (2, "shop", other), (1, "shop", live), (2, "shop", live), (3, "shop", live)];
    assert_eq!(all, expected.map(|(number, platform, permission)| revision(number, platform, permission)));
}

#[tokio::test]
async fn sessions_change_together_or_not_at_all() {
    let (_database, store) = opened().await;
    for name in ["a", "b"] {
        let open = session(name, 1, SessionState::Open);
        store.commit(Change::OpenSession(open), write()).await.unwrap();
    }
    let changed = |name, fence| (session(name, fence + 1, SessionState::Ended), fence);
    let mixed = Change::SaveSessions(vec![changed("a", 1), changed("b", 9)]);
    assert!(matches!(store.commit(mixed, write()).await, Err(StoreError::Conflict)));
    let open = SessionFilter::InState(SessionState::Open);
    assert_eq!(store.all_sessions(open, "", 9).await.unwrap().len(), 2);
    let both = Change::SaveSessions(vec![changed("a", 1), changed("b", 1)]);
    store.commit(both, write()).await.unwrap();
    let stored = store.session(&id("a")).await.unwrap();
    assert_eq!(stored, Some(session("a", 2, SessionState::Ended)));
    assert_eq!(store.sessions_of(&shop(), open, "", 9).await.unwrap(), []);
    assert_eq!(store.sessions_of(&shop(), SessionFilter::All, "a", 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_others_said_only_moves_forward() {
    let (_database, store) = opened().await;
    let caller = |micros| {
        let caller = CallerName::Client(id("backend"));
        Mirrored::Caller(CallerStanding { caller, tokens_valid_from: at(micros), version: 1 })
    };
    let issuer = |version, standing| {
        let review = IssuerReview { struck_off_at: at(1), begins: at(2), ends: at(3) };
        let review = (standing == IssuerStanding::StruckOff).then_some(review);
        Mirrored::Issuer(IssuerStandingFact { issuer: id("academy"), standing, review, version })
    };
    let licence = |version, state| QualificationStanding {
        qualification: id("q1"),
        holder: id("mina"),
        domain: id("medicine"),
        organization: id("shop"),
        state,
        since: at(5),
        lapses_at: Some(at(9)),
        recheck_at: None,
        version,
    };
    let newer = vec![
        Mirrored::Person(person(2, PersonState::Verified)),
        Mirrored::Certificate(certificate(2)),
        issuer(2, IssuerStanding::StruckOff),
        Mirrored::Qualification(licence(2, QualificationState::Accepted)),
        caller(20),
    ];
    let older = vec![
        Mirrored::Person(person(1, PersonState::Unverified)),
        Mirrored::Certificate(CertificateStanding { level: Level::Five, ..certificate(1) }),
        issuer(1, IssuerStanding::Listed),
        Mirrored::Qualification(licence(1, QualificationState::Filed)),
        caller(10),
    ];
    store.commit(Change::Mirror(newer), write()).await.unwrap();
    store.commit(Change::Mirror(older), write()).await.unwrap();
    assert_eq!(store.all_persons("", 9).await.unwrap(), [person(2, PersonState::Verified)]);
    assert_eq!(store.all_certificates("", 9).await.unwrap(), [certificate(2)]);
    let issuers = store.all_issuers("", 9).await.unwrap();
    assert_eq!(
        issuers.into_iter().map(Mirrored::Issuer).collect::<Vec<_>>(),
        [issuer(2, IssuerStanding::StruckOff)]
    );
    let licences = store.all_qualifications("", 9).await.unwrap();
    assert_eq!(licences, [licence(2, QualificationState::Accepted)]);
    let callers = store.callers().await.unwrap();
    assert_eq!(callers.first().map(|caller| caller.tokens_valid_from), Some(at(20)));
}

#[tokio::test]
async fn every_word_of_a_guardian_is_read_as_it_was_written() {
    let (_database, store) = opened().await;
    for (version, consent) in (1..).zip(GuardianConsent::ALL) {
        let said = PersonStanding {
            document_until: None,
            guardian_consent: consent,
            guardian_consent_since: None,
            ..person(version, PersonState::Verified)
        };
        store.commit(Change::Mirror(vec![Mirrored::Person(said.clone())]), write()).await.unwrap();
        assert_eq!(store.all_persons("", 9).await.unwrap(), [said]);
    }
}

#[tokio::test]
async fn a_client_only_loses_and_an_organization_is_what_its_newest_version_says() {
    let (_database, store) = opened().await;
    let standing = |caller: &CallerName, (instant, version)| CallerStanding {
        caller: caller.clone(),
        tokens_valid_from: at(instant),
        version,
    };
    let client = |name| CallerName::Client(id(name));
    for (caller, told, holds) in [
        (client("one"), [(20, 2), (10, 3), (20, 4), (30, 5)], (30, 5)),
        (client("two"), [(20, 2), (10, 3), (20, 4), (9, 5)], (20, 2)),
        (CallerName::Organization(shop()), [(9_999, 2), (30, 3), (9_999, 2), (40, 3)], (30, 3)),
    ] {
        for said in told {
            let said = Mirrored::Caller(standing(&caller, said));
            store.commit(Change::Mirror(vec![said]), write()).await.unwrap();
        }
        let stored = store.callers().await.unwrap();
        let stored = stored.into_iter().find(|stored| stored.caller == caller);
        assert_eq!(stored, Some(standing(&caller, holds)));
    }
}

#[tokio::test]
async fn a_revoked_token_is_kept_until_it_is_over_and_dropped_with_the_next_news() {
    let (_database, store) = opened().await;
    let token = |name: &str, end: Timestamp| RevokedToken {
        token_id: TokenId::parse(name).unwrap(),
        expires_at: end,
    };
    let end = at(1_000_000);
    let tokens = [token("A", end), token("_b", end.plus(Duration::from_secs(1))), token("a.c", end)];
    let said = tokens.iter().cloned().map(Mirrored::Token).collect();
    store.commit(Change::Mirror(said), write()).await.unwrap();
    let mut kept = Vec::new();
    let mut after = String::new();
    while let Some(next) = store.revoked_tokens(&after, 1).await.unwrap().pop() {
        next.token_id.as_str().clone_into(&mut after);
        kept.push(next);
    }
    assert_eq!(kept, tokens);
    let news_at = |now| (Change::Mirror(Vec::new()), Write { now, ..write() });
    let over = end.plus(RevokedToken::KEPT_BEYOND_END);
    let (change, write) = news_at(over.minus(Duration::from_micros(1)));
    store.commit(change, write).await.unwrap();
    assert_eq!(store.revoked_tokens("", 9).await.unwrap(), tokens);
    let (change, write) = news_at(over);
    store.commit(change, write).await.unwrap();
    assert_eq!(store.revoked_tokens("", 9).await.unwrap(), [tokens[1].clone()]);
}

#[tokio::test]
async fn pages_stay_right_while_others_write() {
    let (_database, store) = opened().await;
    for name in ["b", "d", "f"] {
        store.commit(Change::Enrol(streamer(name)), write()).await.unwrap();
    }
    let mut seen = Vec::new();
    let (mut after, everybody) = (String::new(), StreamerFilter::default());
    while let Some(next) = store.streamers_of(&shop(), &everybody, &after, 1).await.unwrap().pop() {
        next.id.as_str().clone_into(&mut after);
        seen.push(after.clone());
        let behind = Streamer { account: format!("new-{after}"), ..streamer(&format!("a-{after}")) };
        store.commit(Change::Enrol(behind), write()).await.unwrap();
    }
    assert_eq!(seen, ["b", "d", "f"]);
}

#[tokio::test]
async fn ids_are_ordered_the_same_on_every_engine() {
    let (_database, store) = opened().await;
    for name in ["a-b", "ab", "a0", "a-a", "b", "0"] {
        store.commit(Change::Enrol(streamer(name)), write()).await.unwrap();
    }
    let listed = store.streamers_of(&shop(), &StreamerFilter::default(), "", 99).await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|streamer| streamer.id.as_str()).collect();
    assert_eq!(ids, ["0", "a-a", "a-b", "a0", "ab", "b"]);
}

#[tokio::test]
async fn a_batch_of_another_feed_is_applied_once() {
    let (_database, store) = opened().await;
    let position = |sequence| Position { database: uuid::Uuid::from_u128(7).to_string(), sequence };
    let batch = |from: Option<Position>, to| Write {
        advance: Some(Advance { source: "identity", from, to: position(to) }),
        ..write()
    };
    let said = || Change::Mirror(vec![Mirrored::Person(person(1, PersonState::Verified))]);
    store.commit(said(), batch(None, 3)).await.unwrap();
    let head = store.log().head().await.unwrap();
    for twice in [batch(None, 3), batch(Some(position(2)), 3)] {
        assert!(matches!(store.commit(said(), twice).await, Err(StoreError::CursorMoved)));
    }
    assert_eq!(store.log().head().await.unwrap(), head);
    store.commit(said(), batch(Some(position(3)), 5)).await.unwrap();
    assert_eq!(store.log().cursor("identity").await.unwrap(), Some(position(5)));
}

#[tokio::test]
async fn an_answered_request_is_recalled_and_its_change_is_made_once() {
    let (_database, store) = opened().await;
    let key = RequestKey { client: "backend".to_owned(), id: "r1".to_owned(), fingerprint: vec![1] };
    let answered = || Write { request: Some(key.clone()), answer: vec![4, 2], ..write() };
    let position = store.commit(Change::Enrol(streamer("mina")), answered()).await.unwrap();
    let again = store.commit(Change::Enrol(streamer("jun")), answered()).await;
    assert!(matches!(again, Err(StoreError::Answered)));
    assert_eq!(store.streamer(&id("jun")).await.unwrap(), None);
    let receipt = store.log().recall("backend", "r1").await.unwrap().unwrap();
    assert_eq!((receipt.answer, receipt.position), (vec![4, 2], position));
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let (database, store) = opened().await;
    store.commit(Change::Enrol(streamer("mina")), write()).await.unwrap();
    let open = session("a", 1, SessionState::Open);
    store.commit(Change::OpenSession(open.clone()), write()).await.unwrap();
    let head = store.log().head().await.unwrap();
    store.close().await;
    let store = Store::open(&database.url).await.unwrap();
    assert_eq!(store.log().head().await.unwrap(), head);
    assert_eq!(store.all_streamers("", 9).await.unwrap(), [streamer("mina")]);
    assert_eq!(store.all_sessions(SessionFilter::All, "", 9).await.unwrap(), [open]);
}

#[tokio::test]
async fn of_a_standard_the_highest_version_holds() {
    let (_database, store) = opened().await;
    let told = |version| StandardStanding { standard: occupation::standard(), version };
    for version in [2, 3, 1] {
        store.commit(Change::Mirror(vec![Mirrored::Standard(told(version))]), write()).await.unwrap();
    }
    assert_eq!(store.all_standards("", 9).await.unwrap(), [told(3)]);
    assert_eq!(store.all_standards("internet-marketer-2021", 9).await.unwrap(), []);
}
