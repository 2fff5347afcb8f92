//! Policies that are tried out: what they would have answered beside those in force, counted and nothing else.

use super::App;
use crate::error::Error;
use crate::wire::policy::policy_name;
use greenroom_domain::kernel::{OrganizationId, Timestamp};
use greenroom_domain::registry::port::{PolicyRevision, Store};
use greenroom_domain::registry::{Outcome, Permission, Policy, tried_out};
use greenroom_feed::log::HasLog;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What this replica has counted.
#[derive(Debug)]
pub struct Trials {
    since: Timestamp,
    tallies: Mutex<HashMap<(OrganizationId, Permission), Tally>>,
}

/// What one revision would have answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    revision: i32,
    /// How often both answered alike.
    pub agree: i64,
    /// How often only the one in force allowed.
    pub would_refuse: i64,
    /// How often only the one tried out allowed.
    pub would_allow: i64,
    /// How often both refused, with another outcome.
    pub differ: i64,
}

impl Trials {
    /// Counts from an instant on.
    pub fn since(since: Timestamp) -> Self {
        Self { since, tallies: Mutex::default() }
    }

    /// Counts one answer. Another revision than the one counted so far begins anew.
    pub fn count(&self, platform: &OrganizationId, permission: Permission, trial: Trial) {
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = tallies.entry((platform.clone(), permission)).or_default();
        if tally.revision != trial.revision {
            *tally = Tally { revision: trial.revision, ..Tally::default() };
        }
        let counted = match (trial.live, trial.tried) {
            (live, tried) if live == tried => &mut tally.agree,
            (Outcome::Allow, _) => &mut tally.would_refuse,
            (_, Outcome::Allow) => &mut tally.would_allow,
            _ => &mut tally.differ,
        };
        *counted += 1;
    }

    /// What was counted of a revision, and since when.
    pub fn of(&self, policy: &Policy) -> (Tally, Timestamp) {
        let terms = policy.terms();
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = tallies.get(&(terms.platform.clone(), terms.permission)).copied();
        let tally = tally.filter(|tally| tally.revision == terms.revision);
        (tally.unwrap_or_default(), self.since.max(terms.effective_from))
    }
}

/// One answer, and what the policy that is tried out would have answered.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The revision that is tried out.
    pub revision: i32,
    /// The answer that was given.
    pub live: Outcome,
    /// The one that was not.
    pub tried: Outcome,
}

impl<S: Store + HasLog> App<S> {
    /// The revision that is tried out, what was counted of it, and since when.
    pub async fn shadow_report(
        &self,
        platform: &OrganizationId,
        permission: Permission,
    ) -> Result<(PolicyRevision, Tally, Timestamp), Error> {
        let revisions = self.revisions(platform, permission).await?;
        let policies: Vec<Policy> = revisions.iter().map(|revision| revision.policy.clone()).collect();
        let number = tried_out(&policies, self.clock.now()).map(|policy| policy.terms().revision);
        let tried = revisions.into_iter().find(|it| Some(it.policy.terms().revision) == number);
        let tried = tried.ok_or_else(|| Error::PolicyNotFound(policy_name(platform, permission)))?;
        let (tally, since) = self.trials.of(&tried.policy);
        Ok((tried, tally, since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_counted_once_and_a_new_revision_begins_anew() {
        let trials = Trials::since(Timestamp::from_micros(5));
        let shop = OrganizationId::try_new("shop").unwrap();
        let count = |revision, live, tried| {
            trials.count(&shop, Permission::LiveSale, Trial { revision, live, tried });
        };
        count(1, Outcome::Allow, Outcome::Allow);
        count(2, Outcome::Allow, Outcome::Allow);
        count(2, Outcome::Deny, Outcome::Deny);
        count(2, Outcome::Allow, Outcome::NotYet);
        count(2, Outcome::Deny, Outcome::Allow);
        count(2, Outcome::Deny, Outcome::Undetermined);
        let tallies = trials.tallies.lock().unwrap();
        let tally = tallies.get(&(shop.clone(), Permission::LiveSale)).copied();
        let expected = Tally { revision: 2, agree: 2, would_refuse: 1, would_allow: 1, differ: 1 };
        assert_eq!(tally, Some(expected));
    }
}
