//! The contract as text, in the form its `.proto` files have.

use prost_reflect::{
    Cardinality, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, MethodDescriptor,
    ServiceDescriptor,
};
use std::fmt::Write as _;

/// The comment above a method.
pub fn method_comment(method: &MethodDescriptor) -> String {
    comment(&method.parent_service().parent_file(), method.path())
}

/// The first sentence of a method's comment.
pub fn summary(method: &MethodDescriptor) -> String {
    let whole = method_comment(method);
    let first = whole.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    first_sentence(&first).trim().to_owned()
}

/// A sentence ends with a full stop before a capital letter: the one of an abbreviation stands before a number.
fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").map(|(at, _)| text.split_at(at + 1));
    let is_end = |rest: &str| rest.trim_start().starts_with(|letter: char| !letter.is_ascii_digit());
    ends.filter(|(_, rest)| is_end(rest)).map(|(sentence, _)| sentence).next().unwrap_or(text)
}

/// A service with its methods.
pub fn service(service: &ServiceDescriptor) -> String {
    let mut text = commented(&service.parent_file(), service.path(), "");
    let _ = writeln!(text, "service {} {{", service.full_name());
    for (index, method) in service.methods().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&rpc(&method, "  "));
    }
    text.push('}');
    text
}

/// A method with its request and its answer.
pub fn method(method: &MethodDescriptor) -> String {
    let service = method.parent_service();
    let mut text = format!("service {}\n\n", service.full_name());
    text.push_str(&rpc(method, ""));
    let _ = write!(text, "\n{}\n\n{}", message(&method.input()), message(&method.output()));
    text
}

/// A message with its fields.
pub fn message(message: &MessageDescriptor) -> String {
    let file = message.parent_file();
    let mut text = commented(&file, message.path(), "");
    let _ = writeln!(text, "message {} {{", message.full_name());
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(|field| field.path().to_vec());
    for field in fields {
        text.push_str(&commented(&file, field.path(), "  "));
        let _ =
            writeln!(text, "  {} {} = {};{}", type_of(&field), field.name(), field.number(), choice(&field));
    }
    text.push('}');
    text
}

/// An enum with its values.
pub fn enumeration(it: &EnumDescriptor) -> String {
    let file = it.parent_file();
    let mut text = commented(&file, it.path(), "");
    let _ = writeln!(text, "enum {} {{", it.full_name());
    for value in it.values() {
        text.push_str(&commented(&file, value.path(), "  "));
        let _ = writeln!(text, "  {} = {};", value.name(), value.number());
    }
    text.push('}');
    text
}

fn rpc(method: &MethodDescriptor, indent: &str) -> String {
    let mut text = commented(&method.parent_service().parent_file(), method.path(), indent);
    let (input, output) = (method.input(), method.output());
    let _ = writeln!(
        text,
        "{indent}rpc {}({}{}) returns ({}{});",
        method.name(),
        if method.is_client_streaming() { "stream " } else { "" },
        input.name(),
        if method.is_server_streaming() { "stream " } else { "" },
        output.name(),
    );
    text
}

fn choice(field: &FieldDescriptor) -> String {
    let chosen = field.containing_oneof().filter(|it| !it.is_synthetic());
    chosen.map(|it| format!("  // one of `{}`", it.name())).unwrap_or_default()
}

fn type_of(field: &FieldDescriptor) -> String {
    let name = match field.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(it) => it.full_name().to_owned(),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    match field.cardinality() {
        Cardinality::Repeated => format!("repeated {name}"),
        Cardinality::Optional | Cardinality::Required => name,
    }
}

fn commented(file: &FileDescriptor, path: &[i32], indent: &str) -> String {
    let mut text = String::new();
    for line in comment(file, path).lines() {
        let _ = writeln!(text, "{}", format!("{indent}// {line}").trim_end());
    }
    text
}

fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let source = file.file_descriptor_proto().source_code_info.as_ref();
    let locations = source.map(|info| info.location.as_slice()).unwrap_or_default();
    let here = locations.iter().find(|location| location.path == path);
    let text = here.and_then(|location| location.leading_comments.as_deref()).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim().to_owned()
}
