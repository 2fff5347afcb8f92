//! Real programs, and clients that other people wrote.
//!
//! The programs are those beside this test's own; the clients are in the folder that `GREENROOM_OUTSIDE_CLIENTS` names.
//! `cargo xtask test` sees to both.

#[cfg(test)]
mod programs;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod tokens;
