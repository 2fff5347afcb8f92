//! A person on an authority's list.

use greenroom_domain::kernel::OrganizationId;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::identity::v1::OrganizationRole;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::fault::reason_of;
use greenroom_rpc::wire::timestamp;
use greenroom_tests::{Holder, Operator, Platform, Service, Town, next_cut};
use identity::person_service_client::PersonServiceClient;
use registry::blocklist_service_client::BlocklistServiceClient;
use std::time::Duration;

/// The name that an organization gets for a person whom a platform knows.
async fn named(
    town: &Town,
    operator: &Operator<'_>,
    platform: &Platform<'_>,
    person: &str,
    organization: &str,
) -> String {
    let suite =
        operator.admit("naming", OrganizationRole::SuiteOperator, &["persons.resolve"]).await.unwrap();
    let mut persons = PersonServiceClient::new(town.connection(Service::Identity, &suite));
    let name = identity::PairwiseName {
        organization: OrganizationId::try_new(&platform.id).unwrap().name(),
        person: person.to_owned(),
    };
    let query = identity::PersonQuery { by: Some(identity::person_query::By::Pairwise(name)) };
    let request = identity::ResolvePersonsRequest { queries: vec![query], register_missing: false };
    let found = persons.resolve_persons(request).await.unwrap().into_inner().resolutions;
    let person = found.first().unwrap().person.clone();
    let request =
        identity::NamePersonRequest { person, organization: format!("organizations/{organization}") };
    persons.name_person(request).await.unwrap().into_inner().person
}

#[tokio::test]
async fn an_authoritys_entry_takes_a_person_off_the_air_on_every_platform_until_it_is_lifted() {
    let town = Town::start().await;
    let operator = town.operator();
    let (acme, bazaar) =
        (operator.platform("acme").await.unwrap(), operator.platform("bazaar").await.unwrap());
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let at_acme = acme.welcome("mina", &mina).await.unwrap();
    let at_bazaar = bazaar.welcome("mina", &mina).await.unwrap();
    let (_, mut watch) = acme.on_air(&at_acme).await.unwrap();
    let authority =
        operator.admit("authority", OrganizationRole::Regulator, &["blocklist.write"]).await.unwrap();
    let known = acme.register(&mina).await.unwrap();
    let subject = named(&town, &operator, &acme, &known, "authority").await;
    let text = || "found in an inspection".to_owned();
    let notice = registry::Notice {
        facts: text(),
        reasons: text(),
        legal_basis: "Order 117, art. 14".to_owned(),
        appeal_channel: "the authority's reception".to_owned(),
        appeal_until_time: Some(timestamp(town.clock.now().plus(Duration::from_hours(24 * 60)))),
    };
    let term = registry::Term { from_time: None, end: Some(registry::term::End::Permanent(true)) };
    let entry =
        registry::BlocklistEntry { subject, notice: Some(notice), term: Some(term), ..Default::default() };
    let request = registry::AddBlocklistEntryRequest { entry: Some(entry), ..Default::default() };
    let mut lists = BlocklistServiceClient::new(town.connection(Service::Registry, &authority));
    let entry = lists.add_blocklist_entry(request).await.unwrap().into_inner().entry.unwrap();
    let ended = next_cut(&mut watch).await.unwrap();
    assert_eq!(ended.state(), registry::LiveSessionState::Ended);
    for (platform, streamer) in [(&acme, &at_acme), (&bazaar, &at_bazaar)] {
        let decision = platform.check(streamer).await.unwrap();
        let reason = decision.reasons.first().unwrap();
        assert_eq!(reason.code(), registry::ReasonCode::Blocklisted);
        assert_eq!(reason.measure, entry.name);
        let person = platform.register(&mina).await.unwrap();
        let barred = platform.enrol("another-account", &person).await.unwrap_err();
        assert_eq!(reason_of(&barred).as_deref(), Some("STREAMER_BARRED"));
    }
    let lift = registry::LiftBlocklistEntryRequest {
        name: entry.name,
        reason: "the inspection was about somebody else".to_owned(),
        ..Default::default()
    };
    lists.lift_blocklist_entry(lift).await.unwrap();
    assert_eq!(bazaar.check(&at_bazaar).await.unwrap().outcome(), registry::Outcome::Allow);
    town.end().await;
}
