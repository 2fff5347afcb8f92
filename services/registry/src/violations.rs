//! The catalogue of violations: a data file, checked when the service starts.

use greenroom_domain::kernel::ViolationKindId;
use greenroom_domain::registry::{Confirmation, Phrase, Sourced, ViolationKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use toml::Spanned;

const FILE: &str = include_str!("../data/violations.toml");

/// The most points a kind may cost.
const MOST_POINTS: i32 = 1_000;

/// The catalogue cannot be used: everything that is wrong with it, each with its line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue of violations cannot be used: {}", .0.join("; "))]
pub struct CatalogueError(Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    appeals: Appeals,
    kinds: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Appeals {
    answer_days: Spanned<Days>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    value: u64,
    confirmation: Mark,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    display_name: String,
    chinese_name: String,
    basis: Sentence,
    points: Points,
    #[serde(default)]
    bars_endorsement: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    text: String,
    english: String,
    confirmation: Mark,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Points {
    least: i32,
    most: i32,
    confirmation: Mark,
    source: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mark {
    Confirmed,
    Unconfirmed,
}

impl From<Mark> for Confirmation {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Confirmed => Self::Confirmed,
            Mark::Unconfirmed => Self::Unconfirmed,
        }
    }
}

/// All kinds of violations, and how soon an appeal is answered.
#[derive(Clone, Debug)]
pub struct Violations {
    kinds: BTreeMap<ViolationKindId, ViolationKind>,
    answer_within: Sourced<Duration>,
}

impl Violations {
    /// The catalogue built in.
    pub fn load() -> Result<Self, CatalogueError> {
        Self::read("violations.toml", FILE)
    }

    fn read(file: &str, text: &str) -> Result<Self, CatalogueError> {
        let place = |at: usize| {
            let before = text.get(..at).unwrap_or_default();
            format!("`{file}`, line {}", before.matches('\n').count() + 1)
        };
        let read: File = toml::from_str(text).map_err(|fault| {
            let at = fault.span().map_or(0, |span| span.start);
            CatalogueError(vec![format!("{}: {}", place(at), fault.message())])
        })?;
        let (mut kinds, mut faults) = (BTreeMap::new(), Vec::new());
        for entry in read.kinds {
            let at = place(entry.span().start);
            match kind(entry.into_inner()) {
                Err(told) => faults.extend(told.into_iter().map(|why| format!("{at}: {why}"))),
                Ok(kind) if kinds.contains_key(&kind.id) => {
                    faults.push(format!("{at}: `{}` stands there twice", kind.id));
                }
                Ok(kind) => drop(kinds.insert(kind.id.clone(), kind)),
            }
        }
        let (at, days) =
            (place(read.appeals.answer_days.span().start), read.appeals.answer_days.into_inner());
        if !(1..=366).contains(&days.value) || days.source.trim().is_empty() {
            faults.push(format!("{at}: an answer takes 1 to 366 days, and names its source"));
        }
        if !faults.is_empty() {
            return Err(CatalogueError(faults));
        }
        let value = Duration::from_hours(24 * days.value);
        let answer_within = Sourced { value, confirmation: days.confirmation.into(), source: days.source };
        Ok(Self { kinds, answer_within })
    }

    /// One kind.
    pub fn get(&self, id: &ViolationKindId) -> Option<&ViolationKind> {
        self.kinds.get(id)
    }

    /// All of them, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &ViolationKind> {
        self.kinds.values()
    }

    /// The names of all, to be told to whoever names another.
    pub fn names(&self) -> String {
        let names: Vec<String> = self.kinds.keys().map(|id| format!("`{}`", id.name())).collect();
        names.join(", ")
    }

    /// How soon an appeal is answered.
    pub const fn answer_within(&self) -> Duration {
        self.answer_within.value
    }
}

fn kind(entry: Entry) -> Result<ViolationKind, Vec<String>> {
    let Entry { id, display_name, chinese_name, basis, points, bars_endorsement } = entry;
    let mut faults = Vec::new();
    let named = [&display_name, &chinese_name, &basis.text, &basis.english];
    if named.iter().any(|text| text.trim().is_empty()) {
        faults.push(format!("`{id}` lacks a name or a basis in one of the languages"));
    }
    if basis.source.trim().is_empty() || points.source.trim().is_empty() {
        faults.push(format!("`{id}` has a value that names no source"));
    }
    if !(1..=points.most).contains(&points.least) || points.most > MOST_POINTS {
        faults.push(format!("`{id}` costs 1 to {MOST_POINTS} points, the fewest first"));
    }
    let known = ViolationKindId::try_new(&id).map_err(|fault| faults.push(fault.to_string()));
    let (Ok(id), true) = (known, faults.is_empty()) else { return Err(faults) };
    Ok(ViolationKind {
        id,
        title: Phrase { chinese: chinese_name, english: display_name },
        basis: Sourced {
            value: Phrase { chinese: basis.text, english: basis.english },
            confirmation: basis.confirmation.into(),
            source: basis.source,
        },
        points: Sourced {
            value: (points.least, points.most),
            confirmation: points.confirmation.into(),
            source: points.source,
        },
        bars_endorsement,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_names_what_each_kind_offends_and_where_that_was_read() {
        let catalogue = Violations::load().unwrap();
        assert!(catalogue.all().count() >= 8);
        let barring: Vec<&str> =
            catalogue.all().filter(|kind| kind.bars_endorsement).map(|kind| kind.id.as_str()).collect();
        assert_eq!(barring, ["false-endorsement"]);
        assert!(catalogue.all().all(|kind| kind.points.confirmation == Confirmation::Unconfirmed));
    }

    #[test]
    fn everything_that_is_wrong_with_the_catalogue_is_told_with_its_line() {
        let entry = |id: &str, least: i32, source: &str| {
            format!(
                "[[kinds]]\nid = \"{id}\"\ndisplay_name = \"A\"\nchinese_name = \"甲\"\n\
                 basis = {{ text = \"法\", english = \"law\", confirmation = \"confirmed\", source = \"{source}\" }}\n\
                 points = {{ least = {least}, most = 5, confirmation = \"unconfirmed\", source = \"x\" }}\n"
            )
        };
        let head = "[appeals]\nanswer_days = { value = 0, confirmation = \"unconfirmed\", source = \"x\" }\n";
        let text = head.to_owned()
            + &entry("a", 6, "")
            + &entry("b", 1, "x")
            + &entry("b", 1, "x")
            + &entry("C", 1, "x");
        let CatalogueError(told) = Violations::read("f", &text).unwrap_err();
        assert_eq!(
            told,
            [
                "`f`, line 3: `a` has a value that names no source",
                "`f`, line 3: `a` costs 1 to 1000 points, the fewest first",
                "`f`, line 15: `b` stands there twice",
                "`f`, line 21: `C` is not an id: 1 to 63 small letters, digits and inner hyphens are expected",
                "`f`, line 2: an answer takes 1 to 366 days, and names its source",
            ]
        );
        let CatalogueError(told) = Violations::read("f", "[appeals]\nkind = 3\n").unwrap_err();
        assert!(told[0].starts_with("`f`, line 2: "), "{told:?}");
    }
}
