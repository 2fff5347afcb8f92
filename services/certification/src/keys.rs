//! The key of request fingerprints: a random secret in a file of its own.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenroom_rpc::credential::write_private;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use uuid::Uuid;
use zeroize::Zeroizing;

const BYTES: usize = 32;

/// Why the key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read or written.
    #[error("cannot open the keys file `{}`: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not a key.
    #[error("`{}` is not a keys file: 32 bytes in base64 are expected", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the key, or makes one if the file is missing. Losing it costs one thing only: requests repeated across the
/// loss are taken for other requests, and refused.
pub fn read_or_make(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let io = |cause| KeysError::Io { path: path.to_owned(), cause };
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text).ok_or_else(|| KeysError::Malformed { path: path.to_owned() }),
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            let mut key = Zeroizing::new(vec![0; BYTES]);
            rand::fill(&mut key)
                .map_err(|_| io(std::io::Error::other("the system gives no random numbers")))?;
            let text = Zeroizing::new(STANDARD.encode(key.as_slice()));
            make_once(path, text.as_bytes()).map_err(io)?;
            // Read back even if just made: another replica may have been first.
            let text = Zeroizing::new(std::fs::read_to_string(path).map_err(io)?);
            parse(&text).ok_or_else(|| KeysError::Malformed { path: path.to_owned() })
        }
        Err(cause) => Err(io(cause)),
    }
}

/// Makes the file unless somebody else makes it first: then theirs stays, and nobody ever sees a part of it. Two replicas
/// that start at the same time must not each go on with a key of their own.
fn make_once(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let aside = path.with_file_name(format!("new-{}", Uuid::new_v4().simple()));
    write_private(&aside, text)?;
    // Unlike a rename, a link refuses to take the place of a file.
    let placed = match std::fs::hard_link(&aside, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    };
    // What is left behind here is private, and nothing reads it.
    drop(std::fs::remove_file(&aside));
    placed
}

fn parse(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let key = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    (key.len() == BYTES).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let first = read_or_make(&path).unwrap();
        assert_eq!(read_or_make(&path).unwrap(), first);
        // Another replica that found no file either makes none in its place.
        make_once(&path, b"another").unwrap();
        assert_eq!(read_or_make(&path).unwrap(), first);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::write(&path, "short").unwrap();
        assert!(read_or_make(&path).unwrap_err().to_string().contains("32 bytes"));
    }
}
