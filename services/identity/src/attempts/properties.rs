//! The limiter held against a model, and what must never happen.

use super::limiter::{Limit, Limiter};
use super::remembered::{Memory, Remembered};
use super::{ADDRESS, Attempt, Attempts, CLIENT, Claimed, Hearing, Origin, Wrong};
use greenroom_domain::kernel::{ClientId, Timestamp};
use proptest::prelude::*;
use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const START: Timestamp = Timestamp::from_micros(1_793_592_000_000_000);

/// Small enough that every case is met.
const SMALL: Limit = Limit {
    allowance: 3,
    longest_wait: Duration::from_secs(10),
    recovery: Duration::from_secs(7),
    capacity: 1_000,
};

/// The failures that reach the longest wait: 3, then 1 s, 2 s, 4 s, 8 s, 10 s.
const MOST: u64 = 8;

/// What one key has done, as an amount that drains while it does not wait.
#[derive(Clone, Copy, Default)]
struct Model {
    /// Microseconds of quiet until all is forgotten.
    debt: u64,
    wait: Duration,
}

impl Model {
    fn failures(self) -> u64 {
        self.debt.div_ceil(7_000_000)
    }

    fn pass(&mut self, time: Duration) {
        let quiet = time.saturating_sub(self.wait);
        self.wait = self.wait.saturating_sub(time);
        self.debt = self.debt.saturating_sub(u64::try_from(quiet.as_micros()).unwrap());
    }

    fn fail(&mut self) {
        if self.failures() < MOST {
            self.debt += 7_000_000;
        }
        let seconds = match self.failures() {
            0..=3 => 0,
            beyond => (1 << (beyond - 4)).min(10),
        };
        self.wait = Duration::from_secs(seconds);
    }
}

#[derive(Clone, Copy, Debug)]
enum Does {
    Pass(u64),
    /// Fails, as far as it need not wait.
    Fail(u8),
    /// Fails although it waits: it was under way when another failed.
    FailOvertaken(u8),
    Ask,
    Succeed(u8),
}

fn does() -> impl Strategy<Value = Does> {
    let key = 0..3_u8;
    prop_oneof![
        3 => (0..12_000_000_u64).prop_map(Does::Pass),
        1 => prop::sample::select(vec![999_999, 1_000_000, 7_000_000, 10_000_000, 60_000_000]).prop_map(Does::Pass),
        6 => key.clone().prop_map(Does::Fail),
        1 => key.clone().prop_map(Does::FailOvertaken),
        2 => Just(Does::Ask),
        1 => key.prop_map(Does::Succeed),
    ]
}

proptest! {
    #[test]
    fn the_limiter_does_what_the_model_does(history in prop::collection::vec(does(), 0..120)) {
        let (mut limiter, mut now) = (Limiter::new(SMALL), START);
        let mut models: HashMap<u8, Model> = HashMap::new();
        for happens in history {
            match happens {
                Does::Pass(micros) => {
                    now = now.plus(Duration::from_micros(micros));
                    for model in models.values_mut() {
 model.pass(Duration::from_micros(micros));
}
                }
                Does::Fail(key) => {
                    if limiter.wait(&key, now).is_zero() {
                        limiter.fail(key, now);
                        models.entry(key).or_default().fail();
                    }
                }
                Does::FailOvertaken(key) => {
                    limiter.fail(key, now);
                    models.entry(key).or_default().fail();
                }
                Does::Ask => {}
                Does::Succeed(key) => {
                    limiter.clear(&key);
                    models.remove(&key);
                }
            }
            for key in 0..3 {
                let model = models.get(&key).copied().unwrap_or_default();
                prop_assert_eq!(limiter.wait(&key, now), model.wait);
                prop_assert_eq!(u64::from(limiter.failures(&key, now)), model.failures());
                prop_assert!(model.wait <= SMALL.longest_wait);
            }
        }
    }

    #[test]
    fn memory_is_bounded_whoever_comes(keys in prop::collection::vec((0..200_u16, 0..2_000_000_u64), 0..300)) {
        let mut limiter = Limiter::new(Limit { capacity: 16, ..SMALL });
        let mut now = START;
        for (key, micros) in keys {
            now = now.plus(Duration::from_micros(micros));
            limiter.fail(key, now);
            prop_assert!(limiter.len() <= 16);
            prop_assert!(limiter.failures(&key, now) > 0, "the last is always remembered");
        }
    }

    #[test]
    fn without_failures_a_wait_only_shrinks_and_a_failure_never_shortens_it(
        failures in 1..100_u32,
        steps in prop::collection::vec(0..40_000_000_u64, 1..20),
    ) {
        for limit in [CLIENT, ADDRESS, SMALL] {
            let (mut limiter, mut now) = (Limiter::new(limit), START);
            for _ in 0..failures {
                let before = limiter.wait(&0, now);
                limiter.fail(0, now);
                prop_assert!(limiter.wait(&0, now) >= before);
            }
            let mut before = limiter.wait(&0, now);
            let mut failed = limiter.failures(&0, now);
            for step in &steps {
                now = now.plus(Duration::from_micros(*step));
                let (wait, failures) = (limiter.wait(&0, now), limiter.failures(&0, now));
                prop_assert!(wait <= before && failures <= failed);
                (before, failed) = (wait, failures);
            }
        }
    }

    #[test]
    fn nobody_waits_longer_than_the_cap_whatever_the_clock_does(
        history in prop::collection::vec((any::<i64>(), 0..3_u8), 0..60),
    ) {
        for limit in [CLIENT, ADDRESS] {
            let mut limiter = Limiter::new(limit);
            for (micros, key) in &history {
                let now = Timestamp::from_micros(*micros);
                limiter.fail(*key, now);
                for key in 0..3 {
                    let wait = limiter.wait(&key, now);
                    prop_assert!(wait <= limit.longest_wait);
                    // Having been seen once, the wait is over when it said, not when the clock is back.
                    prop_assert!(limiter.wait(&key, now.plus(wait)).is_zero() || now.plus(wait) == now);
                }
            }
        }
    }

    #[test]
    fn who_proves_itself_by_a_key_is_never_locked_out_by_strangers(
        strangers in prop::collection::vec((0..9_u16, 0..3_000_000_u64), 0..400),
    ) {
        let attempts = Attempts::begin().unwrap();
        let (till, mut now) = (ClientId::try_new("till").unwrap(), START);
        let own = attempts.by_key(Some(&till), address(1000));
        for (stranger, micros) in strangers {
            now = now.plus(Duration::from_micros(micros));
            let guess = match stranger % 2 {
                0 => attempts.by_secret("till", address(stranger)),
                _ => attempts.by_key(Some(&till), address(stranger)),
            };
            guessed(&attempts, &guess, now);
            prop_assert_eq!(attempts.admit(&own, now), Ok(Hearing::Ordinary));
        }
    }

    #[test]
    fn who_has_authenticated_is_let_in_whatever_others_do(
        others in prop::collection::vec((0..4_u8, 0..4_u16, 0..3_000_000_u64), 0..400),
        by_key: bool,
    ) {
        let attempts = Attempts::begin().unwrap();
        let (till, mut now) = (ClientId::try_new("till").unwrap(), START);
        let own = || {
            if by_key {
                attempts.by_key(Some(&till), address(0))
            } else {
                attempts.by_secret("till", address(0))
            }
        };
        prop_assert_eq!(attempts.succeeded(&own(), Hearing::Ordinary, now), Ok(()));
        for (kind, place, micros) in others {
            now = now.plus(Duration::from_micros(micros));
            // Its own id elsewhere, other ids anywhere.
            let guess = match kind {
                0 => attempts.by_secret("till", address(place + 1)),
                1 => attempts.by_key(Some(&till), address(place + 1)),
                2 => attempts.by_secret("other", address(place)),
                _ => attempts.by_key(None, address(place)),
            };
            for _ in 0..20 {
                guessed(&attempts, &guess, now);
            }
            let hearing = attempts.admit(&own(), now);
            prop_assert!(matches!(hearing, Ok(Hearing::Ordinary | Hearing::Remembered { .. })), "{hearing:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_answered_the_same_whoever_has_authenticated(
        history in prop::collection::vec((0..3_u8, 0..2_u16, 0..4_000_000_u64, 1..12_u8), 0..100),
    ) {
        let (met, strange) = (Attempts::begin().unwrap(), Attempts::begin().unwrap());
        let till = ClientId::try_new("till").unwrap();
        for place in 0..2 {
            met.succeeded(&met.by_secret("till", address(place)), Hearing::Ordinary, START).unwrap();
            met.succeeded(&met.by_key(Some(&till), address(place)), Hearing::Ordinary, START).unwrap();
        }
        let mut now = START;
        for (kind, place, micros, times) in history {
            now = now.plus(Duration::from_micros(micros));
            let guess = |attempts: &Attempts| match kind {
                0 => attempts.by_secret("till", address(place)),
                1 => attempts.by_key(Some(&till), address(place)),
                _ => attempts.by_secret("other", address(place)),
            };
            for _ in 0..times {
                let told = [&met, &strange].map(|attempts| guessed(attempts, &guess(attempts), now));
                prop_assert_eq!(told[0], told[1]);
            }
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_passes(
        history in prop::collection::vec((0..60_u16, 0..2_000_000_u64), 1..200),
    ) {
        let memory = Memory { span: Duration::from_secs(30), capacity: 16 };
        let (mut remembered, mut now) = (Remembered::new(memory), START);
        let mut model: Vec<(u16, Timestamp)> = Vec::new();
        let place = |key: u16| (address(key % 7), [u8::try_from(key).unwrap(); 16]);
        for (key, micros) in history {
            now = now.plus(Duration::from_micros(micros));
            model.retain(|(known, last)| *known != key && now.since(*last) < memory.span);
            model.push((key, now));
            if model.len() > 16 {
                model.remove(0);
            }
            remembered.pass(now);
            remembered.put(place(key), now);
            prop_assert_eq!(remembered.len(), model.len());
            for key in 0..60 {
                let known = model.iter().any(|(known, _)| *known == key);
                prop_assert_eq!(remembered.knows(&place(key)), known, "{}", key);
                let any = model.iter().any(|(known, _)| known % 7 == key % 7);
                prop_assert_eq!(remembered.knows_any_at(&address(key % 7)), any);
            }
        }
    }
}

/// One wrong proof: the wait that is told, if one is.
fn guessed(attempts: &Attempts, attempt: &Attempt, now: Timestamp) -> Option<Duration> {
    match attempts.admit(attempt, now) {
        Ok(hearing) => attempts.failed(attempt, hearing, (Claimed::Unreadable, &Wrong::Secret), now),
        Err(wait) => Some(wait),
    }
}

/// A failure that no limit is asked about.
fn fail(attempts: &Attempts, attempt: &Attempt, claimed: Claimed<'_>, now: Timestamp) {
    attempts.failed(attempt, Hearing::Ordinary, (claimed, &Wrong::Secret), now);
}

fn address(network: u16) -> Origin {
    IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, 1)).into()
}

fn waits(limit: Limit) -> Vec<u64> {
    let (mut limiter, mut now) = (Limiter::new(limit), START);
    let mut told = Vec::new();
    for _ in 0..80 {
        limiter.fail(0, now);
        let wait = limiter.wait(&0, now);
        told.push(wait.as_secs());
        now = now.plus(wait);
    }
    told
}

#[test]
fn waits_double_from_one_second_to_the_cap_and_stay_there() {
    let (client, address) = (waits(CLIENT), waits(ADDRESS));
    assert_eq!(client[..10], [0; 10]);
    assert_eq!(client[10..18], [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(client.last(), Some(&60));
    assert_eq!(address[..50], [0; 50]);
    assert_eq!(address[50..61], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
}

#[test]
fn failures_are_forgotten_one_by_one_after_the_wait() {
    let (mut limiter, now) = (Limiter::new(CLIENT), START);
    let mut wait = Duration::ZERO;
    for _ in 0..1_000 {
        limiter.fail(0, now);
        wait = limiter.wait(&0, now);
    }
    let after = |seconds: u64| now.plus(wait).plus(Duration::from_secs(seconds));
    assert_eq!((wait.as_secs(), limiter.failures(&0, now)), (60, 17));
    assert_eq!(limiter.failures(&0, after(0)), 17, "a wait is no quiet time");
    assert_eq!((limiter.failures(&0, after(59)), limiter.failures(&0, after(60))), (17, 16));
    assert_eq!((limiter.failures(&0, after(17 * 60 - 1)), limiter.failures(&0, after(17 * 60))), (1, 0));
    // One failure later the next wait is that of the failures left.
    limiter.fail(0, after(5 * 60));
    assert_eq!(limiter.wait(&0, after(5 * 60)).as_secs(), 4, "twelve are left, and the thirteenth came");
}

#[test]
fn a_slow_trickle_never_has_to_wait() {
    let (mut limiter, mut now) = (Limiter::new(ADDRESS), START);
    for _ in 0..1_000 {
        limiter.fail(0, now);
        assert_eq!(limiter.wait(&0, now), Duration::ZERO);
        now = now.plus(Duration::from_secs(10));
    }
    // Two at half the rate each add up to the same.
    for index in 0..1_000 {
        limiter.fail(index % 2, now);
        assert_eq!(limiter.wait(&(index % 2), now), Duration::ZERO);
        now = now.plus(Duration::from_secs(5));
    }
}

#[test]
fn a_flood_of_new_keys_drives_out_itself_and_not_those_who_wait() {
    let mut limiter = Limiter::new(Limit { capacity: 100, ..CLIENT });
    for _ in 0..20 {
        limiter.fail(0, START);
    }
    limiter.fail(1, START);
    let later = START.plus(Duration::from_secs(30));
    for key in 2..5_000 {
        limiter.fail(key, later);
    }
    assert_eq!((limiter.len(), limiter.wait(&0, later).as_secs()), (100, 30));
    assert_eq!(limiter.failures(&1, later), 0, "the one with the fewest failures the longest ago went first");
}

#[test]
fn a_success_forgets_the_clients_failures_and_none_of_the_address() {
    let attempts = Attempts::begin().unwrap();
    let attempt = |client: &str| attempts.by_secret(client, address(1));
    for round in 0..5 {
        for _ in 0..10 {
            fail(&attempts, &attempt("till"), Claimed::Unreadable, START);
        }
        assert_eq!(attempts.admit(&attempt("till"), START), Ok(Hearing::Ordinary), "{round}");
        attempts.succeeded(&attempt("till"), Hearing::Ordinary, START).unwrap();
        // A success by key, too, forgets nothing of the address.
        attempts.succeeded(&attempts.by_key(None, address(1)), Hearing::Ordinary, START).unwrap();
    }
    fail(&attempts, &attempt("till"), Claimed::Unreadable, START);
    let wait = Duration::from_secs(1);
    assert_eq!(attempts.admit(&attempt("till"), START), Ok(Hearing::Remembered { wait }));
    assert_eq!(attempts.admit(&attempt("other"), START), Ok(Hearing::ForShow { wait }));
    assert_eq!(attempts.succeeded(&attempt("other"), Hearing::ForShow { wait }, START), Err(wait));
    assert_eq!(attempts.admit(&attempts.by_key(None, address(1)), START), Err(wait));
    assert_eq!(attempts.admit(&attempts.by_secret("till", address(2)), START), Ok(Hearing::Ordinary));
    let counts = attempts.counts();
    assert_eq!((counts.failed, counts.succeeded, counts.refused), (51, 10, 2));
    // A day later the client is a stranger again.
    let later = START.plus(Duration::from_hours(24));
    for index in 0..60 {
        fail(&attempts, &attempt(&format!("client-{index}")), Claimed::Unreadable, later);
    }
    assert!(attempts.admit(&attempt("till"), later).is_err());
}

#[test]
fn clients_that_go_on_trying_with_a_stale_key_never_close_their_address_to_others() {
    let attempts = Attempts::begin().unwrap();
    let stale = ["registry", "certification", "till"].map(|id| ClientId::try_new(id).unwrap());
    let (mut now, mut heard) = (START, 0);
    // Every two seconds for two hours, as a follower does whose token is refused.
    for _ in 0..3_600 {
        now = now.plus(Duration::from_secs(2));
        for id in &stale {
            let attempt = attempts.by_key(Some(id), address(1));
            if attempts.admit(&attempt, now).is_ok() {
                fail(&attempts, &attempt, Claimed::Known(id), now);
                heard += 1;
            }
        }
        assert_eq!(attempts.admit(&attempts.by_key(None, address(1)), now), Ok(Hearing::Ordinary));
    }
    assert!((300..450).contains(&heard), "{heard}: once a minute each");
}

/// What is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged while `act` runs.
fn logged(act: impl FnOnce(&Attempts)) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || act(&Attempts::begin().unwrap()));
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn the_log_hears_of_every_step_once_and_never_what_no_client_could_be_called() {
    let till = ClientId::try_new("till").unwrap();
    let text = logged(|attempts| {
        for _ in 0..40 {
            fail(attempts, &attempts.by_secret("till", address(1)), Claimed::Known(&till), START);
            fail(attempts, &attempts.by_secret("gr_mistyped", address(2)), Claimed::Unreadable, START);
        }
        attempts.tell_counts();
        attempts.tell_counts();
    });
    let warned: Vec<_> = text.lines().filter(|line| line.contains(" WARN ")).collect();
    let lines = |word: &str| warned.iter().filter(|line| line.contains(word)).count();
    // Seven steps for each of the two.
    assert_eq!((lines(""), lines("client.id=\"till\""), lines("client.id=\"unknown\"")), (14, 7, 7));
    assert_eq!((lines("2001:db8:0:1::/64"), lines("2001:db8:0:2::/64")), (7, 7));
    assert_eq!((text.contains("mistyped"), lines("wait_seconds=60")), (false, 2));
    let counted: Vec<_> = text.lines().filter(|line| line.contains("since the start")).collect();
    assert_eq!((counted.len(), text.matches("counts.failed=80").count()), (1, 1));
}

#[test]
fn the_log_has_a_line_for_each_failure_and_no_more_than_somebody_reads() {
    let (till, nobody) = (ClientId::try_new("till").unwrap(), ClientId::try_new("nobody").unwrap());
    let text = logged(|attempts| {
        let attempt = attempts.by_key(Some(&till), address(1));
        let later = START.plus(Duration::from_mins(1));
        attempts.failed(&attempt, Hearing::Ordinary, (Claimed::Known(&till), &Wrong::Replayed), START);
        attempts.failed(&attempt, Hearing::Ordinary, (Claimed::Nobody(&nobody), &Wrong::Secret), START);
        let shown = Hearing::ForShow { wait: Duration::from_secs(1) };
        for _ in 0..100 {
            attempts.failed(&attempt, shown, (Claimed::Unreadable, &Wrong::Secret), START);
        }
        attempts.failed(&attempt, shown, (Claimed::Known(&till), &Wrong::Certificate), later);
    });
    let told: Vec<_> = text.lines().filter(|line| line.contains("a client authentication failed")).collect();
    assert_eq!((told.len(), told.iter().filter(|line| line.contains("unreadable")).count()), (61, 58));
    for (place, words) in [
        (0, ["client.id=\"till\"", "used before", "kept_back=0"]),
        (1, ["client.id=\"nobody\"", "no such client", "2001:db8:0:1::/64"]),
        (60, ["client.id=\"till\"", "not the certificate", "kept_back=42"]),
    ] {
        assert!(words.iter().all(|word| told[place].contains(word)), "{}", told[place]);
    }
}
