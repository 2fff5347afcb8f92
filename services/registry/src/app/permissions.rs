//! The check: answered from memory, without a query.

use super::{App, RevisionText};
use crate::error::Error;
use greenroom_domain::kernel::{OrganizationId, StreamerId};
use greenroom_domain::registry::{Decision, Question, VerifiedLevel, verified_levels};
use greenroom_rpc::call::Call;

impl<S> App<S> {
    /// Decides about one streamer of the caller's platform.
    pub async fn check(
        &self,
        call: &Call,
        streamer: &StreamerId,
        question: &Question,
        at_least: &str,
    ) -> Result<(Decision, RevisionText), Error> {
        self.at_least(at_least, call).await?;
        let revision = self.memory.applied().text;
        let decision = self.decide(&call.caller.organization, streamer, question)?;
        Ok((decision, revision))
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
        Ok((streamers.iter().map(decide).collect(), revision))
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

    fn decide(
        &self,
        platform: &OrganizationId,
        streamer: &StreamerId,
        question: &Question,
    ) -> Result<Decision, Error> {
        let freshness = self.freshness();
        let decision = self.memory.world().decide(platform, streamer, question, &freshness, self.clock.now());
        decision.ok_or_else(|| Error::StreamerNotFound(streamer.clone()))
    }
}
