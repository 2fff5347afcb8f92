//! The check: answered from memory, without a query.

use super::trials::Trial;
use super::{App, RevisionText};
use crate::error::Error;
use crate::memory::world::World;
use greenroom_domain::kernel::{OrganizationId, StreamerId, Timestamp};
use greenroom_domain::registry::{
    Decision, Freshness, Policy, Question, RuleSet, VerifiedLevel, tried_out, verified_levels,
};
use greenroom_rpc::call::Call;
use std::sync::Arc;

impl<S> App<S> {
    /// Decides about one streamer of the caller's platform.
    pub async fn check(
        &self,
        call: &Call,
        streamer: &StreamerId,
        question: &Question,
        at_least: &str,
    ) -> Result<(Decision, RevisionText), Error> {
        let one = std::slice::from_ref(streamer);
        let (decisions, revision) = self.check_all(call, one, question, at_least).await?;
        let decision = decisions.into_iter().flatten().next();
        Ok((decision.ok_or_else(|| Error::StreamerNotFound(streamer.clone()))?, revision))
    }

    /// Decides about many streamers on the same state of knowledge. `None` for those the platform does not have.
    pub async fn check_all(
        &self,
        call: &Call,
        streamers: &[StreamerId],
        question: &Question,
        at_least: &str,
    ) -> Result<(Vec<Option<Decision>>, RevisionText), Error> {
        self.at_least(at_least, call).await?;
        let revision = self.memory.applied().text;
        let (freshness, now) = (self.freshness(), self.clock.now());
        let platform = &call.caller.organization;
        let world = self.memory.world();
        let decide = |streamer| world.decide(platform, streamer, question, &freshness, now);
        let decisions: Vec<Option<Decision>> = streamers.iter().map(decide).collect();
        self.try_out(&world, platform, question, &freshness, now, streamers.iter().zip(&decisions));
        Ok((decisions, revision))
    }

    /// Counts what the policy that is tried out would have answered.
    fn try_out<'a>(
        &self,
        world: &World,
        platform: &OrganizationId,
        question: &Question,
        freshness: &Freshness,
        now: Timestamp,
        given: impl Iterator<Item = (&'a StreamerId, &'a Option<Decision>)>,
    ) {
        let Some(tried) = tried_out(world.policies_for(platform, question.permission), now) else { return };
        let (revision, alone) = (tried.terms().revision, [Policy::live(tried)]);
        for (streamer, decision) in given {
            let instead = world.decide_under([&alone], (platform, streamer), question, freshness, now);
            if let Some((live, [tried])) = decision.as_ref().zip(instead) {
                let trial = Trial { revision, live: live.outcome, tried: tried.outcome };
                self.trials.count(platform, question.permission, trial);
            }
        }
    }

    /// The legal rules that decisions are made under now.
    pub fn rules(&self) -> Arc<RuleSet> {
        Arc::clone(self.memory.world().rules().at(self.clock.now()))
    }

    /// The highest level of each job type of each standard that a streamer has verified.
    pub fn levels(
        &self,
        platform: &OrganizationId,
        streamer: &StreamerId,
    ) -> Result<(Vec<VerifiedLevel>, RevisionText), Error> {
        let revision = self.memory.applied().text;
        let certificates = {
            let world = self.memory.world();
            let enrolled = world.streamer(platform, streamer);
            let enrolled = enrolled.ok_or_else(|| Error::StreamerNotFound(streamer.clone()))?;
            world.certificates(&enrolled.person)
        };
        Ok((verified_levels(&certificates, self.clock.now()), revision))
    }
}
