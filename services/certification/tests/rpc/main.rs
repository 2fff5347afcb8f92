//! The certification service alone, over a socket, beside a fake identity service.

mod certificates;
mod fake;
mod issuers;
mod rolls;
mod world;
