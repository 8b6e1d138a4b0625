//! Another deadline for one reporter and period, granted by who receives the report.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{after_the_window, last_timely, not_before};
use crate::domain::deadline::Deadline;
use crate::domain::holiday::Holidays;
use crate::domain::moment::Moment;
use crate::domain::obligation::{Lock, ReportDue};
use crate::domain::period::{DataWindow, Period};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::report::Reporter;
use crate::domain::role::Caller;

/// What an exception says: another deadline for one reporter and period.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewReportingException)]
pub struct ExceptionTerms {
    /// The agency that owes the report.
    pub agency: Uuid,
    /// The period.
    pub period: Period,
    /// The day until which the report is in time, to its end.
    #[schema(example = "2024-01-15")]
    pub due_on: NaiveDate,
    /// The first day on which nothing is taken in any more; not locked when absent.
    #[schema(nullable = false)]
    pub locks_on: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Địa phương bị lũ từ ngày 10/12")]
    pub reason: String,
    /// Number of the document that grants it.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", nullable = false, example = "12/STC-HTX")]
    pub document_number: Option<String>,
}

/// An exception, as granted. The latest one of a reporter and period counts; the earlier ones are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportingException {
    /// Identifier.
    pub id: Uuid,
    /// What it says.
    pub terms: ExceptionTerms,
    /// Who owes the report, and on what.
    pub reporter: Reporter,
    /// The person who granted it.
    pub granted_by: String,
    /// The agency for which that person acted; absent for the ministry's own people without one.
    pub granting_agency: Option<Uuid>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl ReportingException {
    /// Grants an exception. `receives` says whether the caller receives the report; `window` closes its data, `rule` is
    /// the deadline without it, and nobody works on `holidays`.
    ///
    /// # Errors
    /// The report is received by another agency, or the new deadline is earlier than the data or the rule allow.
    pub fn grant(
        id: Uuid,
        terms: ExceptionTerms,
        (reporter, receives): (Reporter, bool),
        (window, rule, holidays): (DataWindow, Option<&ReportDue>, &Holidays),
        (caller, now): (&Caller, Moment),
    ) -> Result<Self, Refusal> {
        if !receives {
            return Err(Refusal::new(
                Rule::NotResponsible,
                "Chỉ cơ quan tiếp nhận báo cáo được gia hạn.",
                "Only the agency that receives the report grants an exception.",
            )
            .given(&[("responsible", &reporter.level.receiver().name())]));
        }
        after_the_window(window, holidays, terms.due_on, "/dueOn")?;
        if let Some(rule) = rule {
            let last = last_timely(rule.deadline.on_date, rule.deadline.last_day_counts);
            not_before(terms.due_on, last, "/dueOn")?;
        }
        if let Some(locks_on) = terms.locks_on {
            not_before(locks_on, terms.due_on.succ_opt().unwrap_or(terms.due_on), "/locksOn")?;
        }
        let (granted_by, granting_agency) = (caller.subject.clone(), caller.agency);
        Ok(Self { id, terms, reporter, granted_by, granting_agency, recorded_at: now.0 })
    }

    /// When the report is due under the exception.
    pub fn due(&self, rule: Option<&ReportDue>) -> ReportDue {
        let ExceptionTerms { due_on, locks_on, reason, document_number, .. } = &self.terms;
        let legal_basis = document_number.clone().unwrap_or_else(|| reason.chars().take(300).collect());
        ReportDue {
            deadline: Deadline { on_date: *due_on, last_day_counts: true, legal_basis },
            named_on: None,
            lock: locks_on.map(|on_date| Lock { on_date, legal_basis: document_number.clone() }),
            regime: rule.and_then(|rule| rule.regime.clone()),
            rule: rule.and_then(|rule| rule.rule),
            exception: Some(self.id),
        }
    }
}
