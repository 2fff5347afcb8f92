//! What the contract says, for tests that hold a table or an enum against it.

use prost::Message as _;
use prost_types::FileDescriptorSet;
use std::collections::BTreeSet;

/// Every method of a package, as gRPC spells it: `/package.Service/Method`.
///
/// # Panics
/// If the descriptor set built into the suite is damaged.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub fn methods(package: &str) -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(greenroom_proto::FILE_DESCRIPTOR_SET).expect("the descriptor set");
    let files = set.file.iter().filter(|file| file.package() == package);
    let services = files.flat_map(|file| &file.service);
    let named = services.flat_map(|service| {
        service.method.iter().map(move |method| format!("/{package}.{}/{}", service.name(), method.name()))
    });
    named.collect()
}

/// Whether a package's `ErrorReason` has a reason.
///
/// # Panics
/// If the descriptor set built into the suite is damaged.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub fn has_reason(package: &str, reason: &str) -> bool {
    let set = FileDescriptorSet::decode(greenroom_proto::FILE_DESCRIPTOR_SET).expect("the descriptor set");
    let files = set.file.iter().filter(|file| file.package() == package);
    let reasons = files.flat_map(|file| &file.enum_type).filter(|found| found.name() == "ErrorReason");
    let name = format!("ERROR_REASON_{reason}");
    reasons.flat_map(|found| &found.value).any(|value| value.name() == name)
}
