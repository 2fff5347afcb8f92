//! Tells those who follow this service which standards it knows: one event for each that is new or whose file changed.

use crate::standards::{KnownStandard, Standards};
use crate::wire::facts;
use greenroom_domain::certification::port::{Change, StandardRecord, Store};
use greenroom_domain::kernel::Version;
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_rpc::clock::SharedClock;
use std::collections::BTreeMap;

const PAGE: i64 = 1000;

/// Tells what was not told before. Of replicas that start at the same time one tells it; where they have different files,
/// what the last to start has counts. A standard without a file stays as it was told.
pub async fn new_standards<S: Store>(
    store: &S,
    standards: &Standards,
    clock: &SharedClock,
) -> Result<(), StoreError> {
    loop {
        let told = told(store).await?;
        let now = clock.now();
        let news = standards.all().filter_map(|known| {
            let version = next(known, told.get(known.standard().id().as_str()))?;
            let (standard, digest) = (known.standard().clone(), known.digest);
            Some(StandardRecord { standard, digest, version, tell_time: now })
        });
        let news: Vec<StandardRecord> = news.collect();
        if news.is_empty() {
            return Ok(());
        }
        let events = news.iter().map(facts::of_standard).collect();
        let write = Write::by_service("start", events, now);
        match store.commit(Change::TellStandards(news), write).await {
            // Another replica was faster: see what is left to be told.
            Err(StoreError::Conflict) => {}
            done => return done.map(|_| ()),
        }
    }
}

/// The version a standard is to be told at; none if it was told as it is.
fn next(known: &KnownStandard, told: Option<&StandardRecord>) -> Option<Version> {
    match told {
        None => Some(Version::FIRST),
        Some(told) if told.digest == known.digest && told.standard == *known.standard() => None,
        Some(told) => Some(told.version.next()),
    }
}

async fn told<S: Store>(store: &S) -> Result<BTreeMap<String, StandardRecord>, StoreError> {
    let mut told = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = store.standards_told(&after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(told) };
        last.standard.id().as_str().clone_into(&mut after);
        told.extend(page.into_iter().map(|record| (record.standard.id().as_str().to_owned(), record)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::verify;
    use greenroom_certification_store_sqlite::Store as Sqlite;
    use greenroom_feed::log::{EventLog as _, HasLog as _};
    use greenroom_testkit::ManualClock;
    use greenroom_testkit::database::sqlite;
    use std::path::Path;

    async fn tell(store: &Sqlite, folder: Option<&Path>) {
        let standards = Standards::load(folder).unwrap();
        new_standards(store, &standards, &ManualClock::monday_noon().shared()).await.unwrap();
    }

    async fn versions(store: &Sqlite) -> Vec<(String, i64)> {
        let told = told(store).await.unwrap();
        told.into_iter().map(|(id, record)| (id, record.version.as_i64())).collect()
    }

    #[tokio::test]
    async fn a_standard_is_told_when_it_is_new_or_changed_and_never_again() {
        let database = sqlite();
        let store = Sqlite::open(&database.url).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("next.toml");
        let text = include_str!("../data/standards/internet-marketer-2021.toml");
        let text = text.replace("internet-marketer-2021", "next");
        std::fs::write(&file, &text).unwrap();
        let both = |version| vec![("internet-marketer-2021".to_owned(), 1), ("next".to_owned(), version)];
        for _ in 0..2 {
            tell(&store, Some(folder.path())).await;
            assert_eq!(versions(&store).await, both(1));
        }
        std::fs::write(&file, text.replace("video creator", "video maker")).unwrap();
        tell(&store, Some(folder.path())).await;
        assert_eq!(versions(&store).await, both(2));
        // Without its file it stays as it was told.
        tell(&store, None).await;
        assert_eq!(versions(&store).await, both(2));
        assert_eq!(store.log().head().await.unwrap().sequence, 3);
        let report = verify(&store).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
        store.close().await;
    }

    #[tokio::test]
    async fn of_two_replicas_that_start_at_once_one_tells() {
        let database = sqlite();
        let (one, other) = tokio::join!(Sqlite::open(&database.url), Sqlite::open(&database.url));
        let (one, other) = (one.unwrap(), other.unwrap());
        tokio::join!(tell(&one, None), tell(&other, None));
        assert_eq!(one.log().head().await.unwrap().sequence, 1);
        one.close().await;
        other.close().await;
    }
}
