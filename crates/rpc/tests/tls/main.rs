//! Listeners and connections over TLS, from the outside.

#[cfg(test)]
mod bound;
#[cfg(test)]
mod files;
#[cfg(test)]
mod house;
#[cfg(test)]
mod patience;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod renewal;
