//! How long it takes to check and score an evaluation, alone and a thousand at a time.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sarus::domain::criteria::CriteriaSet;
use sarus::domain::evaluation::scoring::{check, outcome};
use sarus::domain::evaluation::{NewScore, Operation, Outcome, Stop};
use sarus::domain::score::Points;

const YEAR: u16 = 2020;
const BATCH: u64 = 1_000;

fn circular() -> CriteriaSet {
    serde_json::from_str(include_str!("../migration/data/criteria-tt01-2020.json")).unwrap_or_else(|error| {
        eprintln!("the criteria set of the circular does not parse: {error}");
        std::process::exit(1);
    })
}

/// A filled form: half of each maximum, two points where only the group's is known; no two forms alike.
fn form(set: &CriteriaSet, number: i64) -> Vec<NewScore> {
    let half = |maximum: Option<Points>| maximum.map_or(200, Points::as_hundredths) / 2;
    let score = |(code, hundredths): (&str, i64)| NewScore {
        criterion: code.to_owned(),
        points: Points::hundredths(hundredths + number % 50),
        note: None,
    };
    set.criteria.leaves().map(|leaf| score((leaf.code, half(leaf.maximum)))).collect()
}

fn operation() -> Operation {
    let day = |year, month, day| chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let stop = Stop { from_date: day(2020, 3, 1), to_date: Some(day(2020, 5, 31)) };
    Operation { founded_on: day(2012, 7, 1), stops: vec![stop], known_on: day(2020, 12, 10) }
}

fn evaluate(set: &CriteriaSet, form: &[NewScore], operation: &Operation) -> Option<Outcome> {
    check(set, form).ok()?;
    Some(outcome(set, YEAR, form.iter().map(|score| score.points), operation))
}

fn scoring(criterion: &mut Criterion) {
    let (set, operation) = (circular(), operation());
    let mut group = criterion.benchmark_group("scoring");

    group.throughput(Throughput::Elements(1));
    let one = form(&set, 0);
    group.bench_function("one evaluation", |bench| {
        bench.iter(|| evaluate(black_box(&set), black_box(&one), black_box(&operation)));
    });

    group.throughput(Throughput::Elements(BATCH));
    let numbers = 0..i64::try_from(BATCH).unwrap_or_default();
    let forms: Vec<_> = numbers.map(|number| form(&set, number)).collect();
    group.bench_function("a thousand evaluations", |bench| {
        let rated =
            |forms: &Vec<Vec<NewScore>>| forms.iter().filter_map(|form| evaluate(&set, form, &operation)).count();
        bench.iter_batched(|| &forms, |forms| rated(black_box(forms)), BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(benches, scoring);
criterion_main!(benches);
