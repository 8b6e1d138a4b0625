//! Cooperatives with their yearly figures and evaluations.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::entity::{annual_figures, cooperative, criteria_set, evaluation};
use super::super::vietnamese::{folded, sort_key};
use super::super::{StoreError, Tx};
use super::chance::{Chance, day_of, morning_of};
use super::country::Country;
use super::{Progress, Size, insert};
use crate::domain::cooperative::tax_code_check_digit_holds;
use crate::domain::evaluation::{Board, BoardOpinion, Endorsement, Operation, Score};
use crate::domain::score::Points;

/// The criteria of the scheme.
const CRITERIA: &str = "TT01-2020";
/// The leaves of Circular 01/2020 with what they give at most, in hundredths; the 40 of group III spread over its criteria.
const LEAVES: [(&str, i64); 23] = [
    ("1a", 600),
    ("1b", 100),
    ("2a", 500),
    ("2b", 100),
    ("3a", 400),
    ("3b", 300),
    ("3c", 400),
    ("4a", 200),
    ("4b", 200),
    ("4c", 200),
    ("5", 800),
    ("6", 600),
    ("7a", 200),
    ("7b", 200),
    ("7c", 200),
    ("8", 600),
    ("9", 400),
    ("10", 1_000),
    ("11", 1_000),
    ("12", 800),
    ("13", 500),
    ("14", 400),
    ("15", 300),
];

/// What cooperatives are called.
const NAMES: [&str; 12] = [
    "Tân Tiến",
    "Đồng Tâm",
    "Phú Thành",
    "Hòa Bình",
    "An Phước",
    "Quyết Thắng",
    "Thành Công",
    "Bình Minh",
    "Ấp Mới",
    "Đại Đoàn Kết",
    "Tiên Phong",
    "Hưng Thịnh",
];

/// A cooperative, as far as what follows needs it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) id: Uuid,
    /// Where its province stands in the country.
    pub(super) province: usize,
    pub(super) unit: String,
    pub(super) tax_code: String,
    /// How good it is, in per cent of what can be reached.
    quality: i64,
}

/// A tax code of a number, with a check digit that holds: ten of eleven numbers have one.
fn tax_code(number: u64) -> Option<String> {
    let stem = format!("9{number:08}");
    (0..10).map(|check| format!("{stem}{check}")).find(|code| tax_code_check_digit_holds(code))
}

/// Writes the cooperatives, then year by year what they declare and how they rate themselves.
pub(super) async fn write(
    tx: &Tx,
    size: Size,
    country: &Country,
    chance: &mut Chance,
    told: Progress<'_>,
) -> Result<Vec<Made>, StoreError> {
    let made = make(size, country, chance)?;
    let rows = made.iter().map(|made| cooperative_row(made, country));
    insert(tx, "cooperatives", rows.collect::<Result<Vec<_>, _>>()?.into_iter(), told).await?;
    let criteria = criteria_set::Entity::find().filter(criteria_set::Column::Code.eq(CRITERIA)).one(tx).await?;
    let criteria = criteria.ok_or(StoreError::NotFound)?.id;
    for year in size.years() {
        let figures = made.iter().map(|made| figures_row(made, year, chance));
        insert(tx, &format!("yearly figures of {year}"), figures, told).await?;
        let evaluations = made.iter().map(|made| evaluation_row(made, country, (year, criteria), chance));
        let evaluations = evaluations.map(|row| row.map(|(row, _)| row)).collect::<Result<Vec<_>, _>>()?;
        insert(tx, &format!("evaluations of {year}"), evaluations.into_iter(), told).await?;
    }
    Ok(made)
}

fn make(size: Size, country: &Country, chance: &mut Chance) -> Result<Vec<Made>, StoreError> {
    let last = i64::try_from(country.provinces.len()).unwrap_or_default() - 1;
    let mut codes = (1..).filter_map(tax_code);
    let mut made = Vec::new();
    for _ in 0..size.cooperatives {
        let province = usize::try_from(chance.between(0, last.max(0))).unwrap_or_default();
        let Some(place) = country.provinces.get(province) else { continue };
        let unit = chance.one(&place.districts).cloned().unwrap_or_else(|| place.code.clone());
        let tax_code = codes.next().ok_or_else(|| StoreError::Malformed("no tax code is left".to_owned()))?;
        made.push(Made { id: chance.id(), province, unit, tax_code, quality: chance.between(30, 98) });
    }
    Ok(made)
}

fn cooperative_row(made: &Made, country: &Country) -> Result<cooperative::ActiveModel, StoreError> {
    let Made { id, province, unit, tax_code, quality } = made;
    let province = country.provinces.get(*province).map(|province| province.code.clone()).unwrap_or_default();
    let number = usize::try_from(id.as_u128() >> 80).unwrap_or_default();
    let name = NAMES.get(number % NAMES.len()).copied().unwrap_or_default();
    let agriculture = quality % 4 != 0;
    let kind = if agriculture { "nông nghiệp" } else { "dịch vụ" };
    let name = format!("HTX {kind} {name} {} (dữ liệu mẫu)", tax_code.get(4..9).unwrap_or_default());
    let founded = day_of(2013, 7, 1) + chrono::TimeDelta::days(quality * 20);
    Ok(cooperative::ActiveModel {
        id: Set(*id),
        version: Set(1),
        province_code: Set(province),
        unit_code: Set(unit.clone()),
        tax_code: Set(tax_code.clone()),
        registration_number: Set(None),
        name_key: Set(sort_key(&name)?),
        name_folded: Set(folded(&name)),
        name: Set(name),
        kind: Set("cooperative".to_owned()),
        field: Set(if agriculture { "agriculture" } else { "non_agriculture" }.to_owned()),
        industry_code: Set(None),
        governing_law: Set("law_2012".to_owned()),
        founded_on: Set(founded),
        legal_representative: Set(None),
        status: Set("active".to_owned()),
        address: Set(None),
        phone: Set(None),
        email: Set(None),
        created_by: Set("generator".to_owned()),
        recorded_at: Set(morning_of(day_of(2021, 3, 1))),
        updated_at: Set(morning_of(day_of(2021, 3, 1))),
    })
}

fn figures_row(made: &Made, year: u16, chance: &mut Chance) -> annual_figures::ActiveModel {
    let members = chance.between(20, 40) * made.quality / 10;
    let revenue = chance.between(500, 30_000) * made.quality * 10_000;
    let managers = chance.between(2, 7);
    annual_figures::ActiveModel {
        cooperative_id: Set(made.id),
        year: Set(i32::from(year)),
        basis: Set("declared".to_owned()),
        version: Set(1),
        status: Set("final".to_owned()),
        members: Set(Some(members)),
        members_official: Set(Some(members)),
        members_women: Set(Some(members * chance.between(20, 60) / 100)),
        members_ethnic_minority: Set(Some(members * chance.between(0, 30) / 100)),
        workers_regular: Set(Some(chance.between(3, 60))),
        managers: Set(Some(managers)),
        managers_with_degree: Set(Some(chance.between(0, managers))),
        managers_trained: Set(None),
        managers_young: Set(None),
        total_capital: Set(Some(chance.between(300, 60_000) * 1_000_000)),
        indivisible_assets: Set(Some(chance.between(0, 300) * 1_000_000)),
        revenue: Set(Some(revenue)),
        supplied_to_members: Set(None),
        profit_before_tax: Set(Some(revenue / 100 * chance.between(-4, 14))),
        income_after_tax: Set(None),
        development_fund: Set(None),
        reserve_fund: Set(None),
        other_funds: Set(None),
        value_chain: Set(Some(chance.happens(30))),
        independent_audit: Set(Some(chance.happens(10))),
        member_supply: Set(None),
        recorded_by: Set(format!("cooperative@{}", made.tax_code)),
        updated_at: Set(morning_of(day_of(year, 12, 10))),
    }
}

/// Points in hundredths, by leaf of the criteria.
type PointsByLeaf = Vec<(&'static str, i64)>;

/// The evaluation of a cooperative on a year, with its points by leaf in hundredths.
pub(super) fn evaluation_row(
    made: &Made,
    country: &Country,
    (year, criteria): (u16, Uuid),
    chance: &mut Chance,
) -> Result<(evaluation::ActiveModel, PointsByLeaf), StoreError> {
    let subject = format!("cooperative@{}", made.tax_code);
    let fill = |(leaf, most): &(&'static str, i64), chance: &mut Chance| {
        let share = (made.quality + chance.between(-12, 12)).clamp(0, 100);
        (*leaf, most * share / 100)
    };
    let points: Vec<(&str, i64)> = LEAVES.iter().map(|leaf| fill(leaf, chance)).collect();
    let score = |(leaf, hundredths): &(&str, i64)| Score {
        criterion: (*leaf).to_owned(),
        points: Points::hundredths(*hundredths),
        computed: None,
        override_reason: None,
        note: None,
        document: None,
        entered_by: subject.clone(),
    };
    let scores = serde_json::to_string(&points.iter().map(score).collect::<Vec<_>>())?;
    let total: i64 = points.iter().map(|(_, hundredths)| hundredths).sum();
    let rating = match total {
        8_000.. => "good",
        6_500.. => "fair",
        5_000.. => "average",
        _ => "weak",
    };
    let content_hash = crate::domain::digest::sha256_hex(&scores);
    let endorsed = |board| Endorsement {
        board,
        opinion: BoardOpinion::Agreed,
        on_date: day_of(year, 12, 10),
        document: None,
        content_hash: content_hash.clone(),
    };
    let operation = Operation { founded_on: day_of(2015, 1, 1), stops: Vec::new(), known_on: day_of(year, 12, 12) };
    let sent = morning_of(day_of(year, 12, 12));
    let province = country.provinces.get(made.province).map(|province| province.code.clone()).unwrap_or_default();
    let row = evaluation::ActiveModel {
        id: Set(chance.id()),
        version: Set(4),
        cooperative_id: Set(made.id),
        province_code: Set(province),
        unit_code: Set(made.unit.clone()),
        year: Set(i32::from(year)),
        kind: Set("self".to_owned()),
        criteria_set_id: Set(criteria),
        criteria_code: Set(CRITERIA.to_owned()),
        circular: Set(CRITERIA.to_owned()),
        scores: Set(scores),
        inputs: Set(None),
        fine: Set(None),
        operation: Set(serde_json::to_string(&operation)?),
        total: Set(total),
        rating: Set(Some(rating.to_owned())),
        not_rated_reason: Set(None),
        endorsements: Set(serde_json::to_string(&[endorsed(Board::Directors), endorsed(Board::Supervisors)])?),
        state: Set("submitted".to_owned()),
        submitted_at: Set(Some(sent)),
        submitted_by: Set(Some(subject.clone())),
        late: Set(Some(false)),
        agency_id: Set(None),
        created_by: Set(subject),
        recorded_at: Set(sent),
        updated_at: Set(sent),
    };
    Ok((row, points))
}
