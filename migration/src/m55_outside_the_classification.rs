//! Whom Circular 01/2020/TT-BKHĐT leaves out it does not class either: people's credit funds and the Co-operative Bank have
//! no class under its rules. They are told as its criteria tell them, by trade (27/2018/QĐ-TTg, class 6419).

use sea_orm_migration::prelude::*;

use crate::content::{tell_outside, untell_outside};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

const PLACE: (&str, &str) = ("classification_rules", "content");

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tell_outside(manager, PLACE, rows()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        untell_outside(manager, PLACE, rows()).await
    }
}

/// The rules of the circular.
fn rows() -> Expr {
    Expr::col("code").like("TT01-2020.%")
}
