//! Whom news of an issuer or of a policy concerns. That may be thousands, so it is looked up piece by piece.

use super::sessions::SessionEnd;
use super::world::World;
use greenroom_domain::kernel::{GrantId, IssuerId, LiveSessionId, OrganizationId, StreamerId};
use std::collections::BTreeSet;

impl World {
    /// Up to `limit` sessions behind one end of a lease, in the order of their ends: those in which somebody holds a
    /// certificate of one of the issuers, and the last one looked at.
    pub fn concerned(
        &self,
        issuers: &BTreeSet<IssuerId>,
        after: Option<&SessionEnd>,
        limit: usize,
    ) -> (Vec<LiveSessionId>, Option<SessionEnd>) {
        let (mut concerned, mut last) = (Vec::new(), None);
        for (end, on_air) in self.sessions.after(after).take(limit) {
            let holds = |streamer: &StreamerId| issuers.iter().any(|issuer| self.holds_of(streamer, issuer));
            if on_air.running.admitted.iter().any(holds) {
                concerned.push(end.1.clone());
            }
            last = Some(end.clone());
        }
        (concerned, last)
    }

    /// Up to `limit` grants behind one, in the order of their ids: those of these platforms, or of somebody who holds a
    /// certificate of one of these issuers; and the last one looked at.
    pub fn concerned_grants(
        &self,
        (issuers, platforms): (&BTreeSet<IssuerId>, &BTreeSet<OrganizationId>),
        after: Option<&GrantId>,
        limit: usize,
    ) -> (Vec<GrantId>, Option<GrantId>) {
        let (mut concerned, mut last) = (Vec::new(), None);
        for grant in self.grants.after(after).take(limit) {
            let holds = || issuers.iter().any(|issuer| self.holds_of(&grant.streamer, issuer));
            if platforms.contains(&grant.platform) || holds() {
                concerned.push(grant.id.clone());
            }
            last = Some(grant.id.clone());
        }
        (concerned, last)
    }
}
