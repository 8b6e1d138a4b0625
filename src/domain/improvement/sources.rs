//! What a plan takes from elsewhere: baselines and achievements from evaluations, maxima from the criteria set.

use std::collections::BTreeMap;

use super::{Achieved, Ceilings};
use crate::domain::criteria::CriteriaSet;
use crate::domain::evaluation::{Evaluation, EvaluationKind, EvaluationState, Verdict};
use crate::domain::pilot::Pilot;
use crate::domain::refusal::{Refusal, Rule};
use crate::domain::scheme::Scheme;
use crate::domain::score::Points;
use crate::domain::vietnamese;

const POINTER: &str = "/baselineEvaluation";

/// Where a plan starts from: the year and the points of an evaluation, by criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The evaluated year.
    pub year: u16,
    /// Points by criterion.
    pub points: BTreeMap<u8, Points>,
}

/// The baseline that an evaluation of the pilot's cooperative gives.
///
/// # Errors
/// It is of another cooperative.
pub fn baseline_of(evaluation: &Evaluation, pilot: &Pilot) -> Result<Baseline, Refusal> {
    if evaluation.cooperative == pilot.cooperative {
        return Ok(Baseline { year: evaluation.year, points: evaluation.points_by_criterion() });
    }
    let id = evaluation.id;
    Err(Refusal::at(
        Rule::UnknownReference,
        POINTER,
        "Bản đánh giá này là của HTX khác.",
        "The evaluation is of another cooperative.",
    )
    .given(&[("reference", &id)]))
}

/// Whether an evaluation may be a baseline: it is made under the criteria of the scheme, stands and has a rating.
///
/// # Errors
/// Under another circular, not sent or confirmed yet, or not rated.
pub fn may_be_baseline(evaluation: &Evaluation, scheme: &Scheme) -> Result<(), Refusal> {
    under_the_scheme(evaluation, scheme, POINTER)?;
    let (state, rated) = (evaluation.state.name(), matches!(evaluation.outcome.verdict, Verdict::Rated(_)));
    if stands(evaluation) && rated {
        return Ok(());
    }
    let (rated_vi, rated_en) =
        if rated { ("được xếp loại", "rated") } else { ("không xếp loại", "not rated") };
    let needed_vi = "mốc ban đầu cần bản tự đánh giá đã gửi hoặc bản đánh giá đã xác nhận, được xếp loại";
    let needed_en = "a baseline needs a submitted self-evaluation or a confirmed evaluation, rated";
    Err(Refusal::at(
        Rule::BaselineNotUsable,
        POINTER,
        format!("Bản đánh giá {}, {rated_vi}; {needed_vi}.", vietnamese::state(state)),
        format!("The evaluation is {state} and {rated_en}; {needed_en}."),
    )
    .given(&[("state", &state), ("rated", &rated)]))
}

/// Pilots are measured by the criteria of their scheme (2129/QĐ-UBND III.2.1, VI.2.1), never by another circular's.
///
/// # Errors
/// [`Rule::OtherCircular`].
pub fn under_the_scheme(evaluation: &Evaluation, scheme: &Scheme, pointer: &str) -> Result<(), Refusal> {
    let (circular, wanted) = (evaluation.circular(), &scheme.criteria_set);
    if evaluation.is_under(wanted) {
        return Ok(());
    }
    let refusal = Refusal::at(
        Rule::OtherCircular,
        pointer,
        format!("Bản đánh giá theo bộ tiêu chí {circular}; Đề án {} dùng bộ tiêu chí {wanted}.", scheme.code),
        format!("The evaluation is under the criteria {circular}; the scheme {} uses {wanted}.", scheme.code),
    );
    Err(refusal.given(&[("circular", &circular), ("wanted", wanted), ("scheme", &scheme.code)]))
}

/// Whether an evaluation may be relied on: the cooperative's own once sent, an agency's once confirmed.
fn stands(evaluation: &Evaluation) -> bool {
    match evaluation.state {
        EvaluationState::Confirmed => true,
        EvaluationState::Submitted => evaluation.kind == EvaluationKind::Own,
        EvaluationState::Draft | EvaluationState::Returned => false,
    }
}

impl From<&Evaluation> for Achieved {
    fn from(evaluation: &Evaluation) -> Self {
        let rated = matches!(evaluation.outcome.verdict, Verdict::Rated(_));
        Self {
            evaluation: evaluation.id,
            year: evaluation.year,
            total: rated.then(|| evaluation.total()),
            points: if rated { evaluation.points_by_criterion() } else { BTreeMap::new() },
        }
    }
}

impl From<&CriteriaSet> for Ceilings {
    fn from(set: &CriteriaSet) -> Self {
        let mut known = Self { legal_basis: set.legal_basis.clone(), ..Self::default() };
        for group in &set.criteria.groups {
            let numbered = group.criteria.iter().filter_map(|one| Some((one.code.parse::<u8>().ok()?, one.maximum)));
            let numbered: Vec<_> = numbered.collect();
            known.groups.push((numbered.iter().map(|(number, _)| *number).collect(), group.maximum));
            known.criteria.extend(numbered);
        }
        known
    }
}
