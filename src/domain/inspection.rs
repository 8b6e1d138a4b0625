//! An inspection (*kiểm tra*) of a pilot: what agencies saw on a day, together or alone.
//!
//! 2129/QĐ-UBND VI.2.2, VII.1, VII.2, VII.9. One inspection is one record, whoever took part in it: what a department and a
//! district report of the same visit is never added.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::application::{not_before, unchanged};
use super::evidence::DocumentReference;
use super::moment::Moment;
use super::pilot::Pilot;
use super::refusal::{Refusal, Rule};
use super::role::{Caller, Role};

/// An inspection, as the agency that led it records it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewInspection {
    /// The pilot.
    pub pilot: Uuid,
    /// The day: one inspection of a pilot a day; not before its selection, not in the future.
    #[schema(example = "2022-09-20")]
    pub inspected_on: NaiveDate,
    /// The other agencies that took part.
    #[schema(max_items = 20)]
    pub participants: Vec<Uuid>,
    /// What was inspected.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Tiến độ thực hiện Kế hoạch hoàn thiện")]
    pub subject: String,
    /// What was found.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đã thực hiện 3/5 giải pháp.")]
    pub findings: String,
    /// What is recommended.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đẩy nhanh kiểm toán độc lập.")]
    pub recommendations: Option<String>,
    /// The minutes (*biên bản*).
    pub document: Option<DocumentReference>,
}

/// An inspection of a pilot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// What was recorded.
    pub content: NewInspection,
    /// The cooperative.
    pub cooperative: Uuid,
    /// Code of its province.
    pub province: String,
    /// Code of its unit.
    pub unit: String,
    /// The agency that led it.
    pub agency: Uuid,
    /// Who recorded it (`sub`).
    pub created_by: String,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Inspection {
    /// Records an inspection.
    ///
    /// # Errors
    /// The date lies before the selection or in the future, or another department is responsible for the pilot.
    pub fn record(
        id: Uuid,
        content: NewInspection,
        pilot: &Pilot,
        caller: &Caller,
        now: Moment,
    ) -> Result<Self, Refusal> {
        now.not_in_future(content.inspected_on, "/inspectedOn")?;
        let agency = may_inspect(pilot, caller)?;
        not_before(content.inspected_on, pilot.selected_on, "/inspectedOn")?;
        Ok(Self {
            id,
            version: 1,
            content,
            cooperative: pilot.cooperative,
            province: pilot.province.clone(),
            unit: pilot.unit.clone(),
            agency,
            created_by: caller.subject.clone(),
            recorded_at: now.0,
            updated_at: now.0,
        })
    }

    /// Corrects what was recorded; pilot and day stay.
    ///
    /// # Errors
    /// Another agency led it, or it would become another inspection.
    pub fn edit(mut self, content: NewInspection, caller: &Caller, now: Moment) -> Result<Self, Refusal> {
        let fixed = [
            unchanged(&self.content.pilot, &content.pilot, "/pilot"),
            unchanged(&self.content.inspected_on, &content.inspected_on, "/inspectedOn"),
        ];
        Refusal::of_all(fixed.into_iter().filter_map(Result::err).collect())?;
        self.may_edit(caller)?;
        self.content = content;
        self.version += 1;
        self.updated_at = now.0;
        Ok(self)
    }

    /// Whether this agency may correct it: the one that led it.
    ///
    /// # Errors
    /// It is another one.
    pub fn may_edit(&self, caller: &Caller) -> Result<(), Refusal> {
        if caller.acts_for(self.agency) {
            return Ok(());
        }
        let agency = self.agency;
        Err(Refusal::new(
            Rule::NotResponsible,
            "Cuộc kiểm tra do một cơ quan khác chủ trì.",
            format!("The inspection was led by the agency {agency}."),
        )
        .given(&[("responsible", &agency)]))
    }
}

/// A department inspects the pilots that it is responsible for; the others those that they reach.
fn may_inspect(pilot: &Pilot, caller: &Caller) -> Result<Uuid, Refusal> {
    let department = pilot.responsible_department;
    match caller.agency {
        Some(agency) if caller.role != Role::LineDepartment || caller.acts_for(department) => Ok(agency),
        _ => Err(Refusal::new(
            Rule::NotResponsible,
            "Chỉ sở chuyên ngành phụ trách HTX thí điểm này được thực hiện bước này.",
            format!("The line department responsible for this pilot is {department}."),
        )
        .given(&[("responsible", &department)])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::improvement::tests::{caller, pilot};

    fn content(inspected_on: &str) -> NewInspection {
        NewInspection {
            pilot: pilot().id,
            inspected_on: inspected_on.parse().unwrap(),
            participants: Vec::new(),
            subject: "Tiến độ".to_owned(),
            findings: "Đạt".to_owned(),
            recommendations: None,
            document: None,
        }
    }

    fn record(by: &Caller, inspected_on: &str) -> Result<Inspection, Refusal> {
        let now = Moment("2023-03-01T02:00:00Z".parse().unwrap());
        Inspection::record(Uuid::from_u128(8), content(inspected_on), &pilot(), by, now)
    }

    #[test]
    fn who_is_responsible_inspects_after_the_selection_and_corrects_its_own() {
        let department = caller(Role::LineDepartment, 30, "snn");
        // Selected on 15 September 2021.
        for (on, refused) in
            [("2021-09-14", Some(Rule::StepPredated)), ("2021-09-15", None), ("2023-03-02", Some(Rule::DateInFuture))]
        {
            assert_eq!(record(&department, on).err().map(|refusal| refusal.rule), refused, "{on}");
        }
        let locality = caller(Role::Locality, 70, "huyen");
        for (by, passes) in [(&locality, true), (&caller(Role::LineDepartment, 31, "sgtvt"), false)] {
            assert_eq!(record(by, "2022-09-20").is_ok(), passes, "{}", by.subject);
        }
        let now = Moment("2023-03-02T02:00:00Z".parse().unwrap());
        let made = record(&department, "2022-09-20").unwrap();
        let corrected = NewInspection { findings: "Chưa đạt".to_owned(), ..content("2022-09-20") };
        let edited = made.clone().edit(corrected.clone(), &department, now).unwrap();
        assert_eq!((edited.version, edited.content.findings.as_str()), (2, "Chưa đạt"));
        assert_eq!(made.clone().edit(corrected, &locality, now).unwrap_err().rule, Rule::NotResponsible);
        let other = made.edit(content("2022-09-21"), &department, now).unwrap_err();
        assert_eq!((other.rule, other.faults[0].pointer.as_str()), (Rule::CannotChange, "/inspectedOn"));
    }
}
