//! Tokens, keys and tables from the outside: what is accepted, and everything that is not.

#![cfg(test)]

mod access_tables;
mod assertions;
mod attacks;
mod claim_attacks;
mod forge;
mod form_attacks;
mod gate;
mod interop;
mod key_sets;
mod keys;
mod properties;
mod revocations;
mod signature_attacks;
mod time_attacks;
