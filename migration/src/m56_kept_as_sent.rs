//! What was sent or decided stays as it was, whoever writes past the service: nobody who wrote a decision on money approves it; of a
//! need that was submitted nothing changes but its state, of a consolidated one nothing but what is decided on its items; and no
//! voucher is older than the decision that gave its money, no correction older than what it corrects.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::triggers::{self, Trigger, changes};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// What an item of a need says, as the cooperative wrote it.
const ASKED: [&str; 7] = ["title", "supportKind", "nature", "justification", "phases", "youngWorkers", "training"];
/// What tells a consolidation.
const CONSOLIDATED: [&str; 3] = ["number", "date", "by"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::create(manager, &all(manager)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager, &all(manager)).await
    }
}

fn all(manager: &SchemaManager<'_>) -> Vec<Trigger> {
    let json = Json { is_sqlite: manager.get_database_backend() == DbBackend::Sqlite };
    let eyes = [("tr_allocations_writers", "allocations"), ("tr_budget_amendments_writers", "budget_amendments")];
    let eyes = eyes.into_iter().map(|(name, table)| {
        let wrote = |row: &str| json.holds(&format!("{row}.writers"), "NEW.approved_by");
        Trigger::refuses(
            name,
            (table, "BEFORE UPDATE OF state"),
            format!(
                "NEW.state = 'approved' AND OLD.state <> 'approved' AND (NEW.approved_by IS NULL OR {} OR {})",
                wrote("NEW"),
                wrote("OLD")
            ),
            "who wrote a decision does not approve it",
        )
    });
    eyes.chain(needs(json)).chain([vouchers()]).collect()
}

/// A need is asked for as it was sent; appraisals and approvals stand beside.
fn needs(json: Json) -> Vec<Trigger> {
    const TABLE: &str = "support_needs";
    const WORDS: &str = "what was sent or consolidated is kept";
    let differs = |expression: fn(Json, &str) -> String| {
        format!("{} IS DISTINCT FROM {}", expression(json, "NEW"), expression(json, "OLD"))
    };
    vec![
        Trigger::refuses(
            "tr_support_needs_asked",
            (TABLE, "BEFORE UPDATE OF items"),
            format!(
                "(OLD.state = 'submitted' AND {}) OR (OLD.state = 'consolidated' AND {})",
                changes(&["items"]),
                differs(|json, row| json.asked(&format!("{row}.items")))
            ),
            WORDS,
        ),
        Trigger::refuses(
            "tr_support_needs_consolidated",
            (TABLE, "BEFORE UPDATE OF consolidation"),
            format!(
                "OLD.state = 'consolidated' AND ({})",
                differs(|json, row| json.members(&format!("{row}.consolidation"), &CONSOLIDATED))
            ),
            WORDS,
        ),
    ]
}

fn vouchers() -> Trigger {
    let decided_on = "SELECT decision_date FROM allocations WHERE id = NEW.allocation_id";
    let corrected = "SELECT voucher_date FROM disbursements WHERE id = NEW.corrects_id";
    Trigger::refuses(
        "tr_disbursements_dated",
        ("disbursements", "BEFORE INSERT"),
        format!("NEW.voucher_date < ({decided_on}) OR NEW.voucher_date < ({corrected})"),
        "a voucher is not older than what it follows",
    )
}

/// How each database reads the JSON that it keeps as text.
#[derive(Debug, Clone, Copy)]
struct Json {
    is_sqlite: bool,
}

impl Json {
    /// Whether a list of texts holds one.
    fn holds(self, list: &str, text: &str) -> String {
        if self.is_sqlite {
            format!("EXISTS (SELECT 1 FROM json_each({list}) AS one WHERE one.value = {text})")
        } else {
            format!("jsonb_exists({list}::jsonb, {text})")
        }
    }

    /// Some members of an object.
    fn members(self, object: &str, names: &[&str]) -> String {
        let one = |name: &&str| {
            if self.is_sqlite {
                format!("json_extract({object}, '$.{name}')")
            } else {
                format!("{object}::jsonb -> '{name}'")
            }
        };
        let members = names.iter().map(one).collect::<Vec<_>>().join(", ");
        if self.is_sqlite { format!("json_array({members})") } else { format!("jsonb_build_array({members})") }
    }

    /// What is asked for by each item of a list; lists of persons and costs that are left out are empty.
    fn asked(self, items: &str) -> String {
        let one = |name: &&str| {
            if self.is_sqlite {
                format!("COALESCE(json_extract(one.value, '$.needed.{name}'), '[]')")
            } else {
                format!("COALESCE(one.value -> 'needed' -> '{name}', '[]'::jsonb)")
            }
        };
        let members = ASKED.iter().map(one).collect::<Vec<_>>().join(", ");
        if self.is_sqlite {
            format!("(SELECT json_group_array(json_array({members})) FROM json_each({items}) AS one)")
        } else {
            format!(
                "(SELECT jsonb_agg(jsonb_build_array({members}) ORDER BY one.place) \
                 FROM jsonb_array_elements({items}::jsonb) WITH ORDINALITY AS one(value, place))"
            )
        }
    }
}
