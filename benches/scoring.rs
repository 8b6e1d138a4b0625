//! How long it takes to score an evaluation: from entered points, and from a cooperative's figures by scales; one alone,
//! and 30,000 at a time, about as many as the country has cooperatives.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sarus::domain::cooperative::{AnnualFigures, Field, FiguresBasis};
use sarus::domain::criteria::CriteriaSet;
use sarus::domain::evaluation::inputs::ScoringInputs;
use sarus::domain::evaluation::scoring::{outcome, settle};
use sarus::domain::evaluation::{EvaluationKind, NewScore, Operation, Outcome, Stop};
use sarus::domain::score::Points;
use serde_json::{Value, json};

const YEAR: u16 = 2021;
const COOPERATIVES: u64 = 30_000;

/// Ends the benchmark where its own data are broken.
fn parsed<T>(what: &str, value: Result<T, serde_json::Error>) -> T {
    value.unwrap_or_else(|error| {
        eprintln!("{what}: {error}");
        std::process::exit(1);
    })
}

fn circular() -> CriteriaSet {
    parsed("the circular", serde_json::from_str(include_str!("../migration/data/criteria-tt01-2020.json")))
}

/// The criteria of the circular with scales on every leaf that figures speak of: sample data.
fn with_scales() -> CriteriaSet {
    let draft = include_str!("../tests/fixtures/criteria-scales-sample.json");
    let mut set: Value = parsed("the sample", serde_json::from_str(draft));
    for (member, value) in [("id", json!("01713189-1680-7000-8000-000000000009")), ("version", json!(1))] {
        set[member] = value;
    }
    set["state"] = json!("active");
    parsed("the sample", serde_json::from_value(set))
}

/// A filled form: half of each maximum, two points where only the group's is known; no two forms alike.
fn form(set: &CriteriaSet, number: i64) -> Vec<NewScore> {
    let half = |maximum: Option<Points>| maximum.map_or(200, Points::as_hundredths) / 2;
    let entered = set.criteria.leaves().filter(|leaf| leaf.scale.is_none());
    entered.map(|leaf| NewScore::of(leaf.code, Points::hundredths(half(leaf.maximum) + number % 50))).collect()
}

/// Declared figures of two years, all different.
fn figures(number: u64) -> Vec<AnnualFigures> {
    let side = |year: u16| {
        let money = |base: u64| (base + number * 7_919 + u64::from(year) * 31).to_string();
        let figures = json!({
            "status": "final", "members": 50 + number % 900, "managers": 5, "managersWithDegree": number % 5,
            "managersTrained": number % 3, "managersYoung": number % 4, "totalCapital": money(1_000_000_000),
            "indivisibleAssets": money(200_000_000), "revenue": money(3_000_000_000),
            "suppliedToMembers": money(1_000_000_000), "profitBeforeTax": money(100_000_000),
            "incomeAfterTax": money(90_000_000), "developmentFund": money(20_000_000),
            "reserveFund": money(5_000_000), "otherFunds": money(2_000_000),
        });
        AnnualFigures {
            cooperative: uuid::Uuid::from_u128(number.into()),
            year,
            basis: FiguresBasis::Declared,
            version: 1,
            figures: parsed("figures", serde_json::from_value(figures)),
            recorded_by: "cooperative".to_owned(),
            updated_at: chrono::DateTime::UNIX_EPOCH,
        }
    };
    vec![side(YEAR - 1), side(YEAR)]
}

fn operation() -> Operation {
    let day = |year, month, day| chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let stop = Stop { from_date: day(2021, 3, 1), to_date: Some(day(2021, 5, 31)) };
    Operation { founded_on: day(2012, 7, 1), stops: vec![stop], known_on: day(2021, 12, 10) }
}

/// What creating an evaluation does with figures and form: reads, computes, checks every maximum, rates.
fn evaluate(set: &CriteriaSet, figures: &[AnnualFigures], form: &[NewScore], operation: &Operation) -> Option<Outcome> {
    let inputs = ScoringInputs::read(&set.criteria, EvaluationKind::Own, YEAR, Field::Agriculture, figures);
    let settled = settle(set, YEAR, &inputs, form).ok()?;
    Some(outcome(set, YEAR, settled.iter().map(|one| one.points), operation, None))
}

fn scoring(criterion: &mut Criterion) {
    let (entered, computed, operation) = (circular(), with_scales(), operation());
    let mut group = criterion.benchmark_group("scoring");

    group.throughput(Throughput::Elements(1));
    let (one, known) = (form(&entered, 0), figures(0));
    group.bench_function("one evaluation, points entered", |bench| {
        bench.iter(|| evaluate(black_box(&entered), black_box(&[]), black_box(&one), black_box(&operation)));
    });
    let one = form(&computed, 0);
    group.bench_function("one evaluation, from figures", |bench| {
        bench.iter(|| evaluate(black_box(&computed), black_box(&known), black_box(&one), black_box(&operation)));
    });

    group.sample_size(10);
    group.throughput(Throughput::Elements(COOPERATIVES));
    let forms = (0..COOPERATIVES).map(|number| form(&computed, i64::try_from(number % 50).unwrap_or_default()));
    let all: Vec<_> = forms.zip((0..COOPERATIVES).map(figures)).collect();
    let rated = |all: &Vec<(Vec<NewScore>, Vec<AnnualFigures>)>| {
        all.iter().filter_map(|(form, known)| evaluate(&computed, known, form, &operation)).count()
    };
    // A form that is refused would be scored in no time.
    assert_eq!(rated(&all), all.len(), "every sample is rated");
    group.bench_function("30,000 cooperatives, from figures", |bench| {
        bench.iter_batched(|| &all, |all| rated(black_box(all)), BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(benches, scoring);
criterion_main!(benches);
