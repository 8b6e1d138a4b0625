//! Who is calling, and whose records that reaches.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Permission, Role};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::vietnamese;

/// The unit codes that records of a caller's territory bear: its own code today, then those of the units below it and
/// of the units that it took over. From 1 July 2025 An Giang (91) covers the records of 89 and of the former 91.
///
/// Some codes were given to another unit at the reform: of these the territory has only the records of one of the two units
/// ([`SharedCode`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    all: Vec<String>,
    shared: Vec<SharedCode>,
}

/// A code that two units bore, one after the other, and the first day of the one that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedCode {
    /// The code.
    pub code: String,
    /// First day of the unit that is meant.
    pub unit_from: NaiveDate,
}

impl Codes {
    /// A unit and the others that it covers.
    pub fn new(own: impl Into<String>, others: impl IntoIterator<Item = String>) -> Self {
        let mut all = vec![own.into()];
        for code in others {
            if !all.contains(&code) {
                all.push(code);
            }
        }
        Self { all, shared: Vec::new() }
    }

    /// With the codes of which only one unit's records are meant.
    #[must_use]
    pub fn with_shared(self, shared: Vec<SharedCode>) -> Self {
        Self { shared, ..self }
    }

    /// The codes of which only one unit's records are meant.
    pub fn shared(&self) -> &[SharedCode] {
        &self.shared
    }

    /// The codes that mean one unit alone.
    pub fn unshared(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|code| self.shared.iter().all(|shared| shared.code != *code))
    }

    /// The unit's own code today.
    pub fn own(&self) -> &str {
        self.all.first().map_or("", String::as_str)
    }

    /// Whether a record of this code is of the territory.
    pub fn covers(&self, code: &str) -> bool {
        self.all.iter().any(|covered| covered == code)
    }

    /// Every code, the unit's own first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }
}

impl From<&str> for Codes {
    fn from(own: &str) -> Self {
        Self::new(own, [])
    }
}

impl From<String> for Codes {
    fn from(own: String) -> Self {
        Self::new(own, [])
    }
}

/// Whose records a caller reaches. What lies outside is *not there* for the caller: 404, never 403.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole country.
    Country,
    /// All records of one province.
    Province(Codes),
    /// All records of one unit below the province.
    Locality {
        /// Codes of the province.
        province: Codes,
        /// Codes of the district or commune.
        unit: Codes,
    },
    /// The records of one cooperative.
    Cooperative(Uuid),
}

/// Who is calling: the verified token, resolved against the directory of agencies on the day of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Issuer of the token.
    pub issuer: String,
    /// The person or machine (`sub`): what four eyes compare.
    pub subject: String,
    /// The role.
    pub role: Role,
    /// The agency acted for.
    pub agency: Option<Uuid>,
    /// The merged or abolished agencies whose records and obligations that agency took over.
    pub predecessors: Vec<Uuid>,
    /// The unit of that agency.
    pub unit: Option<String>,
    /// What the caller reaches.
    pub scope: Scope,
}

impl Caller {
    /// Whether the caller holds a permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// Whether the caller may do what a permission is for, by the table of roles (2129/QĐ-UBND VII).
    ///
    /// # Errors
    /// The role lacks it: with the roles that have it.
    pub fn holds(&self, permission: Permission) -> Result<(), Refusal> {
        if self.may(permission) {
            return Ok(());
        }
        let allowed = permission.holders().map(Role::name).collect::<Vec<_>>().join(", ");
        let words = vietnamese::forbidden(self.role, permission);
        Err(Refusal::new(Rule::Forbidden, words.vi, words.en).given(&[
            ("role", &self.role.name()),
            ("permission", &permission.name()),
            ("allowed", &allowed),
        ]))
    }

    /// Whether the caller acts for an agency: its own, or one that its own took over.
    pub fn acts_for(&self, agency: Uuid) -> bool {
        self.agencies().any(|own| own == agency)
    }

    /// The caller's agency, then those that it took over.
    pub fn agencies(&self) -> impl Iterator<Item = Uuid> {
        self.agency.into_iter().chain(self.predecessors.iter().copied())
    }

    /// The cooperative that the caller speaks for, if it is one.
    pub const fn cooperative(&self) -> Option<Uuid> {
        match self.scope {
            Scope::Cooperative(id) => Some(id),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_acts_for_what_it_took_over_and_for_nobody_else() {
        let id = Uuid::from_u128;
        let caller = Caller {
            issuer: "test".to_owned(),
            subject: "x".to_owned(),
            role: Role::LeadAgency,
            agency: Some(id(3)),
            predecessors: vec![id(2), id(1)],
            unit: Some("91".to_owned()),
            scope: Scope::Province(Codes::new("91", ["89", "91"].map(str::to_owned))),
        };
        assert_eq!([1, 2, 3, 4].map(|agency| caller.acts_for(id(agency))), [true, true, true, false]);
        let Scope::Province(codes) = &caller.scope else { unreachable!() };
        assert_eq!((codes.own(), codes.iter().count()), ("91", 2));
        assert_eq!(["89", "91", "92"].map(|code| codes.covers(code)), [true, true, false]);
    }
}
