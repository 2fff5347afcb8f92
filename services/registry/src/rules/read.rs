//! What an edition's file means, and everything that is wrong with it.

use super::file::{BasisEntry, CategoryEntry, File, NeedEntry};
use greenroom_domain::kernel::{CategoryId, Date, QualificationDomainId, Timestamp};
use greenroom_domain::registry::{Basis, Category, CategoryNeed, Phrase, ReasonCode, ReasonKind, RuleSet};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;

/// The category of goods that need nothing in particular. Every edition has it.
const GENERAL: &str = "general";

/// Reads an edition, or tells every fault with file and line.
pub fn edition(file: &str, text: &str) -> Result<RuleSet, Vec<String>> {
    let mut reader = Reader { file, text, faults: Vec::new(), bases: BTreeMap::new(), used: BTreeSet::new() };
    let read = match toml::from_str::<File>(text) {
        Ok(entries) => reader.edition(&entries),
        Err(fault) => {
            reader.note(fault.span().as_ref(), fault.message());
            None
        }
    };
    match read {
        Some(edition) if reader.faults.is_empty() => Ok(edition),
        _ => Err(reader.faults),
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    faults: Vec<String>,
    bases: BTreeMap<String, Arc<Basis>>,
    used: BTreeSet<String>,
}

impl Reader<'_> {
    fn note(&mut self, at: Option<&Range<usize>>, why: impl Display) {
        let place = match at.and_then(|at| self.text.get(..at.start)) {
            Some(before) => format!("`{}`, line {}", self.file, before.matches('\n').count() + 1),
            None => format!("`{}`", self.file),
        };
        self.faults.push(format!("{place}: {why}"));
    }

    fn take<T, E: Display>(&mut self, at: &Range<usize>, value: Result<T, E>) -> Option<T> {
        value.map_err(|why| self.note(Some(at), why)).ok()
    }

    fn require(&mut self, holds: bool, at: &Range<usize>, why: impl Display) {
        if !holds {
            self.note(Some(at), why);
        }
    }

    fn edition(&mut self, entries: &File) -> Option<RuleSet> {
        let name = entries.edition.get_ref();
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        self.require(plain, &entries.edition.span(), "an edition is named by digits and hyphens");
        let effective_from = self.day(&entries.effective_from);
        for entry in &entries.bases {
            self.basis(entry);
        }
        let reasons = self.reasons(entries);
        let categories = self.categories(&entries.categories);
        for entry in &entries.bases {
            let id = &entry.get_ref().id;
            let used = self.used.contains(id.get_ref());
            self.require(used, &id.span(), format!("nothing rests on the basis `{}`", id.get_ref()));
        }
        Some(RuleSet {
            edition: name.clone(),
            effective_from: effective_from?,
            effective_until: None,
            reasons,
            categories,
        })
    }

    /// The beginning of a Beijing date.
    fn day(&mut self, given: &Spanned<String>) -> Option<Timestamp> {
        self.take(&given.span(), Date::parse(given.get_ref())).map(Date::beijing_midnight)
    }

    fn phrase(&mut self, english: &str, chinese: &str, at: &Range<usize>) -> Phrase {
        let is_chinese = chinese.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
        self.require(is_chinese, at, "the Chinese text is not Chinese");
        self.require(!english.trim().is_empty() && english.is_ascii(), at, "the English text is not English");
        Phrase { chinese: chinese.to_owned(), english: english.to_owned() }
    }

    fn basis(&mut self, entry: &Spanned<BasisEntry>) {
        let (at, it) = (entry.span(), entry.get_ref());
        self.require(!it.source.trim().is_empty(), &at, "the basis names no source");
        let text = self.phrase(&it.english, &it.chinese, &at);
        let basis = Arc::new(Basis {
            text,
            source: it.source.clone(),
            confirmation: it.confirmation.into(),
            in_force_from: it.in_force_from.as_ref().and_then(|day| self.day(day)),
        });
        let fresh = self.bases.insert(it.id.get_ref().clone(), basis).is_none();
        self.require(fresh, &it.id.span(), format!("the basis `{}` is there twice", it.id.get_ref()));
    }

    fn basis_of(&mut self, id: &Spanned<String>) -> Option<Arc<Basis>> {
        let known = self.bases.get(id.get_ref()).cloned();
        self.used.insert(id.get_ref().clone());
        self.take(&id.span(), known.ok_or_else(|| format!("there is no basis `{}`", id.get_ref())))
    }

    /// Every legal reason once, and no other.
    fn reasons(&mut self, entries: &File) -> BTreeMap<ReasonCode, Arc<Basis>> {
        let mut reasons = BTreeMap::new();
        for rule in &entries.rules {
            let Some(basis) = self.basis_of(&rule.basis) else { continue };
            for given in &rule.reasons {
                let code =
                    ReasonCode::from_code(given.get_ref()).filter(|code| code.kind() == ReasonKind::Legal);
                let unknown = || format!("`{}` is no legal reason", given.get_ref());
                let Some(code) = self.take(&given.span(), code.ok_or_else(unknown)) else { continue };
                let fresh = reasons.insert(code, Arc::clone(&basis)).is_none();
                self.require(fresh, &given.span(), format!("`{}` rests on two bases", given.get_ref()));
            }
        }
        let legal = ReasonCode::ALL.into_iter().filter(|code| code.kind() == ReasonKind::Legal);
        for code in legal.filter(|code| !reasons.contains_key(code)) {
            self.note(None, format!("nothing says what `{}` rests on", code.code()));
        }
        reasons
    }

    fn categories(&mut self, entries: &[Spanned<CategoryEntry>]) -> BTreeMap<CategoryId, Category> {
        let mut categories = BTreeMap::new();
        for entry in entries {
            let (at, it) = (entry.span(), entry.get_ref());
            let Some(id) = self.take(&it.id.span(), CategoryId::try_new(it.id.get_ref())) else { continue };
            let name = self.phrase(&it.english, &it.chinese, &at);
            let needs = it.needs.iter().filter_map(|need| self.need(need)).collect();
            let fresh = categories.insert(id.clone(), Category { id, name, needs }).is_none();
            self.require(fresh, &it.id.span(), format!("the category `{}` is there twice", it.id.get_ref()));
        }
        let general = categories.values().find(|category| category.id.as_str() == GENERAL);
        if !general.is_some_and(|category| category.needs.is_empty()) {
            self.note(None, format!("there is a category `{GENERAL}`, and it needs nothing"));
        }
        categories
    }

    fn need(&mut self, entry: &Spanned<NeedEntry>) -> Option<(CategoryNeed, Arc<Basis>)> {
        let (at, it) = (entry.span(), entry.get_ref());
        let domain = it
            .domain
            .as_ref()
            .map(|given| self.take(&given.span(), QualificationDomainId::try_new(given.get_ref())));
        let need = match (it.kind.get_ref().as_str(), domain) {
            ("QUALIFICATION", Some(domain)) => CategoryNeed::Qualification(domain?),
            ("LICENCE", None) => CategoryNeed::Licence,
            ("INSTITUTION_STAFF", None) => CategoryNeed::InstitutionStaff,
            ("NO_ENDORSEMENT", None) => CategoryNeed::NoEndorsement,
            ("NOT_LIVE", None) => CategoryNeed::NotLive,
            (kind, domain) => {
                let with = if domain.is_some() { "with" } else { "without" };
                self.note(Some(&at), format!("there is no need `{kind}` {with} a domain"));
                return None;
            }
        };
        Some((need, self.basis_of(&it.basis)?))
    }
}
