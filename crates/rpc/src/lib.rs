//! Everything that touches tonic, once for all services.
//!
//! - [`server`]: the one builder: layers in their order, health, reflection, drain. [`layers`] holds the layers,
//!   [`accept`] lets connections in, [`sever`] cuts them.
//! - [`tls`] and [`peer`]: the certificates of both sides of a connection.
//! - [`call`]: who calls, and until when.
//! - [`fault`] and [`violations`]: what a failed call answers. The message for the caller and the cause for the log
//!   are different things.
//! - [`once`]: writes that take effect once, whatever is retried, crashes or runs twice.
//! - [`etag`], [`page`], [`wire`]: the small conventions of the contract, spelled the same way everywhere.
//! - [`client`] and [`keys`]: how a service calls another, and how it learns the keys that verify tokens.
//! - [`credential`]: the files they keep their secrets in.
//! - [`follow`] and [`stream`]: the two ends of a feed.
//! - [`source`]: the sources outside the suite that checks are asked of, and the jobs that ask them.
//! - [`clock`], [`config`], [`telemetry`], [`process`]: time, configuration, logs, and a service as a program.

pub mod accept;
pub mod call;
pub mod client;
pub mod clock;
pub mod config;
pub mod credential;
pub mod etag;
pub mod fault;
pub mod follow;
pub mod keys;
pub mod layers;
pub mod mask;
pub mod once;
pub mod page;
pub mod peer;
pub mod process;
pub mod server;
pub mod sever;
pub mod source;
pub mod stream;
pub mod telemetry;
pub mod tls;
pub mod violations;
pub mod wire;
