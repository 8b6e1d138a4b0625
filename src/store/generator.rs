//! A plausible country, made up from a seed: for measuring and trying out, never for production. Every name and figure is
//! sample data (*dữ liệu mẫu*). All of it is written in one transaction, in batches: a database holds the whole country or
//! stays as it was. The same seed gives the same rows, identifiers and times included.

mod chance;
mod cooperatives;
mod country;
mod money;
mod pilots;
mod reports;

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, Iterable, Statement};

use super::{Store, StoreError, Tx};
use chance::Chance;
use country::Country;

/// The first year that has data: that of the selection.
const FIRST_YEAR: u16 = 2021;
/// The scheme ends with 2025.
pub const MOST_YEARS: u16 = 5;
/// Values that a statement may carry on both databases.
const MOST_VALUES: usize = 30_000;

/// How large a country is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// What chance starts from.
    pub seed: u64,
    /// How many cooperatives.
    pub cooperatives: u32,
    /// How many years, from 2021 on: 1 to 5.
    pub years: u16,
}

impl Size {
    /// The years that have data.
    fn years(self) -> std::ops::RangeInclusive<u16> {
        FIRST_YEAR..=FIRST_YEAR.saturating_add(self.years.clamp(1, MOST_YEARS)).saturating_sub(1)
    }

    /// How many allocations: one for three evaluations, so that 30,000 cooperatives over five years have 50,000.
    fn allocations(self) -> u32 {
        self.cooperatives.saturating_mul(u32::from(self.years.clamp(1, MOST_YEARS))) / 3
    }
}

/// How far the work is: what is being written, how many of how many.
pub type Progress<'a> = &'a mut dyn FnMut(&str, usize, usize);

/// Fills a database that holds reference data alone.
///
/// # Errors
/// It holds records already (`Stale`), or the database failed; then nothing is written.
pub async fn fill(store: &Store, size: Size, told: Progress<'_>) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    if !is_empty(&tx).await? {
        return Err(StoreError::Stale);
    }
    let mut chance = Chance::new(size.seed);
    let country = Country::settle(&tx, &mut chance, told).await?;
    let cooperatives = cooperatives::write(&tx, size, &country, &mut chance, told).await?;
    let pilots = pilots::write(&tx, &country, &cooperatives, &mut chance, told).await?;
    money::write(&tx, size, &country, &pilots, &mut chance, told).await?;
    // The planner of the database should know what the sums that follow go over.
    tx.execute_unprepared("ANALYZE").await?;
    reports::write(&tx, size, &mut chance, told).await?;
    // And whoever reads the country should know how many reports there are: to the planner there were none yet.
    tx.execute_unprepared("ANALYZE").await?;
    Ok(tx.commit().await?)
}

async fn is_empty(tx: &Tx) -> Result<bool, StoreError> {
    #[derive(FromQueryResult)]
    struct Held {
        held: i64,
    }
    let sql = "SELECT (SELECT COUNT(*) FROM cooperatives) + (SELECT COUNT(*) FROM provincial_plans) \
               + (SELECT COUNT(*) FROM periodic_reports) AS held";
    let held = Held::find_by_statement(Statement::from_string(tx.get_database_backend(), sql)).one(tx).await?;
    Ok(held.is_none_or(|held| held.held == 0))
}

/// Writes rows, as many in a statement as both databases take.
async fn insert<A>(
    tx: &Tx,
    what: &str,
    rows: impl ExactSizeIterator<Item = A>,
    told: Progress<'_>,
) -> Result<(), StoreError>
where
    A: ActiveModelTrait + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let (all, mut done) = (rows.len(), 0);
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let batch = MOST_VALUES / columns.max(1);
    let mut waiting = Vec::with_capacity(batch);
    for row in rows {
        waiting.push(row);
        if waiting.len() == batch {
            done += waiting.len();
            A::Entity::insert_many(std::mem::take(&mut waiting)).exec_without_returning(tx).await?;
            told(what, done, all);
        }
    }
    if !waiting.is_empty() {
        A::Entity::insert_many(waiting).exec_without_returning(tx).await?;
    }
    told(what, all, all);
    Ok(())
}
