//! The subjects that ask for a professional qualification: a data file, checked when the service starts.

use crate::standards::Text;
use greenroom_domain::certification::{Phrase, Sourced};
use greenroom_domain::kernel::QualificationDomainId;
use serde::Deserialize;
use std::collections::BTreeMap;

const FILE: &str = include_str!("../data/qualification-domains.toml");

/// The file of domains cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("`qualification-domains.toml` cannot be used: {0}")]
pub struct DomainsError(String);

/// One domain with the rule it rests on.
#[derive(Clone, Debug)]
pub struct KnownDomain {
    /// In English.
    pub display_name: String,
    /// In the words of the rule.
    pub chinese_name: String,
    /// The rule.
    pub basis: Sourced<Phrase>,
    /// Where licences are looked up.
    pub registers: Vec<Sourced<Phrase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    domains: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    display_name: String,
    chinese_name: String,
    basis: Text,
    registers: Vec<Text>,
}

fn read(entry: Text) -> Option<Sourced<Phrase>> {
    let Text { chinese, english, confirmation, source } = entry;
    let value = Phrase { chinese, english };
    (!source.trim().is_empty()).then(|| Sourced { value, confirmation: confirmation.into(), source })
}

/// All domains, by id.
#[derive(Clone, Debug)]
pub struct Domains(BTreeMap<QualificationDomainId, KnownDomain>);

impl Domains {
    /// Those built in.
    pub fn load() -> Result<Self, DomainsError> {
        Self::read(FILE)
    }

    fn read(text: &str) -> Result<Self, DomainsError> {
        let file: File = toml::from_str(text).map_err(|fault| DomainsError(fault.to_string()))?;
        let mut all = BTreeMap::new();
        for Entry { id: text, display_name, chinese_name, basis, registers } in file.domains {
            let told = |why: &str| DomainsError(format!("`{text}`: {why}"));
            let id = QualificationDomainId::try_new(&text).map_err(|fault| told(&fault.to_string()))?;
            let registers: Option<Vec<_>> = registers.into_iter().map(read).collect();
            let sourced = read(basis).zip(registers);
            let (basis, registers) = sourced.ok_or_else(|| told("a value names no source"))?;
            if all.insert(id, KnownDomain { display_name, chinese_name, basis, registers }).is_some() {
                return Err(told("stands there twice"));
            }
        }
        Ok(Self(all))
    }

    /// Whether there is such a domain.
    pub fn knows(&self, id: &QualificationDomainId) -> bool {
        self.0.contains_key(id)
    }

    /// All of them, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = (&QualificationDomainId, &KnownDomain)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::certification::Confirmation;

    #[test]
    fn the_four_domains_of_the_code_of_conduct_are_there_with_their_basis() {
        let domains = Domains::load().unwrap();
        let ids: Vec<&str> = domains.all().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["education", "finance", "law", "medicine"]);
        for (_, domain) in domains.all() {
            assert!(domain.basis.value.chinese.contains("第十三条"));
            assert_eq!(domain.basis.confirmation, Confirmation::Confirmed);
            assert!(!domain.registers.is_empty());
        }
    }

    #[test]
    fn a_file_with_a_fault_is_refused_with_the_place() {
        let domain = |id: &str, source: &str| {
            format!(
                "[[domains]]\nid = \"{id}\"\ndisplay_name = \"A\"\nchinese_name = \"甲\"\nregisters = []\n\
                 basis = {{ text = \"规则\", confirmation = \"confirmed\", source = \"{source}\" }}\n"
            )
        };
        let twice = domain("law", "a rule") + &domain("law", "a rule");
        for (text, told) in [
            (domain("Law!", "a rule"), "`Law!`"),
            (domain("law", " "), "names no source"),
            (twice, "twice"),
            ("[[domains]]\nname = 3\n".to_owned(), "line 2"),
        ] {
            let fault = Domains::read(&text).unwrap_err().to_string();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
