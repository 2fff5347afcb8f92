use super::facts::{Facts, Feed, Freshness};
use super::gates::level::VerifiedLevel;
use super::gates::{counts, of_law, of_policy};
use super::operator::OperatorFact;
use super::policy::{Policy, in_force, next_start};
use super::question::Question;
use super::reason::{Effect, Fact, Reason, ReasonCode, ReasonKind, Requirement};
use super::rules::CategoryNeed;
use crate::kernel::Timestamp;
use std::time::Duration;

/// The longest any answer is valid, even where no input is known to change by itself.
pub const LONGEST_VALIDITY: Duration = Duration::from_hours(1);

/// When to ask again about something that nobody can date, such as a verification under way.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// How old news may be that the legal gates rest on, under every policy. Part of the rules' edition.
///
/// A platform may ask for fresher news, and may bear older ones where only its own policy is concerned.
pub const LEGAL_STALENESS: Duration = Duration::from_mins(2);

/// What a decision comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The streamer may sell.
    Allow,
    /// The streamer may not sell.
    Deny,
    /// Not now; see [`Decision::ask_again_at`].
    NotYet,
    /// What is known is too old or too little. To be treated as no.
    Undetermined,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Deny, Self::NotYet, Self::Undetermined];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
            Self::NotYet => "NOT_YET",
            Self::Undetermined => "UNDETERMINED",
        }
    }

    /// The outcome with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }

    /// The heaviest reason decides; without a reason the answer is yes.
    pub(super) fn of(reasons: &[Reason]) -> Self {
        match reasons.iter().map(Reason::effect).max() {
            None => Self::Allow,
            Some(Effect::NotYet) => Self::NotYet,
            Some(Effect::Undetermined) => Self::Undetermined,
            Some(Effect::Deny) => Self::Deny,
        }
    }
}

/// The answer, with everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it comes to. [`Outcome::Allow`] exactly if there is no reason.
    pub outcome: Outcome,
    /// Every requirement that is not met, those that weigh most first.
    pub reasons: Vec<Reason>,
    /// When it was decided.
    pub decide_time: Timestamp,
    /// From this instant on the answer may be another: nobody may rely on it any longer.
    pub valid_until: Timestamp,
    /// For [`Outcome::NotYet`]: when asking again may help.
    pub ask_again_at: Option<Timestamp>,
    /// The level that passed the gate, even if other reasons stand against it.
    pub verified: Option<VerifiedLevel>,
    /// The policy revision in force.
    pub policy_revision: Option<i32>,
    /// The edition of the rules.
    pub rules_edition: String,
}

impl Decision {
    /// Whether nothing stands against the streamer but that the news are too old to tell.
    ///
    /// That is no word about the streamer: it says what whoever decided could not know.
    pub fn lacks_news_only(&self) -> bool {
        self.outcome != Outcome::Allow
            && self.reasons.iter().all(|reason| reason.kind() == ReasonKind::Operational)
    }
}

/// Answers a question about a person of a platform at `now`.
///
/// `revisions` are all revisions of this platform's policy for the permission that is asked about; the law is that of the
/// edition in the facts. All gates are looked at, so that everything can be mended at once; the outcome is that of the
/// heaviest reason: no, then not known, then not yet.
pub fn decide(
    facts: &Facts,
    question: &Question,
    revisions: &[Policy],
    freshness: &Freshness,
    now: Timestamp,
) -> Decision {
    let policy = in_force(revisions, now);
    let limits = Limits { policy, asked: question.max_staleness, by_law: by_law(facts, question, now) };
    let mut reasons = of_law(facts, question, now);
    reasons.retain_mut(|reason| counts(reason, policy));
    let mut verified = None;
    match policy {
        None => reasons.push(without_policy(revisions, now)),
        Some(policy) => {
            let (level, unmet) = of_policy(facts, question, policy, now);
            verified = level;
            reasons.extend(unmet);
        }
    }
    reasons.extend(stale_feeds(freshness, &limits, now));
    // Stable, so that reasons of one code keep the order of their certificates.
    reasons.sort_by_key(|reason| reason.code);
    let outcome = Outcome::of(&reasons);
    Decision {
        outcome,
        ask_again_at: ask_again(outcome, &reasons, now),
        reasons,
        decide_time: now,
        valid_until: valid_until(facts, revisions, freshness, &limits, now),
        verified,
        policy_revision: policy.map(|policy| policy.terms().revision),
        rules_edition: facts.rules.edition.clone(),
    }
}

/// How old the news may be, by whoever says so.
struct Limits<'a> {
    policy: Option<&'a Policy>,
    asked: Option<Duration>,
    by_law: &'static [Feed],
}

/// The feeds that what the law asks for rests on. The registry's own carries what the others said on its last leg; what
/// certification says is a matter of the policy alone until something is sold that takes a professional qualification.
fn by_law(facts: &Facts, question: &Question, now: Timestamp) -> &'static [Feed] {
    let qualified = |category| {
        let mut needs = facts.rules.needs(category, now);
        needs.any(|(need, _)| matches!(need, CategoryNeed::Qualification(_)))
    };
    if question.sale.categories.iter().any(qualified) {
        &[Feed::Identity, Feed::Certification, Feed::Registry]
    } else {
        &[Feed::Identity, Feed::Registry]
    }
}

impl Limits<'_> {
    /// The limit for one feed, and the policy revision if it is the one that sets it.
    fn of(&self, feed: Feed) -> Option<(Duration, Option<i32>)> {
        let legal = self.by_law.contains(&feed).then_some(LEGAL_STALENESS);
        let terms = self.policy.map(Policy::terms);
        let by_policy = terms.map(|terms| (terms.max_staleness, Some(terms.revision)));
        let by_others = [legal, self.asked].into_iter().flatten().map(|limit| (limit, None));
        by_policy.into_iter().chain(by_others).min_by_key(|(limit, _)| *limit)
    }

    /// Each feed that has a limit: up to when it is known, the limit, who set it, and when it is over.
    fn applied(
        &self,
        freshness: &Freshness,
    ) -> impl Iterator<Item = (Fact, Duration, Option<i32>, Timestamp)> {
        let limited = |(feed, heard_at): (Feed, Timestamp)| {
            let (limit, revision) = self.of(feed)?;
            Some((Fact::Feed { feed, heard_at }, limit, revision, heard_at.plus(limit)))
        };
        freshness.feeds().into_iter().filter_map(limited)
    }
}

fn without_policy(revisions: &[Policy], now: Timestamp) -> Reason {
    let starts = next_start(revisions, now);
    let code = if starts.is_some() { ReasonCode::PolicyNotInForce } else { ReasonCode::PolicyNotSet };
    Reason { until: starts, ..Reason::new(code, Fact::NoPolicy, Requirement::PolicyInForce { starts }) }
}

fn stale_feeds(freshness: &Freshness, limits: &Limits<'_>, now: Timestamp) -> impl Iterator<Item = Reason> {
    let stale = move |(fact, within, policy_revision, over)| {
        let requirement = Requirement::FreshFeed { within };
        let reason = Reason::new(ReasonCode::EvidenceSourceUnavailable, fact, requirement);
        (now >= over).then_some(Reason { since: Some(over), policy_revision, ..reason })
    };
    limits.applied(freshness).filter_map(stale)
}

fn ask_again(outcome: Outcome, reasons: &[Reason], now: Timestamp) -> Option<Timestamp> {
    if outcome != Outcome::NotYet {
        return None;
    }
    reasons.iter().map(|reason| reason.until.unwrap_or_else(|| now.plus(ASK_AGAIN_AFTER))).min()
}

/// The earliest instant after `now` at which any input can change by itself.
fn valid_until(
    facts: &Facts,
    revisions: &[Policy],
    freshness: &Freshness,
    limits: &Limits<'_>,
    now: Timestamp,
) -> Timestamp {
    let identity = &facts.identity;
    let of_identity = [identity.evidence_until, identity.document_until, identity.age_band_until];
    let of_certificates = facts
        .certificates
        .iter()
        .flat_map(|fact| [fact.evidence_until, fact.retry_at, fact.issuer_review.map(|review| review.ends)]);
    let of_conduct = facts.sanctions.iter().flat_map(|sanction| [Some(sanction.from), sanction.until]);
    let of_lists = facts.listings.iter().flat_map(|listing| [Some(listing.from), listing.until]);
    let of_operator = facts.operator.iter().flat_map(OperatorFact::instants).map(Some);
    let of_engagements =
        facts.engagements.iter().flat_map(|engagement| [Some(engagement.from), engagement.until]);
    let of_roster = facts.roster.iter().map(|roster| roster.lease_until);
    let of_evidence = limits
        .policy
        .into_iter()
        .flat_map(|policy| facts.certificates.iter().map(|it| policy.counts_until(it)));
    let of_conditions = facts.conditions.iter().map(|condition| condition.until);
    let of_qualifications = facts.qualifications.iter().flat_map(|held| [held.lapses_at, held.recheck_at]);
    let of_penalties =
        facts.penalties.iter().flat_map(|penalty| [Some(penalty.from()), Some(penalty.until())]);
    let of_feeds = limits.applied(freshness).map(|(_, _, _, over)| over);
    of_identity
        .into_iter()
        .chain(of_certificates)
        .chain(of_conduct)
        .chain(of_lists)
        .chain(of_operator)
        .chain(of_engagements)
        .chain(of_roster)
        .chain(of_evidence)
        .chain(of_conditions)
        .chain(of_qualifications)
        .chain(of_penalties)
        .chain([next_start(revisions, now)])
        .flatten()
        .chain(facts.rules.changes())
        .chain(of_feeds)
        .filter(|change| *change > now)
        .fold(now.plus(LONGEST_VALIDITY), Timestamp::min)
}

#[cfg(test)]
mod tests;
