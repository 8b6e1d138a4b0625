//! A criteria set tried on stored evaluations: computed and shown, never saved.

use std::collections::{BTreeMap, HashMap};

use crate::api::place::meant;
use crate::api::service_config::ServiceConfig;
use actix_web::post;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::call::{Body, Call, IfMatch};
use crate::api::error::{Answer, ApiError};
use crate::domain::cooperative::AnnualFigures;
use crate::domain::criteria::CriteriaSet;
use crate::domain::criteria::measure::ScoringIndicator;
use crate::domain::evaluation::inputs::ScoringInputs;
use crate::domain::evaluation::trial::{TriedEvaluation, try_on};
use crate::domain::evaluation::{Evaluation, EvaluationKind, EvaluationState};
use crate::store::cooperatives::Activity;
use crate::store::listing::{Key, Listing};
use crate::store::place_filter::PlaceFilter;
use crate::store::{cooperatives, criteria_sets, evaluations};

/// Evaluations tried at once when the client does not say.
const DEFAULT_LIMIT: u16 = 100;
/// What a rating is called that is none.
const NOT_RATED: &str = "not_rated";

/// The routes of this part.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(try_set);
}

/// Which stored evaluations a criteria set is tried on.
#[skip_serializing_none]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CriteriaSetTrial {
    /// The evaluated year.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    year: u16,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$")]
    province: Option<String>,
    /// Code of the district or commune.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$")]
    unit: Option<String>,
    /// The day on which these codes are read: today when absent.
    at: Option<NaiveDate>,
    /// The cooperative.
    cooperative: Option<Uuid>,
    /// Whose evaluations.
    kind: Option<EvaluationKind>,
    /// Where they are in their life.
    state: Option<EvaluationState>,
    /// The most evaluations to try at once; 100 unless said otherwise.
    #[schema(minimum = 1, maximum = 200, example = 100)]
    limit: Option<u16>,
    /// Where to go on: `next` of the answer before.
    after: Option<Uuid>,
}

/// How many evaluations go from one rating to another.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TrialMove {
    /// Rating as it stands; `not_rated` where there is none.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "fair")]
    before: String,
    /// Rating under the set; `not_rated` where there is none.
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z_]+$", example = "good")]
    after: String,
    /// How many.
    #[schema(minimum = 1, maximum = 200, example = 3)]
    count: usize,
}

/// What a criteria set makes of stored evaluations.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CriteriaSetTrialResult {
    /// The criteria set that was tried.
    criteria_set: Uuid,
    /// How many evaluations it was tried on.
    #[schema(minimum = 0, maximum = 200, example = 100)]
    tried: usize,
    /// Of them, those whose new total could be computed.
    #[schema(minimum = 0, maximum = 200, example = 97)]
    computed: usize,
    /// Of these, those whose total or rating would be others.
    #[schema(minimum = 0, maximum = 200, example = 12)]
    changed: usize,
    /// From which rating to which.
    #[schema(max_items = 200)]
    moves: Vec<TrialMove>,
    /// Evaluation by evaluation, in the order of recording.
    #[schema(max_items = 200)]
    items: Vec<TriedEvaluation>,
    /// Where to go on; absent when all were tried.
    next: Option<Uuid>,
}

impl CriteriaSetTrialResult {
    fn of(set: &CriteriaSet, items: Vec<TriedEvaluation>, next: Option<Uuid>) -> Self {
        let mut moves: BTreeMap<(String, String), usize> = BTreeMap::new();
        let word = |rating: &Option<String>| rating.clone().unwrap_or_else(|| NOT_RATED.to_owned());
        for (item, after) in items.iter().filter_map(|item| Some((item, item.after.as_ref()?))) {
            *moves.entry((word(&item.before.rating), word(&after.rating))).or_default() += 1;
        }
        Self {
            criteria_set: set.id,
            tried: items.len(),
            computed: items.iter().filter(|item| item.after.is_some()).count(),
            changed: items.iter().filter(|item| item.is_changed()).count(),
            moves: moves.into_iter().map(|((before, after), count)| TrialMove { before, after, count }).collect(),
            items,
            next,
        }
    }
}

/// Try a criteria set
///
/// On the stored evaluations of a year within the caller's reach, with the figures as they stand: old and new total and
/// rating, the points that would differ, and what is missing. Nothing is saved.
#[utoipa::path(
    tag = "Criteria sets",
    operation_id = "tryCriteriaSet",
    params(("id" = Uuid, Path, description = "Identifier of the criteria set.")),
    request_body = CriteriaSetTrial,
    responses((status = 200, description = "What it would bring.", body = CriteriaSetTrialResult)),
    security(("bearer" = ["criteria:try"]))
)]
#[post("/v1/criteria-sets/{id}/trials")]
async fn try_set(call: Call, id: Path<Uuid>, seen: IfMatch, Body(trial): Body<CriteriaSetTrial>) -> Answer {
    call.answered(async || tried(&call, *id, &seen, trial).await).await
}

/// What a set would bring to a page of evaluations.
async fn tried(
    call: &Call,
    id: Uuid,
    seen: &IfMatch,
    trial: CriteriaSetTrial,
) -> Result<CriteriaSetTrialResult, ApiError> {
    let CriteriaSetTrial { year, province, unit, at, cooperative, kind, state, limit, after } = trial;
    let set = criteria_sets::find(call.db(), id).await?;
    seen.holds(set.version);
    let place = PlaceFilter {
        province: meant(call, province.as_deref(), at).await?,
        unit: meant(call, unit.as_deref(), at).await?,
    };
    let filter =
        evaluations::Filter { cooperative, year: Some(year), kind, state, place, rating: None, criteria_set: None };
    let limit = u64::from(limit.unwrap_or(DEFAULT_LIMIT));
    let after = after.map(|id| Key { sort: None, id });
    let page = evaluations::list(call.scope(), &filter).page(call.db(), after, limit).await?;
    let full = u64::try_from(page.len()).unwrap_or_default() == limit;
    let next = page.last().filter(|_| full).map(|last| last.id);
    let of: Vec<Uuid> = page.iter().map(|evaluation| evaluation.cooperative).collect();
    let known = Known {
        activities: cooperatives::activities_of(call.db(), &of).await?,
        figures: by_cooperative(cooperatives::figures_of(call.db(), &of, ScoringIndicator::years(year)).await?),
    };
    let tried = page.iter().filter_map(|evaluation| known.try_on(&set, evaluation)).collect();
    Ok(CriteriaSetTrialResult::of(&set, tried, next))
}

/// What is known of the cooperatives of a page.
struct Known {
    activities: HashMap<Uuid, Activity>,
    figures: HashMap<Uuid, Vec<AnnualFigures>>,
}

impl Known {
    fn try_on(&self, set: &CriteriaSet, evaluation: &Evaluation) -> Option<TriedEvaluation> {
        let Activity { field, industry_code } = self.activities.get(&evaluation.cooperative)?;
        let figures = self.figures.get(&evaluation.cooperative).map_or(&[][..], Vec::as_slice);
        let inputs = ScoringInputs::read(&set.criteria, evaluation.kind, evaluation.year, *field, figures);
        Some(try_on(set, evaluation, industry_code.as_deref(), &inputs))
    }
}

fn by_cooperative(figures: Vec<AnnualFigures>) -> HashMap<Uuid, Vec<AnnualFigures>> {
    let mut by: HashMap<Uuid, Vec<AnnualFigures>> = HashMap::new();
    for side in figures {
        by.entry(side.cooperative).or_default().push(side);
    }
    by
}
