//! One edition of the legal rules: what each rests on, since when it counts, and what product categories need.
//!
//! How a rule is judged is code, in the gates. What it rests on is data, so that a text or an instant that turns out otherwise
//! changes without a new program, and so that an older edition can answer again what it answered then.

use super::reason::ReasonCode;
use crate::certification::{Confirmation, Phrase};
use crate::kernel::{CategoryId, QualificationDomainId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use thiserror::Error;

/// What a legal rule rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The law and article, as a refusal tells it.
    pub text: Phrase,
    /// Where it was read.
    pub source: String,
    /// Whether it was.
    pub confirmation: Confirmation,
    /// From when on it counts; none if for longer than the suite needs to know.
    pub in_force_from: Option<Timestamp>,
}

impl Basis {
    /// Whether it counts at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.in_force_from.is_none_or(|from| from <= now)
    }
}

/// What a product category 商品类目 asks for by law.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CategoryNeed {
    /// The room's operator holds a licence for the category.
    Licence,
    /// The streamer has a professional qualification on file.
    Qualification(QualificationDomainId),
    /// Only staff of a licensed institution may speak for it.
    InstitutionStaff,
    /// Nobody may speak for it in a live room.
    NoEndorsement,
    /// It may not be sold live at all.
    NotLive,
}

impl CategoryNeed {
    /// The word for the kind of need, used in files and messages.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Licence => "LICENCE",
            Self::Qualification(_) => "QUALIFICATION",
            Self::InstitutionStaff => "INSTITUTION_STAFF",
            Self::NoEndorsement => "NO_ENDORSEMENT",
            Self::NotLive => "NOT_LIVE",
        }
    }
}

/// A product category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// What it is called.
    pub name: Phrase,
    /// What it asks for, each with what that rests on.
    pub needs: Vec<(CategoryNeed, Arc<Basis>)>,
}

/// One edition of the rules.
///
/// The default one names nothing: every legal gate holds in it, always, and no category is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// Its name, such as `2026-11`.
    pub edition: String,
    /// From when on decisions are made under it.
    pub effective_from: Timestamp,
    /// From when on they are made under another; none if none is known.
    pub effective_until: Option<Timestamp>,
    /// What each legal reason rests on.
    pub reasons: BTreeMap<ReasonCode, Arc<Basis>>,
    /// The categories by their ids.
    pub categories: BTreeMap<CategoryId, Category>,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self {
            edition: String::new(),
            effective_from: Timestamp::from_micros(0),
            effective_until: None,
            reasons: BTreeMap::new(),
            categories: BTreeMap::new(),
        }
    }
}

impl RuleSet {
    /// What a legal reason rests on; none if the edition does not say so, and then the rule holds always.
    pub fn basis(&self, code: ReasonCode) -> Option<&Arc<Basis>> {
        self.reasons.get(&code)
    }

    /// What a category asks for at an instant.
    pub fn needs(
        &self,
        category: &CategoryId,
        now: Timestamp,
    ) -> impl Iterator<Item = &(CategoryNeed, Arc<Basis>)> {
        let needs = self.categories.get(category).into_iter().flat_map(|category| &category.needs);
        needs.filter(move |(_, basis)| basis.holds(now))
    }

    /// Whether the operator of a room needs a licence for a category at an instant.
    pub fn needs_licence(&self, category: &CategoryId, now: Timestamp) -> bool {
        self.needs(category, now)
            .any(|(need, _)| matches!(need, CategoryNeed::Licence | CategoryNeed::InstitutionStaff))
    }

    /// The instants at which the rules change by themselves.
    pub fn changes(&self) -> impl Iterator<Item = Timestamp> {
        let of_categories =
            self.categories.values().flat_map(|category| &category.needs).map(|(_, basis)| basis);
        let bases = self.reasons.values().chain(of_categories);
        bases.filter_map(|basis| basis.in_force_from).chain(self.effective_until)
    }
}

/// All editions, one after the other. Older ones are kept so that what they answered can be answered again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleBook {
    first: Arc<RuleSet>,
    later: Vec<Arc<RuleSet>>,
}

/// What is wrong with a set of editions.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleBookFault {
    /// There is none.
    #[error("there is no edition of the rules")]
    Empty,
    /// Two have one name, or begin at one instant.
    #[error("the edition `{0}` is there twice, or begins when another does")]
    Twice(String),
}

impl RuleBook {
    /// The editions in the order in which they begin; each ends when the next begins.
    pub fn try_new(mut editions: Vec<RuleSet>) -> Result<Self, RuleBookFault> {
        editions.sort_by_key(|edition| edition.effective_from);
        let mut names = BTreeSet::new();
        let mut starts = BTreeSet::new();
        for edition in &editions {
            if !names.insert(edition.edition.clone()) || !starts.insert(edition.effective_from) {
                return Err(RuleBookFault::Twice(edition.edition.clone()));
            }
        }
        let nexts: Vec<Timestamp> = starts.into_iter().skip(1).collect();
        for (edition, next) in editions.iter_mut().zip(nexts) {
            edition.effective_until = Some(next);
        }
        let mut editions = editions.into_iter().map(Arc::new);
        let first = editions.next().ok_or(RuleBookFault::Empty)?;
        Ok(Self { first, later: editions.collect() })
    }

    /// The edition that decisions are made under at an instant. Before the first begins it is the first.
    pub fn at(&self, now: Timestamp) -> &Arc<RuleSet> {
        self.later.iter().rev().find(|edition| edition.effective_from <= now).unwrap_or(&self.first)
    }

    /// The edition with a name.
    pub fn edition(&self, name: &str) -> Option<&Arc<RuleSet>> {
        self.editions().find(|edition| edition.edition == name)
    }

    /// All of them, in the order in which they begin.
    pub fn editions(&self) -> impl Iterator<Item = &Arc<RuleSet>> {
        std::iter::once(&self.first).chain(&self.later)
    }
}
