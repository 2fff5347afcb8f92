//! The certification service alone, over a socket, beside a fake identity service.

#![cfg(test)]

mod applications;
mod assessments;
mod candidates;
mod certificates;
mod conditions;
mod fake;
mod feed;
mod issuers;
mod outdated;
mod revocations;
mod rolls;
mod sample;
mod standards;
mod world;
