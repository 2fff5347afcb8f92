//! Persons, many at once.

use super::{App, Database};
use crate::error::Error;
use greenroom_domain::identity::port::{Change, DocumentStanding, Lookup, PairwiseName};
use greenroom_domain::identity::{PersonIdentity, PersonState};
use greenroom_domain::kernel::PersonId;
use greenroom_domain::ledger::EventDraft;
use greenroom_feed::cursor::Revision;
use greenroom_feed::log::EventLog as _;
use greenroom_proto::identity::v1::{
    PersonResolution, PersonResolutionOutcome as Outcome, ResolvePersonsResponse,
};
use greenroom_rpc::once::{Once, Planned};
use std::collections::HashMap;

/// One question.
pub enum Query {
    /// By name and document.
    Claim(PersonIdentity),
    /// By the name one organization has for the person.
    Named(PairwiseName),
    /// The question itself is malformed: the codes of its faults.
    Malformed(Vec<String>),
}

/// What to do about persons that are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Say so.
    Report,
    /// Register them, as unverified.
    Register,
}

/// What is known about the questions of one call.
struct Known {
    /// By document and name.
    by_claim: HashMap<Lookup, (PersonId, PersonState)>,
    documents: HashMap<Lookup, DocumentStanding>,
    by_name: HashMap<PairwiseName, (PersonId, PersonState)>,
}

/// What the call does.
#[derive(Default)]
struct Outcomes {
    resolutions: Vec<PersonResolution>,
    change: Vec<Change>,
    events: Vec<EventDraft>,
}

impl<S: Database> App<S> {
    /// Answers many questions, and registers who is missing in one transaction.
    pub async fn resolve(
        &self,
        once: &Once,
        queries: &[Query],
        missing: Missing,
    ) -> Result<ResolvePersonsResponse, Error> {
        let first = self.outcomes(once, queries, missing).await?;
        if first.change.is_empty() {
            // Read behind the tables: everything the answer rests on is covered.
            let head = self.store.log().head().await?;
            return Ok(ResolvePersonsResponse {
                resolutions: first.resolutions,
                revision: Revision::at(&head).encode(),
            });
        }
        let first = std::sync::Mutex::new(Some(first));
        let plan = async || {
            let ready = first.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            let outcomes = match ready {
                Some(outcomes) => outcomes,
                None => self.outcomes(once, queries, missing).await?,
            };
            let answer =
                ResolvePersonsResponse { resolutions: outcomes.resolutions, revision: String::new() };
            Ok::<_, Error>(Planned { change: outcomes.change, events: outcomes.events, answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(ResolvePersonsResponse { revision, ..done.answer })
    }

    async fn outcomes(&self, once: &Once, queries: &[Query], missing: Missing) -> Result<Outcomes, Error> {
        let mut known = self.known(queries).await?;
        let mut outcomes = Outcomes::default();
        for query in queries {
            let resolution = match query {
                Query::Malformed(faults) => {
                    PersonResolution { faults: faults.clone(), ..told(Outcome::Invalid, None) }
                }
                Query::Named(name) => match known.by_name.get(name) {
                    Some((person, state)) => found(person, *state),
                    None => told(Outcome::NotFound, None),
                },
                Query::Claim(claim) => self.claimed(once, claim, missing, &mut known, &mut outcomes)?,
            };
            outcomes.resolutions.push(resolution);
        }
        Ok(outcomes)
    }

    fn claimed(
        &self,
        once: &Once,
        claim: &PersonIdentity,
        missing: Missing,
        known: &mut Known,
        outcomes: &mut Outcomes,
    ) -> Result<PersonResolution, Error> {
        let (lookup, claim_lookup) = self.lookups(claim);
        let person = known.by_claim.get(&claim_lookup);
        match (person, known.documents.get(&lookup), missing) {
            (Some((person, _)), Some(DocumentStanding::Proven(owner)), _) if person != owner => {
                Ok(told(Outcome::NameConflict, None))
            }
            (Some((person, state)), ..) => Ok(found(person, *state)),
            // RegisterPerson would register this one. Here nobody is waiting who knows the person: a roll with a slip of the
            // pen would give a certificate to somebody who does not exist, and the true holder would have none, both
            // without a word. So it is told, the row is left for people to look at, and it locks nobody out: whoever is
            // registered under the right name, one by one or a whole roll in one batch, is found here from then on, and
            // the first match settles whose the document is.
            (None, Some(_), _) => Ok(told(Outcome::NameConflict, None)),
            (None, None, Missing::Report) => Ok(told(Outcome::NotFound, None)),
            (None, None, Missing::Register) => {
                let record = self.new_record(claim, once.now())?;
                let id = record.person.id.clone();
                outcomes.events.push(crate::wire::person_event(&record, claim.birth_date().into()));
                outcomes.change.push(Change::AddPerson(record));
                let resolution = told(Outcome::Registered, Some(&id));
                // The same document may be asked about again further down.
                known.by_claim.insert(claim_lookup, (id, PersonState::Unverified));
                known.documents.insert(lookup, DocumentStanding::Claimed);
                Ok(resolution)
            }
        }
    }

    async fn known(&self, queries: &[Query]) -> Result<Known, Error> {
        let (mut lookups, mut claims, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for query in queries {
            match query {
                Query::Claim(claim) => {
                    let (lookup, claim_lookup) = self.lookups(claim);
                    lookups.push(lookup);
                    claims.push(claim_lookup);
                }
                Query::Named(name) => names.push(name.clone()),
                Query::Malformed(_) => {}
            }
        }
        // Before the claims: who proves a document in between is then found by them.
        let documents = self.standings(lookups).await?;
        let persons = self.store.persons_by_claim(&claims).await?.into_iter().flatten();
        let by_claim =
            persons.map(|record| (record.claim_lookup, (record.person.id, record.person.state))).collect();
        let persons = self.store.persons_by_name(&names).await?;
        let by_name =
            names.into_iter().zip(persons).filter_map(|(name, person)| Some((name, person?))).collect();
        Ok(Known { by_claim, documents, by_name })
    }

    /// How documents are known, where they are.
    pub(super) async fn standings(
        &self,
        lookups: Vec<Lookup>,
    ) -> Result<HashMap<Lookup, DocumentStanding>, Error> {
        let standings = self.store.documents(&lookups).await?;
        let known = lookups.into_iter().zip(standings);
        Ok(known.filter_map(|(lookup, standing)| Some((lookup, standing?))).collect())
    }

    /// What the document, and the document with the name, are found by.
    pub(super) fn lookups(&self, claim: &PersonIdentity) -> (Lookup, Lookup) {
        (self.vault.lookup(claim), self.vault.claim_lookup(claim))
    }
}

/// Nothing new may rest on a record that is kept for storage only or erased: whoever asks for somebody to rest a certificate
/// or a permission on is told that there is nobody.
fn found(person: &PersonId, state: PersonState) -> PersonResolution {
    match state {
        PersonState::Frozen | PersonState::Erased => told(Outcome::NotFound, None),
        _ => told(Outcome::Found, Some(person)),
    }
}

fn told(outcome: Outcome, person: Option<&PersonId>) -> PersonResolution {
    PersonResolution {
        outcome: outcome.into(),
        person: person.map(PersonId::name).unwrap_or_default(),
        faults: Vec::new(),
    }
}
