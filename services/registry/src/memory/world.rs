//! What the registry knows, as a fold over its own event log.
//!
//! Each fact replaces what was known of its subject; older facts change nothing, so applying one twice is harmless.

use super::conditions::Conditions;
use super::conduct::{Conduct, Touched};
use super::grants::Grants;
use super::operators::Operators;
use super::sessions::Sessions;
use crate::wire::news::{Enrolled, News};
use greenroom_domain::kernel::{
    CertificateId, GrantId, IssuerId, LiveSessionId, OrganizationId, PersonId, QualificationId, StreamerId,
    Timestamp,
};
use greenroom_domain::ledger::Position;
use greenroom_domain::registry::{
    Bar, CallerName, CallerStanding, Catalogue, CertificateFact, CertificateStanding, Decision, Facts,
    Freshness, IdentityFact, IssuerStandingFact, Mirrored, Permission, PersonStanding, Policy, PolicyMode,
    QualificationFact, QualificationStanding, Question, Reason, RevokedToken, RuleBook, StandardStanding,
    bars, decide,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

/// Everything a decision may rest on.
#[derive(Debug, Default)]
pub struct World {
    streamers: HashMap<StreamerId, Enrolled>,
    by_person: HashMap<PersonId, BTreeSet<StreamerId>>,
    persons: HashMap<PersonId, PersonStanding>,
    certificates: HashMap<PersonId, Vec<CertificateStanding>>,
    holders: HashMap<CertificateId, PersonId>,
    issuers: HashMap<IssuerId, IssuerStandingFact>,
    qualifications: HashMap<PersonId, BTreeMap<QualificationId, QualificationStanding>>,
    licensed: HashMap<QualificationId, (PersonId, i64)>,
    /// Shared with the facts of every decision, and replaced as a whole.
    standards: Arc<Catalogue>,
    policies: HashMap<OrganizationId, BTreeMap<Permission, Vec<Policy>>>,
    conditions: Conditions,
    /// The streamers of each platform.
    by_platform: HashMap<OrganizationId, BTreeSet<StreamerId>>,
    rules: Arc<RuleBook>,
    callers: HashMap<CallerName, CallerStanding>,
    sources: BTreeMap<String, Position>,
    /// The sessions on air.
    pub sessions: Sessions,
    /// The grants that can still change.
    pub grants: Grants,
    /// Room operators, and who works with them.
    pub operators: Operators,
    /// What stands against persons.
    pub conduct: Conduct,
}

/// What somebody has to do about news.
#[derive(Debug, Default)]
pub struct Effects {
    /// Sessions whose marketers have to be decided about again.
    pub affected: BTreeSet<LiveSessionId>,
    /// Grants that have to be decided about again.
    pub grants: BTreeSet<GrantId>,
    /// Platforms whose policies changed. Their grants are looked up afterwards, piece by piece.
    pub platforms: BTreeSet<OrganizationId>,
    /// Issuers whose certificates may count otherwise from now on. Whom that affects is looked up afterwards, piece by piece:
    /// it may be thousands.
    pub issuers: BTreeSet<IssuerId>,
    /// Whose tokens are refused from now on.
    pub callers: Vec<CallerStanding>,
    /// Which single tokens are.
    pub tokens: Vec<RevokedToken>,
}

impl World {
    /// Nothing is known yet but the legal rules.
    pub fn under(rules: Arc<RuleBook>) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Applies one fact.
    pub fn apply(&mut self, news: News, effects: &mut Effects) {
        match news {
            News::Streamer(enrolled) => self.apply_streamer(enrolled, effects),
            News::Policy(policy) => self.apply_policy(policy, effects),
            News::Condition(reported) => {
                let streamer = reported.streamer.clone();
                if self.conditions.apply(reported) {
                    self.affect_streamer(&streamer, effects);
                }
            }
            News::Mirrored(Mirrored::Person(person)) => self.apply_person(person, effects),
            News::Mirrored(Mirrored::Certificate(certificate)) => {
                self.apply_certificate(certificate, effects);
            }
            News::Mirrored(Mirrored::Issuer(issuer)) => self.apply_issuer(issuer, effects),
            News::Mirrored(Mirrored::Qualification(qualification)) => {
                self.apply_qualification(qualification, effects);
            }
            News::Mirrored(Mirrored::Standard(standard)) => self.apply_standard(standard),
            News::Mirrored(Mirrored::Caller(caller)) => self.apply_caller(caller, effects),
            News::Mirrored(Mirrored::Token(token)) => effects.tokens.push(token),
            News::Session(news) => {
                let id = news.id.clone();
                // A session opened on facts that were old by then is looked at again, like any other.
                if self.sessions.apply(news) {
                    effects.affected.insert(id);
                }
            }
            News::Grant(grant) => {
                let id = grant.id.clone();
                if self.grants.apply(grant) {
                    effects.grants.insert(id);
                }
            }
            News::Operator(operator) => self.apply_operator(&operator, effects),
            News::Engagement(engagement) => self.apply_engagement(*engagement, effects),
            News::Conduct(news) => match self.conduct.apply(news) {
                Some(Touched::Person(person)) => self.affect(&person, effects),
                Some(Touched::Account(person, streamer)) => {
                    self.affect(&person, effects);
                    self.affect_streamer(&streamer, effects);
                }
                None => {}
            },
            News::Source { source, position } => {
                self.sources.insert(source, position);
            }
        }
    }

    fn apply_streamer(&mut self, enrolled: Enrolled, effects: &mut Effects) {
        if self.streamers.get(&enrolled.id).is_some_and(|known| known.version >= enrolled.version) {
            return;
        }
        self.affect_streamer(&enrolled.id, effects);
        if let Some(before) = self.streamers.get(&enrolled.id).filter(|it| it.person != enrolled.person)
            && let Some(accounts) = self.by_person.get_mut(&before.person)
        {
            accounts.remove(&enrolled.id);
        }
        self.by_person.entry(enrolled.person.clone()).or_default().insert(enrolled.id.clone());
        self.by_platform.entry(enrolled.platform.clone()).or_default().insert(enrolled.id.clone());
        self.streamers.insert(enrolled.id.clone(), enrolled);
    }

    fn apply_policy(&mut self, policy: Policy, effects: &mut Effects) {
        let platform = policy.terms().platform.clone();
        let of_platform = self.policies.entry(platform.clone()).or_default();
        let revisions = of_platform.entry(policy.terms().permission).or_default();
        if revisions.iter().any(|known| known.terms().revision == policy.terms().revision) {
            return;
        }
        let counts = policy.terms().mode == PolicyMode::Live;
        revisions.push(policy);
        if !counts {
            return;
        }
        effects.affected.extend(self.sessions.filter(|on_air| on_air.platform == platform).cloned());
        effects.platforms.insert(platform);
    }

    fn apply_person(&mut self, person: PersonStanding, effects: &mut Effects) {
        if self.persons.get(&person.person).is_some_and(|known| known.version >= person.version) {
            return;
        }
        self.affect(&person.person, effects);
        self.persons.insert(person.person.clone(), person);
    }

    fn apply_certificate(&mut self, certificate: CertificateStanding, effects: &mut Effects) {
        let id = certificate.certificate.clone();
        if let Some(holder) = self.holders.get(&id).cloned() {
            let held = self.certificates.entry(holder.clone()).or_default();
            let newer =
                |known: &CertificateStanding| known.certificate == id && known.version >= certificate.version;
            if held.iter().any(newer) {
                return;
            }
            held.retain(|known| known.certificate != id);
            if holder != certificate.holder {
                self.affect(&holder, effects);
            }
        }
        self.affect(&certificate.holder, effects);
        self.holders.insert(id, certificate.holder.clone());
        self.certificates.entry(certificate.holder.clone()).or_default().push(certificate);
    }

    fn apply_issuer(&mut self, issuer: IssuerStandingFact, effects: &mut Effects) {
        let known = self.issuers.get(&issuer.issuer);
        if known.is_some_and(|known| known.version >= issuer.version) {
            return;
        }
        let as_before =
            |known: &IssuerStandingFact| (known.standing, known.review) == (issuer.standing, issuer.review);
        if !known.is_some_and(as_before) {
            effects.issuers.insert(issuer.issuer.clone());
        }
        self.issuers.insert(issuer.issuer.clone(), issuer);
    }

    /// Nothing is decided on it yet, but whoever is on air is looked at all the same.
    fn apply_qualification(&mut self, qualification: QualificationStanding, effects: &mut Effects) {
        let id = qualification.qualification.clone();
        if let Some((holder, version)) = self.licensed.get(&id).cloned() {
            if version >= qualification.version {
                return;
            }
            if let Some(held) = self.qualifications.get_mut(&holder) {
                held.remove(&id);
            }
        }
        self.affect(&qualification.holder, effects);
        self.licensed.insert(id.clone(), (qualification.holder.clone(), qualification.version));
        self.qualifications.entry(qualification.holder.clone()).or_default().insert(id, qualification);
    }

    /// Changes what decisions say, never what they come to: no session is affected.
    fn apply_standard(&mut self, told: StandardStanding) {
        let known = self.standards.get(told.standard.id());
        if known.is_none_or(|known| known.version < told.version) {
            Arc::make_mut(&mut self.standards).insert(told);
        }
    }

    fn apply_caller(&mut self, caller: CallerStanding, effects: &mut Effects) {
        if self.callers.get(&caller.caller).is_some_and(|known| !caller.supersedes(known)) {
            return;
        }
        self.callers.insert(caller.caller.clone(), caller.clone());
        effects.callers.push(caller);
    }

    /// Whether a streamer holds a certificate of an issuer.
    pub(super) fn holds_of(&self, streamer: &StreamerId, issuer: &IssuerId) -> bool {
        let person = self.streamers.get(streamer).map(|enrolled| &enrolled.person);
        let held = person.and_then(|person| self.certificates.get(person));
        held.is_some_and(|held| held.iter().any(|certificate| certificate.issuer == *issuer))
    }

    fn affect(&self, person: &PersonId, effects: &mut Effects) {
        for streamer in self.by_person.get(person).into_iter().flatten() {
            self.affect_streamer(streamer, effects);
        }
    }

    /// Everything that rests on what is known of one streamer is to be decided about again.
    pub(super) fn affect_streamer(&self, streamer: &StreamerId, effects: &mut Effects) {
        effects.affected.extend(self.sessions.of_streamer(streamer).cloned());
        effects.grants.extend(self.grants.of_streamer(streamer).cloned());
    }

    /// Answers a question about a streamer of a platform. `None` if the platform has no such streamer.
    pub fn decide(
        &self,
        platform: &OrganizationId,
        streamer: &StreamerId,
        question: &Question,
        freshness: &Freshness,
        now: Timestamp,
    ) -> Option<Decision> {
        let revisions = self.policies_for(platform, question.permission);
        let [decision] = self.decide_under([revisions], (platform, streamer), question, freshness, now)?;
        Some(decision)
    }

    /// The same as if these were the platform's policies, one answer for each.
    pub fn decide_under<const N: usize>(
        &self,
        policies: [&[Policy]; N],
        (platform, streamer): (&OrganizationId, &StreamerId),
        question: &Question,
        freshness: &Freshness,
        now: Timestamp,
    ) -> Option<[Decision; N]> {
        let facts = self.facts(self.streamer(platform, streamer)?, question, now);
        Some(policies.map(|revisions| decide(&facts, question, revisions, freshness, now)))
    }

    /// All revisions of a platform's policy for a permission.
    pub fn policies_for(&self, platform: &OrganizationId, permission: Permission) -> &[Policy] {
        let revisions = self.policies.get(platform).and_then(|of_platform| of_platform.get(&permission));
        revisions.map(Vec::as_slice).unwrap_or_default()
    }

    /// Up to `limit` streamers of a platform behind one, in the order of their ids.
    pub fn streamers_of(
        &self,
        platform: &OrganizationId,
        after: Option<&StreamerId>,
        limit: usize,
    ) -> Vec<StreamerId> {
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        let all = self.by_platform.get(platform).into_iter();
        all.flat_map(|all| all.range((begin, Bound::Unbounded))).take(limit).cloned().collect()
    }

    /// The legal rules, in all editions.
    pub fn rules(&self) -> &Arc<RuleBook> {
        &self.rules
    }

    /// What bars somebody who has, or would have, an account.
    pub fn bars(&self, enrolled: &Enrolled, bar: Bar, now: Timestamp) -> Vec<Reason> {
        bars(&self.facts(enrolled, &Question::default(), now), bar, now)
    }

    /// A streamer of a platform.
    pub fn streamer(&self, platform: &OrganizationId, streamer: &StreamerId) -> Option<&Enrolled> {
        self.streamers.get(streamer).filter(|enrolled| enrolled.platform == *platform)
    }

    /// What is known of a person's certificates.
    pub fn certificates(&self, person: &PersonId) -> Vec<CertificateFact> {
        let held = self.certificates.get(person).into_iter().flatten();
        held.map(|certificate| certificate.fact(self.issuers.get(&certificate.issuer))).collect()
    }

    /// What a platform has on file of a person's professional qualifications.
    pub fn qualifications(&self, person: &PersonId, platform: &OrganizationId) -> Vec<QualificationFact> {
        let held = self.qualifications.get(person).into_iter().flat_map(BTreeMap::values);
        let own = held.filter(|qualification| qualification.organization == *platform);
        own.map(QualificationStanding::fact).collect()
    }

    /// What is known of one certificate.
    pub fn certificate(&self, id: &CertificateId) -> Option<&CertificateStanding> {
        let held = self.holders.get(id).and_then(|holder| self.certificates.get(holder));
        held.into_iter().flatten().find(|known| known.certificate == *id)
    }

    /// The standards there are.
    pub fn standards(&self) -> &Arc<Catalogue> {
        &self.standards
    }

    /// How far the feeds of all services have been applied.
    pub fn sources(&self) -> &BTreeMap<String, Position> {
        &self.sources
    }

    /// Whether something another service said is newer than what is known, and of any use.
    pub fn is_news(&self, mirrored: &Mirrored, now: Timestamp) -> bool {
        let known = match mirrored {
            Mirrored::Person(person) => {
                (self.persons.get(&person.person).map(|known| known.version), person.version)
            }
            Mirrored::Certificate(certificate) => {
                let known = self.certificate(&certificate.certificate);
                (known.map(|known| known.version), certificate.version)
            }
            Mirrored::Issuer(issuer) => {
                (self.issuers.get(&issuer.issuer).map(|known| known.version), issuer.version)
            }
            Mirrored::Qualification(qualification) => {
                let known = self.licensed.get(&qualification.qualification);
                (known.map(|(_, version)| *version), qualification.version)
            }
            Mirrored::Standard(told) => {
                (self.standards.get(told.standard.id()).map(|known| known.version), told.version)
            }
            Mirrored::Caller(caller) => {
                return self.callers.get(&caller.caller).is_none_or(|known| caller.supersedes(known));
            }
            Mirrored::Token(token) => return !token.is_over(now),
        };
        known.0.is_none_or(|version| version < known.1)
    }

    fn facts(&self, enrolled: &Enrolled, question: &Question, now: Timestamp) -> Facts {
        let Enrolled { id, platform, person, enrolment, .. } = enrolled;
        let operator = question.sale.operator.as_ref();
        Facts {
            enrolment: Some(*enrolment),
            qualifications: self.qualifications(person, platform),
            sanctions: self.conduct.sanctions(platform, Some((id, enrolment.since)), person),
            penalties: self.conduct.penalties(platform, person),
            operator: operator.and_then(|id| self.operators.fact(platform, id)).cloned(),
            engagements: self.operators.engagements(id),
            roster: question.session.as_ref().map(|session| self.roster(enrolled, session)),
            // What was reported of whoever had the account before is not its new holder's.
            conditions: self
                .conditions
                .of(id)
                .into_iter()
                .filter(|it| it.reported_at >= enrolment.since)
                .collect(),
            ..self.facts_of_person(platform, person, enrolment.since, now)
        }
    }

    /// What a platform knows of a person who is asked about in another quality than a streamer's.
    pub fn facts_of_person(
        &self,
        platform: &OrganizationId,
        person: &PersonId,
        since: Timestamp,
        now: Timestamp,
    ) -> Facts {
        let identity = self.persons.get(person).map_or(IdentityFact::unknown(since), PersonStanding::fact);
        Facts {
            certificates: self.certificates(person),
            sanctions: self.conduct.sanctions(platform, None, person),
            listings: self.conduct.listings(platform, person),
            rules: Arc::clone(self.rules.at(now)),
            ..Facts::of_person(identity, Arc::clone(&self.standards))
        }
    }

    /// The streamers of a platform that are a person's.
    pub fn accounts_of(&self, platform: &OrganizationId, person: &PersonId) -> Vec<StreamerId> {
        let streamers = self.by_person.get(person).into_iter().flatten();
        // A streamer may have been another person's before.
        let still = |id: &&StreamerId| self.streamer(platform, id).is_some_and(|it| it.person == *person);
        streamers.filter(still).cloned().collect()
    }
}
