//! What a streamer's levels were before: from the event log, off the hot path.

use super::App;
use crate::error::Error;
use crate::wire::news::{News, of_event};
use greenroom_domain::kernel::{CertificateId, IssuerId, OrganizationId, PersonId, StreamerId, Timestamp};
use greenroom_domain::registry::port::Store;
use greenroom_domain::registry::{
    CertificateStanding, HeldLevel, IssuerStandingFact, LevelHistory, Mirrored,
};
use greenroom_feed::log::{EventLog as _, HasLog};
use greenroom_feed::tail::BATCH;
use std::collections::{BTreeMap, HashMap};

impl<S: Store + HasLog> App<S> {
    /// Every level of a streamer's person from the first that was heard of. Reads the whole log, a batch at a time.
    pub async fn level_history(
        &self,
        platform: &OrganizationId,
        streamer: &StreamerId,
    ) -> Result<Vec<HeldLevel>, Error> {
        let person = {
            let world = self.memory.world();
            let enrolled = world.streamer(platform, streamer);
            enrolled.ok_or_else(|| Error::StreamerNotFound(streamer.clone()))?.person.clone()
        };
        let end = self.memory.applied().position.sequence;
        let mut known = Known::of(person);
        let mut at = 0;
        while at < end {
            let events = self.store.log().read_after(at, BATCH).await?;
            let Some(last) = events.last() else { break };
            at = last.sequence;
            for event in events.iter().filter(|event| event.sequence <= end) {
                if let ("certificate" | "issuer", Some(News::Mirrored(said))) =
                    (&*event.kind, of_event(event)?)
                {
                    known.hear(said, Timestamp::from_micros(event.commit_time_us));
                }
            }
        }
        Ok(known.history.finish(self.clock.now()))
    }
}

/// What is known of one person at a place in the log.
struct Known {
    person: PersonId,
    certificates: BTreeMap<CertificateId, CertificateStanding>,
    issuers: HashMap<IssuerId, IssuerStandingFact>,
    history: LevelHistory,
}

impl Known {
    fn of(person: PersonId) -> Self {
        Self {
            person,
            certificates: BTreeMap::new(),
            issuers: HashMap::new(),
            history: LevelHistory::default(),
        }
    }

    fn hear(&mut self, said: Mirrored, at: Timestamp) {
        let concerned = match said {
            Mirrored::Certificate(certificate) if certificate.holder == self.person => {
                self.certificates.insert(certificate.certificate.clone(), certificate);
                true
            }
            // It may have been this person's before.
            Mirrored::Certificate(certificate) => {
                self.certificates.remove(&certificate.certificate).is_some()
            }
            Mirrored::Issuer(issuer) => {
                let concerned = self.certificates.values().any(|held| held.issuer == issuer.issuer);
                self.issuers.insert(issuer.issuer.clone(), issuer);
                concerned
            }
            _ => false,
        };
        if concerned {
            let held = self.certificates.values();
            let facts = held.map(|certificate| certificate.fact(self.issuers.get(&certificate.issuer)));
            self.history.tell(facts.collect(), at);
        }
    }
}
