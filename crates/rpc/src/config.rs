//! Configuration files: TOML, unknown keys refused, secrets only by file path.

use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Why a configuration was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not what it should be; the message names line and key.
    #[error("`{}` is not a valid configuration: {cause}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong where.
        cause: String,
    },
}

/// Reads a configuration file.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    let text = read(path)?;
    toml::from_str(&text)
        .map_err(|cause| ConfigError::Invalid { path: path.to_owned(), cause: cause.to_string() })
}

/// Reads a small text file, such as a credential.
pub fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })
}
