//! A simulated network between the certification service, two replicas of the registry on one database, and a platform:
//! lines that are cut, messages that are late, lost or come twice, clocks that differ, a database out of reach.
//!
//! The decisions, the sessions, the memory and the patrol's judgement are the real ones; time and lines are played, each
//! game from one number, which a failure names. What has to hold in every game: once a certificate is revoked, nobody who
//! rested on it stays on air for longer than the news may be old, nor after the cut for longer than a lease, each plus
//! [`TOLERANCE`].

mod cast;
mod lines;
mod platform;

use super::step::Judge;
use crate::app::sessions::decide_all;
use crate::memory::world::{Effects, World};
use crate::wire::news::{News, of_session};
use crate::wire::session::{Decided, newly_cut};
use cast::{certificate, facts};
use greenroom_domain::kernel::{Id, LiveSessionId, OrganizationId, StreamerId, Timestamp};
use greenroom_domain::registry::port::SessionRecord;
use greenroom_domain::registry::{CertificateState, Freshness, LiveSession, Sale};
use lines::{Dice, Line};
use platform::{Counting, Platform, Told, told};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

/// How far any two clocks of the suite may differ, and a platform's where it reads its own: what the contract states.
const TOLERANCE: i64 = seconds(2);
/// How far a clock of the game is off at most.
const SKEW: i64 = TOLERANCE / 2;
/// How fast the platform's stopwatch runs too fast or too slow, in millionths.
const DRIFT: i64 = 100;
const LEASE: i64 = seconds(6);
const REVOKED_AT: i64 = seconds(8);
const GAMES: u64 = 2_000;
const EPOCH: i64 = 1_793_592_000_000_000;

const fn seconds(seconds: i64) -> i64 {
    seconds * 1_000_000
}

const fn millis(millis: i64) -> i64 {
    millis * 1_000
}

fn length(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

fn id<K>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

/// What comes in, and where.
#[derive(Clone)]
enum Comes {
    /// The certification service speaks to both replicas.
    Beat,
    /// A replica hears whether the certificate is revoked, and the time over there.
    Heard { replica: usize, revoked: bool, current: i64 },
    /// A replica reads the log.
    Tail(usize),
    /// The patrol of a replica looks at the session.
    Patrol(usize),
    /// What a replica decided is committed, if the session is still what it was.
    Commit { record: Box<SessionRecord>, fence: i64, cut: bool, answer: Option<Asked> },
    /// The platform asks for another lease.
    Renews,
    /// A replica is asked for one.
    Renewal(Asked, i64),
    /// The platform hears of the session: the time at the registry, and when it had asked if this is the answer.
    Arrives(Told, i64, Option<i64>),
    /// Nothing; somebody looks whether anyone is on air who must not be.
    Look,
}

/// A renewal under way: which replica was asked, and when by the platform's stopwatch.
#[derive(Clone, Copy)]
struct Asked {
    replica: usize,
    sent: i64,
}

struct Replica {
    world: World,
    applied: usize,
    offset: i64,
    /// Up to when certification is known to be applied, and what is heard and not yet applied.
    heard: i64,
    waits: Vec<(usize, i64)>,
    tailed: i64,
    database: Line,
    certification: Line,
    platform: Line,
}

struct Game {
    dice: Dice,
    now: i64,
    to_come: BinaryHeap<Reverse<(i64, u64)>>,
    comes: BTreeMap<u64, Comes>,
    number: u64,
    staleness: i64,
    skew: i64,
    revoked: bool,
    log: Vec<News>,
    replicas: [Replica; 2],
    table: SessionRecord,
    cut_at: Option<i64>,
    platform: Platform,
    watched: usize,
}

/// How a game went.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ending {
    on_air_at_revocation: bool,
    cut_heard: bool,
    /// By how much somebody stayed on air for too long, by the platform's way of counting.
    overstayed: BTreeMap<Counting, i64>,
}

impl Replica {
    fn new(staleness: i64, dice: &mut Dice) -> Self {
        let (mut world, mut effects) = (World::default(), Effects::default());
        for news in facts(staleness) {
            world.apply(news, &mut effects);
        }
        let offset = dice.within(-SKEW, SKEW);
        let [database, certification, platform] = [(); 3].map(|()| Line::play(dice));
        let now = EPOCH + offset;
        Self {
            world,
            applied: 0,
            offset,
            heard: now,
            waits: Vec::new(),
            tailed: now,
            database,
            certification,
            platform,
        }
    }

    fn clock(&self, now: i64) -> Timestamp {
        Timestamp::from_micros(EPOCH + now + self.offset)
    }

    fn freshness(&self, now: i64) -> Freshness {
        Freshness {
            identity_heard_at: self.clock(now),
            certification_heard_at: Timestamp::from_micros(self.heard),
            registry_heard_at: Timestamp::from_micros(self.tailed),
        }
    }
}

impl Game {
    fn begin(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let staleness = dice.within(seconds(5), seconds(14));
        let mut replicas = [Replica::new(staleness, &mut dice), Replica::new(staleness, &mut dice)];
        let opener = &replicas[0];
        let now = opener.clock(0);
        let (shop, cast): (OrganizationId, StreamerId) = (id("shop"), id("mina"));
        let sale = Sale::default();
        let decisions =
            decide_all(&opener.world, &opener.freshness(0), &shop, [&cast].into_iter(), &sale, now).unwrap();
        let session: LiveSessionId = id("show");
        let room = "room".to_owned();
        let session = LiveSession::open(session, shop, room, sale, &decisions, length(LEASE), now).unwrap();
        let table = Decided::opened(session, &decisions).record(now);
        let platform = Platform {
            known: told(&table),
            ahead: now.as_micros(),
            deadline: told(&table).lease_until - now.as_micros(),
            offset: dice.within(-SKEW, SKEW),
            drift: dice.within(-DRIFT, DRIFT),
        };
        let opened = news(&table);
        for replica in &mut replicas {
            replica.world.apply(opened.clone(), &mut Effects::default());
        }
        let (skew, watched) = (dice.within(-SKEW, SKEW), usize::from(dice.one_in(2)));
        Self {
            dice,
            now: 0,
            to_come: BinaryHeap::new(),
            comes: BTreeMap::new(),
            number: 0,
            staleness,
            skew,
            revoked: false,
            log: Vec::new(),
            replicas,
            table,
            cut_at: None,
            platform,
            watched,
        }
    }

    fn at(&mut self, at: i64, what: Comes) {
        self.number += 1;
        self.to_come.push(Reverse((at, self.number)));
        self.comes.insert(self.number, what);
    }

    fn soon(&mut self, within: i64, what: Comes) {
        let at = self.now + self.dice.within(0, within);
        self.at(at, what);
    }

    fn play(mut self) -> Ending {
        let mut ending = Ending::default();
        let end = REVOKED_AT + self.staleness + 2 * LEASE + 2 * TOLERANCE;
        for (at, what) in [
            (0, Comes::Beat),
            (REVOKED_AT, Comes::Beat),
            (millis(5), Comes::Tail(0)),
            (millis(9), Comes::Tail(1)),
        ] {
            self.at(at, what);
        }
        self.at(LEASE / 3, Comes::Renews);
        for look in (REVOKED_AT..end).step_by(100_000) {
            self.at(look, Comes::Look);
        }
        while let Some(Reverse((at, number))) = self.to_come.pop() {
            if at > end {
                break;
            }
            self.now = at;
            if at >= REVOKED_AT && !self.revoked {
                self.revoked = true;
                ending.on_air_at_revocation = self.platform.shows(at, Counting::FromTheCall);
            }
            let what = self.comes.remove(&number).unwrap();
            self.take(what);
            ending.cut_heard |= self.revoked && !self.platform.known.on_air;
            let allowed = self.last_instant();
            for counting in [Counting::FromTheCall, Counting::ByTheClock, Counting::FromTheMessage] {
                if at > allowed && self.platform.shows(at, counting) {
                    ending.overstayed.insert(counting, at - allowed);
                }
            }
        }
        ending
    }

    /// Until when somebody may be on air.
    fn last_instant(&self) -> i64 {
        let by_age = REVOKED_AT + self.staleness;
        let by_lease = self.cut_at.map_or(by_age, |cut| cut + LEASE);
        by_age.min(by_lease) + TOLERANCE
    }

    fn take(&mut self, what: Comes) {
        match what {
            Comes::Beat => self.beat(),
            Comes::Heard { replica, revoked, current } => self.heard(replica, revoked, current),
            Comes::Tail(replica) => {
                self.tail(replica);
                let next = self.now + self.dice.within(millis(200), millis(300));
                self.at(next, Comes::Tail(replica));
            }
            Comes::Patrol(replica) => self.patrol(replica),
            Comes::Commit { record, fence, cut, answer } => self.commit(*record, fence, cut, answer),
            Comes::Renews => self.renews(),
            Comes::Renewal(asked, fence) => self.renewal(asked, fence),
            Comes::Arrives(told, registry, asked) => self.platform.hear(told, registry, asked, self.now),
            Comes::Look => {}
        }
    }

    fn beat(&mut self) {
        let (revoked, current) = (self.revoked, EPOCH + self.now + self.skew);
        for replica in 0..2 {
            let line = &mut self.replicas[replica].certification;
            let carried = line.carry(self.now, &mut self.dice);
            for at in carried.into_iter().chain(carried.filter(|_| self.now % 3 == 0)) {
                self.at(at, Comes::Heard { replica, revoked, current });
            }
        }
        self.at(self.now + seconds(1), Comes::Beat);
    }

    /// As the follower does it: the news are committed, and only once the memory has them is anything heard.
    fn heard(&mut self, replica: usize, revoked: bool, current: i64) {
        let now = self.now;
        let came = self.replicas[replica].clock(now).as_micros();
        if !self.replicas[replica].database.is_up(now) {
            return;
        }
        let news = certificate(CertificateState::Revoked, 2);
        let is_news = |world: &World| match &news {
            News::Mirrored(mirrored) => world.is_news(mirrored, Timestamp::from_micros(came)),
            _ => false,
        };
        let logged = self.log.iter().any(|news| matches!(news, News::Mirrored(_)));
        if revoked && !logged && is_news(&self.replicas[replica].world) {
            self.log.push(news);
            self.wake();
        }
        let upto = self.log.len();
        self.replicas[replica].waits.push((upto, current.min(came)));
    }

    fn wake(&mut self) {
        self.soon(millis(20), Comes::Tail(0));
        self.soon(millis(300), Comes::Tail(1));
    }

    fn tail(&mut self, replica: usize) {
        let (now, reader) = (self.now, &mut self.replicas[replica]);
        if !reader.database.is_up(now) {
            return;
        }
        let mut effects = Effects::default();
        for news in &self.log[reader.applied..] {
            reader.world.apply(news.clone(), &mut effects);
        }
        reader.applied = self.log.len();
        reader.tailed = reader.clock(now).as_micros();
        let (applied, heard) = (reader.applied, reader.heard);
        let known = reader.waits.extract_if(.., |(upto, _)| *upto <= applied).map(|(_, heard)| heard);
        reader.heard = known.fold(heard, i64::max);
        // What time changes is looked at with every beat of the tail.
        self.soon(if effects.affected.is_empty() { millis(250) } else { millis(20) }, Comes::Patrol(replica));
        if self.watched == replica {
            let (told, registry) = (told(&self.table), self.replicas[replica].clock(now).as_micros());
            if let Some(at) = self.replicas[replica].platform.carry(now, &mut self.dice) {
                self.at(at, Comes::Arrives(told, registry, None));
            }
            if self.dice.one_in(40) {
                self.watched = 1 - replica;
            }
        }
    }

    fn patrol(&mut self, replica: usize) {
        let now = self.now;
        let (guard, record) = (&self.replicas[replica], &self.table);
        if !guard.database.is_up(now) {
            return;
        }
        let freshness = guard.freshness(now);
        let judge = Judge { world: &guard.world, freshness: &freshness, now: guard.clock(now) };
        let Some(on_air) = guard.world.sessions.get(&record.id) else { return };
        if !judge.concerns(on_air) {
            return;
        }
        if let Some(step) = judge.step(record).unwrap().step {
            let cut = !told(&step.record).on_air;
            let record = Box::new(step.record);
            self.soon(millis(50), Comes::Commit { record, fence: step.fence, cut, answer: None });
        }
    }

    fn commit(&mut self, record: SessionRecord, fence: i64, cut: bool, answer: Option<Asked>) {
        if self.table.fence != fence {
            return;
        }
        if cut && self.revoked {
            self.cut_at = self.cut_at.or(Some(self.now));
        }
        self.log.push(news(&record));
        if let Some(asked) = answer {
            let registry = record.updated_at.as_micros();
            let line = &mut self.replicas[asked.replica].platform;
            if let Some(at) = line.carry(self.now, &mut self.dice) {
                self.at(at, Comes::Arrives(told(&record), registry, Some(asked.sent)));
            }
        }
        self.table = record;
        self.wake();
    }

    fn renews(&mut self) {
        let replica = usize::from(self.dice.one_in(2));
        let asked = Asked { replica, sent: self.platform.stopwatch(self.now) };
        if let Some(at) = self.replicas[replica].platform.carry(self.now, &mut self.dice) {
            self.at(at, Comes::Renewal(asked, self.platform.known.fence));
        }
        self.at(self.now + LEASE / 3, Comes::Renews);
    }

    fn renewal(&mut self, asked: Asked, fence: i64) {
        let (time, replica) = (self.now, &self.replicas[asked.replica]);
        if !replica.database.is_up(time) {
            return;
        }
        let (now, freshness) = (replica.clock(time), replica.freshness(time));
        let before = Decided::restore(&self.table).unwrap();
        let session = &before.session;
        let decisions =
            decide_all(&replica.world, &freshness, &session.platform, session.admitted(), &session.sale, now);
        let Ok(decisions) = decisions else { return };
        let Ok(renewed) = session.clone().renew(&decisions, fence, now) else {
            // It reads the session instead. That tells nothing of the time.
            let current = told(&self.table);
            if let Some(at) = self.replicas[asked.replica].platform.carry(time, &mut self.dice) {
                self.at(at, Comes::Arrives(current, now.as_micros(), None));
            }
            return;
        };
        let cut = !newly_cut(session, &renewed).is_empty();
        let record = Box::new(before.after(renewed, &decisions).record(now));
        self.soon(millis(50), Comes::Commit { record, fence, cut, answer: Some(asked) });
    }
}

fn news(record: &SessionRecord) -> News {
    let decided = Decided::restore(record).unwrap();
    News::Session(of_session(&decided.wire(record.updated_at)).unwrap())
}

fn play(seed: u64) -> Ending {
    Game::begin(seed).play()
}

#[test]
fn whatever_the_network_does_nobody_stays_on_air_beyond_lease_and_tolerance() {
    let (mut on_air, mut cut, mut late) = (0, 0, 0);
    for seed in 0..GAMES {
        let ending = play(seed);
        for right in [Counting::FromTheCall, Counting::ByTheClock] {
            let over = ending.overstayed.get(&right);
            assert_eq!(over, None, "seed {seed}, {right:?}: on air too long, in microseconds");
        }
        late += u64::from(ending.overstayed.contains_key(&Counting::FromTheMessage));
        on_air += u64::from(ending.on_air_at_revocation);
        cut += u64::from(ending.on_air_at_revocation && ending.cut_heard);
    }
    // Games in which nobody was on air, or everybody heard at once, would prove nothing; nor would games so easy that a
    // platform that counts from the arrival of messages comes through them.
    assert!(on_air > GAMES / 2 && cut > on_air / 2 && cut < on_air, "{cut} heard of {on_air} on air");
    assert!(late > 0);
}

#[test]
fn a_game_is_played_the_same_way_again() {
    assert!((0..5).all(|seed| play(seed) == play(seed)));
}
