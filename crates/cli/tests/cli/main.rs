//! The program as its users meet it: the real binary, its output and its exit code.

#![cfg(test)]

mod calls;
mod clients;
mod configured;
mod demo;
mod help;
mod keys;
mod refusals;
mod support;
mod verify;
