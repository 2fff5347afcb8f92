//! What watchers are told: the latest changes of live sessions and of grants, read from the log once for all watchers.
//!
//! Only so much is kept. Whoever is further behind reads the log itself until it has caught up, so that no watcher, however
//! slow, makes anything grow.

use crate::wire::{fact, grant, session};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;
use greenroom_feed::event::Event;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{GrantEvent, LiveSessionEvent, RegistryFact};
use greenroom_rpc::wire::timestamp;
use prost::Message as _;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many changes are kept.
const MOST: usize = 4_096;

/// How many bytes of them.
const LARGEST: usize = 16 * 1024 * 1024;

/// One change, as its platform hears of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// The number of the event.
    pub sequence: i64,
    /// `organizations/…` of the platform.
    pub platform: String,
    /// What it says.
    pub tiding: Tiding,
    /// Its length in a message.
    pub size: usize,
}

/// What a change is of.
#[derive(Clone, Debug)]
pub enum Tiding {
    /// A live session.
    Session(Box<LiveSessionEvent>),
    /// A grant.
    Grant(Box<GrantEvent>),
}

/// The latest changes.
#[derive(Debug)]
pub struct Tidings(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    /// In commit order; all there were behind event number `from`, up to `through`.
    told: VecDeque<Arc<Told>>,
    size: usize,
    from: i64,
    through: i64,
    /// When nothing newer than `through` was committed; `None` while more waits.
    current: Option<Timestamp>,
    /// How often that was heard.
    beats: u64,
    /// Wakes the watchers of each platform.
    bells: HashMap<String, watch::Sender<()>>,
}

/// What there is for a watcher.
#[derive(Debug)]
pub enum Found {
    /// It is too far behind, and has to read the log.
    Behind,
    /// All there is.
    All(Since),
}

/// What was told since some event.
#[derive(Debug)]
pub struct Since {
    /// The changes the watcher is concerned with.
    pub told: Vec<Arc<Told>>,
    /// Everything up to this event is among them.
    pub through: i64,
    /// When nothing newer was committed; `None` while more waits.
    pub current: Option<Timestamp>,
    /// Grows whenever the log was looked at. Where it does not, nobody knows of the present.
    pub beats: u64,
}

impl Tidings {
    /// Nothing yet, behind an event.
    pub fn behind(sequence: i64) -> Self {
        Self(Mutex::new(Kept {
            told: VecDeque::new(),
            size: 0,
            from: sequence,
            through: sequence,
            current: None,
            beats: 0,
            bells: HashMap::new(),
        }))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what the events up to `through` told, and wakes whom it concerns.
    pub fn add(&self, told: Vec<Told>, through: i64) {
        let mut kept = self.kept();
        // Delivered at least once.
        let known = kept.through;
        for one in told.into_iter().filter(|one| one.sequence > known) {
            kept.add(one);
        }
        kept.through = known.max(through);
        kept.current = None;
    }

    /// Notes that nothing newer was committed at `current`.
    pub fn heard(&self, current: Timestamp) {
        let mut kept = self.kept();
        kept.current = Some(current);
        kept.beats += 1;
    }

    /// Wakes a watcher whenever its platform is told something.
    pub fn listen(&self, platform: &str) -> watch::Receiver<()> {
        let mut kept = self.kept();
        kept.bells.retain(|_, bell| bell.receiver_count() > 0);
        kept.bells.entry(platform.to_owned()).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    /// What was told after event number `after` and passes a test.
    pub fn since(&self, after: i64, concerns: impl Fn(&Told) -> bool) -> Found {
        let kept = self.kept();
        if after < kept.from {
            return Found::Behind;
        }
        let first = kept.told.partition_point(|told| told.sequence <= after);
        let told = kept.told.range(first..).filter(|told| concerns(told)).cloned().collect();
        // A watcher may have come from a replica that is ahead.
        let current = kept.current.filter(|_| kept.through >= after);
        Found::All(Since { told, through: kept.through.max(after), current, beats: kept.beats })
    }
}

impl Kept {
    fn add(&mut self, told: Told) {
        if let Some(bell) = self.bells.get(&told.platform) {
            bell.send_replace(());
        }
        self.size += told.size;
        self.told.push_back(Arc::new(told));
        while self.told.len() > MOST || self.size > LARGEST {
            let Some(oldest) = self.told.pop_front() else { return };
            self.size -= oldest.size;
            self.from = oldest.sequence;
        }
    }
}

/// What events tell watchers, each with its number.
pub fn of_events(events: &[Event]) -> Result<Vec<Told>, StoreError> {
    let told = events.iter().filter(|event| [fact::LIVE_SESSION, fact::GRANT].contains(&event.kind.as_str()));
    told.filter_map(|event| of_event(event).transpose()).collect()
}

/// `None` for what a newer program wrote.
fn of_event(event: &Event) -> Result<Option<Told>, StoreError> {
    let bad = || StoreError::Damaged(format!("event {} about `{}`", event.sequence, event.subject));
    let fact = RegistryFact::decode(event.payload.as_slice()).map_err(|_| bad())?.fact;
    let commit_time = Some(timestamp(Timestamp::from_micros(event.commit_time_us)));
    let (platform, tiding, size) = match fact {
        Some(Fact::LiveSession(change)) => {
            let session = change.live_session.ok_or_else(bad)?;
            let platform = session.platform.clone();
            let told = LiveSessionEvent {
                r#type: session::happening(&change.change).into(),
                live_session: Some(session),
                cut_streamers: change.cut_streamers,
                commit_time,
            };
            let size = told.encoded_len();
            (platform, Tiding::Session(Box::new(told)), size)
        }
        Some(Fact::Grant(change)) => {
            let given = change.grant.ok_or_else(bad)?;
            let platform = given.platform.clone();
            let r#type = grant::happening(&change.change).into();
            let told = GrantEvent { r#type, grant: Some(given), commit_time };
            let size = told.encoded_len();
            (platform, Tiding::Grant(Box::new(told)), size)
        }
        _ => return Ok(None),
    };
    Ok(Some(Told { sequence: event.sequence, platform, tiding, size }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sequence: i64, size: usize) -> Told {
        let tiding = Tiding::Grant(Box::default());
        Told { sequence, platform: "organizations/shop".to_owned(), tiding, size }
    }

    fn numbers(found: Found) -> Option<Vec<i64>> {
        match found {
            Found::Behind => None,
            Found::All(since) => Some(since.told.iter().map(|told| told.sequence).collect()),
        }
    }

    #[test]
    fn nothing_is_told_twice_and_nothing_left_out() {
        let tidings = Tidings::behind(10);
        tidings.add(vec![told(11, 1), told(13, 1)], 14);
        tidings.add(vec![told(13, 1), told(15, 1)], 15);
        assert_eq!(numbers(tidings.since(10, |_| true)), Some(vec![11, 13, 15]));
        assert_eq!(numbers(tidings.since(13, |_| true)), Some(vec![15]));
        assert_eq!(numbers(tidings.since(9, |_| true)), None);
        assert_eq!(numbers(tidings.since(10, |told| told.sequence == 13)), Some(vec![13]));
    }

    #[test]
    fn only_so_much_is_kept_and_whoever_is_behind_it_is_told_so() {
        let tidings = Tidings::behind(0);
        tidings.add(vec![told(1, LARGEST), told(2, 1)], 2);
        assert_eq!(numbers(tidings.since(0, |_| true)), None);
        assert_eq!(numbers(tidings.since(1, |_| true)), Some(vec![2]));
        let many = i64::try_from(MOST).unwrap();
        tidings.add((3..=many + 2).map(|number| told(number, 1)).collect(), many + 2);
        assert_eq!(numbers(tidings.since(1, |_| true)), None);
        assert_eq!(numbers(tidings.since(2, |_| true)).unwrap().len(), MOST);
    }

    #[test]
    fn a_watcher_that_is_ahead_of_this_replica_waits_for_it() {
        let tidings = Tidings::behind(5);
        tidings.heard(Timestamp::from_micros(1));
        let Found::All(ahead) = tidings.since(7, |_| true) else { panic!("behind") };
        assert_eq!((ahead.through, ahead.current), (7, None));
        tidings.add(vec![told(7, 1), told(8, 1)], 8);
        assert_eq!(numbers(tidings.since(7, |_| true)), Some(vec![8]));
    }

    #[tokio::test]
    async fn only_those_are_woken_whom_it_concerns() {
        let tidings = Tidings::behind(0);
        let (mut shop, mut rival) =
            (tidings.listen("organizations/shop"), tidings.listen("organizations/rival"));
        tidings.add(vec![told(1, 1)], 1);
        assert!(shop.has_changed().unwrap() && !rival.has_changed().unwrap());
        shop.borrow_and_update();
        rival.borrow_and_update();
    }
}
