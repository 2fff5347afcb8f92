//! The program as its users meet it: the real binary, its output and its exit code.

#![cfg(test)]

mod calls;
mod configured;
mod demo;
mod help;
mod refusals;
mod support;
mod verify;
