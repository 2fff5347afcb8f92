//! The grants that can still change, found by id and by streamer.

use greenroom_domain::kernel::{GrantId, StreamerId};
use greenroom_domain::registry::Grant;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

/// The grants that are neither revoked nor expired.
#[derive(Debug, Default)]
pub struct Grants {
    running: BTreeMap<GrantId, Grant>,
    by_streamer: HashMap<StreamerId, BTreeSet<GrantId>>,
}

impl Grants {
    /// Takes the news of a grant unless newer ones are known. Tells whether it did and the grant can still change.
    pub fn apply(&mut self, grant: Grant) -> bool {
        if self.running.get(&grant.id).is_some_and(|known| known.version >= grant.version) {
            return false;
        }
        if grant.state.is_final() {
            self.remove(&grant.id);
            return false;
        }
        // To whom it was given never changes.
        self.by_streamer.entry(grant.streamer.clone()).or_default().insert(grant.id.clone());
        self.running.insert(grant.id.clone(), grant);
        true
    }

    fn remove(&mut self, id: &GrantId) {
        let Some(old) = self.running.remove(id) else { return };
        let emptied = self.by_streamer.get_mut(&old.streamer).is_some_and(|grants| {
            grants.remove(id);
            grants.is_empty()
        });
        if emptied {
            self.by_streamer.remove(&old.streamer);
        }
    }

    /// One grant.
    pub fn get(&self, id: &GrantId) -> Option<&Grant> {
        self.running.get(id)
    }

    /// Those of a streamer.
    pub fn of_streamer(&self, streamer: &StreamerId) -> impl Iterator<Item = &GrantId> {
        self.by_streamer.get(streamer).into_iter().flatten()
    }

    /// Those behind one, in the order of their ids: the order they were given in.
    pub fn after(&self, id: Option<&GrantId>) -> impl Iterator<Item = &Grant> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.running.range::<GrantId, _>((from, Bound::Unbounded)).map(|(_, grant)| grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::kernel::{OrganizationId, Timestamp, Version};
    use greenroom_domain::registry::{GrantState, Permission, Sale};

    fn grant(id: &str, version: i64, state: GrantState) -> Grant {
        Grant {
            id: GrantId::try_new(id).unwrap(),
            platform: OrganizationId::try_new("shop").unwrap(),
            streamer: mina(),
            permission: Permission::LiveSale,
            sale: Sale::default(),
            until: None,
            state,
            state_since: Timestamp::from_micros(version),
            version: Version::new(version),
        }
    }

    fn mina() -> StreamerId {
        StreamerId::try_new("mina").unwrap()
    }

    #[test]
    fn older_news_change_nothing() {
        let mut grants = Grants::default();
        assert!(grants.apply(grant("g1", 2, GrantState::Suspended)));
        assert!(!grants.apply(grant("g1", 1, GrantState::Granted)));
        assert_eq!(grants.after(None).next().unwrap().state, GrantState::Suspended);
    }

    #[test]
    fn what_has_ended_leaves_no_trace() {
        for end in [GrantState::Revoked, GrantState::Expired] {
            let mut grants = Grants::default();
            grants.apply(grant("g1", 1, GrantState::Granted));
            assert_eq!(grants.of_streamer(&mina()).count(), 1);
            assert!(!grants.apply(grant("g1", 2, end)));
            assert!(grants.by_streamer.is_empty() && grants.running.is_empty());
        }
    }

    #[test]
    fn walking_piece_by_piece_meets_every_grant_once() {
        let mut grants = Grants::default();
        for number in 0..7 {
            grants.apply(grant(&format!("g{number}"), 1, GrantState::Granted));
        }
        let (mut met, mut at) = (Vec::new(), None);
        loop {
            let piece: Vec<GrantId> =
                grants.after(at.as_ref()).take(3).map(|grant| grant.id.clone()).collect();
            let Some(last) = piece.last() else { break };
            at = Some(last.clone());
            met.extend(piece);
        }
        assert_eq!((met.len(), met.is_sorted()), (7, true));
    }
}
