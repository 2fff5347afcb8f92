//! Commands to paste, with everything filled in.

use crate::folder::Places;
use crate::reach::Service;

/// What the commands are about.
pub struct Paste<'a> {
    /// The data folder.
    pub places: &'a Places,
    /// The suite's first port.
    pub base: u16,
    /// The client's id.
    pub client: &'a str,
    /// `streamers/…` that is allowed.
    pub streamer: &'a str,
    /// A token for the registry, good for minutes.
    pub token: &'a str,
}

/// The commands, one a line, ready for a shell.
pub fn lines(paste: &Paste<'_>) -> String {
    let address = format!("127.0.0.1:{}", Service::Registry.port(paste.base));
    let package = "greenroom.registry.v1";
    let curl = "grpcurl -plaintext -H \"authorization: Bearer $TOKEN\"";
    let streamer = paste.streamer;
    let program = program();
    let folder = quoted(&paste.places.folder().display().to_string());
    let credential = quoted(&paste.places.credential(paste.client).display().to_string());
    [
        "# a token of the demo platform for the registry; it lives five minutes".to_owned(),
        format!("TOKEN={}", paste.token),
        "# a new one".to_owned(),
        format!(
            "TOKEN=$({program} token --data-dir {folder} --credential {credential} --audience {})",
            Service::Registry.audience()
        ),
        "# may this streamer sell, now?".to_owned(),
        format!("{curl} -d '{{\"streamer\":\"{streamer}\"}}' {address} {package}.PermissionService/CheckPermission"),
        "# the levels behind the answer".to_owned(),
        format!("{curl} -d '{{\"name\":\"{streamer}\"}}' {address} {package}.StreamerService/GetVerifiedLevels"),
        "# every change of a live session, as it happens (Ctrl-C ends it)".to_owned(),
        format!("{curl} -d '{{}}' {address} {package}.LiveSessionService/WatchLiveSessions"),
        "# what the registry offers, and the manual of one method".to_owned(),
        format!("grpcurl -plaintext {address} list"),
        format!("grpcurl -plaintext {address} describe {package}.PermissionService.CheckPermission"),
        "# the same without grpcurl".to_owned(),
        format!(
            "{program} call --data-dir {folder} --credential {credential} PermissionService.CheckPermission \
             '{{\"streamer\":\"{streamer}\"}}'"
        ),
    ]
    .join("\n")
}

/// This program as it can be typed where the demo was started.
pub fn program() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let program = std::env::current_exe().unwrap_or_else(|_| "greenroom".into());
    let short = program.strip_prefix(&here).map(std::path::Path::to_path_buf).unwrap_or(program);
    quoted(&short.display().to_string())
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_bodies_are_json_and_the_ports_those_of_the_suite() {
        let places = Places::new(Path::new("my folder"));
        let paste = Paste {
            places: &places,
            base: 8000,
            client: "demo-platform",
            streamer: "streamers/x",
            token: "t",
        };

        let text = lines(&paste);

        let bodies: Vec<_> = text.lines().filter_map(|line| line.split(" -d '").nth(1)).collect();
        assert_eq!(bodies.len(), 3);
        for body in bodies {
            let (json, rest) = body.split_once("' ").unwrap();
            serde_json::from_str::<serde_json::Value>(json).unwrap();
            assert!(rest.starts_with("127.0.0.1:8002 greenroom.registry.v1."), "{rest}");
        }
        assert!(text.contains("--data-dir 'my folder'"));
    }
}
