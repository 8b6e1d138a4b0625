//! Loans of pilots, and their entries: posted once, never changed.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::{loan, loan_entry};
use super::listing::{Keyset, Listing};
use super::place_filter::{PlaceFilter, Placed};
use super::scope::{Drafts, ScopeColumns, within};
use crate::domain::budget::summary::Lent;
use crate::domain::loan::{Loan, LoanEntry, LoanEntryKind, LoanState, NewLoan};
use crate::domain::money::Money;
use crate::domain::role::Scope;

/// What a list of loans can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The territory.
    pub place: PlaceFilter,
    /// The cooperative.
    pub cooperative: Option<Uuid>,
    /// The pilot.
    pub pilot: Option<Uuid>,
    /// Code of the source.
    pub source: Option<String>,
    /// Whether it is a draft.
    pub state: Option<LoanState>,
}

const SCOPE: ScopeColumns<loan::Column> = ScopeColumns {
    province: loan::Column::ProvinceCode,
    unit: Some(loan::Column::UnitCode),
    cooperative: Some(loan::Column::CooperativeId),
};

fn scoped(scope: &Scope) -> Select<loan::Entity> {
    let counts = loan::Column::CountsFrom.is_not_null();
    Drafts::OfProvince.left_out(within(loan::Entity::find(), scope, SCOPE), scope, counts)
}

/// A loan in the caller's reach.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Loan, StoreError> {
    let row = scoped(scope).filter(loan::Column::Id.eq(id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// A loan in the caller's reach, kept from other writers until the transaction ends: its row carries the sums.
///
/// # Errors
/// Not there, or outside the scope.
pub async fn find_to_post(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Loan, StoreError> {
    let row = scoped(scope).filter(loan::Column::Id.eq(id)).lock_exclusive().one(db).await?;
    from_row(row.ok_or(StoreError::NotFound)?)
}

/// The loans in the caller's reach that pass a filter.
pub fn list(scope: &Scope, filter: &Filter) -> impl Listing<Item = Loan> + use<> {
    use loan::Column;
    let Filter { place, cooperative, pilot, source, state } = filter.clone();
    let mut select = scoped(scope).filter(place.condition(SCOPE, Placed::At(loan::Column::RecordedAt)));
    if let Some(source) = source {
        select = select.filter(Column::Source.eq(source));
    }
    for (column, value) in [(Column::CooperativeId, cooperative), (Column::PilotId, pilot)] {
        if let Some(value) = value {
            select = select.filter(column.eq(value));
        }
    }
    select = match state {
        None => select,
        Some(LoanState::Draft) => select.filter(Column::CountsFrom.is_null()),
        Some(LoanState::Recorded) => select.filter(Column::CountsFrom.is_not_null()),
    };
    Keyset::by_id(select, Column::Id, from_row, |loan: &Loan| loan.id)
}

/// What was lent in the caller's reach, in a territory or in all: now, or as recorded by an instant.
///
/// # Errors
/// The database failed.
pub async fn totals(
    db: &impl ConnectionTrait,
    scope: &Scope,
    place: &PlaceFilter,
    as_of: Option<DateTime<Utc>>,
) -> Result<Lent, StoreError> {
    use loan::Column;
    let placed = place.condition(SCOPE, Placed::At(Column::RecordedAt));
    let mut select = scoped(scope).filter(Column::CountsFrom.is_not_null()).filter(placed);
    let sum = |column: Column| SimpleExpr::from(column.sum());
    let sums = match as_of {
        None => [sum(Column::ApprovedAmount), sum(Column::Disbursed), sum(Column::Repaid)],
        Some(instant) => {
            select = select.filter(Column::CountsFrom.lte(instant));
            let posted = |kind| Expr::expr(posted_by(kind, instant)).sum();
            [sum(Column::ApprovedAmount), posted(LoanEntryKind::Disbursement), posted(LoanEntryKind::Repayment)]
        }
    };
    let mut select = select.select_only();
    for (sum, name) in sums.into_iter().zip(["approved", "disbursed", "repaid"]) {
        select = select.column_as(sum.cast_as("bigint"), name);
    }
    let row = select.into_tuple::<(Option<i64>, Option<i64>, Option<i64>)>().one(db).await?;
    let (approved, disbursed, repaid) = row.unwrap_or_default();
    let [approved, disbursed, repaid] = [approved, disbursed, repaid].map(|sum| Money::dong(sum.unwrap_or_default()));
    Ok(Lent { approved, disbursed, repaid })
}

/// What the entries of one kind of a loan sum to, as recorded by an instant.
fn posted_by(kind: LoanEntryKind, instant: DateTime<Utc>) -> SimpleExpr {
    use loan_entry::Column;
    let mut entries = loan_entry::Entity::find()
        .select_only()
        .column_as(SimpleExpr::from(Column::Amount.sum()).cast_as("bigint"), "posted")
        .filter(Expr::col((loan_entry::Entity, Column::LoanId)).equals((loan::Entity, loan::Column::Id)))
        .filter(Column::Kind.eq(kind.name()))
        .filter(Column::RecordedAt.lte(instant))
        .into_query();
    SimpleExpr::SubQuery(None, Box::new(entries.take().into()))
}

/// Records a loan.
///
/// # Errors
/// The decision of this lender is recorded (`Taken`), or the database failed.
pub async fn insert(db: &impl ConnectionTrait, loan: &Loan) -> Result<(), StoreError> {
    loan::Entity::insert(to_row(loan)?).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces a loan by its next version: a draft written anew, or recorded.
///
/// # Errors
/// It changed since it was read (`Stale`), the decision of this lender is recorded (`Taken`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, loan: &Loan) -> Result<(), StoreError> {
    let changed = loan::Entity::update_many()
        .set(loan::ActiveModel { disbursed: NotSet, repaid: NotSet, ..to_row(loan)? })
        .filter(loan::Column::Id.eq(loan.id))
        .filter(loan::Column::Version.eq(loan.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Deletes a draft.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn delete(db: &impl ConnectionTrait, loan: &Loan) -> Result<(), StoreError> {
    let gone = loan::Entity::delete_many()
        .filter(loan::Column::Id.eq(loan.id))
        .filter(loan::Column::Version.eq(loan.version))
        .exec(db)
        .await?;
    if gone.rows_affected == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Posts an entry to a loan, which the rules have let it change; the database adds it to the sums of the loan.
///
/// # Errors
/// The loan changed since it was read (`Stale`), or the database failed.
pub async fn post(db: &impl ConnectionTrait, loan: &Loan, entry: &LoanEntry) -> Result<(), StoreError> {
    update(db, loan).await?;
    loan_entry::Entity::insert(entry_to_row(entry)?).exec_without_returning(db).await?;
    Ok(())
}

/// The entries of a loan, oldest first. Whoever calls has found the loan in its scope.
///
/// # Errors
/// The database failed.
pub async fn entries(db: &impl ConnectionTrait, loan: Uuid) -> Result<Vec<LoanEntry>, StoreError> {
    let rows = loan_entry::Entity::find()
        .filter(loan_entry::Column::LoanId.eq(loan))
        .order_by_asc(loan_entry::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(entry_from_row).collect()
}

fn malformed(what: &str, value: &str) -> StoreError {
    StoreError::Malformed(format!("{what} {value}"))
}

fn from_row(row: loan::Model) -> Result<Loan, StoreError> {
    let loan::Model {
        id,
        version,
        pilot_id,
        cooperative_id,
        province_code,
        unit_code,
        lender,
        source,
        approved_amount,
        disbursed,
        repaid,
        decision_number,
        decision_date,
        interest_percent,
        term_months,
        purpose,
        created_by,
        recorded_at,
        updated_at,
        counts_from,
    } = row;
    let term_months =
        term_months.map(u32::try_from).transpose().map_err(|_| malformed("term of loan", &id.to_string()))?;
    Ok(Loan {
        id,
        version,
        cooperative: cooperative_id,
        province: province_code,
        unit: unit_code,
        terms: NewLoan {
            pilot: pilot_id,
            lender,
            source,
            approved_amount: Money::dong(approved_amount),
            decision_number,
            decision_date,
            interest_percent,
            term_months,
            purpose,
        },
        disbursed: Money::dong(disbursed),
        repaid: Money::dong(repaid),
        recorded_at,
        updated_at,
        created_by,
        counts_from,
    })
}

fn to_row(loan: &Loan) -> Result<loan::ActiveModel, StoreError> {
    let Loan {
        id,
        version,
        cooperative,
        province,
        unit,
        terms:
            NewLoan {
                pilot: pilot_id,
                lender,
                source,
                approved_amount,
                decision_number,
                decision_date,
                interest_percent,
                term_months,
                purpose,
            },
        disbursed,
        repaid,
        recorded_at,
        updated_at,
        created_by,
        counts_from,
    } = loan.clone();
    let term_months =
        term_months.map(i32::try_from).transpose().map_err(|_| malformed("term of loan", &id.to_string()))?;
    Ok(loan::ActiveModel {
        id: Set(id),
        version: Set(version),
        pilot_id: Set(pilot_id),
        cooperative_id: Set(cooperative),
        province_code: Set(province),
        unit_code: Set(unit),
        lender: Set(lender),
        source: Set(source),
        approved_amount: Set(approved_amount.as_dong()),
        disbursed: Set(disbursed.as_dong()),
        repaid: Set(repaid.as_dong()),
        decision_number: Set(decision_number),
        decision_date: Set(decision_date),
        interest_percent: Set(interest_percent),
        term_months: Set(term_months),
        purpose: Set(purpose),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
        counts_from: Set(counts_from),
    })
}

fn entry_from_row(row: loan_entry::Model) -> Result<LoanEntry, StoreError> {
    let loan_entry::Model {
        id,
        loan_id,
        kind,
        amount,
        on_date,
        voucher,
        corrects_id,
        reason,
        document,
        recorded_at,
        recorded_by,
    } = row;
    Ok(LoanEntry {
        id,
        loan: loan_id,
        kind: LoanEntryKind::from_name(&kind).ok_or_else(|| malformed("loan entry", &kind))?,
        amount: Money::dong(amount),
        on: on_date,
        voucher,
        corrects: corrects_id,
        reason,
        document: document.as_deref().map(serde_json::from_str).transpose()?,
        recorded_at,
        recorded_by,
    })
}

fn entry_to_row(entry: &LoanEntry) -> Result<loan_entry::ActiveModel, StoreError> {
    let LoanEntry { id, loan, kind, amount, on, voucher, corrects, reason, document, recorded_at, recorded_by } =
        entry.clone();
    Ok(loan_entry::ActiveModel {
        id: Set(id),
        loan_id: Set(loan),
        kind: Set(kind.name().to_owned()),
        amount: Set(amount.as_dong()),
        on_date: Set(on),
        voucher: Set(voucher),
        corrects_id: Set(corrects),
        reason: Set(reason),
        document: Set(document.map(|document| serde_json::to_string(&document)).transpose()?),
        recorded_at: Set(recorded_at),
        recorded_by: Set(recorded_by),
    })
}
