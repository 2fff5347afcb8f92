//! Who may call what: one table per service, and the caller it is asked about.

use std::collections::{BTreeSet, HashMap};

use greenroom_domain::identity::OrganizationRole;
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};

use crate::access_token::AccessClaims;
use crate::scope::Scopes;

/// Every role an organisation can have: for methods that ask for a scope and nothing else.
pub const ANY_ROLE: &[OrganizationRole] = &OrganizationRole::ALL;

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a token. Health and reflection, and what hands out tokens.
    Public,
    /// Any client with a valid token.
    AnyClient,
    /// A client with the scope, of an organisation with one of the roles.
    Scope {
        /// The scope.
        scope: &'static str,
        /// The roles, one of which is enough. An empty list admits nobody; [`ANY_ROLE`] admits all.
        roles: &'static [OrganizationRole],
    },
}

/// Who is calling, as the token tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The machine client.
    pub client_id: ClientId,
    /// The organisation it belongs to: the tenant.
    pub organization: OrganizationId,
    /// What that organisation is.
    pub roles: Vec<OrganizationRole>,
    /// What the client may do.
    pub scopes: Scopes,
    /// The person it acts for, if it does.
    pub person: Option<PersonId>,
    /// The token's `jti`, for the audit trail.
    pub token_id: String,
    /// The token's `exp`: a stream that outlives it must be ended.
    pub expire_time: Timestamp,
}

impl Caller {
    /// Whether the caller's organisation has `role`.
    pub fn has_role(&self, role: OrganizationRole) -> bool {
        self.roles.contains(&role)
    }
}

impl From<&AccessClaims> for Caller {
    fn from(claims: &AccessClaims) -> Self {
        Self {
            client_id: claims.client_id.clone(),
            organization: claims.organization.clone(),
            roles: claims.roles.clone(),
            scopes: claims.scope.clone(),
            person: claims.person.clone(),
            token_id: claims.token_id.clone(),
            expire_time: claims.expire_time,
        }
    }
}

/// The table's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// The method needs a token and there is none.
    Unauthenticated,
    /// The token lacks the scope.
    MissingScope {
        /// The scope needed.
        scope: &'static str,
    },
    /// The caller's organisation has none of the roles.
    WrongRole {
        /// The roles, one of which is needed.
        needed: &'static [OrganizationRole],
    },
    /// The table does not know the method: nobody may call it.
    UnknownMethod,
}

/// The table itself is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// A method stands in the table twice.
    #[error("the method `{0}` stands in the table twice")]
    Duplicate(&'static str),
    /// A method is not of the form `/package.Service/Method`.
    #[error("`{0}` is not a method of the form `/package.Service/Method`")]
    NotAMethod(&'static str),
}

/// Full method → who may call it. What is not in it is denied.
#[derive(Debug, Clone)]
pub struct AccessTable {
    entries: HashMap<&'static str, Access>,
}

impl AccessTable {
    /// A table of the given entries. Chain several lists, such as a service's own and that of health and reflection.
    pub fn try_new(entries: impl IntoIterator<Item = (&'static str, Access)>) -> Result<Self, TableFault> {
        let mut table = HashMap::new();
        for (method, access) in entries {
            if !is_method(method) {
                return Err(TableFault::NotAMethod(method));
            }
            if table.insert(method, access).is_some() {
                return Err(TableFault::Duplicate(method));
            }
        }
        Ok(Self { entries: table })
    }

    /// Who may call `method`; nothing for an unknown one.
    pub fn get(&self, method: &str) -> Option<Access> {
        self.entries.get(method).copied()
    }

    /// Whether `caller`, or a stranger without a token, may call `method`.
    pub fn decide(&self, method: &str, caller: Option<&Caller>) -> Decision {
        match (self.get(method), caller) {
            (None, _) => Decision::UnknownMethod,
            (Some(Access::Public), _) | (Some(Access::AnyClient), Some(_)) => Decision::Allowed,
            (Some(_), None) => Decision::Unauthenticated,
            (Some(Access::Scope { scope, roles }), Some(caller)) => {
                if !caller.scopes.contains(scope) {
                    Decision::MissingScope { scope }
                } else if caller.roles.iter().any(|role| roles.contains(role)) {
                    Decision::Allowed
                } else {
                    Decision::WrongRole { needed: roles }
                }
            }
        }
    }

    /// The methods that need no token, in order: a list that a test pins, because it may only shrink.
    pub fn public_methods(&self) -> Vec<&'static str> {
        let public = self.entries.iter().filter(|(_, access)| **access == Access::Public);
        public.map(|(method, _)| *method).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Every scope that some method asks for, in order.
    pub fn scopes(&self) -> Vec<&'static str> {
        let scopes = self.entries.values().filter_map(|access| match access {
            Access::Scope { scope, .. } => Some(*scope),
            Access::Public | Access::AnyClient => None,
        });
        scopes.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Holds the table against the methods that exist, in both directions: those that exist and are not in the table, so
    /// that nobody may call them, and those in the table that do not exist. Both lists are in order.
    pub fn missing_and_extra<'a>(
        &self,
        methods: impl IntoIterator<Item = &'a str>,
    ) -> (Vec<String>, Vec<String>) {
        let existing: BTreeSet<&str> = methods.into_iter().collect();
        let known: BTreeSet<&str> = self.entries.keys().copied().collect();
        let listed = |methods: &BTreeSet<&str>, others: &BTreeSet<&str>| {
            methods.difference(others).map(|method| (*method).to_owned()).collect()
        };
        (listed(&existing, &known), listed(&known, &existing))
    }
}

/// `/package.Service/Method`, as HTTP/2 carries it in `:path`.
fn is_method(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    let parts = text.strip_prefix('/').and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(service, method)| word(service) && word(method) && !method.contains('.'))
}
