//! What somebody changes in the tables is found, in whichever of them.

use crate::certificates::{evidence, with_one};
use crate::measures::{reinstatement, suspension};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1::EvidenceResult;
use sqlx::Connection as _;

async fn run(url: &str, statement: &'static str) {
    if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn evidence_and_what_certificates_were_are_held_against_the_log() {
    let (world, certificate) = with_one().await;
    let mut regulator = world.certificates("regulator", Role::Regulator);
    for result in [EvidenceResult::SourceUnavailable, EvidenceResult::Match] {
        regulator.record_evidence(evidence(&certificate, result)).await.unwrap();
    }
    let mut north = world.certificates("north", Role::Issuer);
    north.suspend_certificate(suspension(&certificate)).await.unwrap();
    north.reinstate_certificate(reinstatement(&certificate)).await.unwrap();
    let (config, _folder) = world.stop().await;
    let report = async || greenroom_certification::verify(&config).await.unwrap();
    let clean = report().await;
    assert!(clean.is_clean(), "{clean:?}");
    let version = |version| format!("version {version} of {}", certificate.name);

    run(&config.database_url, "UPDATE certificate_versions SET level = 'LEVEL_1' WHERE version = 2").await;
    assert_eq!(report().await.differing, [version(2)]);
    run(&config.database_url, "DELETE FROM certificate_versions WHERE version = 3").await;
    assert_eq!(report().await.missing, [version(3)]);
    run(&config.database_url, "UPDATE certificate_versions SET version = 9 WHERE version = 2").await;
    assert_eq!(
        (report().await.missing, report().await.extra),
        (vec![version(2), version(3)], vec![version(9)])
    );

    run(&config.database_url, "UPDATE evidence SET result = 'MATCH' WHERE result <> 'MATCH'").await;
    let told = report().await.differing;
    assert!(told.len() == 1 && told[0].starts_with(&format!("{}/evidence/", certificate.name)), "{told:?}");
    run(&config.database_url, "DELETE FROM evidence").await;
    assert_eq!(report().await.missing.len(), 4);
}
