//! What is said at each step of an improvement plan: the bodies that callers send, and what is kept of them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::application::OpinionOutcome;
use crate::domain::evidence::DocumentReference;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Permission, Role, names};
use crate::domain::vietnamese;

names! {
    /// The steps of an improvement plan, as in the path.
    ImprovementStep {
        /// An opinion on the draft, before it is signed.
        Opinions = "opinions",
        /// Signed by the cooperative and sent to the four recipients.
        Submissions = "submissions",
        /// One of the four recipients acknowledges that the signed plan arrived.
        Receipts = "receipts",
        /// Sent back to the cooperative with a comment.
        Returns = "returns",
        /// Approved by the provincial People's Committee.
        Approvals = "approvals",
        /// The next revision is opened by the cooperative.
        Revisions = "revisions",
        /// A measure was begun or done, or was found not to be done after all.
        MeasureReports = "measure-reports",
    }
}

impl ImprovementStep {
    /// What a caller must hold to take the step.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Opinions => Permission::ReviewImprovement,
            Self::Receipts => Permission::ReceiveImprovement,
            Self::Returns => Permission::ReturnImprovement,
            Self::Approvals => Permission::ApproveImprovement,
            Self::Submissions | Self::Revisions | Self::MeasureReports => Permission::WriteImprovement,
        }
    }
}

names! {
    /// Where a signed plan is sent (2129/QĐ-UBND VI.2.1).
    PlanRecipient {
        /// The agency that leads the provincial plan (*Sở Kế hoạch và Đầu tư*).
        LeadAgency = "lead_agency",
        /// The line department responsible for the pilot (*sở chuyên ngành*).
        LineDepartment = "line_department",
        /// The provincial Cooperative Alliance (*Liên minh HTX tỉnh*).
        CooperativeAlliance = "cooperative_alliance",
        /// The People's Committee of the district; its successor after the reform (*UBND cấp huyện*).
        Locality = "locality",
    }
}

impl PlanRecipient {
    /// Its name for people, as that of the role that speaks for it.
    const fn in_vietnamese(self) -> &'static str {
        vietnamese::role(match self {
            Self::LeadAgency => Role::LeadAgency,
            Self::LineDepartment => Role::LineDepartment,
            Self::CooperativeAlliance => Role::CooperativeAlliance,
            Self::Locality => Role::Locality,
        })
    }

    /// The recipient that somebody in this role speaks for.
    pub const fn of(role: Role) -> Option<Self> {
        match role {
            Role::LeadAgency => Some(Self::LeadAgency),
            Role::LineDepartment => Some(Self::LineDepartment),
            Role::CooperativeAlliance => Some(Self::CooperativeAlliance),
            Role::Locality => Some(Self::Locality),
            _ => None,
        }
    }
}

names! {
    /// What a report on a measure says.
    MeasureOutcome {
        /// It was begun, or goes on: the comment says how far it is.
        UnderWay = "under_way",
        /// It has been done.
        Done = "done",
        /// It was reported as done by mistake and is open again.
        Reopened = "reopened",
    }
}

/// An opinion of a reviewing agency on the draft (2129/QĐ-UBND VI.2.1: *rà soát, hướng dẫn hoàn thiện*).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImprovementOpinion {
    /// The conclusion.
    pub outcome: OpinionOutcome,
    /// Whether the plan fits the State's support plan (*phù hợp với kế hoạch hỗ trợ của Nhà nước*): a plan that does
    /// not, by the opinion on what was signed, is not approved.
    #[schema(example = true)]
    pub fits_support_plan: bool,
    /// The day the opinion was given.
    #[schema(example = "2021-10-12")]
    pub given_on: NaiveDate,
    /// The opinion in words.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Thống nhất nội dung Kế hoạch.")]
    pub comment: String,
    /// The letter that carries it.
    pub document: Option<DocumentReference>,
}

/// The signed plan goes to its four recipients.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImprovementSubmission {
    /// Who signed and sealed: the legal representative of the cooperative.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Văn Mẫu")]
    pub signer: String,
    /// The day of signature.
    #[schema(example = "2021-10-20")]
    pub signed_on: NaiveDate,
    /// The signed document, with the SHA-256 of its bytes.
    pub document: DocumentReference,
    /// The recipients: all four, each once.
    #[schema(
        min_items = 1,
        max_items = 4,
        example = json!(["lead_agency", "line_department", "cooperative_alliance", "locality"])
    )]
    pub recipients: Vec<PlanRecipient>,
}

/// A recipient acknowledges the signed plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImprovementReceipt {
    /// The day it arrived: not before the signature, not in the future.
    #[schema(example = "2021-10-22")]
    pub received_on: NaiveDate,
    /// The number under which it was entered (*số đến*).
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1532")]
    pub incoming_number: Option<String>,
}

/// The plan goes back to the cooperative.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImprovementReturn {
    /// What has to be changed.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Bổ sung giải pháp cho tiêu chí 7.")]
    pub comment: String,
}

/// The decision that approves the plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImprovementApproval {
    /// Number of the decision.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "2500/QĐ-UBND")]
    pub decision_number: String,
    /// Date of the decision.
    #[schema(example = "2021-11-05")]
    pub decision_date: NaiveDate,
    /// Who signed the decision.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Chủ tịch UBND tỉnh")]
    pub signatory: String,
    /// `contentHash` of the plan as it was read: another content is not approved.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub content_hash: String,
    /// The decision itself.
    pub document: Option<DocumentReference>,
}

/// The cooperative opens the next revision; the approved one stays the yardstick until that is approved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImprovementRevision {
    /// Why the plan has to change.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Điều chỉnh tiến độ do thiên tai.")]
    pub reason: String,
}

/// What became of one measure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasureReport {
    /// Number of the measure in the plan.
    #[schema(minimum = 1, maximum = 100, example = 1)]
    pub measure: u32,
    /// Under way, done, or open again.
    pub outcome: MeasureOutcome,
    /// The day it was begun or done; for a measure that is open again, the day that was found out.
    #[schema(example = "2022-06-15")]
    pub on_date: NaiveDate,
    /// How far it is, what was done, or why it is open again.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đã hoàn thành khóa đào tạo.")]
    pub comment: String,
    /// Evidence.
    pub document: Option<DocumentReference>,
}

/// The latest opinion of one agency.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpinionGiven {
    /// In which role.
    pub role: Role,
    /// By which agency.
    pub agency: Option<Uuid>,
    /// The conclusion.
    pub outcome: OpinionOutcome,
    /// Whether the plan fits the State's support plan, where the opinion said.
    #[serde(default)]
    pub fits_support_plan: Option<bool>,
    /// On which day.
    pub given_on: NaiveDate,
    /// On which content: another one has not been reviewed.
    pub content_hash: String,
}

/// That a recipient has the signed plan.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Which of the four.
    pub recipient: PlanRecipient,
    /// The agency.
    pub agency: Option<Uuid>,
    /// The day it arrived.
    pub received_on: NaiveDate,
    /// The number under which it was entered (*số đến*).
    #[schema(min_length = 1, max_length = 60, pattern = r"\S", example = "1532")]
    pub incoming_number: Option<String>,
    /// When the receipt was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The document by which the lead agency put the plan before the People's Committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consolidated {
    /// The consolidation.
    pub consolidation: Uuid,
    /// The date it bears.
    pub date: NaiveDate,
    /// `sub` of who recorded it: not the one to approve.
    pub by: String,
}

/// The signature of the cooperative, bound to the content that was signed, and what followed from it: receipts and
/// consolidation are void together with it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who signed.
    pub signer: String,
    /// On which day.
    pub signed_on: NaiveDate,
    /// The signed document.
    pub document: DocumentReference,
    /// Where it was sent.
    pub recipients: Vec<PlanRecipient>,
    /// What was signed.
    pub content_hash: String,
    /// `sub` of who submitted it.
    pub submitted_by: String,
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// Which recipients have it.
    #[serde(default)]
    pub receipts: Vec<Receipt>,
    /// How it was put before the People's Committee.
    #[serde(default)]
    pub consolidated: Option<Consolidated>,
}

/// The approval, bound to the content that was approved.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Number of the decision.
    pub decision_number: String,
    /// Date of the decision.
    pub decision_date: NaiveDate,
    /// Who signed the decision.
    pub signatory: String,
    /// The decision itself.
    pub document: Option<DocumentReference>,
    /// What was approved.
    pub content_hash: String,
    /// `sub` of who recorded the approval.
    pub approved_by: String,
    /// When it was recorded.
    pub approved_at: DateTime<Utc>,
}

impl ImprovementSubmission {
    /// Checks the body alone, and reports every fault.
    ///
    /// # Errors
    /// When there is any.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        faults.extend(now.not_in_future(self.signed_on, "/signedOn").err());
        if self.document.sha256.is_none() {
            faults.push(
                Refusal::at(
                    Rule::DigestMissing,
                    "/document/sha256",
                    "Văn bản đã ký phải kèm mã băm SHA-256.",
                    "The signed document needs the SHA-256 of its bytes.",
                )
                .given(&[("document", &self.document.title)]),
            );
        }
        let missing: Vec<_> = PlanRecipient::ALL.iter().filter(|one| !self.recipients.contains(one)).collect();
        if !missing.is_empty() || self.recipients.len() != PlanRecipient::ALL.len() {
            let names = missing.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
            let names_vi = missing.iter().map(|one| one.in_vietnamese()).collect::<Vec<_>>().join(", ");
            faults.push(
                Refusal::at(
                    Rule::RecipientsIncomplete,
                    "/recipients",
                    format!("Kế hoạch gửi đủ 4 nơi nhận, mỗi nơi một lần; còn thiếu: [{names_vi}]."),
                    format!("The plan goes to all four recipients, each once; missing: [{names}]."),
                )
                .given(&[("missing", &names), ("wanted", &PlanRecipient::ALL.len())]),
            );
        }
        Refusal::of_all(faults)
    }
}
