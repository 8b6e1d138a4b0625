//! The forms of the periodic reports, as data: which indicators a report carries, in which order, what they are measured in
//! and how they add up. A report names the version that it was made with.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::Date;
use serde::Deserialize;

const FORMS: &str = include_str!("../data/report_forms.json");

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(Debug, Deserialize)]
struct Forms {
    forms: Vec<Form>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    version: String,
    scheme: String,
    vi: String,
    en: String,
    valid_from: Date,
    legal_basis: String,
    indicators: Vec<Indicator>,
}

/// Code, label (vi, en), unit, over units, over time, frequency, source, levels, breakdown.
#[derive(Debug, Deserialize)]
struct Indicator(String, String, String, String, String, String, String, String, Vec<String>, Option<String>);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(forms()).await?;
        manager.create_table(indicators()).await?;
        let read: Forms = serde_json::from_str(FORMS).map_err(broken)?;
        for form in &read.forms {
            insert(manager, form).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["report_form_indicators", "report_forms"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn broken(error: impl std::fmt::Display) -> DbErr {
    DbErr::Migration(format!("report forms: {error}"))
}

fn forms() -> TableCreateStatement {
    Table::create()
        .table("report_forms")
        .col(ColumnDef::new("version").text().not_null().primary_key())
        .col(ColumnDef::new("scheme_code").text().not_null())
        .col(ColumnDef::new("name_vi").text().not_null())
        .col(ColumnDef::new("name_en").text().not_null())
        .col(ColumnDef::new("valid_from").date().not_null())
        .col(ColumnDef::new("valid_to").date())
        .col(ColumnDef::new("legal_basis").text().not_null())
        .index(Index::create().unique().name("uq_report_forms_valid_from").col("scheme_code").col("valid_from"))
        .check(("ck_report_forms_dates", Expr::col("valid_to").gte(Expr::col("valid_from"))))
        .to_owned()
}

fn indicators() -> TableCreateStatement {
    let additivities = ["sum", "ratio", "latest", "distinct", "not_added"];
    let mut form = ForeignKey::create();
    form.name("fk_report_form_indicators_form").from("report_form_indicators", "form_version");
    form.to("report_forms", "version");
    Table::create()
        .table("report_form_indicators")
        .col(ColumnDef::new("form_version").text().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("code").text().not_null())
        .col(ColumnDef::new("label_vi").text().not_null())
        .col(ColumnDef::new("label_en").text().not_null())
        .col(ColumnDef::new("unit").text().not_null())
        .col(ColumnDef::new("over_units").text().not_null())
        .col(ColumnDef::new("over_time").text().not_null())
        .col(ColumnDef::new("frequency").text().not_null())
        .col(ColumnDef::new("source").text().not_null())
        .col(ColumnDef::new("levels").text().not_null())
        .col(ColumnDef::new("breakdown_by").text())
        .primary_key(Index::create().name("pk_report_form_indicators").col("form_version").col("position"))
        .index(Index::create().unique().name("uq_report_form_indicators_code").col("form_version").col("code"))
        .foreign_key(&mut form)
        .check(("ck_report_form_indicators_over_units", Expr::col("over_units").is_in(additivities)))
        .check(("ck_report_form_indicators_over_time", Expr::col("over_time").is_in(additivities)))
        .check(("ck_report_form_indicators_frequency", Expr::col("frequency").is_in(["half_yearly", "annual"])))
        .check(("ck_report_form_indicators_source", Expr::col("source").is_in(["records", "entered"])))
        .to_owned()
}

async fn insert(manager: &SchemaManager<'_>, form: &Form) -> Result<(), DbErr> {
    let mut statement = Query::insert();
    let columns = ["version", "scheme_code", "name_vi", "name_en", "valid_from", "legal_basis"];
    statement.into_table("report_forms").columns(columns);
    let Form { version, scheme, vi, en, valid_from, legal_basis, indicators } = form;
    let values: [Expr; 6] = [
        version.as_str().into(),
        scheme.as_str().into(),
        vi.as_str().into(),
        en.as_str().into(),
        (*valid_from).into(),
        legal_basis.as_str().into(),
    ];
    statement.values(values).map_err(broken)?;
    manager.execute(statement).await?;
    let mut statement = Query::insert();
    statement.into_table("report_form_indicators").columns([
        "form_version",
        "position",
        "code",
        "label_vi",
        "label_en",
        "unit",
        "over_units",
        "over_time",
        "frequency",
        "source",
        "levels",
        "breakdown_by",
    ]);
    for (position, indicator) in (1_i32..).zip(indicators) {
        let Indicator(code, vi, en, unit, over_units, over_time, frequency, source, levels, breakdown_by) = indicator;
        let levels = serde_json::to_string(levels).map_err(broken)?;
        let values: [Expr; 12] = [
            version.as_str().into(),
            position.into(),
            code.as_str().into(),
            vi.as_str().into(),
            en.as_str().into(),
            unit.as_str().into(),
            over_units.as_str().into(),
            over_time.as_str().into(),
            frequency.as_str().into(),
            source.as_str().into(),
            levels.into(),
            breakdown_by.as_deref().into(),
        ];
        statement.values(values).map_err(broken)?;
    }
    manager.execute(statement).await
}
