//! The identity service by itself, over a socket, on SQLite.

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod changing_clients;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod participants;
#[cfg(test)]
mod persons;
#[cfg(test)]
mod proofing;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod resolving;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod suspending;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod unusable_keys;
#[cfg(test)]
mod world;
