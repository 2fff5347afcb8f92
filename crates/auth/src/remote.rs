//! When to read an issuer's key set again. Decides only; whoever holds it does the fetching.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use greenroom_domain::kernel::Timestamp;

use crate::key_set::KeySet;

/// How often a key set is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshRules {
    /// The shortest time between two attempts, whatever asks for them: a thousand made-up key ids cost one fetch.
    pub min_interval: Duration,
    /// The longest time a set is used without being read again. A withdrawn key may be trusted that long.
    pub max_age: Duration,
    /// After this long an attempt that never reported back counts as failed.
    pub attempt_timeout: Duration,
    /// The shortest time between two attempts while the keys are not what the issuer itself said they are. Strangers cannot
    /// cause those, so it may be short: a withdrawn key is trusted that much longer.
    pub news_interval: Duration,
    /// How long the issuer's word is held against its key set before the regular refresh is relied upon again.
    pub news_patience: Duration,
}

impl RefreshRules {
    /// How long before it signs its first token a new key must be published, so that every reader with these rules
    /// knows it by then, one failed attempt included.
    pub fn publish_ahead(&self) -> Duration {
        self.max_age + self.min_interval + self.attempt_timeout
    }
}

impl Default for RefreshRules {
    /// At most every ten seconds, at least every five minutes, ten seconds for an attempt; every half second,
    /// for ten seconds, until news are borne out.
    fn default() -> Self {
        Self {
            min_interval: Duration::from_secs(10),
            max_age: Duration::from_mins(5),
            attempt_timeout: Duration::from_secs(10),
            news_interval: Duration::from_millis(500),
            news_patience: Duration::from_secs(10),
        }
    }
}

/// What to do about a wish for fresh keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// Fetch the set now, and report with [`RemoteKeySet::succeeded`] or [`RemoteKeySet::failed`].
    Start,
    /// Somebody is fetching it; wait for that, then look again.
    Running,
    /// Not before this instant; go by the keys there are.
    NotBefore(Timestamp),
}

/// The key set of a remote issuer: the keys known, and when they may be asked for again.
#[derive(Debug, Clone)]
pub struct RemoteKeySet {
    rules: RefreshRules,
    keys: Arc<KeySet>,
    read_time: Option<Timestamp>,
    last_attempt: Option<Timestamp>,
    running: bool,
    /// What the issuer said of its keys by other ways than the set, as long as the set may say something else.
    news: BTreeMap<String, News>,
}

/// What the issuer said of one key.
#[derive(Debug, Clone, Copy)]
struct News {
    /// From when on the key is published no more, if that is known.
    retired_from: Option<Timestamp>,
    /// When the set stops being asked about it.
    until: Timestamp,
}

impl News {
    fn is_published(&self, now: Timestamp) -> bool {
        self.retired_from.is_none_or(|retired| now < retired)
    }
}

impl RemoteKeySet {
    /// No keys yet; the first fetch is due at once.
    pub fn new(rules: RefreshRules) -> Self {
        Self {
            rules,
            keys: Arc::default(),
            read_time: None,
            last_attempt: None,
            running: false,
            news: BTreeMap::new(),
        }
    }

    /// The keys read last. They stay in use while the issuer cannot be reached.
    pub fn keys(&self) -> &Arc<KeySet> {
        &self.keys
    }

    /// When the keys were read last; nothing before the first success, and no service is ready without it.
    pub fn read_time(&self) -> Option<Timestamp> {
        self.read_time
    }

    /// A token names a key that is not in the set: may the set be read again at `now`?
    pub fn on_unknown_key(&mut self, now: Timestamp) -> Refresh {
        self.give_up(now);
        self.start_from(self.next_allowed(), now)
    }

    /// The issuer said, surely and by another way, that it publishes a key, up to `retired_from` if that is told.
    ///
    /// Where the set says something else the regular refresh is due at once, and again until it says so: whoever answers
    /// may learn of the change later than we do. A retirement to come is looked after when it has come.
    pub fn on_news(&mut self, key_id: &str, retired_from: Option<Timestamp>, now: Timestamp) {
        let comes = retired_from.map_or(now, |retired| retired.max(now));
        let until = comes.plus(self.rules.news_patience);
        self.news.insert(key_id.to_owned(), News { retired_from, until });
    }

    /// The regular refresh: is it due at `now`?
    pub fn on_schedule(&mut self, now: Timestamp) -> Refresh {
        self.give_up(now);
        let regular = self.read_time.map(|read_time| read_time.plus(self.rules.max_age));
        let regular = regular.max(self.next_allowed());
        let news = self.news_due(now);
        self.start_from(regular.map(|due| news.map_or(due, |news| news.min(due))), now)
    }

    /// When the set has to be read for the sake of what the issuer said. Forgets what it bears out by now.
    fn news_due(&mut self, now: Timestamp) -> Option<Timestamp> {
        let soon = self.last_attempt.map_or(now, |attempt| attempt.plus(self.rules.news_interval));
        let keys = &self.keys;
        let due = |key_id: &str, news: &News| {
            if keys.get(key_id).is_some() == news.is_published(now) {
                news.retired_from.filter(|retired| now < *retired)
            } else {
                Some(soon).filter(|_| now < news.until)
            }
        };
        self.news.retain(|key_id, news| due(key_id, news).is_some());
        self.news.iter().filter_map(|(key_id, news)| due(key_id, news)).min()
    }

    /// A fetch came back with `keys`. They replace the old ones altogether, so a withdrawn key is gone.
    pub fn succeeded(&mut self, keys: KeySet, now: Timestamp) {
        self.keys = Arc::new(keys);
        self.read_time = Some(now);
        self.running = false;
    }

    /// A fetch failed, or came back with a set that was refused. The old keys stay.
    pub fn failed(&mut self) {
        self.running = false;
    }

    fn next_allowed(&self) -> Option<Timestamp> {
        self.last_attempt.map(|attempt| attempt.plus(self.rules.min_interval))
    }

    /// The last attempt. A clock that was set back must not lock the door until it has caught up.
    fn last_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        self.last_attempt.filter(|attempt| *attempt <= now)
    }

    /// An attempt that has not reported back for too long counts as failed.
    fn give_up(&mut self, now: Timestamp) {
        let patience = self.last_attempt(now).map(|attempt| attempt.plus(self.rules.attempt_timeout));
        if self.running && patience.is_none_or(|until| now >= until) {
            self.failed();
        }
    }

    fn start_from(&mut self, due: Option<Timestamp>, now: Timestamp) -> Refresh {
        if self.running {
            return Refresh::Running;
        }
        match due {
            Some(due) if now < due && self.last_attempt(now).is_some() => Refresh::NotBefore(due),
            _ => {
                self.running = true;
                self.last_attempt = Some(now);
                Refresh::Start
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, SigningKey};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000 + seconds * 1_000_000)
    }

    fn one_key() -> KeySet {
        let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
        KeySet::try_new([key.public().clone()]).unwrap()
    }

    fn read_at(seconds: i64) -> RemoteKeySet {
        let mut remote = RemoteKeySet::new(RefreshRules::default());
        assert_eq!(remote.on_schedule(at(seconds)), Refresh::Start);
        remote.succeeded(one_key(), at(seconds));
        remote
    }

    #[test]
    fn a_thousand_unknown_keys_cause_one_fetch() {
        let mut remote = read_at(0);
        let mut starts = 0;
        for _ in 0..1000 {
            if remote.on_unknown_key(at(60)) == Refresh::Start {
                starts += 1;
                remote.succeeded(one_key(), at(60));
            }
        }
        assert_eq!(starts, 1);
        assert_eq!(remote.on_unknown_key(at(69)), Refresh::NotBefore(at(70)));
        assert_eq!(remote.on_unknown_key(at(70)), Refresh::Start);
    }

    #[test]
    fn while_one_fetches_the_others_wait() {
        let mut remote = read_at(0);
        assert_eq!(remote.on_unknown_key(at(60)), Refresh::Start);
        assert_eq!(
            (remote.on_unknown_key(at(60)), remote.on_schedule(at(69))),
            (Refresh::Running, Refresh::Running)
        );
    }

    #[test]
    fn a_fetch_that_never_reports_is_given_up() {
        let mut remote = read_at(0);
        assert_eq!(remote.on_unknown_key(at(60)), Refresh::Start);
        assert_eq!(remote.on_unknown_key(at(70)), Refresh::Start);
    }

    #[test]
    fn failures_keep_the_old_keys_and_do_not_hammer_the_issuer() {
        let mut remote = read_at(0);
        let keys = Arc::clone(remote.keys());
        assert_eq!(remote.on_schedule(at(300)), Refresh::Start);
        remote.failed();
        assert_eq!(remote.on_schedule(at(301)), Refresh::NotBefore(at(310)));
        assert_eq!(remote.on_unknown_key(at(301)), Refresh::NotBefore(at(310)));
        assert_eq!(remote.on_schedule(at(310)), Refresh::Start);
        assert_eq!((remote.keys(), remote.read_time()), (&keys, Some(at(0))));
    }

    #[test]
    fn keys_are_read_again_before_they_are_too_old() {
        let mut remote = read_at(0);
        let first = Arc::clone(remote.keys());
        assert_eq!(remote.on_schedule(at(299)), Refresh::NotBefore(at(300)));
        assert_eq!(remote.on_schedule(at(300)), Refresh::Start);
        remote.succeeded(one_key(), at(300));
        assert_ne!(remote.keys(), &first);
        assert_eq!(remote.on_schedule(at(301)), Refresh::NotBefore(at(600)));
    }

    fn id_of(keys: &KeySet) -> String {
        keys.iter().map(|key| key.id().as_str().to_owned()).next().unwrap()
    }

    const HALF: Duration = Duration::from_millis(500);

    #[test]
    fn a_key_given_up_is_asked_about_at_once_whatever_strangers_asked_for() {
        let mut remote = read_at(0);
        assert_eq!(remote.on_unknown_key(at(60)), Refresh::Start);
        remote.succeeded(one_key(), at(60));
        let given_up = id_of(remote.keys());
        remote.on_news(&given_up, Some(at(60)), at(60));
        assert_eq!(remote.on_schedule(at(60)), Refresh::NotBefore(at(60).plus(HALF)));
        assert_eq!(remote.on_schedule(at(61)), Refresh::Start);
        remote.succeeded(one_key(), at(61));
        assert_eq!(remote.on_schedule(at(61)), Refresh::NotBefore(at(361)));
    }

    #[test]
    fn news_are_asked_about_until_they_are_borne_out_and_not_for_ever() {
        let mut remote = read_at(0);
        let (old, new) = (Arc::clone(remote.keys()), one_key());
        remote.on_news(&id_of(&new), None, at(60));
        for (second, answered) in [(61, true), (62, false)] {
            assert_eq!(remote.on_schedule(at(second)), Refresh::Start);
            assert_eq!(remote.on_schedule(at(second)), Refresh::Running);
            // Whoever answers has not heard of it.
            if answered {
                remote.succeeded(KeySet::clone(&old), at(second));
            } else {
                remote.failed();
            }
            assert_eq!(remote.on_schedule(at(second)), Refresh::NotBefore(at(second).plus(HALF)));
        }
        let mut borne_out = remote.clone();
        assert_eq!(borne_out.on_schedule(at(63)), Refresh::Start);
        borne_out.succeeded(new, at(63));
        assert_eq!(borne_out.on_schedule(at(64)), Refresh::NotBefore(at(363)));
        assert_eq!(remote.on_schedule(at(70)), Refresh::NotBefore(at(361)));
    }

    #[test]
    fn what_the_set_says_already_needs_no_asking_and_a_retirement_to_come_is_looked_after_then() {
        let mut remote = read_at(0);
        let key = id_of(remote.keys());
        remote.on_news(&key, None, at(60));
        remote.on_news("unheard-of", Some(at(50)), at(60));
        assert_eq!(remote.on_schedule(at(60)), Refresh::NotBefore(at(300)));
        remote.on_news(&key, Some(at(90)), at(60));
        assert_eq!(remote.on_schedule(at(60)), Refresh::NotBefore(at(90)));
        assert_eq!(remote.on_schedule(at(90)), Refresh::Start);
        remote.succeeded(one_key(), at(90));
        assert_eq!(remote.on_schedule(at(90)), Refresh::NotBefore(at(390)));
    }

    #[test]
    fn a_clock_set_back_permits_a_fetch() {
        let mut remote = read_at(1_000_000);
        assert_eq!(remote.on_unknown_key(at(0)), Refresh::Start);
        remote.failed();
        assert_eq!(remote.on_unknown_key(at(5)), Refresh::NotBefore(at(10)));
    }

    #[test]
    fn the_first_fetch_is_due_at_once() {
        let mut remote = RemoteKeySet::new(RefreshRules::default());
        assert!(remote.keys().is_empty());
        assert_eq!(remote.on_unknown_key(at(0)), Refresh::Start);
        remote.failed();
        assert_eq!(remote.on_schedule(at(9)), Refresh::NotBefore(at(10)));
        assert_eq!(remote.on_schedule(at(10)), Refresh::Start);
    }
}
