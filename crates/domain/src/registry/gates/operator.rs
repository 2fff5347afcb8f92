//! Where the sale takes place: the operator of the room, and who is engaged there.

use crate::kernel::Timestamp;
use crate::registry::facts::Facts;
use crate::registry::question::Question;
use crate::registry::reason::Reason;

/// Every requirement about the room's operator that is not met; none where no operator was named.
pub(in crate::registry) const fn reasons(
    _facts: &Facts,
    _question: &Question,
    _now: Timestamp,
) -> Vec<Reason> {
    Vec::new()
}
