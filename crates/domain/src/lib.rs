//! Every rule of Greenroom, and nothing else.
//!
//! This crate decides; it does no I/O. It reads no clock (the present instant is always an argument), runs no tasks and
//! knows no wire format and no database. The same inputs therefore always give the same result, so that a decision can
//! be replayed years later for an appeal or an inspector.
//!
//! - [`kernel`]: values that cannot be wrong: instants, dates, ids, versions.
//! - [`occupation`]: ids of job types, which standards give, and the levels of skill.
//! - [`identity`]: documents, names, ages, and how well a person's identity is proven.
//! - [`certification`]: certificate numbers, issuers, certificates and the evidence for them.
//! - [`ledger`]: what every write carries, and what can go wrong in a store.
//! - [`source`]: checks that a source outside the suite is asked for, however often.
//! - [`registry`]: policies and *the* answer of the product, [`registry::decide`]; live sessions.

pub mod certification;
pub mod identity;
pub mod kernel;
pub mod ledger;
pub mod occupation;
pub mod registry;
pub mod source;
