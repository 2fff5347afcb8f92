//! Who has authenticated from where. It reads no clock.

use super::{ClientKey, Origin};
use greenroom_domain::kernel::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// A client at an address.
pub type Place = (Origin, ClientKey);

/// For how long a place is remembered after the last success, and how many are.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// For how long.
    pub span: Duration,
    /// The most places.
    pub capacity: usize,
}

/// The clients that have authenticated, each with the address it did so from. When it is full, the one whose last success
/// is the longest ago is forgotten first.
pub struct Remembered {
    memory: Memory,
    last: HashMap<Place, Timestamp>,
    by_time: BTreeSet<(Timestamp, Place)>,
    origins: HashMap<Origin, usize>,
}

impl Remembered {
    /// Nobody has.
    pub fn new(memory: Memory) -> Self {
        Self { memory, last: HashMap::new(), by_time: BTreeSet::new(), origins: HashMap::new() }
    }

    /// Remembers a success.
    pub fn put(&mut self, place: Place, now: Timestamp) {
        self.drop_place(&place);
        while self.last.len() >= self.memory.capacity
            && let Some((_, oldest)) = self.by_time.first().copied()
        {
            self.drop_place(&oldest);
        }
        self.last.insert(place, now);
        self.by_time.insert((now, place));
        *self.origins.entry(place.0).or_default() += 1;
    }

    /// Forgets what is too long ago.
    pub fn pass(&mut self, now: Timestamp) {
        while let Some((last, place)) = self.by_time.first().copied()
            && now.since(last) >= self.memory.span
        {
            self.drop_place(&place);
        }
    }

    /// Whether this client has authenticated from this address.
    pub fn knows(&self, place: &Place) -> bool {
        self.last.contains_key(place)
    }

    /// Whether any client has authenticated from this address.
    pub fn knows_any_at(&self, origin: &Origin) -> bool {
        self.origins.contains_key(origin)
    }

    /// How many places are remembered.
    pub fn len(&self) -> usize {
        self.last.len()
    }

    fn drop_place(&mut self, place: &Place) {
        let Some(last) = self.last.remove(place) else { return };
        self.by_time.remove(&(last, *place));
        if let Some(count) = self.origins.get_mut(&place.0) {
            *count -= 1;
            if *count == 0 {
                self.origins.remove(&place.0);
            }
        }
    }
}
