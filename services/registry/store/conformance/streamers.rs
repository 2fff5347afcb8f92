//! What is promised of streamers that change.

use super::{at, id, opened, shop, streamer, write};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::{Change, Store as _};
use greenroom_domain::registry::{EnrolmentState, Streamer, StreamerFilter};

#[tokio::test]
async fn an_account_that_changed_name_and_hands_is_read_as_it_was_written() {
    let (_database, store) = opened().await;
    let mina = streamer("mina");
    store.commit(Change::Enrol(mina.clone()), write()).await.unwrap();
    let renamed = mina.clone().rename("stage".to_owned(), at(7)).unwrap();
    store.commit(Change::SaveStreamer(renamed.clone()), write()).await.unwrap();
    let read = store.streamer(&mina.id).await.unwrap().unwrap();
    assert_eq!(read, Streamer { version: mina.version.next(), ..renamed });
    let rebound = read.clone().rebind(id("suite-q"), id("q"), at(8)).unwrap();
    store.commit(Change::SaveStreamer(rebound.clone()), write()).await.unwrap();
    let found = store.streamer_by_account(&shop(), "stage").await.unwrap();
    assert_eq!(found, Some(Streamer { version: read.version.next(), ..rebound }));
    assert_eq!(store.streamer_by_account(&shop(), "room-of-mina").await.unwrap(), None);
}

#[tokio::test]
async fn an_account_of_another_streamer_cannot_be_taken_over() {
    let (_database, store) = opened().await;
    for name in ["mina", "jun"] {
        store.commit(Change::Enrol(streamer(name)), write()).await.unwrap();
    }
    let stolen = streamer("jun").rename("room-of-mina".to_owned(), at(7)).unwrap();
    let taken = store.commit(Change::SaveStreamer(stolen), write()).await;
    assert!(matches!(taken, Err(StoreError::Taken("account"))));
}

#[tokio::test]
async fn a_filter_says_the_same_here_and_in_the_domain() {
    let (_database, store) = opened().await;
    let others = Streamer { pairwise: id("q"), ..streamer("lan") };
    let starred = Streamer { account: "ROOM%".to_owned(), ..streamer("wei") };
    let plain = Streamer { account: "直播间-1".to_owned(), ..streamer("hao") };
    let all = [plain, streamer("jun"), others, streamer("mina"), starred];
    for one in &all {
        store.commit(Change::Enrol(one.clone()), write()).await.unwrap();
    }
    let gone = streamer("mina").withdraw(at(9)).unwrap();
    store.commit(Change::SaveStreamer(gone), write()).await.unwrap();
    let rows = store.streamers_of(&shop(), &StreamerFilter::default(), "", 99).await.unwrap();
    assert_eq!(rows.len(), all.len());
    let prefixes = [None, Some("room-of-"), Some("ROOM%"), Some("room_"), Some("直播"), Some("")];
    for state in [None, Some(EnrolmentState::Enrolled), Some(EnrolmentState::Withdrawn)] {
        for pairwise in [None, Some("p"), Some("q"), Some("nobody")] {
            for prefix in prefixes {
                let filter = StreamerFilter {
                    state,
                    pairwise: pairwise.map(id),
                    account_prefix: prefix.map(ToOwned::to_owned),
                };
                let expected: Vec<Streamer> = rows.iter().filter(|row| filter.passes(row)).cloned().collect();
                assert_eq!(
                    store.streamers_of(&shop(), &filter, "", 99).await.unwrap(),
                    expected,
                    "{filter:?}"
                );
            }
        }
    }
}
