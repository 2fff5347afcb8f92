//! Etags (AIP-154): the version of a resource, as text.

use crate::fault::Fault;
use crate::violations::Violations;
use greenroom_domain::kernel::Version;
use tonic::Code;

/// Longer than any etag; a longer one is not worth repeating.
const LONGEST: usize = 64;

/// The etag of a version.
pub fn of(version: Version) -> String {
    format!("\"{version}\"")
}

/// Refuses a write that was decided on another version. An empty `given` asks for nothing.
pub fn check(given: &str, current: Version, resource: &str) -> Result<(), Fault> {
    if given.is_empty() || given == of(current) {
        return Ok(());
    }
    if given.len() > LONGEST {
        let mut violations = Violations::new();
        violations.add("etag", "is longer than any etag of this service");
        return Err(Fault::fields(violations));
    }
    let said = format!("`{resource}` changed since the etag `{given}`; read it again");
    Err(Fault::new(Code::Aborted, "ETAG_MISMATCH", said).with("resource", resource).with("etag", given))
}
