//! The layers of the server builder, from the outside.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod publisher;
