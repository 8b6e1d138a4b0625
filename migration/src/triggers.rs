//! Triggers, written once for both databases: what a row may not become, and what follows from one.
//!
//! A condition is SQL over `NEW` and `OLD`; one that is neither true nor false refuses nothing. PostgreSQL runs each trigger
//! in a function of its name, where each statement sees what others have committed by then: so a trigger that sums first
//! locks what it sums into.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What a trigger does.
#[derive(Debug)]
enum Action {
    /// Refuses the row, with these words.
    Refuse(&'static str),
    /// The same, on PostgreSQL after a statement that locks what the second condition looks at.
    RefuseLocked { lock: String, when: String, words: &'static str },
    /// Refuses the row, with these words and figures: each by its name and what computes it. On PostgreSQL after a
    /// statement that locks what the second condition looks at, where there is one.
    RefuseTelling { locked: Option<(String, String)>, words: &'static str, figures: Figures },
    /// Runs a statement, on PostgreSQL after another one that locks.
    Run { lock: String, statement: String },
}

/// Names and the SQL that computes them; a name `line` or `entry` is that of an identifier.
pub(crate) type Figures = Vec<(&'static str, String)>;

/// A trigger of a table, for each row.
#[derive(Debug)]
pub(crate) struct Trigger {
    name: &'static str,
    table: &'static str,
    /// `BEFORE INSERT`, `AFTER UPDATE OF state`, …
    event: &'static str,
    when: String,
    action: Action,
}

impl Trigger {
    /// Its name, which is also that of its function on PostgreSQL.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Refuses a row for which a condition holds.
    pub(crate) fn refuses(
        name: &'static str,
        (table, event): (&'static str, &'static str),
        when: impl Into<String>,
        words: &'static str,
    ) -> Self {
        Self { name, table, event, when: when.into(), action: Action::Refuse(words) }
    }

    /// Of rows for which a condition holds, refuses those for which a second one holds when what it looks at is locked.
    pub(crate) fn refuses_locked(
        name: &'static str,
        (table, event): (&'static str, &'static str),
        of: impl Into<String>,
        lock: impl Into<String>,
        when: impl Into<String>,
        words: &'static str,
    ) -> Self {
        let action = Action::RefuseLocked { lock: lock.into(), when: when.into(), words };
        Self { name, table, event, when: of.into(), action }
    }

    /// Refuses a row for which a condition holds and tells figures, so that the client learns what was left: the message
    /// ends with `{name=value;name=value}`.
    pub(crate) fn refuses_telling(
        name: &'static str,
        (table, event): (&'static str, &'static str),
        when: impl Into<String>,
        words: &'static str,
        figures: Figures,
    ) -> Self {
        let action = Action::RefuseTelling { locked: None, words, figures };
        Self { name, table, event, when: when.into(), action }
    }

    /// The same, of rows for which a condition holds, where a second one holds when what it looks at is locked.
    pub(crate) fn telling_when(mut self, lock: impl Into<String>, second: impl Into<String>) -> Self {
        if let Action::RefuseTelling { locked, .. } = &mut self.action {
            *locked = Some((lock.into(), second.into()));
        }
        self
    }

    /// Runs a statement for a row for which a condition holds, when what it writes to is locked.
    pub(crate) fn runs(
        name: &'static str,
        (table, event): (&'static str, &'static str),
        when: impl Into<String>,
        lock: impl Into<String>,
        statement: impl Into<String>,
    ) -> Self {
        let action = Action::Run { lock: lock.into(), statement: statement.into() };
        Self { name, table, event, when: when.into(), action }
    }

    fn on_sqlite(&self) -> String {
        let Self { name, table, event, when, action } = self;
        let (when, body) = match action {
            Action::Refuse(words) => (when.clone(), format!("SELECT RAISE(ABORT, '{name}: {words}')")),
            Action::RefuseLocked { lock: _, when: second, words } => {
                (format!("({when}) AND ({second})"), format!("SELECT RAISE(ABORT, '{name}: {words}')"))
            }
            Action::RefuseTelling { locked, words, figures } => {
                let when =
                    locked.as_ref().map_or_else(|| when.clone(), |(_, second)| format!("({when}) AND ({second})"));
                let shown = |(at, (name, value)): (usize, &(&str, String))| {
                    let value = if is_identifier(name) { format!("lower(hex({value}))") } else { value.clone() };
                    format!("|| '{}{name}=' || ({value}) ", if at == 0 { "" } else { ";" })
                };
                let figures: String = figures.iter().enumerate().map(shown).collect();
                (when, format!("SELECT RAISE(ABORT, '{name}: {words} {{' {figures}|| '}}')"))
            }
            Action::Run { lock: _, statement } => (when.clone(), statement.clone()),
        };
        format!("CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW WHEN {when} BEGIN {body}; END")
    }

    fn on_postgres(&self) -> String {
        let Self { name, table, event, when, action } = self;
        let refuse = |words: &str| format!("RAISE EXCEPTION '{name}: {words}' USING ERRCODE = 'check_violation'");
        let body = match action {
            Action::Refuse(words) => refuse(words),
            Action::RefuseLocked { lock, when, words } => {
                format!("PERFORM 1 FROM {lock} FOR NO KEY UPDATE; IF {when} THEN {}; END IF", refuse(words))
            }
            Action::RefuseTelling { locked, words, figures } => {
                let names: Vec<String> = figures.iter().map(|(name, _)| format!("{name}=%")).collect();
                let values: String = figures.iter().map(|(_, value)| format!(", ({value})")).collect();
                let raise = format!(
                    "RAISE EXCEPTION '{name}: {words} {{{}}}'{values} USING ERRCODE = 'check_violation'",
                    names.join(";")
                );
                match locked {
                    None => raise,
                    Some((lock, second)) => {
                        format!("PERFORM 1 FROM {lock} FOR NO KEY UPDATE; IF {second} THEN {raise}; END IF")
                    }
                }
            }
            Action::Run { lock, statement } => format!("PERFORM 1 FROM {lock} FOR NO KEY UPDATE; {statement}"),
        };
        let row = if event.ends_with("DELETE") { "OLD" } else { "NEW" };
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ \
             BEGIN IF {when} THEN {body}; END IF; RETURN {row}; END $body$; \
             CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    }
}

/// Whether a figure of this name is an identifier, which SQLite keeps as bytes.
fn is_identifier(name: &str) -> bool {
    matches!(name, "line" | "entry")
}

/// Makes them.
pub(crate) async fn create(manager: &SchemaManager<'_>, triggers: &[Trigger]) -> Result<(), DbErr> {
    let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    for trigger in triggers {
        let sql = if is_sqlite { trigger.on_sqlite() } else { trigger.on_postgres() };
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Takes them away, last first.
pub(crate) async fn drop(manager: &SchemaManager<'_>, triggers: &[Trigger]) -> Result<(), DbErr> {
    let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    for Trigger { name, table, .. } in triggers.iter().rev() {
        let sql = if is_sqlite {
            format!("DROP TRIGGER {name}")
        } else {
            format!("DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()")
        };
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Closes the ways past a trigger that refuses to delete: PostgreSQL empties a table without looking at its rows (`TRUNCATE`),
/// SQLite replaces a row without asking who deletes it (`INSERT OR REPLACE`). `taken` says when a new row would replace one;
/// without it that way is closed already.
pub(crate) async fn close(
    manager: &SchemaManager<'_>,
    table: &str,
    taken: Option<&str>,
    words: &str,
) -> Result<(), DbErr> {
    let sql = match (manager.get_database_backend(), taken) {
        (DbBackend::Sqlite, None) => return Ok(()),
        (DbBackend::Sqlite, Some(taken)) => {
            let name = format!("tr_{table}_not_replaced");
            format!(
                "CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW \
                 WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) BEGIN SELECT RAISE(ABORT, '{name}: {words}'); END"
            )
        }
        _ => {
            let name = format!("tr_{table}_not_emptied");
            format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN \
                 RAISE EXCEPTION '{name}: {words}' USING ERRCODE = 'check_violation'; END $body$; \
                 CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        }
    };
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

/// Takes [`close`] back.
pub(crate) async fn open(manager: &SchemaManager<'_>, table: &str, taken: Option<&str>) -> Result<(), DbErr> {
    let sql = match (manager.get_database_backend(), taken) {
        (DbBackend::Sqlite, None) => return Ok(()),
        (DbBackend::Sqlite, Some(_)) => format!("DROP TRIGGER tr_{table}_not_replaced"),
        _ => {
            let name = format!("tr_{table}_not_emptied");
            format!("DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()")
        }
    };
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

/// Whether any of some columns changes.
pub(crate) fn changes(columns: &[&str]) -> String {
    let one = |column: &&str| format!("NEW.{column} IS DISTINCT FROM OLD.{column}");
    format!("({})", columns.iter().map(one).collect::<Vec<_>>().join(" OR "))
}

/// The sum of a column over what follows `FROM`; nothing sums to zero.
pub(crate) fn sum(what: &str, from: &str) -> String {
    format!("(SELECT COALESCE(SUM({what}), 0) FROM {from})")
}
