//! The measures of a plan (*giải pháp*): what shall be done, from when, by when, by whom, for which criteria; and how far
//! each has come. Progress is reported, not written into the content: the signature stays good.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::MeasureOutcome;
use super::content::CriterionCode;
use super::reasons::measure_stands;
use crate::domain::application::not_before;
use crate::domain::moment::{Moment, not_too_old};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::names;

/// One measure of the plan.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMeasure {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Cử 02 cán bộ quản lý học đại học")]
    pub title: String,
    /// What part of the cooperative it concerns.
    pub area: MeasureArea,
    /// The day on which it is to begin: not after the day by which it is to be done.
    #[schema(example = "2023-01-15")]
    pub start_date: Option<NaiveDate>,
    /// The day by which it is to be done.
    #[schema(example = "2023-06-30")]
    pub due_date: NaiveDate,
    /// Who answers for it in the cooperative: a person of the board or one of its bodies.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Hội đồng quản trị")]
    pub responsible: String,
    /// The agency that answers for it beside the cooperative: it carries the support, or follows the measure up.
    pub responsible_agency: Option<Uuid>,
    /// The criteria it serves, each one to be improved under this plan.
    #[schema(max_items = 40)]
    pub criteria: Option<Vec<CriterionCode>>,
    /// The day it was begun, where that was before the plan or under an earlier revision.
    pub begun_on: Option<NaiveDate>,
    /// The day it was done, where that was before the plan or under an earlier revision.
    pub done_on: Option<NaiveDate>,
}

names! {
    /// What a measure concerns (2129/QĐ-UBND VI.2.2).
    MeasureArea {
        /// Organisation and governance (*tổ chức, bộ máy, quản trị*).
        Governance = "governance",
        /// Finance and accounting (*quản lý tài chính, kế toán*).
        Accounting = "accounting",
        /// Production and business (*phương án sản xuất kinh doanh*).
        Production = "production",
        /// Anything else.
        Other = "other",
    }
}

names! {
    /// Where a measure stands.
    MeasureStatus {
        /// Nothing was reported yet.
        Planned = "planned",
        /// It was begun.
        UnderWay = "under_way",
        /// It was done.
        Done = "done",
    }
}

/// One measure under the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its number in the plan, from 1.
    pub number: u32,
    /// What is to be done.
    pub title: String,
    /// What it concerns.
    pub area: MeasureArea,
    /// From when.
    pub start_date: Option<NaiveDate>,
    /// By when.
    pub due_date: NaiveDate,
    /// By whom in the cooperative.
    pub responsible: String,
    /// The agency that answers for it beside the cooperative.
    pub responsible_agency: Option<Uuid>,
    /// The criteria it serves.
    pub criteria: Vec<u8>,
    /// When it was begun: progress, not content.
    pub begun_on: Option<NaiveDate>,
    /// When it was done: progress, not content.
    pub done_on: Option<NaiveDate>,
}

impl NewMeasure {
    pub(super) fn checked(
        &self,
        place: usize,
        intended: &BTreeSet<u8>,
        now: Moment,
        faults: &mut Vec<Refusal>,
    ) -> Measure {
        faults.extend(not_too_old(self.due_date, &format!("/measures/{place}/dueDate")).err());
        faults.extend(ordered(self.start_date, self.due_date, &format!("/measures/{place}/startDate")));
        for (day, member) in [(self.begun_on, "begunOn"), (self.done_on, "doneOn")] {
            let pointer = format!("/measures/{place}/{member}");
            faults.extend(day.and_then(|day| now.not_in_future(day, &pointer).err()));
        }
        if let Some(done_on) = self.done_on {
            faults.extend(ordered(self.begun_on, done_on, &format!("/measures/{place}/begunOn")));
        }
        let mut criteria = BTreeSet::new();
        for (at, CriterionCode(code)) in self.criteria.iter().flatten().enumerate() {
            match code.parse().ok().filter(|number| intended.contains(number)) {
                Some(number) => drop(criteria.insert(number)),
                None => faults.push(
                    Refusal::at(
                        Rule::MeasureServesNoCriterion,
                        format!("/measures/{place}/criteria/{at}"),
                        format!("Tiêu chí {code} không thuộc các tiêu chí cần hoàn thiện của Kế hoạch."),
                        format!("Criterion {code} is not one to be improved under this plan."),
                    )
                    .given(&[("criterion", &code)]),
                ),
            }
        }
        Measure {
            number: u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1),
            title: self.title.clone(),
            area: self.area,
            start_date: self.start_date,
            due_date: self.due_date,
            responsible: self.responsible.clone(),
            responsible_agency: self.responsible_agency,
            criteria: criteria.into_iter().collect(),
            begun_on: self.begun_on,
            done_on: self.done_on,
        }
    }
}

impl Measure {
    /// Where it stands.
    pub const fn status(&self) -> MeasureStatus {
        match (self.begun_on, self.done_on) {
            (_, Some(_)) => MeasureStatus::Done,
            (Some(_), None) => MeasureStatus::UnderWay,
            (None, None) => MeasureStatus::Planned,
        }
    }

    /// What was reported of it on a day.
    pub(super) fn advance(&mut self, outcome: MeasureOutcome, day: NaiveDate) -> Result<(), Refusal> {
        if self.done_on.is_some() != (outcome == MeasureOutcome::Reopened) {
            return Err(measure_stands(self));
        }
        let since = self.done_on.or(self.begun_on);
        since.map_or(Ok(()), |since| not_before(day, since, "/onDate"))?;
        match outcome {
            MeasureOutcome::UnderWay => self.begun_on = self.begun_on.or(Some(day)),
            MeasureOutcome::Done => self.done_on = Some(day),
            MeasureOutcome::Reopened => {
                // What was done once has been begun.
                self.begun_on = self.begun_on.or(self.done_on);
                self.done_on = None;
            }
        }
        Ok(())
    }

    /// What the plan says of it, as it enters the digest: without its progress.
    pub(super) fn said(&self) -> Value {
        let Self {
            number,
            title,
            area,
            start_date,
            due_date,
            responsible,
            responsible_agency,
            criteria,
            begun_on: _,
            done_on: _,
        } = self;
        let criteria: Vec<_> = criteria.iter().map(ToString::to_string).collect();
        json!({
            "number": number, "title": title, "area": area, "dueDate": due_date, "responsible": responsible,
            "criteria": criteria, "startDate": start_date, "responsibleAgency": responsible_agency,
        })
    }
}

/// The earlier of two dates, where it is given, does not lie after the later.
fn ordered(earlier: Option<NaiveDate>, later: NaiveDate, pointer: &str) -> Option<Refusal> {
    let earlier = earlier.filter(|earlier| *earlier > later)?;
    let (vi, en) = (format!("Ngày {earlier} sau ngày {later}."), format!("The date {earlier} lies after {later}."));
    Some(Refusal::at(Rule::DatesOutOfOrder, pointer, vi, en).given(&[("date", &earlier), ("limit", &later)]))
}
