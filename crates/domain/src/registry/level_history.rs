//! What somebody's levels were before: a fold over what was known of the certificates, and over time.

use super::facts::CertificateFact;
use super::gates::level::{VerifiedLevel, verified_levels};
use crate::kernel::Timestamp;
use std::collections::BTreeSet;

/// A level somebody held for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLevel {
    /// The level, with the certificate that proved it, as last confirmed in that time.
    pub level: VerifiedLevel,
    /// From when on.
    pub from: Timestamp,
    /// Until when; none while it is held.
    pub until: Option<Timestamp>,
}

/// The levels of one person over time.
#[derive(Debug, Clone)]
pub struct LevelHistory {
    held: Vec<HeldLevel>,
    known: Vec<CertificateFact>,
    at: Timestamp,
}

impl Default for LevelHistory {
    fn default() -> Self {
        Self { held: Vec::new(), known: Vec::new(), at: Timestamp::MIN }
    }
}

impl LevelHistory {
    /// Takes in what is known of the person's certificates from an instant on. Instants never go back.
    pub fn tell(&mut self, certificates: Vec<CertificateFact>, at: Timestamp) {
        self.pass(at);
        self.known = certificates;
        self.look(at);
    }

    /// Every level held up to `now`: by standard and job type, the oldest first.
    pub fn finish(mut self, now: Timestamp) -> Vec<HeldLevel> {
        self.pass(now);
        self.look(now);
        self.held.sort_by(|a, b| {
            let key = |held: &HeldLevel| (held.level.standard.clone(), held.level.job_type);
            key(a).cmp(&key(b)).then(a.from.cmp(&b.from))
        });
        self.held
    }

    /// What time alone changes on the way to an instant.
    fn pass(&mut self, to: Timestamp) {
        let of = |fact: &CertificateFact| [fact.evidence_until, fact.issuer_review.map(|review| review.ends)];
        let instants: BTreeSet<Timestamp> = self.known.iter().flat_map(of).flatten().collect();
        for instant in instants.range(self.at..to.max(self.at)).copied() {
            self.look(instant);
        }
        self.at = to;
    }

    fn look(&mut self, at: Timestamp) {
        let levels = verified_levels(&self.known, at);
        let continues = |held: &HeldLevel, level: &VerifiedLevel| {
            held.until.is_none()
                && held.level.certificate == level.certificate
                && held.level.level == level.level
        };
        for held in self.held.iter_mut().filter(|held| held.until.is_none()) {
            match levels.iter().find(|level| continues(held, level)) {
                Some(level) => held.level = level.clone(),
                None => held.until = Some(at),
            }
        }
        for level in levels {
            if !self.held.iter().any(|held| continues(held, &level)) {
                self.held.push(HeldLevel { level, from: at, until: None });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certification::{CertificateState, IssuerStanding};
    use crate::kernel::{CertificateId, StandardId};
    use crate::occupation::{JobType, Level};

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn certificate(id: &str, level: Level, state: CertificateState, until: i64) -> CertificateFact {
        CertificateFact {
            certificate: CertificateId::try_new(id).unwrap(),
            standard: StandardId::try_new("standard").unwrap(),
            job_type: JobType::try_new("live-salesperson").unwrap(),
            level,
            state,
            since: at(0),
            verified_at: Some(at(0)),
            evidence_until: Some(at(until)),
            retry_at: None,
            issuer_standing: Some(IssuerStanding::Listed),
            issuer_review: None,
        }
    }

    fn told(history: LevelHistory, now: i64) -> Vec<(Level, i64, Option<i64>)> {
        let held = history.finish(at(now));
        held.into_iter()
            .map(|held| (held.level.level, held.from.as_micros(), held.until.map(Timestamp::as_micros)))
            .collect()
    }

    #[test]
    fn a_higher_level_follows_the_lower_one_and_time_ends_both() {
        let four = || certificate("a", Level::Four, CertificateState::Verified, 50);
        let three = |state| certificate("b", Level::Three, state, 40);
        let mut history = LevelHistory::default();
        history.tell(vec![four()], at(10));
        history.tell(vec![four(), three(CertificateState::Verified)], at(20));
        assert_eq!(told(history.clone(), 30), [(Level::Four, 10, Some(20)), (Level::Three, 20, None)]);
        let by_time =
            [(Level::Four, 10, Some(20)), (Level::Three, 20, Some(40)), (Level::Four, 40, Some(50))];
        assert_eq!(told(history.clone(), 60), by_time);
        history.tell(vec![four(), three(CertificateState::Revoked)], at(25));
        let revoked = [(Level::Four, 10, Some(20)), (Level::Three, 20, Some(25)), (Level::Four, 25, None)];
        assert_eq!(told(history, 30), revoked);
    }

    #[test]
    fn evidence_renewed_in_time_is_no_new_level_and_evidence_renewed_late_is() {
        let until = |until| vec![certificate("a", Level::Four, CertificateState::Verified, until)];
        let mut history = LevelHistory::default();
        history.tell(until(20), at(10));
        history.tell(until(40), at(15));
        history.tell(until(90), at(50));
        assert_eq!(told(history, 60), [(Level::Four, 10, Some(40)), (Level::Four, 50, None)]);
    }
}
