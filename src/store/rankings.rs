//! What the order of a province's applicants is decided on, in as many queries for many as for one.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::cooperatives::Activity;
use super::eligibility::{self, Rules};
use super::{StoreError, applications, classification, cooperatives};
use crate::domain::application::Application;
use crate::domain::classification::{AppliedRule, ClassDimension, ClassOutcome, Classed, ClassificationRule, classify};
use crate::domain::cooperative::{AnnualFigures, FiguresBasis};
use crate::domain::eligibility::EligibilityInputs;
use crate::domain::plan::ProvincialPlan;
use crate::domain::ranking::{RankedSize, RankingApplicant, RankingInputs, SizeGap, SizeRule};
use crate::domain::verdict::RuleVersion;

/// Everything that the order of a plan's applicants is decided on, as it is known now, under the rules in force on a day.
/// Whoever calls has found the plan in the caller's scope.
///
/// # Errors
/// The database failed.
pub async fn inputs(
    db: &impl ConnectionTrait,
    plan: &ProvincialPlan,
    at: NaiveDate,
) -> Result<RankingInputs, StoreError> {
    let content = &plan.content;
    let rules = Rules::of(db, &content.scheme, &content.province, at).await?;
    let year = rules.scheme.evaluation_year;
    let applicants = applications::submitted(db, &content.province, &content.scheme).await?;
    let decided_on = eligibility::inputs(db, &rules, at, &applicants).await?;
    let ids: Vec<Uuid> = applicants.iter().map(|application| application.cooperative).collect();
    let known = Known {
        sides: cooperatives::figures_of(db, &ids, year..=year).await?,
        activities: cooperatives::activities_of(db, &ids).await?,
        rules: classification::rules(db).await?,
        year,
        at,
    };
    let (of, valid_from) = (content.scheme.clone(), rules.scheme.valid_from);
    Ok(RankingInputs {
        procedure: RankingInputs::PROCEDURE.to_owned(),
        at,
        plan: plan.id,
        province: content.province.clone(),
        version: RuleVersion { of, id: None, edition: None, valid_from },
        figures_year: year,
        tie_break: content.tie_break.clone(),
        counted_claims: content.counted_claims,
        applicants: applicants.iter().zip(decided_on).map(|(one, inputs)| known.applicant(one, inputs)).collect(),
    })
}

/// What is known of the applicants, beside their eligibility.
struct Known {
    sides: Vec<AnnualFigures>,
    activities: HashMap<Uuid, Activity>,
    rules: Vec<ClassificationRule>,
    year: u16,
    at: NaiveDate,
}

impl Known {
    fn applicant(&self, application: &Application, eligibility: EligibilityInputs) -> RankingApplicant {
        let id = application.cooperative;
        let sides: Vec<AnnualFigures> = self.sides.iter().filter(|side| side.cooperative == id).cloned().collect();
        let of = |basis| sides.iter().find(move |side| side.basis == basis);
        let counting = of(FiguresBasis::Verified).or_else(|| of(FiguresBasis::Declared)).map(|side| &side.figures);
        let size = self.activities.get(&id).map(|activity| self.size(activity, &sides));
        let (size_class, size_gap) = match size {
            Some(Ok(size)) => (Some(size), None),
            Some(Err(gap)) => (None, Some(gap)),
            None => (None, None),
        };
        RankingApplicant {
            application: application.id,
            cooperative: id,
            eligibility,
            claims: application.standing_claims(),
            size_class,
            size_gap,
            members: counting.and_then(|figures| figures.members),
            total_capital: counting.and_then(|figures| figures.total_capital),
        }
    }

    /// The class by members and its place among the classes of its rule, the smallest first; or why there is none.
    fn size(
        &self,
        Activity { field, industry_code }: &Activity,
        figures: &[AnnualFigures],
    ) -> Result<RankedSize, SizeGap> {
        let of = Classed::read(*field, industry_code.clone(), self.year, figures);
        let verdicts = classify(&self.rules, self.at, &of);
        let by = |dimension| verdicts.iter().find(|verdict| verdict.dimension == dimension);
        let members = by(ClassDimension::Members);
        let place = |class: &String, rule: &AppliedRule| {
            let rule = self.rules.iter().find(|known| known.code == rule.code)?;
            rule.content.classes.iter().position(|known| known.code == *class)
        };
        let classed = members.and_then(|found| {
            let (class, rule) = (found.class.as_ref()?, found.rule.as_ref()?);
            Some(RankedSize { place: place(class, rule)?, code: class.clone(), name: found.name.clone() })
        });
        classed.ok_or_else(|| {
            let in_its_place = || by(ClassDimension::Size).and_then(|verdict| verdict.rule.as_ref());
            let rule = members.and_then(|found| found.rule.as_ref()).or_else(in_its_place);
            let named = |AppliedRule { code, valid_from, legal_basis, .. }: &AppliedRule| SizeRule {
                code: code.clone(),
                valid_from: *valid_from,
                legal_basis: legal_basis.clone(),
            };
            SizeGap { outcome: members.map_or(ClassOutcome::NoRule, |found| found.outcome), rule: rule.map(named) }
        })
    }
}
