use greenroom_domain::certification::EvidenceSource;
use greenroom_domain::kernel::{IdFault, OrganizationId};
use greenroom_rpc::server::Plaintext;
use greenroom_rpc::source::{SANDBOX, SourceConfig, check_all};
use serde::Deserialize;

/// Where the configuration names sources.
const SECTION: &str = "certificate_sources";

/// How the checks of a source are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// The official look-up of certificates, or a register as good.
    #[default]
    OfficialLookup,
}

impl SourceKind {
    /// What evidence calls it.
    pub const fn evidence(self) -> EvidenceSource {
        match self {
            Self::OfficialLookup => EvidenceSource::OfficialLookup,
        }
    }
}

/// A source of certificate checks, as `[[certificate_sources]]` names it: an integrator's `CertificateSourceService`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Table")]
pub struct CertificateSource {
    /// What the sources of all services have.
    pub common: SourceConfig,
    /// How its checks are recorded; `official-lookup` if not set.
    pub kind: SourceKind,
    /// The integrator's own organization: the source is told of a holder under the name this organization has for the person.
    pub organization: String,
}

impl CertificateSource {
    /// A source with every default.
    pub fn new(name: &str, url: &str, organization: &str) -> Self {
        let (common, organization) = (SourceConfig::new(name, url), organization.to_owned());
        Self { common, kind: SourceKind::default(), organization }
    }

    /// The integrator's own organization.
    pub fn organization(&self) -> Result<OrganizationId, IdFault> {
        OrganizationId::try_new(&self.organization)
    }
}

/// Two keys of its own; all others are those of every source, and what is left over is refused with them.
impl TryFrom<toml::Table> for CertificateSource {
    type Error = String;

    fn try_from(mut table: toml::Table) -> Result<Self, String> {
        let kind = match table.remove("kind") {
            None => SourceKind::default(),
            Some(value) => value.try_into().map_err(|fault: toml::de::Error| format!("`kind`: {fault}"))?,
        };
        let organization = match table.remove("organization") {
            Some(toml::Value::String(text)) => text,
            Some(_) => return Err("`organization` must be a text".to_owned()),
            None => return Err("missing field `organization`".to_owned()),
        };
        let common = toml::Value::Table(table).try_into::<SourceConfig>();
        let common = common.map_err(|fault| fault.to_string())?;
        Ok(Self { common, kind, organization })
    }
}

/// Tells what is wrong with the sources of a configuration and with the names of those that are asked without anybody's
/// doing.
pub fn check(
    sources: &[CertificateSource],
    automatic: &[String],
    built_in: Option<&str>,
    default_validity_days: u32,
    plaintext: Plaintext,
) -> Result<(), String> {
    check_all(SECTION, sources.iter().map(|source| &source.common), default_validity_days, plaintext)?;
    for (place, source) in (1..).zip(sources) {
        if source.organization().is_err() {
            return Err(format!(
                "`{SECTION}` number {place}: `organization` must be the id of an organization"
            ));
        }
    }
    let known = |name: &String| {
        built_in == Some(name.as_str()) || sources.iter().any(|source| source.common.name == *name)
    };
    match automatic.iter().find(|name| !known(name)) {
        None => Ok(()),
        Some(name) if name == SANDBOX => {
            Err("`automatic_sources` names `sandbox`, which `allow_sandbox_source` does not allow".to_owned())
        }
        Some(name) => Err(format!("`automatic_sources` names `{name}`, which is no source of `{SECTION}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<CertificateSource, toml::de::Error> {
        toml::from_str(&format!("name = \"lookup\"\nurl = \"http://127.0.0.1:7300\"\n{text}"))
    }

    #[test]
    fn what_is_not_set_has_its_default_and_unknown_keys_are_refused_by_name() {
        let source = parse("organization = \"registrar\"\n").unwrap();
        assert_eq!(source, CertificateSource::new("lookup", "http://127.0.0.1:7300", "registrar"));
        let more = "organization = \"registrar\"\nkind = \"official-lookup\"\nrecheck_lead_days = 7\n";
        assert_eq!(parse(more).unwrap().common.recheck_lead_days, Some(7));
        for (wrong, key) in [
            ("", "organization"),
            ("organization = 7\n", "organization"),
            ("organization = \"registrar\"\ncolour = \"red\"\n", "colour"),
            ("organization = \"registrar\"\nkind = \"rumour\"\n", "kind"),
            ("organization = \"registrar\"\ndeadline_seconds = \"soon\"\n", "deadline_seconds"),
        ] {
            let said = parse(wrong).unwrap_err().to_string();
            assert!(said.contains(key), "{key}: {said}");
        }
    }

    #[test]
    fn everything_that_cannot_work_is_told_before_the_start() {
        let good = CertificateSource::new("lookup", "http://127.0.0.1:7300", "registrar");
        let told = |source: &CertificateSource, automatic: &[&str], built_in| {
            let automatic: Vec<String> = automatic.iter().map(|name| (*name).to_owned()).collect();
            check(std::slice::from_ref(source), &automatic, built_in, 180, Plaintext::LoopbackOnly)
        };
        assert_eq!(told(&good, &["lookup", "sandbox"], Some("sandbox")), Ok(()));
        assert!(told(&good, &["sandbox"], None).unwrap_err().contains("allow_sandbox_source"));
        assert!(told(&good, &["rumour"], None).unwrap_err().contains("`rumour`"));
        let nobody = CertificateSource { organization: "No One".to_owned(), ..good };
        assert!(told(&nobody, &[], None).unwrap_err().contains("organization"));
        let far = CertificateSource::new("lookup", "http://lookup:7300", "registrar");
        assert!(told(&far, &[], None).unwrap_err().contains("allow_plaintext"));
    }
}
