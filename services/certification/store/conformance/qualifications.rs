//! Professional qualifications and their reviews.

use super::*;
use greenroom_domain::certification::port::{QualificationFilter, QualificationRecord};
use greenroom_domain::certification::{
    Licence, Qualification, QualificationReview, QualificationState, QualificationVerdict,
};

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn record(name: &str, organization: &str, person: &str, number: &str) -> QualificationRecord {
    let qualification = Qualification {
        id: id(name),
        holder: id(&format!("suite-{person}")),
        licence: Licence {
            domain: id("medicine"),
            title: "执业医师".to_owned(),
            register_number: number.to_owned(),
            employer_proof: Some([7; 32]),
            valid_until: Some(Date::parse("2030-06-30").unwrap()),
        },
        filed_by: id(organization),
        filed_at: AT,
        state: QualificationState::Filed,
        state_since: AT,
        recheck_at: None,
        version: Version::FIRST,
    };
    QualificationRecord {
        qualification,
        person: id(person),
        filing_person: Some(id("clerk")),
        reviews: Vec::new(),
        update_time: AT,
    }
}

async fn opened(url: &str, records: &[QualificationRecord]) -> Store {
    let store = Store::open(url).await.unwrap();
    for record in records {
        store.commit(Change::AddQualification(record.clone()), write("q")).await.unwrap();
    }
    store
}

#[tokio::test]
async fn a_qualification_is_kept_with_every_review_in_their_order() {
    let database = test_database().await;
    let mut known = record("q1", "acme", "mina", "A1");
    let store = opened(&database.url, std::slice::from_ref(&known)).await;
    assert_eq!(store.qualification(&known.qualification.id).await.unwrap(), Some(known.clone()));
    assert_eq!(store.qualification(&id("q2")).await.unwrap(), None);
    for (round, verdict) in
        (1..).zip([QualificationVerdict::Accept, QualificationVerdict::Accept, QualificationVerdict::Refuse])
    {
        let review = QualificationReview {
            verdict,
            reason: format!("第{round}次"),
            artefact_sha256: (round == 2).then_some([9; 32]),
            organization: id("acme"),
            at: at(round),
        };
        let stale = known.clone();
        let next = QualificationRecord {
            qualification: Qualification {
                state: QualificationState::Accepted,
                recheck_at: Some(at(50)),
                ..known.qualification.clone()
            },
            ..known
        };
        let change = Change::SaveQualification(next.clone(), Some(review.clone()));
        store.commit(change, write("q1")).await.unwrap();
        let stored = next.stored(Some(&review), next.update_time);
        assert_eq!(store.qualification(&id("q1")).await.unwrap(), Some(stored.clone()));
        let lost = store.commit(Change::SaveQualification(stale, Some(review)), write("q1")).await;
        assert!(matches!(lost, Err(StoreError::Conflict)), "{lost:?}");
        known = stored;
    }
    assert_eq!(known.reviews.len(), 3);
}

#[tokio::test]
async fn one_licence_of_one_person_stands_once_on_the_file_of_an_organization() {
    let database = test_database().await;
    let first = record("q1", "acme", "mina", "A1");
    let others = [
        record("q2", "bazaar", "mina", "A1"),
        record("q3", "acme", "noor", "A1"),
        record("q4", "acme", "mina", "A2"),
    ];
    let store = opened(&database.url, std::slice::from_ref(&first)).await;
    let again = record("q5", "acme", "mina", "A1");
    assert_eq!(store.on_file(&again).await.unwrap(), Some(id("q1")));
    let taken = store.commit(Change::AddQualification(again.clone()), write("q5")).await;
    assert!(matches!(taken, Err(StoreError::Taken("qualification"))), "{taken:?}");
    for other in others {
        assert_eq!(store.on_file(&other).await.unwrap(), None);
        store.commit(Change::AddQualification(other), write("q")).await.unwrap();
    }
    let mut withdrawn = first;
    withdrawn.qualification.state = QualificationState::Withdrawn;
    store.commit(Change::SaveQualification(withdrawn, None), write("q1")).await.unwrap();
    assert_eq!(store.on_file(&again).await.unwrap(), None);
    store.commit(Change::AddQualification(again), write("q5")).await.unwrap();
}

#[tokio::test]
async fn qualifications_are_listed_by_id_and_by_every_filter() {
    let database = test_database().await;
    let mut records = vec![
        record("a", "acme", "mina", "A1"),
        record("a-b", "acme", "noor", "A2"),
        record("ab", "bazaar", "mina", "A3"),
    ];
    records[1].qualification.licence.domain = id("law");
    records[2].qualification.state = QualificationState::Lapsed;
    let store = opened(&database.url, &records).await;
    let names = async |filter: QualificationFilter, after: &str, limit| {
        let found = store.qualifications(&filter, after, limit).await.unwrap();
        let names: Vec<String> = found.iter().map(|one| one.qualification.id.as_str().to_owned()).collect();
        names
    };
    let all = QualificationFilter::default;
    assert_eq!(names(all(), "", 9).await, ["a", "a-b", "ab"]);
    assert_eq!(names(all(), "a", 1).await, ["a-b"]);
    let acme = QualificationFilter { organization: Some(id("acme")), ..all() };
    assert_eq!(names(acme.clone(), "", 9).await, ["a", "a-b"]);
    assert_eq!(names(acme.clone(), "a", 9).await, ["a-b"]);
    assert_eq!(names(QualificationFilter { person: Some(id("mina")), ..acme.clone() }, "", 9).await, ["a"]);
    assert_eq!(names(QualificationFilter { domain: Some(id("law")), ..acme }, "", 9).await, ["a-b"]);
    let lapsed = QualificationFilter { state: Some(QualificationState::Lapsed), ..all() };
    assert_eq!(names(lapsed, "", 9).await, ["ab"]);
    assert_eq!(names(QualificationFilter { person: Some(id("mina")), ..all() }, "", 9).await, ["a", "ab"]);
}

#[tokio::test]
async fn what_is_due_comes_in_the_order_of_its_instants() {
    let database = test_database().await;
    let mut records = Vec::new();
    for (name, recheck) in [("a", Some(30)), ("b", Some(10)), ("c", Some(20)), ("d", None)] {
        let mut one = record(name, "acme", name, "A1");
        one.qualification.licence.valid_until = None;
        one.qualification.recheck_at = recheck.map(at);
        one.qualification.state = QualificationState::Accepted;
        records.push(one);
    }
    let store = opened(&database.url, &[]).await;
    assert_eq!(store.next_qualification_due().await.unwrap(), None);
    for one in &records {
        store.commit(Change::AddQualification(one.clone()), write("q")).await.unwrap();
    }
    assert_eq!(store.next_qualification_due().await.unwrap(), Some(at(10)));
    assert_eq!(store.qualifications_due(at(9), 9).await.unwrap(), []);
    let due = store.qualifications_due(at(20), 9).await.unwrap();
    assert_eq!(due, [records[1].clone(), records[2].clone()]);
    assert_eq!(store.qualifications_due(at(99), 1).await.unwrap().len(), 1);
}
