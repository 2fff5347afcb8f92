//! A standard's file as it is written. What it means is for its readers to say.

use greenroom_domain::certification::Confirmation;
use serde::Deserialize;
use toml::Spanned;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub id: Spanned<String>,
    pub display_name: Spanned<String>,
    pub chinese_name: Spanned<String>,
    pub edition: Spanned<i32>,
    pub occupation_codes: Vec<Spanned<Text>>,
    pub definition: Option<Spanned<Text>>,
    #[serde(default)]
    pub ability_traits: Vec<Spanned<Text>>,
    pub minimum_education: Option<Spanned<EducationEntry>>,
    #[serde(default)]
    pub ethics_code: Vec<Spanned<Text>>,
    pub job_types: Vec<Spanned<JobTypeEntry>>,
    #[serde(default)]
    pub training_hours: Vec<Spanned<HoursEntry>>,
    #[serde(default)]
    pub conditions: Vec<Spanned<ConditionEntry>>,
    #[serde(default)]
    pub assessment: Vec<Spanned<PartEntry>>,
    pub retake: Option<Spanned<RetakeEntry>>,
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
pub struct Text {
    #[serde(rename = "text")]
    pub chinese: String,
    #[serde(default)]
    pub english: String,
    pub confirmation: Mark,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EducationEntry {
    #[serde(rename = "text")]
    pub chinese: String,
    #[serde(default)]
    pub english: String,
    #[serde(default)]
    pub diplomas: Vec<Spanned<String>>,
    pub confirmation: Mark,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobTypeEntry {
    pub job_type: Spanned<String>,
    pub display_name: String,
    pub chinese_name: String,
    pub levels: Vec<Spanned<String>>,
    pub confirmation: Mark,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursEntry {
    pub level: Spanned<String>,
    #[serde(default)]
    pub job_types: Vec<Spanned<String>>,
    pub hours: Spanned<i32>,
    pub confirmation: Mark,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionEntry {
    pub id: Spanned<String>,
    pub level: Spanned<String>,
    #[serde(default)]
    pub job_types: Vec<Spanned<String>>,
    pub text: String,
    #[serde(default)]
    pub english: String,
    pub requirements: Vec<Spanned<RequirementEntry>>,
    pub confirmation: Mark,
    pub source: String,
}

/// The closed list of what a condition may ask for.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RequirementEntry {
    Certificate {
        level: Spanned<String>,
    },
    Work {
        months: Spanned<i32>,
        after_level: Option<Spanned<String>>,
    },
    Training {
        level: Spanned<String>,
        hours: Option<Spanned<i32>>,
    },
    Diploma {
        kinds: Vec<Spanned<String>>,
        in_field: bool,
        #[serde(default)]
        graduating_allowed: bool,
    },
    Title {
        rank: Spanned<String>,
        #[serde(default)]
        months: Option<Spanned<i32>>,
    },
    Apprenticeship {},
    Age {
        years: Spanned<i32>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartEntry {
    pub part: Spanned<String>,
    pub levels: Vec<Spanned<String>>,
    pub confirmation: Mark,
    pub source: String,
    pub pass_mark: Option<Spanned<PassMarkEntry>>,
    pub assessors: Option<Spanned<AssessorsEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassMarkEntry {
    pub score: i32,
    pub confirmation: Mark,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessorsEntry {
    pub minimum: i32,
    pub parity: ParityEntry,
    pub confirmation: Mark,
    pub source: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParityEntry {
    Odd,
    Any,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetakeEntry {
    pub attempts: i32,
    pub within_months: i32,
    pub confirmation: Mark,
    pub source: String,
}
