//! The contract of the suite in Rust: messages, clients and servers of every service.
//!
//! The `.proto` files are the source and the manual. `cargo xtask gen` makes the code below from them, without `protoc`;
//! it is committed, so that whoever only calls the services needs this crate alone.

/// Organizations, machine clients, tokens and persons.
pub mod identity {
    /// Version 1 of the package.
    pub mod v1 {
        include!("gen/greenroom.identity.v1.rs");
    }

    /// What an integrator implements in front of a source of identity checks.
    pub mod source {
        /// Version 1 of the package.
        pub mod v1 {
            include!("gen/greenroom.identity.source.v1.rs");
        }
    }
}

/// Occupational standards, issuers, applications and certificates.
pub mod certification {
    /// Version 1 of the package.
    pub mod v1 {
        include!("gen/greenroom.certification.v1.rs");
    }

    /// What an integrator implements in front of a source of certificate checks.
    pub mod source {
        /// Version 1 of the package.
        pub mod v1 {
            include!("gen/greenroom.certification.source.v1.rs");
        }
    }
}

/// Streamers, policies, permissions, conduct and live sessions.
pub mod registry {
    /// Version 1 of the package.
    pub mod v1 {
        include!("gen/greenroom.registry.v1.rs");
    }
}

/// All files of the contract with their imports and comments, as a serialised `google.protobuf.FileDescriptorSet`: for
/// server reflection, and for tests that hold a table against the contract.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor.bin");
