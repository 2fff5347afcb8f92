//! `greenroom list` and `greenroom describe`: the contract, from the program itself.

use crate::contract::{self, Named, print};
use crate::failure::Result;
use crate::say;
use clap::Args;

/// Arguments of `greenroom describe`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  greenroom describe PermissionService
  greenroom describe CheckPermission
  greenroom describe greenroom.registry.v1.Decision")]
pub struct Describe {
    /// A service, a method, a message or an enum; the package may be left out. Everything if no name is given.
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// Prints every method with the first sentence of its manual.
pub fn list() -> Result<()> {
    let pool = contract::pool()?;
    for service in contract::services(&pool) {
        let plugged_in = service.package_name().ends_with(".source.v1");
        let note = if plugged_in { "  (you write this one; the suite calls it)" } else { "" };
        say::out(&format!("{}{note}", service.full_name()))?;
        for method in service.methods() {
            say::out(&format!("  {:<48} {}", contract::short_name(&method), print::summary(&method)))?;
        }
    }
    Ok(())
}

impl Describe {
    /// Prints the manual of one thing, or of all services.
    pub fn run(&self) -> Result<()> {
        let pool = contract::pool()?;
        let Some(name) = &self.name else {
            let services = contract::services(&pool);
            return services
                .iter()
                .try_for_each(|service| say::out(&format!("{}\n", print::service(service))));
        };
        let text = match contract::named(&pool, name)? {
            Named::Service(service) => print::service(&service),
            Named::Method(method) => print::method(&method),
            Named::Message(message) => print::message(&message),
            Named::Enum(it) => print::enumeration(&it),
        };
        say::out(&text)
    }
}
