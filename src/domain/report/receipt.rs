//! The receipt of a revision: who receives reports confirms which content it took over.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{PeriodicReport, ReportStep};
use crate::domain::moment::{Moment, written};
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::Caller;

/// That a revision was taken over, once, with the content it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who confirmed it.
    pub by: String,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Number under which the receiver filed it, if it says.
    pub number: Option<String>,
}

impl PeriodicReport {
    /// Confirms that this revision was taken over with the content of a digest. A report that is returned and submitted
    /// again is another content, confirmed anew.
    ///
    /// # Errors
    /// The caller does not receive it, it is not sent, it is confirmed already, or its content is another.
    pub fn confirm(
        self,
        content_hash: &str,
        number: Option<String>,
        caller: &Caller,
        lead: Option<Uuid>,
        now: Moment,
    ) -> Result<Self, Refusal> {
        self.may(ReportStep::Confirm, caller, lead)?;
        if content_hash != self.content_hash {
            let held = &self.content_hash;
            return Err(Refusal::at(
                Rule::ContentChanged,
                "/contentHash",
                "Nội dung báo cáo không phải bản được nêu; hãy đọc lại báo cáo hiện tại.",
                format!("The digest of the report is {held}, not {content_hash}."),
            )
            .given(&[("held", held), ("meant", &content_hash)]));
        }
        let receipt = Receipt { by: caller.subject.clone(), at: now.0, number };
        Ok(Self { receipt: Some(receipt), ..self.next_version(now) })
    }

    /// The refusal of a second receipt.
    pub(super) fn not_confirmed(&self) -> Result<(), Refusal> {
        let Some(receipt) = &self.receipt else { return Ok(()) };
        let at = written(receipt.at);
        Err(Refusal::new(
            Rule::AlreadyExists,
            format!("Đã xác nhận tiếp nhận số liệu lúc {at}."),
            format!("The receipt was confirmed already at {at}."),
        )
        .keyed(&[("report", &self.id)], &[("confirmedAt", &at)]))
    }
}
