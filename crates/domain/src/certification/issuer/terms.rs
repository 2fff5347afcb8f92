//! What an issuer may do and where, over the years. Certificates rest on it, so it ends and never vanishes.

use super::{Accreditation, Issuer, IssuerRefusal, IssuerStanding, Site};
use crate::kernel::Date;
use thiserror::Error;

/// Which list of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermList {
    /// What it may issue.
    Accreditations,
    /// Where it assesses.
    Sites,
}

/// Why a list cannot take the place of the one on record. Places count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TermFault {
    /// What stands at this place on record is missing.
    #[error("what stands at place {0} on record is missing; it may end, not vanish")]
    Vanished(usize),
    /// The end on record of what is given at this place has passed.
    #[error("the end of what is given at place {0} has passed; it stays as it is")]
    Ended(usize),
    /// What is given at this place would end before today, or before it begins.
    #[error("what is given at place {0} cannot end on that day; until today certificates may rest on it")]
    EndPast(usize),
    /// What is given at this place is given before.
    #[error("what is given at place {0} is given twice")]
    Twice(usize),
}

impl TermFault {
    /// The place in the list given; none if it is missing there.
    pub const fn place(self) -> Option<usize> {
        match self {
            Self::Vanished(_) => None,
            Self::Ended(place) | Self::EndPast(place) | Self::Twice(place) => Some(place),
        }
    }
}

/// Something that holds from one day to another.
trait Term: Clone {
    /// Whether it is the same thing, whenever it ends.
    fn is_same(&self, other: &Self) -> bool;
    fn from(&self) -> Date;
    fn to(&self) -> Option<Date>;
}

impl Term for Accreditation {
    fn is_same(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.standard.clone(), one.job_type, one.levels.clone(), one.from);
        key(self) == key(other)
    }

    fn from(&self) -> Date {
        self.from
    }

    fn to(&self) -> Option<Date> {
        self.to
    }
}

/// A site keeps its characters for good; its name may change.
impl Term for Site {
    fn is_same(&self, other: &Self) -> bool {
        (&self.sequence, &self.province, self.from) == (&other.sequence, &other.province, other.from)
    }

    fn from(&self) -> Date {
        self.from
    }

    fn to(&self) -> Option<Date> {
        self.to
    }
}

/// The list that takes the place of the one on record: what was there, in its order, then what is new.
fn replaced<T: Term>(known: &[T], given: &[T], today: Date) -> Result<Vec<T>, TermFault> {
    for (place, one) in given.iter().enumerate() {
        if given.iter().take(place).any(|before| before.is_same(one)) {
            return Err(TermFault::Twice(place));
        }
    }
    let mut whole = Vec::with_capacity(given.len());
    for (place, old) in known.iter().enumerate() {
        let found = given.iter().enumerate().find(|(_, one)| one.is_same(old));
        let (place, new) = found.ok_or(TermFault::Vanished(place))?;
        if old.to() != new.to() {
            if old.to().is_some_and(|last| last < today) {
                return Err(TermFault::Ended(place));
            }
            if new.to().is_some_and(|last| last < today || last < new.from()) {
                return Err(TermFault::EndPast(place));
            }
        }
        whole.push(new.clone());
    }
    let new = given.iter().filter(|one| !known.iter().any(|old| old.is_same(one)));
    whole.extend(new.cloned());
    Ok(whole)
}

impl Issuer {
    /// The issuer with other accreditations or sites; `None` leaves a list as it is. `today` is the Beijing date.
    ///
    /// Each list holds everything on record: an end that has not passed may be closed, moved or opened again, to no day
    /// before today. What is new comes behind what is known.
    pub fn amended(
        self,
        accreditations: Option<&[Accreditation]>,
        sites: Option<&[Site]>,
        today: Date,
    ) -> Result<Self, IssuerRefusal> {
        if self.standing == IssuerStanding::StruckOff {
            return Err(IssuerRefusal::StruckOff);
        }
        let told = |list| move |fault| IssuerRefusal::TermNotKept { list, fault };
        let accreditations = match accreditations {
            Some(given) => {
                replaced(&self.accreditations, given, today).map_err(told(TermList::Accreditations))?
            }
            None => self.accreditations.clone(),
        };
        let sites = match sites {
            Some(given) => replaced(&self.sites, given, today).map_err(told(TermList::Sites))?,
            None => self.sites.clone(),
        };
        Self { accreditations, sites, ..self }.validated()
    }

    /// The first thirteen characters of the LEVEL22 numbers of a site: class, code, province and sequence.
    pub fn prefix_of(&self, site: &Site) -> String {
        format!("{}{}{}{}", self.class.letter(), self.code, site.province, site.sequence)
    }
}

#[cfg(test)]
mod tests;
