//! Room operators, and who works with them or with agencies.

use super::sessions::OnAir;
use super::world::{Effects, World};
use crate::wire::news::Enrolled;
use greenroom_domain::kernel::{
    EngagementId, LiveSessionId, OrganizationId, RoomOperatorId, StreamerId, Timestamp,
};
use greenroom_domain::registry::{
    Agency, Engagement, EngagementFact, EngagementState, OperatorFact, OperatorState, Party, RoomOperator,
    RosterFact,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is known of operators and engagements.
#[derive(Debug, Default)]
pub struct Operators {
    registered: HashMap<RoomOperatorId, Known>,
    /// The operators that take part, by platform and what no two of them have in common.
    by_key: HashMap<(OrganizationId, String), RoomOperatorId>,
    engagements: HashMap<StreamerId, BTreeMap<EngagementId, Engagement>>,
    /// Everybody who ever worked with somebody, by platform and party.
    by_party: HashMap<(OrganizationId, String), BTreeSet<StreamerId>>,
}

/// An operator as far as decisions go.
#[derive(Debug)]
struct Known {
    platform: OrganizationId,
    version: i64,
    /// `None` once it was withdrawn.
    fact: Option<OperatorFact>,
}

impl Operators {
    /// Takes the news of an operator unless newer ones are known. Tells whether it did.
    pub fn apply(&mut self, operator: &RoomOperator) -> bool {
        let version = operator.version.as_i64();
        if self.registered.get(&operator.id).is_some_and(|known| known.version >= version) {
            return false;
        }
        let key = (operator.platform.clone(), operator.party.key());
        match operator.state {
            OperatorState::Registered => {
                self.by_key.insert(key, operator.id.clone());
            }
            OperatorState::Withdrawn if self.by_key.get(&key) == Some(&operator.id) => {
                self.by_key.remove(&key);
            }
            OperatorState::Withdrawn => {}
        }
        let known = Known { platform: operator.platform.clone(), version, fact: operator.fact() };
        self.registered.insert(operator.id.clone(), known);
        true
    }

    /// Takes the news of an engagement unless newer ones are known. Tells whether it did.
    pub fn engage(&mut self, engagement: Engagement) -> bool {
        let of_streamer = self.engagements.entry(engagement.streamer.clone()).or_default();
        if of_streamer.get(&engagement.id).is_some_and(|known| known.version >= engagement.version) {
            return false;
        }
        let party = (engagement.platform.clone(), party_key(&engagement.party));
        self.by_party.entry(party).or_default().insert(engagement.streamer.clone());
        of_streamer.insert(engagement.id.clone(), engagement);
        true
    }

    /// An operator of a platform that takes part.
    pub fn fact(&self, platform: &OrganizationId, operator: &RoomOperatorId) -> Option<&OperatorFact> {
        self.registered.get(operator).filter(|known| known.platform == *platform)?.fact.as_ref()
    }

    /// The operator of a platform that takes part and has this code or person.
    pub fn keyed(&self, platform: &OrganizationId, key: String) -> Option<&RoomOperatorId> {
        self.by_key.get(&(platform.clone(), key))
    }

    /// Every engagement of a streamer with an operator.
    pub fn engagements(&self, streamer: &StreamerId) -> Vec<EngagementFact> {
        self.of(streamer).filter_map(Engagement::fact).collect()
    }

    /// The agency of a streamer at an instant, and its operators.
    pub fn current(
        &self,
        streamer: &StreamerId,
        now: Timestamp,
    ) -> (Option<&Agency>, BTreeSet<&RoomOperatorId>) {
        let (mut agency, mut operators) = (None, BTreeSet::new());
        for engagement in self.of(streamer).filter(|it| it.state(now) == EngagementState::Current) {
            match &engagement.party {
                Party::Agency(known) => agency = Some(known),
                Party::Operator(operator) => {
                    operators.insert(operator);
                }
            }
        }
        (agency, operators)
    }

    /// The streamers of a platform that work at an instant with an operator or agency, named as in [`party_key`].
    pub fn engaged(&self, platform: &OrganizationId, party: &str, now: Timestamp) -> BTreeSet<StreamerId> {
        let ever = self.by_party.get(&(platform.clone(), party.to_owned())).into_iter().flatten();
        let holds =
            |it: &Engagement| party_key(&it.party) == party && it.state(now) == EngagementState::Current;
        ever.filter(|streamer| self.of(streamer).any(holds)).cloned().collect()
    }

    fn of(&self, streamer: &StreamerId) -> impl Iterator<Item = &Engagement> {
        self.engagements.get(streamer).into_iter().flat_map(BTreeMap::values)
    }
}

impl World {
    /// Whoever is on air in the operator's rooms is looked at again, and what the platform has granted.
    pub(super) fn apply_operator(&mut self, operator: &RoomOperator, effects: &mut Effects) {
        if self.operators.apply(operator) {
            let there = |on_air: &OnAir| on_air.running.question.sale.operator.as_ref() == Some(&operator.id);
            effects.affected.extend(self.sessions.filter(there).cloned());
            effects.platforms.insert(operator.platform.clone());
        }
    }

    /// Wherever the streamer is on air is looked at again, and what was granted to it.
    pub(super) fn apply_engagement(&mut self, engagement: Engagement, effects: &mut Effects) {
        let streamer = engagement.streamer.clone();
        if self.operators.engage(engagement) {
            self.affect_streamer(&streamer, effects);
        }
    }

    /// The roster of a session. One that does not run, or is another platform's, has nobody on it.
    pub(super) fn roster(&self, enrolled: &Enrolled, session: &LiveSessionId) -> RosterFact {
        let on_air = self.sessions.get(session).filter(|on_air| on_air.platform == enrolled.platform);
        RosterFact {
            admitted: on_air.is_some_and(|on_air| on_air.running.admitted.contains(&enrolled.id)),
            lease_until: on_air.map(|on_air| on_air.running.lease_until),
        }
    }
}

/// What names a party: a resource name, or the code of an agency.
pub fn party_key(party: &Party) -> String {
    match party {
        Party::Operator(operator) => operator.name(),
        Party::Agency(agency) => agency.key(),
    }
}

#[cfg(test)]
mod model;

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::kernel::{Id, Version};
    use greenroom_domain::registry::{OperatorParty, RoomTier};

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn shop() -> OrganizationId {
        Id::try_new("shop").unwrap()
    }

    fn operator(name: &str, person: &str) -> RoomOperator {
        let person = Id::try_new(person).unwrap();
        RoomOperator {
            id: Id::try_new(name).unwrap(),
            platform: shop(),
            party: OperatorParty::Individual { person, pairwise: Id::try_new("p").unwrap() },
            tier: RoomTier::Ordinary,
            organization: None,
            licences: Vec::new(),
            verifications: Vec::new(),
            state: OperatorState::Registered,
            created_at: at(0),
            updated_at: at(0),
            version: Version::FIRST,
        }
    }

    fn engagement(name: &str, party: Party, from: i64) -> Engagement {
        Engagement {
            id: Id::try_new(name).unwrap(),
            platform: shop(),
            streamer: Id::try_new("mina").unwrap(),
            party,
            role: String::new(),
            contract: String::new(),
            filing: String::new(),
            from: at(from),
            until: None,
            created_at: at(0),
            updated_at: at(0),
            version: Version::FIRST,
        }
    }

    #[test]
    fn an_operator_is_known_to_its_own_platform_until_it_is_withdrawn() {
        let mut operators = Operators::default();
        let studio = operator("studio", "suite-p");
        assert!(operators.apply(&studio));
        assert!(!operators.apply(&studio));
        assert!(operators.fact(&shop(), &studio.id).is_some());
        assert!(operators.fact(&Id::try_new("rival").unwrap(), &studio.id).is_none());
        assert_eq!(operators.keyed(&shop(), studio.party.key()), Some(&studio.id));
        assert!(operators.apply(&studio.clone().withdraw(at(1)).unwrap()));
        assert!(!operators.apply(&studio));
        assert!(operators.fact(&shop(), &studio.id).is_none());
        assert_eq!(operators.keyed(&shop(), studio.party.key()), None);
    }

    #[test]
    fn who_was_registered_anew_keeps_the_key_when_older_news_come_late() {
        let mut operators = Operators::default();
        let (old, new) = (operator("old", "suite-p"), operator("new", "suite-p"));
        operators.apply(&new);
        operators.apply(&old.withdraw(at(1)).unwrap());
        assert_eq!(operators.keyed(&shop(), new.party.key()), Some(&new.id));
    }

    #[test]
    fn engagements_are_told_while_they_hold() {
        let mut operators = Operators::default();
        let studio = operator("studio", "suite-p");
        let agency = Agency::Organization(Id::try_new("mcn").unwrap());
        let with_studio = engagement("e1", Party::Operator(studio.id.clone()), 2);
        assert!(operators.engage(with_studio.clone()));
        assert!(operators.engage(engagement("e2", Party::Agency(agency.clone()), 3)));
        let mina = with_studio.streamer.clone();
        assert_eq!(operators.current(&mina, at(1)), (None, BTreeSet::new()));
        assert_eq!(operators.current(&mina, at(3)), (Some(&agency), BTreeSet::from([&studio.id])));
        assert_eq!(operators.engagements(&mina).len(), 1);
        assert_eq!(operators.engaged(&shop(), "roomOperators/studio", at(2)), BTreeSet::from([mina.clone()]));
        assert_eq!(operators.engaged(&shop(), "organizations/mcn", at(2)), BTreeSet::new());
        let ended = with_studio.clone().end(Some(at(5)), at(4)).unwrap();
        assert!(operators.engage(ended));
        assert!(!operators.engage(with_studio));
        assert_eq!(operators.current(&mina, at(5)), (Some(&agency), BTreeSet::new()));
        assert_eq!(operators.engaged(&shop(), "roomOperators/studio", at(5)), BTreeSet::new());
    }
}
