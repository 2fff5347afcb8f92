//! What outsiders rely on: the contract's surface, who may call what, and which scopes there are.

mod access;
mod configuration;
mod contract;
