//! Stories that a platform, an issuer or an operator would tell, across the three real services.

#[cfg(test)]
mod stories {
    mod certificates;
    mod decisions;
    mod outages;
    mod privacy;
    mod revocation;
    mod rolls;
    mod tenants;
    mod tokens;
}
