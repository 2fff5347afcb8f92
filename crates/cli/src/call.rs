//! `greenroom call`: any method of the suite, with JSON in and JSON out.

use crate::contract::codec::DynamicCodec;
use crate::failure::{Context as _, Failure, Result};
use crate::folder::Places;
use crate::reach::{Reach, Service};
use crate::{contract, refusal, say};
use clap::Args;
use futures::TryStreamExt as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use std::collections::BTreeSet;
use std::io::Read as _;
use tonic::body::Body;
use tonic::client::{Grpc, GrpcService};
use tonic::codegen::{Body as HttpBody, Bytes, StdError};
use tonic::{Request, Status};

/// What is called without a token: the request itself proves who calls, or it does not matter.
const PUBLIC: [&str; 2] = ["TokenService.IssueToken", "TokenService.ListSigningKeys"];

/// Arguments of `greenroom call`.
#[derive(Args, Debug)]
#[command(
    after_help = "Field names as in the contract or in lowerCamelCase. Streams print one JSON object a line.

Examples:
  greenroom call OrganizationService.ListOrganizations
  greenroom call PermissionService.CheckPermission '{\"streamer\":\"streamers/…\"}' \\
      --credential .greenroom/credentials/demo-platform.json
  greenroom call PolicyService.SetPolicy @policy.json --credential platform.json
  echo '{}' | greenroom call StandardService.ListStandards -"
)]
pub struct Call {
    /// The method, such as PermissionService.CheckPermission; see `greenroom list`
    #[arg(value_name = "SERVICE.METHOD")]
    method: String,
    /// The request as JSON; @FILE reads it from a file, - from standard input
    #[arg(value_name = "JSON", default_value = "{}")]
    json: String,
    #[command(flatten)]
    reach: Reach,
}

impl Call {
    /// Calls and prints what comes back.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let pool = contract::pool()?;
        let method = contract::method(&pool, &self.method)?;
        if method.is_client_streaming() {
            return Err(Failure::new(format!(
                "{} takes a stream; `greenroom import` sends one",
                contract::short_name(&method)
            )));
        }
        let request = parse(&method, &text(&self.json)?)?;
        let service = Service::of_package(method.parent_service().package_name());
        let service = service.ok_or_else(|| Failure::new("no service of the suite serves this method"))?;
        if PUBLIC.contains(&contract::short_name(&method).as_str()) {
            return exchange(self.reach.channel(places, service)?, &method, request).await;
        }
        exchange(self.reach.connect(places, service)?, &method, request).await
    }
}

fn text(argument: &str) -> Result<String> {
    if argument == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context(|| "cannot read standard input".to_owned())?;
        return Ok(text);
    }
    match argument.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).context(|| format!("cannot read `{file}`")),
        None => Ok(argument.to_owned()),
    }
}

fn parse(method: &MethodDescriptor, json: &str) -> Result<DynamicMessage> {
    let name = method.input();
    let wrong = |error: serde_json::Error| {
        let hint = hint(&name, &error.to_string());
        let manual = format!("see `greenroom describe {}`", method.name());
        Failure::new(format!("the JSON is no {}: {error}{hint}; {manual}", name.name()))
    };
    let mut reader = serde_json::Deserializer::from_str(json);
    let message = DynamicMessage::deserialize(method.input(), &mut reader).map_err(wrong)?;
    reader.end().map_err(wrong)?;
    Ok(message)
}

/// What may have been meant: the values of the contract that end like one it does not have, or the fields there are.
fn hint(message: &MessageDescriptor, said: &str) -> String {
    let quoted = said.split('\'').nth(1).unwrap_or_default();
    if said.contains("enum value") {
        let pool = message.parent_pool();
        let ending = format!("_{quoted}");
        let values = pool.all_enums().filter(|it| it.package_name().starts_with("greenroom."));
        let values =
            values.flat_map(|it| it.values().map(|value| value.name().to_owned()).collect::<Vec<_>>());
        let fitting: BTreeSet<_> = values.filter(|value| value.ends_with(&ending)).collect();
        return told("did you mean", fitting);
    }
    if said.contains("unrecognized field") {
        let fields = message.fields().map(|field| field.name().to_owned());
        return told(&format!("{} has", message.name()), fields.collect());
    }
    String::new()
}

fn told(what: &str, names: BTreeSet<String>) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!(" ({what} {})", names.into_iter().collect::<Vec<_>>().join(", "))
}

async fn exchange<C>(channel: C, method: &MethodDescriptor, message: DynamicMessage) -> Result<()>
where
    C: GrpcService<Body>,
    C::Error: Into<StdError>,
    C::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <C::ResponseBody as HttpBody>::Error: Into<StdError> + Send,
{
    let failed = |status: &Status| refusal::describe(&contract::short_name(method), status);
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = path.parse().context(|| "the method's name is no path".to_owned())?;
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| failed(&Status::unavailable(error.into().to_string())))?;
    let codec = DynamicCodec::new(method);
    let request = Request::new(message);
    if method.is_server_streaming() {
        let stream = client.server_streaming(request, path, codec).await.map_err(|status| failed(&status))?;
        let mut stream = stream.into_inner();
        while let Some(answer) = stream.try_next().await.map_err(|status| failed(&status))? {
            say::out(&json(&answer, Layout::Line)?)?;
        }
        return Ok(());
    }
    let answer = client.unary(request, path, codec).await.map_err(|status| failed(&status))?;
    say::out(&json(answer.get_ref(), Layout::Indented)?)
}

#[derive(Clone, Copy)]
enum Layout {
    Line,
    Indented,
}

fn json(message: &DynamicMessage, layout: Layout) -> Result<String> {
    let text = match layout {
        Layout::Line => serde_json::to_string(message),
        Layout::Indented => serde_json::to_string_pretty(message),
    };
    text.context(|| "the answer cannot be written as JSON".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_the_contract_does_not_have_is_refused_by_name() {
        let pool = contract::pool().unwrap();
        let method = contract::method(&pool, "CheckPermission").unwrap();

        let refused = parse(&method, r#"{"streamr":"streamers/x"}"#).unwrap_err().to_string();

        assert!(refused.contains("streamr") && refused.contains("describe CheckPermission"), "{refused}");
    }

    #[test]
    fn a_value_an_enum_does_not_have_is_told_with_what_may_be_meant() {
        let pool = contract::pool().unwrap();
        let method = contract::method(&pool, "CreateOrganization").unwrap();

        let refused = parse(&method, r#"{"organization":{"roles":["PLATFORM"]}}"#).unwrap_err().to_string();

        assert!(refused.contains("ORGANIZATION_ROLE_PLATFORM"), "{refused}");
    }

    #[test]
    fn both_spellings_of_a_field_are_read() {
        let pool = contract::pool().unwrap();
        let method = contract::method(&pool, "CheckPermission").unwrap();

        let one = parse(&method, r#"{"at_least_revision":"r"}"#).unwrap();
        let other = parse(&method, r#"{"atLeastRevision":"r"}"#).unwrap();

        assert_eq!(one, other);
    }
}
