//! What tests share.
//!
//! - [`authority`]: certificates for TLS.
//! - [`clock`]: a clock moved by hand.
//! - [`contract`]: what the contract says.
//! - [`occupation`]: a standard and its job types.
//! - [`ports`]: ports for listeners that have to know theirs before they start.
//! - [`tokens`]: access tokens of a test issuer.
//! - [`database`]: fresh databases on both engines.
//! - [`eventually`]: waits for a condition, not for a time.

pub mod authority;
pub mod clock;
pub mod contract;
pub mod database;
mod eventually;
pub mod occupation;
pub mod ports;
pub mod tokens;

pub use authority::{Authority, Pair};
pub use clock::ManualClock;
pub use eventually::eventually;
pub use tokens::TestIssuer;
