//! What provinces add to the lists: entries of their own, with their names, dates and legal basis, for their own plans,
//! allocations, needs and loans only.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::{ReferenceEntry, ReferenceList};
use crate::domain::plan::Nature;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Scope, names};
use crate::domain::text::Text;

names! {
    /// A list that a province may add to. Budget levels and natures are the law's; models, priority conditions and
    /// indicators are the scheme's.
    OpenList {
        /// Sources of money (*nguồn kinh phí*).
        Sources = "sources",
        /// Categories of an estimate (*nội dung chi*).
        Categories = "categories",
        /// Kinds of support (*loại hỗ trợ*).
        SupportKinds = "support_kinds",
    }
}

impl OpenList {
    /// The list.
    pub const fn list(self) -> ReferenceList {
        match self {
            Self::Sources => ReferenceList::Sources,
            Self::Categories => ReferenceList::Categories,
            Self::SupportKinds => ReferenceList::SupportKinds,
        }
    }
}

/// An entry that a province adds to a list.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewReferenceEntry {
    /// The list.
    pub list: OpenList,
    /// Code of the province whose entry it is: it serves that province only.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    pub province: String,
    /// Code, which lines, allocations, needs and loans name; on no day that of another entry of the list that serves the
    /// province.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "rural_credit_programme")]
    pub code: String,
    /// Name for people.
    pub name: Text,
    /// Of a source: the nature of its money, where it is known. A loan needs one of the nature `credit`.
    pub nature: Option<Nature>,
    /// First day in force.
    #[schema(example = "2022-01-01")]
    pub valid_from: NaiveDate,
    /// Last day in force; absent while open.
    pub valid_to: Option<NaiveDate>,
    /// Where it comes from: document and article.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "NQ 05/2022/NQ-HĐND")]
    pub legal_basis: String,
}

/// What of a province's entry can be written anew. List, code, province, nature and first day stay: records name them.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewReferenceEntryContent {
    /// Name for people.
    pub name: Text,
    /// Last day in force; absent while open. What names the entry on an earlier day keeps it.
    pub valid_to: Option<NaiveDate>,
    /// Where it comes from: document and article.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "NQ 05/2022/NQ-HĐND")]
    pub legal_basis: String,
}

impl ReferenceEntry {
    /// Adds an entry of a province to a list, whose entries `there` are.
    ///
    /// # Errors
    /// Every fault: a province that is not the caller's, dates out of order, a nature of what is no source, a code that is
    /// taken on one of its days.
    pub fn added(new: NewReferenceEntry, there: &[Self], caller: &Caller) -> Result<Self, Refusal> {
        let NewReferenceEntry { list, province, code, name, nature, valid_from, valid_to, legal_basis } = new;
        let mut wrong = Vec::new();
        if !matches!(&caller.scope, Scope::Province(own) if own.covers(&province)) {
            let refusal = Refusal::at(
                Rule::UnknownReference,
                "/province",
                format!("Tỉnh {province} không thuộc phạm vi của người gọi."),
                format!("The province {province} is outside the caller's reach."),
            );
            wrong.push(refusal.given(&[("reference", &province)]));
        }
        if nature.is_some() && list != OpenList::Sources {
            let (vi, en) = ("Chỉ nguồn kinh phí mới có tính chất.", "Only a source has a nature.");
            wrong.push(Refusal::at(Rule::NotOfList, "/nature", vi, en).given(&[("list", &list.list().name())]));
        }
        let attributes = nature.map(|nature| ("nature".to_owned(), nature.name().to_owned()));
        let added = Self {
            list: list.list(),
            code,
            slug: None,
            name,
            attributes: attributes.into_iter().collect::<BTreeMap<_, _>>(),
            province: Some(province),
            valid_from,
            valid_to,
            legal_basis,
        };
        wrong.extend(added.ends_before_it_begins());
        Refusal::of_all(wrong)?;
        added.stands_alone(there)?;
        Ok(added)
    }

    /// Writes an entry of a province anew, beside the others of its list.
    ///
    /// # Errors
    /// Dates out of order, or a code that is taken on a day that it would newly be in force.
    pub fn edited(self, edited: NewReferenceEntryContent, others: &[Self]) -> Result<Self, Refusal> {
        let NewReferenceEntryContent { name, valid_to, legal_basis } = edited;
        let edited = Self { name, valid_to, legal_basis, ..self };
        Refusal::of_all(edited.ends_before_it_begins().into_iter().collect())?;
        edited.stands_alone(others)?;
        Ok(edited)
    }

    fn ends_before_it_begins(&self) -> Option<Refusal> {
        let (from, to) = (self.valid_from, self.valid_to.filter(|to| *to < self.valid_from)?);
        let refusal = Refusal::at(
            Rule::DatesOutOfOrder,
            "/validTo",
            format!("Ngày cuối {to} trước ngày đầu {from}."),
            format!("The last day {to} is before the first day {from}."),
        );
        Some(refusal.given(&[("date", &to), ("limit", &from)]))
    }

    /// No other entry of the list has its code on a day of its own, in a province that it serves.
    fn stands_alone(&self, others: &[Self]) -> Result<(), Refusal> {
        let until = |entry: &Self| entry.valid_to.unwrap_or(NaiveDate::MAX);
        let taken = |other: &&Self| {
            let serves_both = self.province.as_deref().is_none_or(|own| other.serves(own));
            let on_a_day = other.valid_from <= until(self) && self.valid_from <= until(other);
            other.list == self.list && other.code == self.code && serves_both && on_a_day
        };
        let Some(other) = others.iter().find(taken) else { return Ok(()) };
        let (code, from) = (&self.code, other.valid_from);
        Err(Refusal::at(
            Rule::AlreadyExists,
            "/code",
            format!("Danh mục đã có mã {code} từ ngày {from}."),
            format!("The list already has the code {code} from {from}."),
        )
        .keyed(&[("code", code), ("validFrom", &from)], &[]))
    }
}
