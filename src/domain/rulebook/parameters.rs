//! The parameters that rules are applied with on a day, read from the data in force.

use super::{InForce, RuleParameter};
use crate::domain::classification::{Class, ClassificationRule, Condition, Divisions};
use crate::domain::condition::{ConditionKind, ConditionParameters, MandatoryCondition};
use crate::domain::cooperative::figure::Range;
use crate::domain::criteria::{CriteriaSet, ForcedRating, RatingBand, YearlyDeadline};
use crate::domain::holiday::NewPublicHoliday;
use crate::domain::reference::ReferenceEntry;
use crate::domain::refusal::Rule;
use crate::domain::reporting_deadline::{DayOfYear, DeadlineTerms};
use crate::domain::scheme::Scheme;

/// A parameter of a scheme.
fn of_scheme(scheme: &Scheme, name: &str, value: String, basis: &str) -> RuleParameter {
    RuleParameter {
        name: name.to_owned(),
        value,
        of: scheme.code.clone(),
        valid_from: scheme.valid_from,
        valid_to: scheme.valid_to,
        legal_basis: basis.to_owned(),
    }
}

/// A parameter of a criteria set.
fn of_set(set: &CriteriaSet, name: impl Into<String>, value: String, basis: &str) -> RuleParameter {
    RuleParameter {
        name: name.into(),
        value,
        of: set.code.clone(),
        valid_from: set.valid_from,
        valid_to: set.valid_to,
        legal_basis: basis.to_owned(),
    }
}

/// The parameters of each condition of a kind that is in force.
pub(super) fn of_conditions(kind: ConditionKind, in_force: &InForce) -> Vec<RuleParameter> {
    in_force.conditions(kind).flat_map(of_condition).collect()
}

fn of_condition(condition: &MandatoryCondition) -> Vec<RuleParameter> {
    let ConditionParameters { governing_laws, profit_years, evaluation_year, minimum_points } = &condition.parameters;
    let list = |items: Vec<String>| items.join(", ");
    let statement = (condition.kind == ConditionKind::Attested).then(|| condition.text.vi.clone());
    let named = [
        (
            "governingLaws",
            governing_laws.as_ref().map(|laws| list(laws.iter().map(|law| law.name().to_owned()).collect())),
        ),
        ("profitYears", profit_years.as_ref().map(|years| list(years.iter().map(u16::to_string).collect()))),
        ("evaluationYear", evaluation_year.map(|year| year.to_string())),
        ("minimumPoints", minimum_points.map(|points| points.to_string())),
        ("statement", statement),
    ];
    let parameter = |(name, value): (&str, Option<String>)| {
        Some(RuleParameter {
            name: name.to_owned(),
            value: value?,
            of: condition.code.clone(),
            valid_from: condition.valid_from,
            valid_to: condition.valid_to,
            legal_basis: condition.legal_basis.clone(),
        })
    };
    named.into_iter().filter_map(parameter).collect()
}

/// The codes of the scheme's models.
pub(super) fn models(in_force: &InForce) -> Vec<RuleParameter> {
    let codes = |scheme: &Scheme| {
        let codes: Vec<&str> = scheme.models.iter().map(|model| model.code.as_str()).collect();
        of_scheme(scheme, "models", codes.join(", "), "2129/QĐ-UBND IV")
    };
    in_force.scheme().map(codes).into_iter().collect()
}

/// The items that a complete dossier holds.
pub(super) fn required_items(in_force: &InForce) -> Vec<RuleParameter> {
    let Some(scheme) = in_force.scheme() else { return Vec::new() };
    let required = scheme.dossier.iter().filter(|item| item.required);
    required.map(|item| of_scheme(scheme, "requiredItem", item.text.vi.clone(), &item.legal_basis)).collect()
}

/// The least total at the end of the scheme.
pub(super) fn exit_points(in_force: &InForce) -> Vec<RuleParameter> {
    let exit = |scheme: &Scheme| of_scheme(scheme, "exitPoints", scheme.exit_points.to_string(), "2129/QĐ-UBND VI.2.1");
    in_force.scheme().map(exit).into_iter().collect()
}

/// The rates of support and the minimum wages in force, each figure by its name.
pub(super) fn rates(in_force: &InForce) -> Vec<RuleParameter> {
    let national = in_force.rates.iter().filter(|entry| entry.province.is_none() && entry.in_force_at(in_force.at));
    let figures = |entry: &ReferenceEntry| -> Vec<RuleParameter> {
        let of = |(name, value): (&String, &String)| RuleParameter {
            name: name.clone(),
            value: value.clone(),
            of: format!("{}.{}", entry.list.name(), entry.code),
            valid_from: entry.valid_from,
            valid_to: entry.valid_to,
            legal_basis: entry.legal_basis.clone(),
        };
        entry.attributes.iter().map(of).collect()
    };
    national.flat_map(figures).collect()
}

/// The last day of the phase that selects.
pub(super) fn selection_phase(in_force: &InForce) -> Vec<RuleParameter> {
    let last = |scheme: &Scheme| {
        of_scheme(scheme, "selectionPhaseEnd", scheme.selection_phase_end.to_string(), "2129/QĐ-UBND III.1, VI.1")
    };
    in_force.scheme().map(last).into_iter().collect()
}

/// The ratings of each criteria set in force and where each begins, and what forces one whatever the points.
pub(super) fn bands(in_force: &InForce) -> Vec<RuleParameter> {
    let of = |set: &CriteriaSet| {
        let band = |band: &RatingBand| {
            of_set(set, format!("rating.{}", band.code), band.minimum.to_string(), &set.legal_basis)
        };
        let forced = |forced: &ForcedRating| {
            of_set(set, format!("forced.{}", forced.fact.name()), forced.rating.clone(), &forced.legal_basis)
        };
        let bands = set.criteria.bands.iter().map(band);
        bands.chain(set.criteria.forced_ratings.iter().map(forced)).collect::<Vec<_>>()
    };
    in_force.criteria_sets_in_force().flat_map(of).collect()
}

/// When an evaluation gets no rating, by each criteria set in force.
pub(super) fn not_rated(in_force: &InForce) -> Vec<RuleParameter> {
    let of = |set: &CriteriaSet| {
        let conditions = &set.criteria.not_rated;
        [
            ("minimumMonthsOperating", conditions.minimum_months_operating.to_string()),
            ("maximumMonthsStopped", conditions.maximum_months_stopped.to_string()),
            ("interruptionsAddUp", conditions.interruptions_add_up.to_string()),
        ]
        .map(|(name, value)| of_set(set, name, value, &conditions.legal_basis))
    };
    in_force.criteria_sets_in_force().flat_map(of).collect()
}

/// The days by which evaluations are due, by each criteria set in force.
pub(super) fn deadlines(in_force: &InForce) -> Vec<RuleParameter> {
    let of = |set: &CriteriaSet| {
        let due = |deadline: &YearlyDeadline| {
            let value = format!("{:02}-{:02}", deadline.month, deadline.day);
            of_set(set, format!("deadline.{}", deadline.level.name()), value, &deadline.legal_basis)
        };
        set.criteria.deadlines.iter().map(due).collect::<Vec<_>>()
    };
    in_force.criteria_sets_in_force().flat_map(of).collect()
}

/// The classes of each rule in force.
pub(super) fn classes(in_force: &InForce) -> Vec<RuleParameter> {
    let parameter = |rule: &ClassificationRule, name: String, value: String| RuleParameter {
        name,
        value,
        of: rule.code.clone(),
        valid_from: rule.valid_from,
        valid_to: rule.valid_to,
        legal_basis: rule.legal_basis.clone(),
    };
    let mut parameters = Vec::new();
    for rule in in_force.classification.iter().filter(|rule| rule.in_force_at(in_force.at)) {
        let name = format!("classes.{}", rule.dimension.name());
        let codes: Vec<&str> = rule.content.classes.iter().map(|class| class.code.as_str()).collect();
        parameters.push(parameter(rule, name.clone(), codes.join(", ")));
        let bounds = rule.content.classes.iter().filter_map(|class| Some((class, bounds_of(class)?)));
        parameters.extend(bounds.map(|(class, bounds)| {
            let field = class.field.map(|field| format!(".{}", field.name())).unwrap_or_default();
            parameter(rule, format!("{name}{field}.{}", class.code), bounds)
        }));
    }
    parameters
}

/// What makes a class, as a formula: `50 ≤ members ≤ 300`.
fn bounds_of(class: &Class) -> Option<String> {
    if let Some(Divisions { first, last }) = class.divisions {
        return Some(format!("{first:02} ≤ division ≤ {last:02}"));
    }
    let one = |condition: &Condition| {
        let Range { from, from_included, to, to_included } = &condition.range;
        let sign = |included: bool| if included { "≤" } else { "<" };
        let below = from.map(|from| format!("{from} {} ", sign(*from_included))).unwrap_or_default();
        let above = to.map(|to| format!(" {} {to}", sign(*to_included))).unwrap_or_default();
        format!("{below}{}{above}", condition.figure.name())
    };
    let all = class.all.iter().map(one).collect::<Vec<_>>().join(" ∧ ");
    let any = class.any.iter().map(one).collect::<Vec<_>>().join(" ∨ ");
    match (all.is_empty(), any.is_empty()) {
        (true, true) => None,
        (false, true) => Some(all),
        (true, false) => Some(any),
        (false, false) => Some(format!("{all} ∧ ({any})")),
    }
}

/// What a refusal is applied with, where it has parameters.
pub(super) fn of_refusal(rule: Rule, in_force: &InForce) -> Vec<RuleParameter> {
    let of_the_scheme = |name: &str, value: fn(&Scheme) -> String| {
        let parameter = |scheme: &Scheme| of_scheme(scheme, name, value(scheme), rule.legal_basis());
        in_force.scheme().map(parameter).into_iter().collect()
    };
    match rule {
        Rule::QuotaAboveScheme | Rule::QuotaExceeded => {
            of_the_scheme("pilotQuota", |scheme| scheme.pilot_quota.to_string())
        }
        Rule::OutsideScheme => of_the_scheme("inForce", |scheme| {
            let until = scheme.valid_to.map(|last| last.to_string()).unwrap_or_default();
            format!("{} – {until}", scheme.valid_from)
        }),
        Rule::DossierIncomplete => required_items(in_force),
        Rule::NotEligible => ConditionKind::ALL.iter().flat_map(|kind| of_conditions(*kind, in_force)).collect(),
        Rule::PointsAboveMaximum | Rule::TargetAboveMaximum | Rule::GroupTargetsAboveMaximum => maxima(in_force),
        Rule::UnknownCriterion | Rule::MissingScore | Rule::CriterionNotInSet => scored(in_force),
        Rule::CriteriaNotInForce => sets(in_force),
        Rule::FineNotStated | Rule::FineNotAsked => forced(in_force),
        Rule::OtherCircular | Rule::EvaluationNotCounting => {
            of_the_scheme("criteriaSet", |scheme| scheme.criteria_set.clone())
        }
        Rule::RateNotKept | Rule::PartsNotStated => rates(in_force),
        Rule::CreditIsLent | Rule::NatureContradicted | Rule::SourceNotCredit => natures(in_force),
        Rule::DeadlinesOverlap | Rule::WindowsDiffer | Rule::PeriodLocked => calendar(in_force),
        Rule::DeadlineTooEarly => calendar(in_force).into_iter().chain(days(in_force)).collect(),
        Rule::PointsStep => step(in_force),
        Rule::OutsideCriteria | Rule::NotCovered => outside(in_force),
        Rule::StandingChanged => not_rated(in_force),
        _ => Vec::new(),
    }
}

fn maxima(in_force: &InForce) -> Vec<RuleParameter> {
    let of = |set: &CriteriaSet| {
        let groups = set.criteria.groups.iter();
        let groups = groups.map(|group| (format!("group.{}", group.code), group.maximum.to_string()));
        let criteria = || set.criteria.groups.iter().flat_map(|group| &group.criteria);
        let whole = criteria().map(|criterion| (&criterion.code, criterion.maximum));
        let parts = criteria().flat_map(|criterion| &criterion.sub_criteria).map(|part| (&part.code, part.maximum));
        let known = whole.chain(parts);
        let known = known.filter_map(|(code, maximum)| Some((format!("criterion.{code}"), maximum?.to_string())));
        let all = groups.chain(known).map(|(name, value)| of_set(set, name, value, &set.legal_basis));
        all.collect::<Vec<_>>()
    };
    in_force.criteria_sets_in_force().flat_map(of).collect()
}

/// What each criteria set scores.
fn scored(in_force: &InForce) -> Vec<RuleParameter> {
    let of = |set: &CriteriaSet| {
        let codes: Vec<&str> = set.criteria.leaves().map(|leaf| leaf.code).collect();
        of_set(set, "scored", codes.join(", "), &set.legal_basis)
    };
    in_force.criteria_sets_in_force().map(of).collect()
}

/// The criteria sets in force, by the documents that they come from.
fn sets(in_force: &InForce) -> Vec<RuleParameter> {
    let of = |set: &CriteriaSet| of_set(set, "criteriaSet", set.legal_basis.clone(), &set.legal_basis);
    in_force.criteria_sets_in_force().map(of).collect()
}

/// The facts that force a rating, and which.
fn forced(in_force: &InForce) -> Vec<RuleParameter> {
    bands(in_force).into_iter().filter(|parameter| parameter.name.starts_with("forced.")).collect()
}

/// The nature of each source of money, as the list of sources says.
fn natures(in_force: &InForce) -> Vec<RuleParameter> {
    let serves = |entry: &&ReferenceEntry| entry.province.as_ref().is_none_or(|code| in_force.provinces.contains(code));
    let nature = |entry: &ReferenceEntry| {
        Some(RuleParameter {
            name: format!("nature.{}", entry.code),
            value: entry.attributes.get("nature")?.clone(),
            of: entry.list.name().to_owned(),
            valid_from: entry.valid_from,
            valid_to: entry.valid_to,
            legal_basis: entry.legal_basis.clone(),
        })
    };
    let sources = in_force.sources.iter().filter(|entry| entry.in_force_at(in_force.at)).filter(serves);
    sources.filter_map(nature).collect()
}

/// The days on which nobody works, or on which is worked in lieu, in the year of the book.
fn days(in_force: &InForce) -> Vec<RuleParameter> {
    let day = |NewPublicHoliday { date, kind, name, legal_basis }: &NewPublicHoliday| RuleParameter {
        name: format!("{}.{date}", kind.name()),
        value: name.vi.clone(),
        of: "public-holidays".to_owned(),
        valid_from: *date,
        valid_to: Some(*date),
        legal_basis: legal_basis.clone(),
    };
    in_force.days.iter().map(day).collect()
}

/// By when reports are due, and from when nothing is taken in, by each rule of the calendar in force.
fn calendar(in_force: &InForce) -> Vec<RuleParameter> {
    let day = |DayOfYear { years_after, month, day }: DayOfYear| format!("Y+{years_after}-{month:02}-{day:02}");
    let of = |terms: &DeadlineTerms| {
        let named = [("due", terms.due), ("locks", terms.locks), ("windowEnds", terms.window.map(|window| window.to))];
        let parameter = |(name, on): (&str, Option<DayOfYear>)| {
            Some(RuleParameter {
                name: name.to_owned(),
                value: day(on?),
                of: format!("{}.{}", terms.level.name(), terms.period_kind.name()),
                valid_from: terms.valid_from,
                valid_to: terms.valid_to,
                legal_basis: terms.legal_basis.clone(),
            })
        };
        named.into_iter().filter_map(parameter).collect::<Vec<_>>()
    };
    let holds = |terms: &&DeadlineTerms| {
        terms.valid_from <= in_force.at && terms.valid_to.is_none_or(|last| in_force.at <= last)
    };
    in_force.calendar.iter().filter(holds).flat_map(of).collect()
}

fn outside(in_force: &InForce) -> Vec<RuleParameter> {
    let of = |set: &CriteriaSet| {
        let outside = set.criteria.outside.iter();
        let told = outside.map(|one| (format!("outside.{}", one.industry_code), one.name.vi.clone()));
        told.map(|(name, value)| of_set(set, name, value, &set.legal_basis)).collect::<Vec<_>>()
    };
    in_force.criteria_sets_in_force().flat_map(of).collect()
}

fn step(in_force: &InForce) -> Vec<RuleParameter> {
    let step = |set: &CriteriaSet| of_set(set, "pointsStep", set.criteria.points_step.to_string(), &set.legal_basis);
    in_force.criteria_sets_in_force().map(step).collect()
}
