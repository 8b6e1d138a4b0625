//! Circular 01/2020/TT-BKHĐT says whom it leaves out: people's credit funds and the Co-operative Bank, which alone of all
//! cooperatives do what VSIC calls other monetary intermediation (27/2018/QĐ-TTg, class 6419).

use sea_orm_migration::prelude::*;

use crate::content::{tell_outside, untell_outside};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const PLACE: (&str, &str) = ("criteria_sets", "criteria");

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tell_outside(manager, PLACE, rows()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        untell_outside(manager, PLACE, rows()).await
    }
}

/// The set that ships; sets that were loaded say for themselves whom they leave out.
fn rows() -> Expr {
    Expr::col("code").eq("TT01-2020").and(Expr::col("edition").eq(1))
}
