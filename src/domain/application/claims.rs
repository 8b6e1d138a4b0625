//! Priority claims (*điều kiện ưu tiên*) looked into: an agency confirms or rejects each, with its reason.
//!
//! 2129/QĐ-UBND III.2.2 ranks who meets priority conditions and does not say who looks into what an applicant says of itself.
//! So a review adds a word beside the claim and never changes it; which claims count in a ranking is a parameter of the plan.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::moves::not_before;
use super::{Application, ApplicationState, PriorityClaim};
use crate::domain::digest::digest;
use crate::domain::history::StepTaken;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::role::{Caller, Role, names};

names! {
    /// What an agency found of a priority claim.
    ClaimOutcome {
        /// The applicant meets the condition.
        Confirmed = "confirmed",
        /// It does not, or what it shows does not show it.
        Rejected = "rejected",
    }
}

names! {
    /// How a priority claim stands.
    ClaimStanding {
        /// The applicant says so, with evidence; nobody has looked into it.
        Claimed = "claimed",
        /// An agency confirmed it.
        Confirmed = "confirmed",
        /// An agency rejected it.
        Rejected = "rejected",
    }
}

names! {
    /// Which priority claims count in a province's ranking.
    CountedClaims {
        /// All that are made with evidence, whatever agencies found.
        Claimed = "claimed",
        /// All but those that an agency rejected.
        NotRejected = "not_rejected",
        /// Only those that an agency confirmed.
        Confirmed = "confirmed",
    }
}

impl Default for CountedClaims {
    /// The conditions are to be *met* (2129/QĐ-UBND III.2.2): a claim that an agency found untrue does not count, and the text
    /// asks nobody to confirm the others.
    fn default() -> Self {
        Self::NotRejected
    }
}

impl CountedClaims {
    /// Whether a claim that stands so counts.
    pub const fn counts(self, standing: ClaimStanding) -> bool {
        match (self, standing) {
            (Self::Claimed, _) | (_, ClaimStanding::Confirmed) | (Self::NotRejected, ClaimStanding::Claimed) => true,
            (Self::NotRejected, ClaimStanding::Rejected)
            | (Self::Confirmed, ClaimStanding::Claimed | ClaimStanding::Rejected) => false,
        }
    }
}

/// What an agency found of a priority claim, and who said so.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimReview {
    /// Code of the condition.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P2.4")]
    pub condition: String,
    /// What was found.
    pub outcome: ClaimOutcome,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đúng danh sách xã miền núi")]
    pub reason: String,
    /// The day of the finding.
    #[schema(example = "2021-08-16")]
    pub reviewed_on: NaiveDate,
    /// Who recorded it (`sub`).
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "locality@888")]
    pub reviewed_by: String,
    /// In which role.
    pub role: Role,
    /// For which agency.
    pub agency: Option<Uuid>,
    /// Digest of the claim that was looked into, evidence included: SHA-256 over its canonical JSON (RFC 8785).
    #[schema(pattern = "^[0-9a-f]{64}$", min_length = 64, max_length = 64)]
    pub claim_hash: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A claim and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct StandingClaim {
    /// Code of the condition.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P2.4")]
    pub condition: String,
    /// How it stands.
    pub standing: ClaimStanding,
}

/// What an agency found of priority claims of an application.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ApplicationClaimReview)]
pub struct ClaimReviews {
    /// The day of the findings; not before the submission and not in the future.
    #[schema(example = "2021-08-16")]
    pub reviewed_on: NaiveDate,
    /// The findings, one for a claim; claims that are not named stay as they stand.
    #[schema(min_items = 1, max_items = 50)]
    pub claims: Vec<ClaimFinding>,
}

/// What an agency found of one priority claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimFinding {
    /// Code of the condition that is claimed.
    #[schema(min_length = 2, max_length = 10, pattern = r"^P[0-9]+(\.[0-9]+)?$", example = "P2.4")]
    pub condition: String,
    /// What was found.
    pub outcome: ClaimOutcome,
    /// Why.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Đúng danh sách xã miền núi")]
    pub reason: String,
}

impl PriorityClaim {
    /// Digest of the claim, evidence included: a review is bound to it.
    fn digest(&self) -> String {
        digest(&json!(self))
    }
}

impl Application {
    /// The review that a claim stands by: of this very claim, since evidence that changed was not looked into.
    fn review_of(&self, claim: &PriorityClaim) -> Option<&ClaimReview> {
        let hash = claim.digest();
        self.claim_reviews.iter().find(|review| review.condition == claim.condition && review.claim_hash == hash)
    }

    /// Its claims and how each stands, in the order in which they are made.
    pub fn standing_claims(&self) -> Vec<StandingClaim> {
        let stands = |claim: &PriorityClaim| StandingClaim {
            condition: claim.condition.clone(),
            standing: match self.review_of(claim).map(|review| review.outcome) {
                None => ClaimStanding::Claimed,
                Some(ClaimOutcome::Confirmed) => ClaimStanding::Confirmed,
                Some(ClaimOutcome::Rejected) => ClaimStanding::Rejected,
            },
        };
        self.content.priority_claims.iter().map(stands).collect()
    }

    /// Whether this person may review claims: of what was sent in, and nobody who wrote it.
    pub fn may_review_claims(&self, caller: &Caller) -> Result<NaiveDate, Refusal> {
        let ApplicationState::Submitted { submitted_on } = self.state else {
            return Err(self.wrong_state("được xem xét điều kiện ưu tiên", "looked into", "submitted"));
        };
        self.writers.four_eyes(caller)?;
        Ok(submitted_on)
    }

    /// Records what an agency found of claims. A later finding takes the place of an earlier one, which the history keeps.
    ///
    /// # Errors
    /// A date in the future or before the submission; not sent in; the caller wrote it; every claim that is not made or
    /// stands twice.
    pub fn review_claims(
        mut self,
        body: ClaimReviews,
        caller: &Caller,
        now: Moment,
    ) -> Result<(Self, Vec<StepTaken>), Refusal> {
        let ClaimReviews { reviewed_on, claims } = body;
        now.not_in_future(reviewed_on, "/reviewedOn")?;
        self.check_findings(&claims)?;
        not_before(reviewed_on, self.may_review_claims(caller)?, "/reviewedOn")?;
        let mut taken = Vec::with_capacity(claims.len());
        for ClaimFinding { condition, outcome, reason } in claims {
            let made = self.content.priority_claims.iter().find(|claim| claim.condition == condition);
            let claim_hash = made.map(PriorityClaim::digest).unwrap_or_default();
            taken.push(StepTaken {
                on_date: Some(reviewed_on),
                item: Some(condition.clone()),
                outcome: Some(outcome.name().to_owned()),
                comment: Some(reason.clone()),
                content_hash: Some(claim_hash.clone()),
                ..StepTaken::new("claim-reviews", caller, now)
            });
            self.claim_reviews.retain(|review| review.condition != condition);
            self.claim_reviews.push(ClaimReview {
                condition,
                outcome,
                reason,
                reviewed_on,
                reviewed_by: caller.subject.clone(),
                role: caller.role,
                agency: caller.agency,
                claim_hash,
                recorded_at: now.0,
            });
        }
        Ok((self.next(now), taken))
    }

    /// Each finding is of a claim that is made, and of each claim there is one.
    fn check_findings(&self, findings: &[ClaimFinding]) -> Result<(), Refusal> {
        let made: Vec<_> = self.content.priority_claims.iter().map(|claim| claim.condition.as_str()).collect();
        let known = made.join(", ");
        let mut faults = Vec::new();
        for (at, ClaimFinding { condition, .. }) in findings.iter().enumerate() {
            let pointer = format!("/claims/{at}/condition");
            if !made.contains(&condition.as_str()) {
                let vi = format!("Hồ sơ không nêu điều kiện ưu tiên “{condition}”. Các điều kiện đã nêu: {known}.");
                let en = format!("The application does not claim “{condition}”. It claims: {known}.");
                faults.push(
                    Refusal::at(Rule::UnknownReference, pointer, vi, en)
                        .given(&[("reference", condition), ("known", &known)]),
                );
            } else if findings.iter().take(at).any(|earlier| earlier.condition == *condition) {
                let vi = format!("Có hai lần điều kiện ưu tiên “{condition}”.");
                let en = format!("The priority condition “{condition}” is given twice.");
                faults.push(Refusal::at(Rule::RepeatedItem, pointer, vi, en).given(&[("item", condition)]));
            }
        }
        Refusal::of_all(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::application::tests::{caller, complete_content, day, document, drafted, now, shipped_scheme};

    fn claiming(evidence: &str) -> Application {
        let scheme = shipped_scheme();
        let claim = |code: &str| PriorityClaim { condition: code.to_owned(), evidence: document(evidence) };
        let mut content = complete_content(&scheme);
        content.priority_claims = vec![claim("P1.1"), claim("P2.4")];
        drafted(1, content).submit(&scheme, day("2021-08-01"), &own(), now()).unwrap()
    }

    fn own() -> Caller {
        caller(Role::Cooperative, "htx", 0)
    }

    fn officer() -> Caller {
        caller(Role::Locality, "officer", 9)
    }

    fn found(claims: &[(&str, ClaimOutcome)]) -> ClaimReviews {
        let finding = |(code, outcome): &(&str, ClaimOutcome)| ClaimFinding {
            condition: (*code).to_owned(),
            outcome: *outcome,
            reason: "Đã kiểm tra".to_owned(),
        };
        ClaimReviews { reviewed_on: day("2021-08-02"), claims: claims.iter().map(finding).collect() }
    }

    fn standings(application: &Application) -> Vec<ClaimStanding> {
        application.standing_claims().into_iter().map(|claim| claim.standing).collect()
    }

    #[test]
    fn a_claim_is_confirmed_or_rejected_and_the_last_word_stands() {
        use ClaimStanding::{Claimed, Confirmed, Rejected};
        let sent = claiming("Ảnh");
        assert_eq!(standings(&sent), [Claimed, Claimed]);
        let (once, taken) = sent.review_claims(found(&[("P2.4", ClaimOutcome::Rejected)]), &officer(), now()).unwrap();
        assert_eq!((standings(&once), once.version), (vec![Claimed, Rejected], 3));
        assert_eq!((taken[0].item.as_deref(), taken[0].outcome.as_deref()), (Some("P2.4"), Some("rejected")));
        let all = found(&[("P1.1", ClaimOutcome::Confirmed), ("P2.4", ClaimOutcome::Confirmed)]);
        let (twice, _) = once.review_claims(all, &officer(), now()).unwrap();
        assert_eq!((standings(&twice), twice.claim_reviews.len()), (vec![Confirmed, Confirmed], 2));
    }

    #[test]
    fn evidence_that_changes_was_not_looked_into_and_evidence_that_stays_was() {
        use ClaimStanding::{Claimed, Confirmed};
        let all = found(&[("P1.1", ClaimOutcome::Confirmed), ("P2.4", ClaimOutcome::Confirmed)]);
        let (reviewed, _) = claiming("Ảnh").review_claims(all, &officer(), now()).unwrap();
        let lead = caller(Role::LeadAgency, "lead", 7);
        let returned = reviewed.send_back(&lead, None, day("2021-08-03"), now()).unwrap();
        let mut content = returned.content.clone();
        content.priority_claims[1].evidence = document("Ảnh khác");
        let scheme = shipped_scheme();
        let edited = returned.edit((&scheme, &[]), content, &own(), now()).unwrap();
        let again = edited.submit(&scheme, day("2021-08-04"), &own(), now()).unwrap();
        assert_eq!(standings(&again), [Confirmed, Claimed]);
    }

    #[test]
    fn who_wrote_it_does_not_review_it_and_only_claims_that_are_made_are_reviewed() {
        let review = |body, by: &Caller| claiming("Ảnh").review_claims(body, by, now()).map(drop).unwrap_err();
        let one = || found(&[("P1.1", ClaimOutcome::Confirmed)]);
        assert_eq!(review(one(), &caller(Role::Locality, "htx", 9)).rule, Rule::FourEyes);
        assert_eq!(
            review(ClaimReviews { reviewed_on: day("2021-07-31"), ..one() }, &officer()).rule,
            Rule::StepPredated
        );
        assert_eq!(
            review(ClaimReviews { reviewed_on: day("2021-09-21"), ..one() }, &officer()).rule,
            Rule::DateInFuture
        );
        let wrong = found(&[
            ("P1.1", ClaimOutcome::Confirmed),
            ("P9", ClaimOutcome::Rejected),
            ("P1.1", ClaimOutcome::Rejected),
        ]);
        let faults: Vec<_> =
            review(wrong, &officer()).faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        assert_eq!(
            faults,
            [
                ("/claims/1/condition".to_owned(), "unknown_reference"),
                ("/claims/2/condition".to_owned(), "repeated_item"),
            ]
        );
        let draft = drafted(1, complete_content(&shipped_scheme()));
        assert_eq!(draft.may_review_claims(&officer()).unwrap_err().rule, Rule::WrongState);
    }

    #[test]
    fn which_claims_count_is_as_the_plan_says() {
        use ClaimStanding::{Claimed, Confirmed, Rejected};
        for (counted, expected) in [
            (CountedClaims::Claimed, [true, true, true]),
            (CountedClaims::NotRejected, [true, true, false]),
            (CountedClaims::Confirmed, [false, true, false]),
        ] {
            assert_eq!(
                [Claimed, Confirmed, Rejected].map(|standing| counted.counts(standing)),
                expected,
                "{counted:?}"
            );
        }
        assert_eq!(CountedClaims::default(), CountedClaims::NotRejected);
    }
}
