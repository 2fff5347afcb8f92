//! Stories that a platform, an issuer or an operator would tell, across the three real services.

#[cfg(test)]
mod stories {
    mod administrators;
    mod applications;
    mod blocklists;
    mod certificates;
    mod claims;
    mod decisions;
    mod minors;
    mod operators;
    mod outages;
    mod privacy;
    mod records;
    mod revocation;
    mod rolls;
    mod rotation;
    mod sources;
    mod standards;
    mod strike_off;
    mod suspension;
    mod tenants;
    mod tokens;
}
