//! The identity service by itself, over a socket, on SQLite.

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod feed;
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
mod rotation;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod world;
