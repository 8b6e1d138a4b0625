//! The order of a province's applicants, with its reasons.

use std::collections::HashMap;

use actix_web::get;
use actix_web::web::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::call::{Call, Query};
use crate::api::error::Answer;
use crate::api::service_config::ServiceConfig;
use crate::domain::application::Application;
use crate::domain::classification::{ClassDimension, Classed, ClassificationRule, classify};
use crate::domain::cooperative::{AnnualFigures, Field, FiguresBasis};
use crate::domain::eligibility::{ConditionVerdict, Determination, EligibilityInputs, determine};
use crate::domain::ranking::{RankedApplicant, RankedPlace, TieBreak, rank};
use crate::domain::verdict::RuleVersion;
use crate::store::eligibility::{self, Rules};
use crate::store::{applications, classification, cooperatives, provincial_plans};

/// The routes of this part.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read_ranking);
}

/// Chooses the rules of a day.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RankingQuery {
    /// The day whose rules are applied; today if absent.
    #[param(nullable = false)]
    at: Option<NaiveDate>,
}

/// The applicants of a province, in order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RankingView {
    /// The plan whose applicants these are.
    plan: Uuid,
    /// Code of the province.
    #[schema(min_length = 2, max_length = 2, pattern = "^[0-9]{2}$", example = "89")]
    province: String,
    /// Code of the scheme.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Z0-9-]+$", example = "QD167-2021-2025")]
    scheme: String,
    /// Identifier of the rule that puts them in order, in the rule book.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "ranking")]
    rule_id: String,
    /// Document and article of that rule.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "2129/QĐ-UBND III.2.2")]
    legal_basis: String,
    /// The version of the scheme whose conditions were applied.
    version: RuleVersion,
    /// The day whose rules were applied.
    #[schema(example = "2021-09-01")]
    at: NaiveDate,
    /// The year whose figures tell level applicants apart: the one that the scheme evaluates.
    #[schema(minimum = 2000, maximum = 2099, example = 2020)]
    figures_year: u16,
    /// How the plan tells level applicants apart, in this order; empty where it does not.
    #[schema(max_items = 4)]
    tie_break: Vec<TieBreak>,
    /// The applicants: those who are eligible in order, then those of whom it is unknown, then the others.
    #[schema(max_items = 10_000)]
    items: Vec<RankedPlace>,
}

/// Rank the applicants of a province
///
/// Those whose applications are submitted. One comes before another where it claims every priority condition that the other
/// claims, and more; no weights are invented. Level applicants are told apart as the province's plan says (`tieBreak`), else
/// they share a rank. Who is not eligible on what is known now is listed without a rank. Each place has its reasons.
#[utoipa::path(
    tag = "Provincial plans",
    operation_id = "getApplicantRanking",
    params(("id" = Uuid, Path, description = "Identifier of the plan."), RankingQuery),
    responses((status = 200, description = "The applicants, in order.", body = RankingView)),
    security(("bearer" = ["rankings:read"]))
)]
#[get("/v1/provincial-plans/{id}/ranking")]
async fn read_ranking(call: Call, id: Path<Uuid>, Query(query): Query<RankingQuery>) -> Answer {
    let plan = provincial_plans::find(call.db(), call.scope(), *id).await?;
    let at = query.at.unwrap_or_else(|| call.today());
    let rules = Rules::of(call.db(), &plan.content.scheme, &plan.content.province).await?;
    let year = rules.scheme.evaluation_year;
    let applicants = applications::submitted(call.db(), &plan.content.province, &plan.content.scheme).await?;
    let inputs = eligibility::inputs(call.db(), &rules, at, &applicants).await?;
    let ids: Vec<Uuid> = applicants.iter().map(|application| application.cooperative).collect();
    let known = Known {
        sides: cooperatives::figures_of(call.db(), &ids, year..=year).await?,
        fields: cooperatives::fields_of(call.db(), &ids).await?,
        rules: classification::rules(call.db()).await?,
        year,
        at,
    };
    let places = applicants.iter().zip(&inputs).map(|(application, inputs)| known.applicant(application, inputs));
    let items = rank(places.collect(), &plan.content.tie_break);
    let (province, scheme, tie_break) = (plan.content.province, plan.content.scheme, plan.content.tie_break);
    let (rule_id, legal_basis) = ("ranking".to_owned(), "2129/QĐ-UBND III.2.2".to_owned());
    let version = RuleVersion { of: scheme.clone(), id: None, edition: None, valid_from: rules.scheme.valid_from };
    let figures_year = year;
    call.computed(&RankingView {
        plan: plan.id,
        province,
        scheme,
        rule_id,
        legal_basis,
        version,
        at,
        figures_year,
        tie_break,
        items,
    })
}

/// What is known of the applicants, beside their eligibility.
struct Known {
    sides: Vec<AnnualFigures>,
    fields: HashMap<Uuid, Field>,
    rules: Vec<ClassificationRule>,
    year: u16,
    at: NaiveDate,
}

impl Known {
    fn applicant(&self, application: &Application, inputs: &EligibilityInputs) -> RankedApplicant {
        let Determination { overall, conditions, .. } = determine(inputs);
        let open = conditions.into_iter().filter(|answer| answer.verdict != ConditionVerdict::Met);
        let id = application.cooperative;
        let sides: Vec<AnnualFigures> = self.sides.iter().filter(|side| side.cooperative == id).cloned().collect();
        let of = |basis| sides.iter().find(move |side| side.basis == basis);
        let counting = of(FiguresBasis::Verified).or_else(|| of(FiguresBasis::Declared)).map(|side| &side.figures);
        let (members, total_capital) =
            (counting.and_then(|figures| figures.members), counting.and_then(|figures| figures.total_capital));
        RankedApplicant {
            application: application.id,
            cooperative: id,
            overall,
            open_conditions: open.map(|answer| answer.rule).collect(),
            claims: application.content.priority_claims.iter().map(|claim| claim.condition.clone()).collect(),
            size_class: self.fields.get(&id).and_then(|field| self.size_class(*field, &sides)),
            members,
            total_capital,
        }
    }

    /// The class by members and its place among the classes of its rule, the smallest first.
    fn size_class(&self, field: Field, figures: &[AnnualFigures]) -> Option<(usize, String)> {
        let of = Classed::read(field, None, self.year, figures);
        let verdicts = classify(&self.rules, self.at, &of);
        let found = verdicts.into_iter().find(|verdict| verdict.dimension == ClassDimension::Members)?;
        let (class, rule) = (found.class?, found.rule?);
        let rule = self.rules.iter().find(|known| known.code == rule.code)?;
        let place = rule.content.classes.iter().position(|known| known.code == class)?;
        Some((place, class))
    }
}
