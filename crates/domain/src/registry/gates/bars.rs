//! What keeps somebody from coming back under another name.

use super::hard_stops;
use crate::kernel::Timestamp;
use crate::registry::facts::Facts;
use crate::registry::question::{Question, Sale};
use crate::registry::reason::{Reason, ReasonCode};

/// What a bar stands against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// Another account of the person.
    Enrolment,
    /// That an account changes hands.
    Rebinding,
}

/// What bars a person, or an account and the person behind it, at `now`: nobody comes back under another name.
///
/// An account changes hands only where no sanction and no blocklist entry holds at all. A new one is refused where anything
/// reaches it through the person; an association's list is heeded by a platform's policy, and bars from selling alone.
pub fn bars(facts: &Facts, bar: Bar, now: Timestamp) -> Vec<Reason> {
    let functions = facts.sanctions.iter().flat_map(|sanction| sanction.functions.iter().cloned());
    let question = Question::of_sale(Sale { functions: functions.collect(), ..Sale::default() });
    let mut reasons = hard_stops::reasons(facts, &question, now);
    reasons.retain(|reason| match bar {
        Bar::Rebinding => true,
        Bar::Enrolment => reason.code != ReasonCode::IndustryListed,
    });
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{BlocklistEntryId, FunctionId, SanctionId};
    use crate::registry::{
        Catalogue, Enrolment, EnrolmentState, IdentityFact, ListKeeper, ListingFact, Measure, ReasonKind,
        SanctionFact,
    };
    use std::sync::Arc;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn sanctioned(measure: Measure) -> Facts {
        let enrolment = Enrolment { state: EnrolmentState::Enrolled, since: at(0) };
        let sanction = SanctionFact {
            sanction: SanctionId::try_new("s").unwrap(),
            measure,
            kind: ReasonKind::Legal,
            functions: [FunctionId::try_new("shelf").unwrap()].into(),
            from: at(2),
            until: Some(at(4)),
            appeal: String::new(),
        };
        Facts {
            sanctions: vec![sanction],
            ..Facts::of(enrolment, IdentityFact::unknown(at(0)), Arc::new(Catalogue::default()))
        }
    }

    fn listed(keeper: ListKeeper) -> Facts {
        let listing = ListingFact {
            entry: BlocklistEntryId::try_new("b").unwrap(),
            keeper,
            from: at(2),
            until: Some(at(4)),
            appeal: String::new(),
        };
        Facts { listings: vec![listing], sanctions: Vec::new(), ..sanctioned(Measure::Warning) }
    }

    #[test]
    fn an_account_changes_hands_only_where_nothing_but_a_warning_or_less_traffic_holds() {
        for measure in Measure::ALL {
            let free = matches!(measure, Measure::Warning | Measure::TrafficLimit);
            let facts = sanctioned(measure);
            assert_eq!(bars(&facts, Bar::Rebinding, at(3)).is_empty(), free, "{}", measure.code());
            assert!(bars(&facts, Bar::Rebinding, at(1)).is_empty());
            assert!(bars(&facts, Bar::Rebinding, at(4)).is_empty());
        }
        for keeper in ListKeeper::ALL {
            assert_eq!(bars(&listed(keeper), Bar::Rebinding, at(3)).len(), 1);
        }
    }

    #[test]
    fn a_new_account_is_refused_to_whoever_anything_bars_but_the_list_of_an_association() {
        for measure in Measure::ALL {
            let barred = !matches!(measure, Measure::Warning | Measure::TrafficLimit);
            let facts = sanctioned(measure);
            assert_eq!(!bars(&facts, Bar::Enrolment, at(3)).is_empty(), barred, "{}", measure.code());
        }
        let codes = |keeper| bars(&listed(keeper), Bar::Enrolment, at(3)).len();
        assert_eq!(ListKeeper::ALL.map(codes), [1, 1, 0]);
    }
}
