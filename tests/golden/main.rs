//! What outsiders rely on: the contract's surface, who may call what, and which scopes there are.

#[cfg(test)]
mod access;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod contract;
