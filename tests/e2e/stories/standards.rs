//! A standard that no program knows is added by a file, and used from the roll to the live sale.

use greenroom_proto::certification::v1 as certification;
use greenroom_proto::registry::v1::{Level, Outcome, ReasonCode};
use greenroom_rpc::fault::reason_of;
use greenroom_testkit::occupation::INVENTED;
use greenroom_tests::{Holder, Service, Town};

const TRIAL: &str = "standards/online-streamer-trial";

fn accreditation(job_type: &str) -> certification::Accreditation {
    certification::Accreditation {
        standard: TRIAL.to_owned(),
        job_type: job_type.to_owned(),
        levels: vec![certification::Level::Level5.into(), certification::Level::Level4.into()],
        from_date: "2021-01-01".to_owned(),
        to_date: String::new(),
    }
}

fn row(holder: &Holder, job_type: &str, level: &str) -> String {
    let Holder { real_name, document_number, certificate_number } = holder;
    format!("{real_name},居民身份证,{document_number},{job_type},{level},{certificate_number},2025-06-01\n")
}

#[tokio::test]
async fn a_standard_added_by_a_file_carries_a_sale_from_the_roll_to_the_air() {
    let town = Town::start_with_standard(INVENTED).await;
    let operator = town.operator();
    let accreditations = vec![accreditation("talk-host"), accreditation("room-moderator")];
    let academy = operator.accredited("academy", accreditations).await.unwrap();
    let shop = operator.platform("shop").await.unwrap();
    let (host, moderator) = (Holder::new(1, "19900307", 4), Holder::new(2, "19910307", 5));
    let roll = "姓名,证件类型,证件号码,工种,职业技能等级,证书编号,发证日期\n".to_owned()
        + &row(&host, "访谈主播", "四级")
        + &row(&moderator, "room moderator", "5");
    let planned = academy.plan_under(TRIAL, roll.into_bytes()).await.unwrap();
    assert_eq!(academy.apply(&planned).await.unwrap().applied_count, 2);
    let at_shop =
        [shop.welcome("host", &host).await.unwrap(), shop.welcome("moderator", &moderator).await.unwrap()];
    for streamer in &at_shop {
        greenroom_testkit::eventually("the certificate is heard of", async || {
            let reasons = shop.check(streamer).await.unwrap().reasons;
            (!reasons.iter().any(|reason| reason.code() == ReasonCode::LevelNotHeld)).then_some(())
        })
        .await;
    }
    // A certificate of one occupation proves nothing for another.
    let decision = shop.check(&at_shop[0]).await.unwrap();
    assert_eq!(
        (decision.outcome(), decision.reasons[0].code()),
        (Outcome::Deny, ReasonCode::OccupationNotAccepted)
    );
    // What the standard does not have cannot be asked for.
    let strange = shop.accept(TRIAL, "live-salesperson", Level::Level5).await.unwrap_err();
    assert_eq!(reason_of(&strange).unwrap(), "FIELDS_INVALID");
    let too_high = shop.accept(TRIAL, "room-moderator", Level::Level3).await.unwrap_err();
    assert_eq!(reason_of(&too_high).unwrap(), "POLICY_UNSATISFIABLE");
    shop.accept(TRIAL, "talk-host", Level::Level4).await.unwrap();
    let decision = shop.check(&at_shop[0]).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", decision.reasons);
    let level = decision.verified_level.unwrap();
    assert_eq!((level.standard.as_str(), level.job_type.as_str()), (TRIAL, "talk-host"));
    // The registry calls job types as the file does.
    let decision = shop.check(&at_shop[1]).await.unwrap();
    assert_eq!(decision.reasons[0].code(), ReasonCode::JobTypeMismatch);
    let said = decision.reasons[0].message.clone().unwrap();
    assert!(said.en.starts_with("talk host needed") && said.en.ends_with("as room moderator"), "{said:?}");
    assert!(said.zh.starts_with("工种须为访谈主播") && said.zh.ends_with("工种为场控"), "{said:?}");
    let live = shop.go_live("room", &[&at_shop[0]]).await.unwrap();
    assert!(live.live_session.is_some());
    let revoked = academy.revoke(&host.certificate_number).await.unwrap();
    let decision = shop.check_at(&at_shop[0], &revoked).await.unwrap();
    assert_eq!(decision.reasons[0].code(), ReasonCode::CertRevoked);
    verified(town).await;
}

/// Every event log is whole and says what the tables say.
async fn verified(mut town: Town) {
    for service in Service::ALL {
        town.close(service).await;
    }
    let certification = toml::from_str(&town.config(Service::Certification)).unwrap();
    let report = greenroom_certification::verify(&certification).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    let registry = toml::from_str(&town.config(Service::Registry)).unwrap();
    let report = greenroom_registry::verify(&registry).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    town.end().await;
}
