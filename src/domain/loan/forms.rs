//! What is said of a loan: the lender's decision, and each entry that is posted to it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::evidence::DocumentReference;
use crate::domain::moment::Moment;
use crate::domain::money::Money;
use crate::domain::pilot::Pilot;
use crate::domain::reference::ReferenceEntry;
use crate::domain::refusal::{Refusal, Rule};

/// A loan that a lender has decided on.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewLoan {
    /// The pilot that borrows.
    pub pilot: Uuid,
    /// Who lends.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Quỹ hỗ trợ phát triển HTX")]
    pub lender: String,
    /// Code of the source, of nature `credit`.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "preferential_credit_fund")]
    pub source: String,
    /// The amount approved, more than zero.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "1500000000")]
    pub approved_amount: Money,
    /// Number of the lender's decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "15/QĐ-QHTPTHTX")]
    pub decision_number: String,
    /// Date of the lender's decision.
    #[schema(example = "2022-03-10")]
    pub decision_date: NaiveDate,
    /// Interest, percent a year.
    #[schema(min_length = 4, max_length = 5, pattern = r"^(0|[1-9][0-9]?)\.[0-9]{2}$", example = "4.80")]
    pub interest_percent: Option<String>,
    /// Term in months.
    #[schema(minimum = 1, maximum = 600, example = 60)]
    pub term_months: Option<u32>,
    /// What it is for.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Đầu tư kho sấy lúa")]
    pub purpose: Option<String>,
}

/// Money of a loan paid out to the pilot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoanDisbursement {
    /// The amount, more than zero and at most what is left of the approved loan.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "500000000")]
    pub amount: Money,
    /// The day it was paid out.
    #[schema(example = "2022-04-01")]
    pub disbursed_on: NaiveDate,
    /// Number of the voucher: a loan is disbursed once by a voucher.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "UNC-0042")]
    pub voucher: Option<String>,
    /// The voucher itself.
    pub document: Option<DocumentReference>,
}

/// Principal of a loan paid back by the pilot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoanRepayment {
    /// The amount of principal, more than zero and at most what is outstanding.
    #[schema(value_type = String, min_length = 1, max_length = 15, pattern = "^[1-9][0-9]{0,14}$")]
    #[schema(example = "100000000")]
    pub amount: Money,
    /// The day it was paid back.
    #[schema(example = "2023-04-01")]
    pub repaid_on: NaiveDate,
    /// Number of the voucher: a loan is repaid once by a voucher.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "GNT-0007")]
    pub voucher: Option<String>,
    /// The voucher itself.
    pub document: Option<DocumentReference>,
}

/// A wrong entry is taken back as a whole; the right one is then recorded anew.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoanCorrection {
    /// The entry that was wrong.
    pub entry: Uuid,
    /// Why.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Ghi nhầm số tiền.")]
    pub reason: String,
    /// The document that shows it.
    pub document: Option<DocumentReference>,
}

impl NewLoan {
    /// Checks the source, on the day of the decision, and the dates; reports every fault.
    ///
    /// # Errors
    /// An unknown source, one that is not credit, a decision in the future.
    pub fn check(&self, sources: &[ReferenceEntry], pilot: &Pilot, now: Moment) -> Result<(), Refusal> {
        let (source, day) = (&self.source, self.decision_date);
        let in_force = |entry: &&ReferenceEntry| entry.in_force_at(day) && entry.serves(&pilot.province);
        let known = sources.iter().filter(in_force).find(|entry| entry.code == *source);
        let nature = known.and_then(|entry| entry.attributes.get("nature")).map_or("—", String::as_str);
        let mut faults = Vec::new();
        if known.is_none() {
            faults.push(
                Refusal::at(
                    Rule::UnknownReference,
                    "/source",
                    format!("Không có nguồn {source} vào ngày {day}."),
                    format!("There is no source {source} on {day}."),
                )
                .given(&[("reference", &source), ("date", &day)]),
            );
        } else if nature != "credit" {
            faults.push(
                Refusal::at(
                    Rule::SourceNotCredit,
                    "/source",
                    format!("Nguồn {source} có tính chất {nature}; khoản vay cần nguồn có tính chất credit."),
                    format!("The source {source} has the nature {nature}; a loan needs a source of the nature credit."),
                )
                .given(&[("source", &source), ("nature", &nature)]),
            );
        }
        faults.extend(now.not_in_future(day, "/decisionDate").err());
        Refusal::of_all(faults)
    }
}
