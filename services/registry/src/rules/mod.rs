//! The editions of the legal rules that are built into the program.

mod file;
mod read;
#[cfg(test)]
mod tests;

use greenroom_domain::registry::RuleBook;

/// Each edition's file, the oldest first. One that is superseded stays, so that its decisions can be made again.
const EDITIONS: [(&str, &str); 1] = [("2026-11.toml", include_str!("../../data/rules/2026-11.toml"))];

/// All editions, or everything that is wrong with them: file, line and reason of each.
pub fn built_in() -> Result<RuleBook, Vec<String>> {
    let (mut editions, mut faults) = (Vec::new(), Vec::new());
    for (file, text) in EDITIONS {
        match read::edition(file, text) {
            Ok(edition) => editions.push(edition),
            Err(more) => faults.extend(more),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    RuleBook::try_new(editions).map_err(|fault| vec![fault.to_string()])
}
