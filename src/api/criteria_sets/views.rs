//! Criteria sets as they are loaded and as they are shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::criteria::life::CriteriaContent;
use crate::domain::criteria::{Criteria, CriteriaSet, CriteriaSetState};
use crate::domain::text::Text;

/// A draft of a criteria set.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewCriteriaSet {
    /// Code that evaluations name; does not change afterwards. A province's variant carries the code of the set that it
    /// varies and that of the province: `TT01-2020-89`.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT09-2017")]
    code: String,
    /// Name.
    name: Text,
    /// Document that it comes from.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "09/2017/TT-BNNPTNT")]
    legal_basis: String,
    /// Code of the province whose variant it is; absent for a national set.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$")]
    province: Option<String>,
    /// First day in force, as proposed: the activation decides.
    #[schema(example = "2021-01-01")]
    valid_from: NaiveDate,
    /// Last day in force; absent where none is known.
    valid_to: Option<NaiveDate>,
    /// What it says.
    criteria: Criteria,
}

impl From<NewCriteriaSet> for CriteriaContent {
    fn from(new: NewCriteriaSet) -> Self {
        let NewCriteriaSet { code, name, legal_basis, province, valid_from, valid_to, criteria } = new;
        Self { code, name, legal_basis, province, valid_from, valid_to, criteria }
    }
}

impl From<&CriteriaSet> for NewCriteriaSet {
    fn from(set: &CriteriaSet) -> Self {
        Self {
            code: set.code.clone(),
            name: set.name.clone(),
            legal_basis: set.legal_basis.clone(),
            province: set.province.clone(),
            valid_from: set.valid_from,
            valid_to: set.valid_to,
            criteria: set.criteria.clone(),
        }
    }
}

/// A version of the criteria that evaluations are made under.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CriteriaSetView {
    /// Identifier.
    id: Uuid,
    /// Code that evaluations and the scheme name.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "TT01-2020")]
    code: String,
    /// Which version of its code it is, counted from 1.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    version: i32,
    /// Name.
    name: Text,
    /// Document that it comes from.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "01/2020/TT-BKHĐT")]
    legal_basis: String,
    /// Code of the province whose variant it is; absent for a national set.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$")]
    province: Option<String>,
    /// First day in force.
    #[schema(example = "2020-04-01")]
    valid_from: NaiveDate,
    /// Last day in force; absent where none is known.
    valid_to: Option<NaiveDate>,
    /// Where it is in its life.
    state: CriteriaSetState,
    /// What it says.
    criteria: Criteria,
}

impl From<CriteriaSet> for CriteriaSetView {
    fn from(set: CriteriaSet) -> Self {
        let CriteriaSet {
            id,
            version: _,
            code,
            edition,
            name,
            legal_basis,
            province,
            valid_from,
            valid_to,
            state,
            criteria,
            writers: _,
        } = set;
        Self { id, code, version: edition, name, legal_basis, province, valid_from, valid_to, state, criteria }
    }
}
