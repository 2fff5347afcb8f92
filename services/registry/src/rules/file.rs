//! An edition's file as it is written. What it means is for its reader to say.

use greenroom_domain::registry::Confirmation;
use serde::Deserialize;
use toml::Spanned;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub edition: Spanned<String>,
    pub effective_from: Spanned<String>,
    pub bases: Vec<Spanned<BasisEntry>>,
    pub rules: Vec<RuleEntry>,
    pub categories: Vec<Spanned<CategoryEntry>>,
}

/// Whether a value was read in the source it names.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasisEntry {
    pub id: Spanned<String>,
    pub english: String,
    pub chinese: String,
    pub source: String,
    pub confirmation: Mark,
    pub in_force_from: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    pub basis: Spanned<String>,
    pub reasons: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryEntry {
    pub id: Spanned<String>,
    pub english: String,
    pub chinese: String,
    #[serde(default)]
    pub needs: Vec<Spanned<NeedEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedEntry {
    pub kind: Spanned<String>,
    pub domain: Option<Spanned<String>>,
    pub basis: Spanned<String>,
}
