//! The contract at run time: every service, method and message, with its comments, from the descriptor set.

pub mod codec;
pub mod print;

use crate::failure::{Context as _, Failure, Result};
use prost_reflect::{DescriptorPool, EnumDescriptor, MessageDescriptor, MethodDescriptor, ServiceDescriptor};

/// Everything the suite speaks, the error details of `google.rpc` included.
pub fn pool() -> Result<DescriptorPool> {
    let mut pool = DescriptorPool::decode(greenroom_proto::FILE_DESCRIPTOR_SET)
        .context(|| "the contract built into this program cannot be read".to_owned())?;
    pool.decode_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .context(|| "the error details built into this program cannot be read".to_owned())?;
    Ok(pool)
}

/// The suite's own services, in the order of their full names.
pub fn services(pool: &DescriptorPool) -> Vec<ServiceDescriptor> {
    let mut services: Vec<_> = pool.services().filter(|service| is_ours(service.package_name())).collect();
    services.sort_by(|a, b| a.full_name().cmp(b.full_name()));
    services
}

fn is_ours(package: &str) -> bool {
    package.starts_with("greenroom.")
}

/// A thing of the contract that has a name.
pub enum Named {
    /// A service.
    Service(ServiceDescriptor),
    /// A method.
    Method(MethodDescriptor),
    /// A message.
    Message(MessageDescriptor),
    /// An enum.
    Enum(EnumDescriptor),
}

/// Finds a method by `PermissionService.CheckPermission`, `PermissionService/CheckPermission` or just the method's name,
/// with or without the package.
pub fn method(pool: &DescriptorPool, name: &str) -> Result<MethodDescriptor> {
    let wanted = name.trim_start_matches('/').replace('/', ".");
    let all = services(pool).into_iter().flat_map(|service| service.methods().collect::<Vec<_>>());
    let mut fitting: Vec<_> = all.filter(|method| fits(method.full_name(), &wanted)).collect();
    match (fitting.pop(), fitting.is_empty()) {
        (Some(method), true) => Ok(method),
        (Some(last), false) => {
            fitting.push(last);
            let names: Vec<_> = fitting.iter().map(short_name).collect();
            Err(Failure::new(format!("`{name}` could be any of {}; say which", names.join(", "))))
        }
        (None, _) => Err(unknown(pool, name)),
    }
}

/// Finds anything by its name, with or without the package. A name two packages share needs the package.
pub fn named(pool: &DescriptorPool, name: &str) -> Result<Named> {
    let wanted = name.trim_start_matches('/').replace('/', ".");
    if let Some(service) = services(pool).into_iter().find(|service| fits(service.full_name(), &wanted)) {
        return Ok(Named::Service(service));
    }
    let messages = pool.all_messages().filter(|message| fits(message.full_name(), &wanted));
    let enums = pool.all_enums().filter(|it| fits(it.full_name(), &wanted));
    let mut types: Vec<(String, Named)> = messages
        .map(|message| (message.full_name().to_owned(), Named::Message(message)))
        .chain(enums.map(|it| (it.full_name().to_owned(), Named::Enum(it))))
        .collect();
    match (types.pop(), types.is_empty()) {
        (Some((_, only)), true) => Ok(only),
        (Some((last, _)), false) => {
            let mut names: Vec<_> = types.into_iter().map(|(name, _)| name).collect();
            names.push(last);
            Err(Failure::new(format!("`{name}` could be any of {}; say which", names.join(", "))))
        }
        (None, _) => method(pool, name).map(Named::Method),
    }
}

/// `PermissionService.CheckPermission`.
pub fn short_name(method: &MethodDescriptor) -> String {
    format!("{}.{}", method.parent_service().name(), method.name())
}

fn fits(full_name: &str, wanted: &str) -> bool {
    full_name == wanted || full_name.strip_suffix(wanted).is_some_and(|before| before.ends_with('.'))
}

fn unknown(pool: &DescriptorPool, name: &str) -> Failure {
    let last = name.rsplit(['.', '/']).next().unwrap_or(name).to_lowercase();
    let methods = services(pool).into_iter().flat_map(|service| service.methods().collect::<Vec<_>>());
    let alike = |method: &MethodDescriptor| {
        let known = method.name().to_lowercase();
        !last.is_empty() && (known.contains(&last) || last.contains(&known))
    };
    let near: Vec<_> = methods.filter(alike).map(|method| short_name(&method)).collect();
    let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    Failure::new(format!("the contract has no `{name}`{hint}; `greenroom list` shows all methods"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_found_however_its_name_is_written() {
        let pool = pool().unwrap();
        for name in [
            "CheckPermission",
            "PermissionService.CheckPermission",
            "PermissionService/CheckPermission",
            "/greenroom.registry.v1.PermissionService/CheckPermission",
        ] {
            let found = method(&pool, name).unwrap();
            assert_eq!(found.full_name(), "greenroom.registry.v1.PermissionService.CheckPermission");
        }
    }

    #[test]
    fn an_unknown_method_is_refused_with_the_nearest_names() {
        let pool = pool().unwrap();

        let refused = method(&pool, "PermissionService.CheckPermissions").unwrap_err().to_string();

        assert!(refused.contains("did you mean") && refused.contains("CheckPermission"), "{refused}");
    }

    #[test]
    fn a_name_that_two_packages_share_needs_its_package() {
        let pool = pool().unwrap();

        assert!(named(&pool, "Level").is_err());
        assert!(matches!(named(&pool, "greenroom.registry.v1.Level"), Ok(Named::Enum(_))));
    }

    #[test]
    fn everything_of_the_contract_carries_its_comment() {
        let pool = pool().unwrap();
        for service in services(&pool) {
            for method in service.methods() {
                assert!(!print::method_comment(&method).is_empty(), "{}", method.full_name());
            }
        }
    }
}
