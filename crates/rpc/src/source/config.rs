//! What the configuration says of a source.

use crate::server::Plaintext;
use crate::tls::ClientTls;
use greenroom_domain::source::Patience;
use http::Uri;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

/// Names that mean something else.
const RESERVED: [&str; 2] = ["manual", super::SANDBOX];

/// A source as a section of a service's configuration names it: an integrator's service behind a URL.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The name that callers and evidence give it: 1 to 63 of `a` to `z`, `0` to `9` and `-`. Not `manual`, not `sandbox`.
    pub name: String,
    /// Where it is asked, such as `https://police.internal:7200`. What it is sent is about persons: `http://` only on this
    /// machine, unless `allow_plaintext` says that the network protects it.
    pub url: String,
    /// How long a single question may take, in seconds: 1 to 300.
    #[serde(default = "default_deadline_seconds")]
    pub deadline_seconds: u32,
    /// The wait after its first outage, in seconds, at least 1; it doubles with each further one in a row.
    #[serde(default = "default_first_wait_seconds")]
    pub first_wait_seconds: u32,
    /// The longest wait, in seconds: up to a day, and not shorter than the first.
    #[serde(default = "default_longest_wait_seconds")]
    pub longest_wait_seconds: u32,
    /// When a job is given up, in hours since it was begun: 1 to 8760.
    #[serde(default = "default_give_up_after_hours")]
    pub give_up_after_hours: u32,
    /// How long its matches count, in days: 1 to 3650. As long as all others, if not set.
    #[serde(default)]
    pub validity_days: Option<u32>,
    /// How many days before its match runs out it is asked again without anybody's doing, at least 1 and fewer than the
    /// match counts; never, if not set.
    #[serde(default)]
    pub recheck_lead_days: Option<u32>,
    /// Whom it must be vouched for by under an `https://` URL, and what it is shown. The service's own section, if not set.
    #[serde(default)]
    pub client_tls: Option<ClientTls>,
}

impl SourceConfig {
    /// A source with every default.
    pub fn new(name: &str, url: &str) -> Self {
        Self {
            name: name.to_owned(),
            url: url.to_owned(),
            deadline_seconds: default_deadline_seconds(),
            first_wait_seconds: default_first_wait_seconds(),
            longest_wait_seconds: default_longest_wait_seconds(),
            give_up_after_hours: default_give_up_after_hours(),
            validity_days: None,
            recheck_lead_days: None,
            client_tls: None,
        }
    }

    /// How long a single question may take.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(u64::from(self.deadline_seconds))
    }

    /// How long it is given in all.
    pub fn patience(&self) -> Patience {
        patience(self.first_wait_seconds, self.longest_wait_seconds, self.give_up_after_hours)
    }

    /// How long its matches count, if not as long as all others.
    pub fn validity(&self) -> Option<Duration> {
        self.validity_days.map(days)
    }

    /// How long before its match runs out it is asked again; never, if none.
    pub fn recheck_lead(&self) -> Option<Duration> {
        self.recheck_lead_days.map(days)
    }

    /// Everything that is wrong with it by itself.
    fn faults(&self, default_validity_days: u32, plaintext: Plaintext) -> Vec<&'static str> {
        let Self { name, url, .. } = self;
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let waits = self.first_wait_seconds..=86_400;
        let validity = self.validity_days.unwrap_or(default_validity_days);
        let rules = [
            (
                (1..=63).contains(&name.len()) && name.bytes().all(word),
                "`name` must be 1 to 63 of a-z, 0-9 and -",
            ),
            (!RESERVED.contains(&name.as_str()), "`name` must be neither `manual` nor `sandbox`"),
            (is_url(url), "`url` must be like `http://host:port` or `https://host:port`"),
            (
                plaintext == Plaintext::Anywhere || !leaves_in_plaintext(url),
                "`url` would send what it is asked in plaintext to another machine; use `https://`, or set \
                 `allow_plaintext = true` to accept that",
            ),
            ((1..=300).contains(&self.deadline_seconds), "`deadline_seconds` must lie between 1 and 300"),
            (self.first_wait_seconds >= 1, "`first_wait_seconds` must be at least 1"),
            (
                waits.contains(&self.longest_wait_seconds),
                "`longest_wait_seconds` must lie between `first_wait_seconds` and 86400",
            ),
            (
                (1..=8760).contains(&self.give_up_after_hours),
                "`give_up_after_hours` must lie between 1 and 8760",
            ),
            ((1..=3650).contains(&validity), "`validity_days` must lie between 1 and 3650"),
            (
                self.recheck_lead_days.is_none_or(|lead| lead >= 1 && lead < validity),
                "`recheck_lead_days` must be at least 1 and fewer than the days a match counts",
            ),
        ];
        rules.into_iter().filter(|(kept, _)| !kept).map(|(_, said)| said).collect()
    }
}

/// Tells everything that is wrong with the sources of a configuration, which stand in sections called `section`.
pub fn check_all<'a>(
    section: &str,
    sources: impl IntoIterator<Item = &'a SourceConfig>,
    default_validity_days: u32,
    plaintext: Plaintext,
) -> Result<(), String> {
    let (mut faults, mut names) = (Vec::new(), BTreeSet::new());
    for (place, source) in (1..).zip(sources) {
        let mut own = source.faults(default_validity_days, plaintext);
        if !names.insert(source.name.as_str()) {
            own.push("`name` is taken by another source");
        }
        faults.extend(own.into_iter().map(|said| format!("`{section}` number {place}: {said}")));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

/// The patience with a source that the configuration says nothing else of.
pub fn usual_patience() -> Patience {
    patience(default_first_wait_seconds(), default_longest_wait_seconds(), default_give_up_after_hours())
}

fn patience(first_wait_seconds: u32, longest_wait_seconds: u32, give_up_after_hours: u32) -> Patience {
    Patience {
        first_wait: Duration::from_secs(u64::from(first_wait_seconds)),
        longest_wait: Duration::from_secs(u64::from(longest_wait_seconds)),
        give_up_after: Duration::from_secs(u64::from(give_up_after_hours) * 3600),
    }
}

fn is_url(text: &str) -> bool {
    let parsed = text.parse::<Uri>().ok();
    parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}

/// Whether what is sent there can be read on the way.
fn leaves_in_plaintext(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let own = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    uri.scheme_str() == Some("http") && !own
}

fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 86_400)
}

const fn default_deadline_seconds() -> u32 {
    10
}

const fn default_first_wait_seconds() -> u32 {
    30
}

const fn default_longest_wait_seconds() -> u32 {
    3600
}

const fn default_give_up_after_hours() -> u32 {
    72
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sources: &[SourceConfig]) -> Result<(), String> {
        check_all("proofing_sources", sources, 180, Plaintext::LoopbackOnly)
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let good = SourceConfig::new("police", "http://127.0.0.1:7200");
        assert_eq!(check(std::slice::from_ref(&good)), Ok(()));
        let bad = SourceConfig {
            deadline_seconds: 0,
            first_wait_seconds: 60,
            longest_wait_seconds: 30,
            give_up_after_hours: 0,
            validity_days: Some(10),
            recheck_lead_days: Some(10),
            ..SourceConfig::new("Police!", "police:7200")
        };
        let said = check(&[good.clone(), bad, good]).unwrap_err();
        for key in ["name", "url", "deadline_", "longest_wait_", "give_up_after_", "recheck_lead_"] {
            assert!(said.contains(&format!("number 2: `{key}")), "{key}: {said}");
        }
        assert!(said.contains("number 3: `name` is taken") && !said.contains("number 1"), "{said}");
    }

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for name in ["manual", "sandbox", "", &"a".repeat(64)] {
            assert!(check(&[SourceConfig::new(name, "https://police:7200")]).is_err(), "{name}");
        }
        assert!(check(&[SourceConfig::new("cyber-id-2", "https://police:7200")]).is_ok());
    }

    #[test]
    fn questions_leave_the_machine_in_plaintext_only_if_the_configuration_says_so() {
        let at = |url| [SourceConfig::new("police", url)];
        for url in ["http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1", "https://police:1"] {
            assert_eq!(check(&at(url)), Ok(()), "{url}");
        }
        for url in
            ["http://police:1", "http://10.0.0.1:1", "http://[fe80::1]:1", "http://localhost.example:1"]
        {
            assert!(check(&at(url)).unwrap_err().contains("allow_plaintext"), "{url}");
            assert_eq!(check_all("s", &at(url), 180, Plaintext::Anywhere), Ok(()), "{url}");
        }
    }
}
