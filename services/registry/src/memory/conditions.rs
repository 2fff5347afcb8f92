//! What platforms reported about their streamers.

use crate::wire::news::Reported;
use greenroom_domain::kernel::StreamerId;
use greenroom_domain::registry::{Condition, ConditionFact};
use std::collections::{BTreeMap, HashMap};

/// The last report of each condition.
#[derive(Debug, Default)]
pub struct Conditions(HashMap<StreamerId, BTreeMap<Condition, Reported>>);

impl Conditions {
    /// Takes a report in. Tells whether it was news.
    pub fn apply(&mut self, reported: Reported) -> bool {
        let of_streamer = self.0.entry(reported.streamer.clone()).or_default();
        let known = of_streamer.get(&reported.fact.condition);
        let news = known.is_none_or(|known| known.version < reported.version);
        if news {
            of_streamer.insert(reported.fact.condition, reported);
        }
        news
    }

    /// What was reported about a streamer.
    pub fn of(&self, streamer: &StreamerId) -> Vec<ConditionFact> {
        self.0.get(streamer).into_iter().flat_map(BTreeMap::values).map(|reported| reported.fact).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::kernel::Timestamp;

    #[test]
    fn a_later_report_replaces_an_earlier_one_of_its_kind() {
        let mina = StreamerId::try_new("mina").unwrap();
        let report = |condition, value, version| Reported {
            streamer: mina.clone(),
            fact: ConditionFact { condition, value, reported_at: Timestamp::from_micros(1), until: None },
            version,
        };
        let mut conditions = Conditions::default();
        assert!(conditions.apply(report(Condition::Score, 1, 1)));
        assert!(conditions.apply(report(Condition::Deposit, 5, 1)));
        assert!(conditions.apply(report(Condition::Score, 2, 2)));
        assert!(!conditions.apply(report(Condition::Score, 1, 1)));
        assert!(!conditions.apply(report(Condition::Score, 2, 2)));
        let values: Vec<i64> = conditions.of(&mina).iter().map(|fact| fact.value).collect();
        assert_eq!(values, [2, 5]);
        assert!(conditions.of(&StreamerId::try_new("rosa").unwrap()).is_empty());
    }
}
