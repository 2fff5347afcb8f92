//! The occupational standards this service knows: data files, checked when the service starts.

use greenroom_domain::certification::{OccupationCode, Standard, StandardJobType};
use greenroom_domain::kernel::StandardId;
use greenroom_domain::occupation::{JobType, JobTypeName, Level};
use greenroom_feed::event::sha256;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const BUILT_IN: &[(&str, &str)] =
    &[("internet-marketer-2021.toml", include_str!("../data/standards/internet-marketer-2021.toml"))];

/// Whether a value was read in the source it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirmation {
    /// Read there.
    Confirmed,
    /// Believed; nothing may be decided on it alone.
    Unconfirmed,
}

/// A value with its source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced {
    /// The value, in the language of the standard.
    pub text: String,
    /// In English, where it is prose.
    #[serde(default)]
    pub english: String,
    /// Whether it was read in its source.
    pub confirmation: Confirmation,
    /// The source.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    display_name: String,
    chinese_name: String,
    edition: i32,
    occupation_codes: Vec<Sourced>,
    ethics_code: Vec<Sourced>,
    job_types: Vec<FileJobType>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileJobType {
    job_type: String,
    display_name: String,
    chinese_name: String,
    levels: Vec<FileLevel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLevel {
    level: String,
    #[serde(default)]
    training_hours: i32,
}

/// A standard with everything its file tells.
#[derive(Clone, Debug)]
pub struct KnownStandard {
    /// What the rules need of it.
    pub standard: Standard,
    /// SHA-256 of its file.
    pub digest: [u8; 32],
    /// The occupation in English.
    pub display_name: String,
    /// The occupation in Chinese.
    pub chinese_name: String,
    /// The occupation's codes with their sources.
    pub occupation_codes: Vec<Sourced>,
    /// The ethics code 职业守则 with its sources.
    pub ethics_code: Vec<Sourced>,
    /// Reference hours of training 参考学时 for each cell; 0 where the standard gives none.
    pub training_hours: BTreeMap<(JobType, Level), i32>,
}

/// A file that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("the standard `{file}` cannot be used: {why}")]
pub struct StandardsError {
    file: String,
    why: String,
}

/// All standards, by id.
#[derive(Clone, Debug)]
pub struct Standards(BTreeMap<String, KnownStandard>);

impl Standards {
    /// Those built in and those of a folder. The first file that cannot be used is told with its reason.
    pub fn load(folder: Option<&Path>) -> Result<Self, StandardsError> {
        let mut all = Self(BTreeMap::new());
        for (file, text) in BUILT_IN {
            all.add(file, text)?;
        }
        if let Some(folder) = folder {
            for (file, text) in files(folder)? {
                all.add(&file, &text)?;
            }
        }
        Ok(all)
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), StandardsError> {
        let told = |why: String| StandardsError { file: file.to_owned(), why };
        let parsed: File = toml::from_str(text).map_err(|fault| told(fault.to_string()))?;
        let known = known(parsed, sha256(text.as_bytes())).map_err(told)?;
        let id = known.standard.id().as_str().to_owned();
        match self.0.insert(id.clone(), known) {
            None => Ok(()),
            Some(_) => Err(told(format!("there is another standard with the id `{id}`"))),
        }
    }

    /// Every standard, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &KnownStandard> {
        self.0.values()
    }

    /// One standard.
    pub fn get(&self, id: &StandardId) -> Option<&KnownStandard> {
        self.0.get(id.as_str())
    }

    /// Up to `limit` standards with ids greater than `after`, in the order of their ids.
    pub fn list(&self, after: &str, limit: usize) -> Vec<&KnownStandard> {
        self.0.values().filter(|known| known.standard.id().as_str() > after).take(limit).collect()
    }
}

/// The files of a folder in the order of their names, so that faults are told in the same order everywhere.
fn files(folder: &Path) -> Result<Vec<(String, String)>, StandardsError> {
    let told =
        |cause: std::io::Error| StandardsError { file: folder.display().to_string(), why: cause.to_string() };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(&path);
        text.map(|text| (file.clone(), text)).map_err(|cause| StandardsError { file, why: cause.to_string() })
    };
    paths.into_iter().map(read).collect()
}

fn known(file: File, digest: [u8; 32]) -> Result<KnownStandard, String> {
    let id = StandardId::try_new(&file.id).map_err(|fault| fault.to_string())?;
    let codes: Result<Vec<OccupationCode>, String> = file
        .occupation_codes
        .iter()
        .map(|code| OccupationCode::try_new(&code.text).map_err(|fault| format!("`{}`: {fault}", code.text)))
        .collect();
    let unsourced =
        file.occupation_codes.iter().chain(&file.ethics_code).find(|value| value.source.trim().is_empty());
    if let Some(value) = unsourced {
        return Err(format!("`{}` names no source", value.text));
    }
    let mut job_types = Vec::with_capacity(file.job_types.len());
    let mut training_hours = BTreeMap::new();
    for FileJobType { job_type: id, display_name, chinese_name, levels: listed } in file.job_types {
        let job_type = JobType::try_new(&id).map_err(|fault| format!("`{id}`: {fault}"))?;
        let mut levels = BTreeSet::new();
        for FileLevel { level, training_hours: hours } in listed {
            let level = Level::from_code(&level).ok_or_else(|| format!("there is no level `{level}`"))?;
            if !levels.insert(level) || hours < 0 {
                return Err(format!("`{id}` has a level twice, or negative hours"));
            }
            training_hours.insert((job_type, level), hours);
        }
        let name = JobTypeName { english: display_name, chinese: chinese_name };
        job_types.push(StandardJobType { job_type, name, levels });
    }
    let standard =
        Standard::try_new(id, codes?, file.edition, job_types).map_err(|fault| fault.to_string())?;
    Ok(KnownStandard {
        standard,
        digest,
        display_name: file.display_name,
        chinese_name: file.chinese_name,
        occupation_codes: file.occupation_codes,
        ethics_code: file.ethics_code,
        training_hours,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_testkit::occupation::{self, LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, job_type};

    fn built_in() -> KnownStandard {
        let standards = Standards::load(None).unwrap();
        standards.get(&StandardId::try_new("internet-marketer-2021").unwrap()).unwrap().clone()
    }

    #[test]
    fn the_standard_built_in_has_eighteen_cells_and_is_the_one_other_tests_rest_on() {
        assert_eq!(built_in().standard.cells().count(), 18);
        assert_eq!(built_in().standard, occupation::standard());
    }

    #[test]
    fn both_codes_of_the_occupation_and_the_whole_ethics_code_are_there_with_sources() {
        let known = built_in();
        let codes: Vec<&str> = known.occupation_codes.iter().map(|code| code.text.as_str()).collect();
        assert_eq!(codes, ["4-01-02-07", "4-01-06-02"]);
        assert_eq!(known.ethics_code.len(), 4);
        assert!(known.ethics_code.iter().any(|principle| principle.text == "严控质量,服务热情"));
        assert_eq!(known.training_hours.get(&(job_type(LIVE_SALESPERSON), Level::Five)), Some(&120));
        assert_eq!(known.training_hours.get(&(job_type(PLATFORM_ADMINISTRATOR), Level::Three)), Some(&88));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let text = BUILT_IN[0].1.replace("LEVEL_5", "LEVEL_9").replace("internet-marketer-2021", "other");
        std::fs::write(folder.path().join("other.toml"), text).unwrap();
        let said = Standards::load(Some(folder.path())).unwrap_err().to_string();
        assert!(said.contains("other.toml") && said.contains("`LEVEL_9`"), "{said}");
    }

    #[test]
    fn a_folder_adds_standards_and_never_replaces_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, text) = BUILT_IN[0];
        std::fs::write(folder.path().join(file), text).unwrap();
        assert!(Standards::load(Some(folder.path())).unwrap_err().to_string().contains("another standard"));
        std::fs::write(folder.path().join(file), text.replace("internet-marketer-2021", "next")).unwrap();
        assert_eq!(Standards::load(Some(folder.path())).unwrap().list("", 10).len(), 2);
    }
}
