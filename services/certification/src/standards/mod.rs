//! The occupational standards this service knows: data files, checked when the service starts.

mod conditions;
mod file;
mod notes;
mod read;

pub use file::Text;
use greenroom_domain::certification::{Standard, StandardText};
use greenroom_domain::kernel::StandardId;
use greenroom_feed::event::sha256;
use notes::Notes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BUILT_IN: &[(&str, &str)] =
    &[("internet-marketer-2021.toml", include_str!("../../data/standards/internet-marketer-2021.toml"))];

/// A standard with everything its file tells.
#[derive(Clone, Debug)]
pub struct KnownStandard {
    /// What it tells.
    pub text: StandardText,
    /// SHA-256 of its file.
    pub digest: [u8; 32],
}

impl KnownStandard {
    /// What the rules need of it most: its occupation and its cells.
    pub const fn standard(&self) -> &Standard {
        &self.text.standard
    }
}

/// Files that cannot be used, with everything that is wrong with each.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("standards cannot be used: {}", faults.join("; "))]
pub struct StandardsError {
    /// Each with its file and, where it can be told, its line.
    pub faults: Vec<String>,
}

/// All standards, by id.
#[derive(Clone, Debug)]
pub struct Standards(BTreeMap<String, KnownStandard>);

impl Standards {
    /// Those built in and those of a folder. Everything that is wrong with any file is told at once.
    pub fn load(folder: Option<&Path>) -> Result<Self, StandardsError> {
        let (mut known, mut faults) = (BTreeMap::new(), Vec::new());
        let built_in = BUILT_IN.iter().map(|(file, text)| ((*file).to_owned(), Ok((*text).to_owned())));
        for (file, text) in built_in.chain(folder.map(files).into_iter().flatten()) {
            let read = text.and_then(|text| one(&file, &text, &known));
            match read {
                Ok(standard) => drop(known.insert(standard.standard().id().as_str().to_owned(), standard)),
                Err(told) => faults.extend(told),
            }
        }
        if faults.is_empty() { Ok(Self(known)) } else { Err(StandardsError { faults }) }
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
        self.0.values().filter(|known| known.standard().id().as_str() > after).take(limit).collect()
    }
}

fn one(
    file: &str,
    text: &str,
    known: &BTreeMap<String, KnownStandard>,
) -> Result<KnownStandard, Vec<String>> {
    let mut notes = Notes::of(file, text);
    let read = read::standard(text, &mut notes);
    if let Some(text) = &read
        && known.contains_key(text.standard.id().as_str())
    {
        notes.add(None, format!("there is another standard with the id `{}`", text.standard.id()));
    }
    let digest = sha256(text.as_bytes());
    notes.finish(read.map(|text| KnownStandard { text, digest }))
}

type Read = (String, Result<String, Vec<String>>);

/// The files of a folder in the order of their names, so that faults are told in the same order everywhere.
fn files(folder: &Path) -> Vec<Read> {
    let told = |path: &Path, cause: std::io::Error| vec![format!("`{}`: {cause}", path.display())];
    let mut paths: Vec<PathBuf> = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) => return vec![(String::new(), Err(told(folder, cause)))],
    };
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(cause) => return vec![(String::new(), Err(told(folder, cause)))],
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).map_err(|cause| told(&path, cause));
        (path.display().to_string(), text)
    };
    paths.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests;
