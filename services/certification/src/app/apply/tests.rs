use super::*;
use crate::app::Terms;
use crate::config::ValidityDays;
use crate::identity::Identity;
use crate::standards::Standards;
use greenroom_auth::{Caller, OrganizationRole, Scopes};
use greenroom_certification_store_sqlite::Store as Sqlite;
use greenroom_domain::certification::PublicationLag;
use greenroom_domain::certification::port::{
    PlannedCertificate, Planner, RollCoverage, RollFormat, RollTotals,
};
use greenroom_domain::certification::{
    Accreditation, CertificateNumber, Issuer, IssuerClass, IssuerStanding, RollEntry, RollVerdict,
};
use greenroom_domain::kernel::{ClientId, Collection, Date, Id, Version};
use greenroom_domain::ledger::Write;
use greenroom_domain::occupation::{JobType, Level};
use greenroom_rpc::call::{Deadline, Method, Standing};
use greenroom_rpc::client::{Authenticated, Tokens, connect};
use greenroom_rpc::clock::Clock as _;
use greenroom_testkit::ManualClock;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const DAY: Duration = Duration::from_hours(24);

fn id<K: Collection>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn app(folder: &TempDir, store: Sqlite, clock: &ManualClock) -> App<Sqlite> {
    let path = folder.path().join("credential.json");
    let client: ClientId = id("certification");
    greenroom_rpc::credential::write_secret(&path, &client, "http://127.0.0.1:7101", "secret").unwrap();
    let credential = Arc::new(greenroom_rpc::credential::read(&path).unwrap());
    let nobody = connect("http://127.0.0.1:1").unwrap();
    let tokens = Tokens::new(nobody.clone(), credential, "nobody", clock.shared());
    App {
        store,
        standards: Arc::new(Standards::load(None).unwrap()),
        identity: Identity::new(Authenticated::new(nobody, tokens)),
        sources: Arc::default(),
        working_years: Arc::default(),
        clock: clock.shared(),
        terms: Terms {
            evidence_validity: ValidityDays::default().into(),
            publication_lag: PublicationLag::new(Arc::default(), 20),
            recheck_attempts: 3,
            plan_validity: DAY * 7,
            roll_withdrawal_percent: 5,
            roll_second_approver: false,
            strike_off_review: DAY * 60,
            qualification_recheck: DAY * 180,
            allow_sandbox_source: false,
        },
        domains: Arc::new(crate::domains::Domains::load().unwrap()),
        filed: Arc::default(),
        key: Arc::new(zeroize::Zeroizing::new(vec![7; 32])),
        numbering: Arc::default(),
    }
}

fn call(clock: &ManualClock) -> Call {
    let caller = Caller {
        client_id: id("north-client"),
        organization: id("north"),
        roles: vec![OrganizationRole::Issuer],
        scopes: Scopes::default(),
        person: None,
        token_id: String::new(),
        expire_time: clock.now().plus(DAY),
    };
    let mut request = tonic::Request::new(());
    request.extensions_mut().insert(Arc::new(caller));
    request.extensions_mut().insert(Method(Arc::from("/test")));
    request.extensions_mut().insert(Deadline(tokio::time::Instant::now() + DAY));
    request.extensions_mut().insert(Standing::new(|| true));
    Call::of(&request).unwrap()
}

fn issuer(standing: IssuerStanding, at: Timestamp) -> IssuerRecord {
    let accreditation = Accreditation {
        standard: id("internet-marketer-2021"),
        job_type: JobType::try_new("live-salesperson").unwrap(),
        levels: BTreeSet::from([Level::Three]),
        from: Date::try_new(2022, 1, 1).unwrap(),
        to: None,
    };
    let issuer = Issuer {
        id: id("north"),
        organization: id("north"),
        class: IssuerClass::SocialOrganization,
        code: "0000".to_owned(),
        province: "33".to_owned(),
        standing,
        measure: None,
        sites: Vec::new(),
        accreditations: vec![accreditation],
        version: Version::FIRST,
    };
    IssuerRecord { issuer, display_name: "North".to_owned(), create_time: at, update_time: at }
}

/// Adds an import of one row: a new certificate, or the renewal of that with version 1.
async fn add(app: &App<Sqlite>, name: &str, renews: bool) -> RollImport {
    let known = app.store.certificate(&id("c1")).await.unwrap().filter(|_| renews);
    let before = known.map(|record| record.certificate.before(record.source));
    let entry = RollEntry {
        number: CertificateNumber::parse("S000033000000243000001").unwrap(),
        job_type: JobType::try_new("live-salesperson").unwrap(),
        level: Level::Three,
        issue_date: Date::try_new(2024, 5, 6).unwrap(),
    };
    let row = PlanRow {
        row: 2,
        verdict: if renews { RollVerdict::Update } else { RollVerdict::Create },
        number: entry.number.as_str().to_owned(),
        planned: Some(PlannedCertificate { id: id("c1"), holder: id("p1"), entry, before }),
        findings: Vec::new(),
    };
    let import = RollImport {
        id: id(name),
        issuer: id("north"),
        standard: id("internet-marketer-2021"),
        file_name: String::new(),
        coverage: RollCoverage::Partial,
        format: Some(RollFormat::Csv),
        encoding: None,
        state: RollImportState::Planned,
        totals: RollTotals { create: 1, ..RollTotals::default() },
        in_force: 0,
        withdrawals: 0,
        applied_count: 0,
        applied_through: 0,
        rolled_back_count: 0,
        kept_count: 0,
        rolled_back_through: 0,
        digest: "d".repeat(64),
        create_time: app.clock.now(),
        apply_time: None,
        planner: Planner { client: id("north-client"), person: None },
        approval: None,
        rollback_time: None,
        version: Version::FIRST,
    };
    commit(app, Change::AddImport(import.clone())).await;
    commit(app, Change::StageRows(import.clone(), vec![row])).await;
    stored(&import)
}

async fn commit(app: &App<Sqlite>, change: Change) {
    app.store.commit(change, Write::by_service("test", Vec::new(), app.clock.now())).await.unwrap();
}

async fn begun(standing: IssuerStanding) -> (App<Sqlite>, Call, TempDir) {
    let (folder, clock) = (TempDir::new().unwrap(), ManualClock::monday_noon());
    let url = format!("sqlite:{}", folder.path().join("c.db").display());
    let app = app(&folder, Sqlite::open(&url).await.unwrap(), &clock);
    commit(&app, Change::AddIssuer(issuer(standing, clock.now()))).await;
    (app, call(&clock), folder)
}

#[tokio::test]
async fn a_step_overtaken_between_its_reads_is_no_outdated_plan() {
    let (app, call, _folder) = begun(IssuerStanding::Listed).await;
    let create = add(&app, "i1", false).await;
    app.carry_out(&call, &create.id, Mode::Commit).await.unwrap();
    let renewal = add(&app, "i2", true).await;
    // Another call carries it all out behind the read of `renewal`.
    app.carry_out(&call, &renewal.id, Mode::Commit).await.unwrap();
    let step = app.step(&call, &renewal, Mode::Commit, &mut Ahead::default()).await.unwrap();
    assert!(matches!(step, Step::Outdated(Outdated::Row(2))), "as far as the step sees");
    assert!(!app.is_outdated(&call, &renewal, Mode::Commit).await.unwrap(), "the import has moved");
    assert!(
        !app.close_outdated(&call, &renewal).await.unwrap(),
        "and is not closed by a version of the past"
    );
    app.carry_out(&call, &renewal.id, Mode::Commit).await.unwrap();
    let import = app.store.import(&renewal.id).await.unwrap().unwrap();
    assert_eq!((import.state, import.applied_count), (RollImportState::Applying, 1));
}

#[tokio::test]
async fn a_renewal_of_an_issuer_that_is_no_longer_listed_is_outdated() {
    let (app, call, _folder) = begun(IssuerStanding::Listed).await;
    let create = add(&app, "i1", false).await;
    app.carry_out(&call, &create.id, Mode::Commit).await.unwrap();
    let renewal = add(&app, "i2", true).await;
    let rows = app.store.rows_to_apply(&renewal.id, 0, 9).await.unwrap();
    let decided = async |standing| {
        let known = app.known_of(rows.iter()).await.unwrap();
        app.decide(&renewal, &issuer(standing, renewal.create_time), &rows, &known, renewal.create_time)
            .is_ok()
    };
    assert!(decided(IssuerStanding::Listed).await);
    assert!(!decided(IssuerStanding::Suspended).await && !decided(IssuerStanding::StruckOff).await);
}

#[tokio::test]
async fn a_plan_of_an_issuer_that_is_not_listed_is_refused_and_ends() {
    let (app, call, _folder) = begun(IssuerStanding::Suspended).await;
    let create = add(&app, "i1", false).await;
    let refused = app.carry_out(&call, &create.id, Mode::Commit).await;
    assert!(matches!(refused, Err(Error::RollPlanOutdated(_, Outdated::Row(2)))), "{refused:?}");
    let import = app.store.import(&create.id).await.unwrap().unwrap();
    assert_eq!(import.state, RollImportState::Outdated);
}
