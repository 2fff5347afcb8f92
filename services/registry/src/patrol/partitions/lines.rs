//! Chance, and the lines that it cuts.

use super::{millis, seconds};

/// Numbers that look random and come again with the same seed (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.roll() % (to - from + 1).unsigned_abs()).unwrap()
    }

    pub fn one_in(&mut self, number: u64) -> bool {
        self.roll().is_multiple_of(number)
    }
}

/// A line between two of them, or to the database: when it is down, and when the last message came through.
pub struct Line {
    down: Vec<(i64, i64)>,
    last: i64,
}

impl Line {
    pub fn play(dice: &mut Dice) -> Self {
        let cuts = dice.within(0, 3);
        let cut = |dice: &mut Dice| {
            let from = dice.within(seconds(2), seconds(30));
            (from, from + dice.within(millis(100), seconds(15)))
        };
        Self { down: (0..cuts).map(|_| cut(dice)).collect(), last: 0 }
    }

    pub fn is_up(&self, at: i64) -> bool {
        !self.down.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    /// When a message sent at `at` comes in, never before an earlier one; `None` if it is lost.
    pub fn carry(&mut self, at: i64, dice: &mut Dice) -> Option<i64> {
        let late = if dice.one_in(10) { seconds(8) } else { millis(60) };
        let comes = self.last.max(at + dice.within(millis(1), late));
        let lost = dice.one_in(20) || !self.is_up(at) || !self.is_up(comes);
        self.last = if lost { self.last } else { comes };
        (!lost).then_some(comes)
    }
}
