//! Service accounts, and the hashes of their secrets.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entity::{service_account, service_account_secret as secret};
use super::listing::{Key, Keyset, Listing};
use super::{Db, StoreError};
use crate::domain::role::Role;
use crate::domain::service_account::{NewServiceAccount, Secret, ServiceAccount, ServiceAccountState};

/// What a list of service accounts can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whether they get tokens.
    pub state: Option<ServiceAccountState>,
    /// The role that they act in.
    pub role: Option<Role>,
    /// The agency that they act for.
    pub agency: Option<Uuid>,
    /// The cooperative that they act for.
    pub cooperative: Option<Uuid>,
}

/// An account. Whoever calls manages all of them, or is about to check its secret.
///
/// # Errors
/// Not there.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<ServiceAccount, StoreError> {
    let rows = service_account::Entity::find_by_id(id).all(db).await?;
    with_secrets(db, rows).await?.pop().ok_or(StoreError::NotFound)
}

/// When an account was revoked; `None` when there is none of this id.
///
/// # Errors
/// The database failed.
pub async fn revocation(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Option<DateTime<Utc>>>, StoreError> {
    let columns = service_account::Entity::find_by_id(id).select_only().column(service_account::Column::RevokedAt);
    Ok(columns.into_tuple().one(db).await?)
}

/// The accounts that pass a filter.
pub fn list(filter: &Filter) -> impl Listing<Item = ServiceAccount> + use<> {
    use service_account::Column;
    let Filter { state, role, agency, cooperative } = filter;
    let of_state = state.map(|state| match state {
        ServiceAccountState::Active => Column::RevokedAt.is_null(),
        ServiceAccountState::Revoked => Column::RevokedAt.is_not_null(),
    });
    let conditions = Condition::all()
        .add_option(of_state)
        .add_option(role.map(|role| Column::Role.eq(role.name())))
        .add_option(agency.map(|id| Column::AgencyId.eq(id)))
        .add_option(cooperative.map(|id| Column::CooperativeId.eq(id)));
    let select = service_account::Entity::find().filter(conditions);
    Accounts(Keyset::by_id(select, Column::Id, Ok, |row: &service_account::Model| row.id))
}

/// A page of rows, and all their secrets in one more query.
#[derive(Clone)]
struct Accounts(Keyset<service_account::Entity, service_account::Model>);

impl Listing for Accounts {
    type Item = ServiceAccount;

    async fn page(&self, db: &Db, after: Option<Key>, limit: u64) -> Result<Vec<ServiceAccount>, StoreError> {
        with_secrets(db, self.0.page(db, after, limit).await?).await
    }

    fn key(&self, account: &ServiceAccount) -> Key {
        Key { sort: None, id: account.id }
    }

    async fn count(&self, db: &Db) -> Result<u64, StoreError> {
        self.0.count(db).await
    }
}

/// Makes an account.
///
/// # Errors
/// The name is taken, or the database failed.
pub async fn insert(db: &impl ConnectionTrait, account: &ServiceAccount) -> Result<(), StoreError> {
    service_account::Entity::insert(to_row(account)).exec_without_returning(db).await?;
    Ok(())
}

/// Replaces an account by its next version, with the secrets that it then has.
///
/// # Errors
/// It changed since it was read (`Stale`), or the database failed.
pub async fn update(db: &impl ConnectionTrait, account: &ServiceAccount) -> Result<(), StoreError> {
    let changed = service_account::Entity::update_many()
        .set(to_row(account))
        .filter(service_account::Column::Id.eq(account.id))
        .filter(service_account::Column::Version.eq(account.version - 1))
        .exec(db)
        .await?;
    if changed.rows_affected != 1 {
        return Err(StoreError::Stale);
    }
    secret::Entity::delete_many().filter(secret::Column::AccountId.eq(account.id)).exec(db).await?;
    let rows = account.secrets.iter().map(|held| secret::ActiveModel {
        id: Set(held.id),
        account_id: Set(account.id),
        hash: Set(held.hash.clone()),
        issued_at: Set(held.issued_at),
        expires_at: Set(held.expires_at),
    });
    if !account.secrets.is_empty() {
        secret::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

async fn with_secrets(
    db: &impl ConnectionTrait,
    rows: Vec<service_account::Model>,
) -> Result<Vec<ServiceAccount>, StoreError> {
    let of_accounts = secret::Column::AccountId.is_in(rows.iter().map(|row| row.id));
    let found = secret::Entity::find().filter(of_accounts).order_by_asc(secret::Column::Id).all(db).await?;
    let mut secrets: HashMap<Uuid, Vec<Secret>> = HashMap::new();
    for secret::Model { id, account_id, hash, issued_at, expires_at } in found {
        secrets.entry(account_id).or_default().push(Secret { id, hash, issued_at, expires_at });
    }
    rows.into_iter().map(|row| from_row(row, &mut secrets)).collect()
}

fn from_row(
    row: service_account::Model,
    secrets: &mut HashMap<Uuid, Vec<Secret>>,
) -> Result<ServiceAccount, StoreError> {
    let service_account::Model {
        id,
        version,
        name,
        purpose,
        role,
        agency_id,
        cooperative_id,
        revoked_at,
        created_by,
        recorded_at,
        updated_at,
    } = row;
    let role = Role::from_name(&role).ok_or_else(|| StoreError::Malformed(format!("role {role}")))?;
    let content = NewServiceAccount { name, purpose, role, agency: agency_id, cooperative: cooperative_id };
    let secrets = secrets.remove(&id).unwrap_or_default();
    Ok(ServiceAccount { id, version, content, secrets, revoked_at, created_by, recorded_at, updated_at })
}

fn to_row(account: &ServiceAccount) -> service_account::ActiveModel {
    let ServiceAccount { id, version, content, secrets: _, revoked_at, created_by, recorded_at, updated_at } =
        account.clone();
    let NewServiceAccount { name, purpose, role, agency, cooperative } = content;
    service_account::ActiveModel {
        id: Set(id),
        version: Set(version),
        name: Set(name),
        purpose: Set(purpose),
        role: Set(role.name().to_owned()),
        agency_id: Set(agency),
        cooperative_id: Set(cooperative),
        revoked_at: Set(revoked_at),
        created_by: Set(created_by),
        recorded_at: Set(recorded_at),
        updated_at: Set(updated_at),
    }
}
