//! The limiter held against a model, and what must never happen.

use super::limiter::{Limit, Limiter};
use super::{ADDRESS, Attempts, CLIENT, Claimed, Origin};
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
            if attempts.admit(&guess, now).is_ok() {
                attempts.failed(&guess, Claimed::Known(&till), now);
            }
            prop_assert_eq!(attempts.admit(&own, now), Ok(()));
        }
    }
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
            attempts.failed(&attempt("till"), Claimed::Unknown, START);
        }
        assert_eq!(attempts.admit(&attempt("till"), START), Ok(()), "{round}");
        attempts.succeeded(&attempt("till"));
        // A success by key, too, forgets nothing of the address.
        attempts.succeeded(&attempts.by_key(None, address(1)));
    }
    attempts.failed(&attempt("till"), Claimed::Unknown, START);
    let closed = Err(Duration::from_secs(1));
    assert_eq!(attempts.admit(&attempt("till"), START), closed);
    assert_eq!(attempts.admit(&attempts.by_key(None, address(1)), START), closed);
    assert_eq!(attempts.admit(&attempts.by_secret("till", address(2)), START), Ok(()));
    let counts = attempts.counts();
    assert_eq!((counts.failed, counts.succeeded, counts.refused), (51, 10, 2));
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
                attempts.failed(&attempt, Claimed::Known(id), now);
                heard += 1;
            }
        }
        assert_eq!(attempts.admit(&attempts.by_key(None, address(1)), now), Ok(()));
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

#[test]
fn the_log_hears_of_every_step_once_and_never_what_an_unknown_client_claimed() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        let attempts = Attempts::begin().unwrap();
        let till = ClientId::try_new("till").unwrap();
        for _ in 0..40 {
            attempts.failed(&attempts.by_secret("till", address(1)), Claimed::Known(&till), START);
            attempts.failed(&attempts.by_secret("gr_mistyped", address(2)), Claimed::Unknown, START);
        }
        attempts.tell_counts();
        attempts.tell_counts();
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines = |word: &str| text.lines().filter(|line| line.contains(word)).count();
    // Seven steps for each of the two.
    assert_eq!((lines(" WARN "), lines("client.id=\"till\""), lines("client.id=\"unknown\"")), (14, 7, 7));
    assert_eq!((lines("2001:db8:0:1::/64"), lines("2001:db8:0:2::/64")), (7, 7));
    assert_eq!((lines("mistyped"), lines("wait_seconds=60")), (0, 2));
    assert_eq!((lines("since the start"), lines("counts.failed=80")), (1, 1));
}
