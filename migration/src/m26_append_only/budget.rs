//! The triggers of plans, allocations and what is posted against them.

use crate::triggers::{Trigger, changes, sum};

const APPROVED_ARE_KEPT: &str = "what is approved is kept";
const APPROVED_ARE_FIXED: &str = "what is approved is changed by a later decision only";
const POSTED_ARE_FIXED: &str = "what is posted is corrected by a new entry only";
const TOTALS_ARE_SUMS: &str = "a running total is the sum of what is posted";
const FOUR_EYES: &str = "who wrote it does not approve it";

/// Whether the plan of an id is approved.
fn plan_is_approved(id: &str) -> String {
    format!("(SELECT state FROM provincial_plans WHERE id = {id}) = 'approved'")
}

/// Whether the allocation of an id is approved.
fn allocation_is_approved(id: &str) -> String {
    format!("(SELECT state FROM allocations WHERE id = {id}) = 'approved'")
}

/// What approved decisions take from the line of an id, less what they gave back.
fn allocated_of(line: &str) -> String {
    let taking = "allocation_entries e JOIN allocations a ON a.id = e.allocation_id";
    sum("e.amount - e.reduced", &format!("{taking} WHERE e.line_id = {line} AND a.state = 'approved'"))
}

/// An approved plan says what it said, and its total is the sum of its lines.
pub(super) fn plans() -> Vec<Trigger> {
    const TABLE: &str = "provincial_plans";
    let fixed = changes(&[
        "province_code",
        "scheme_code",
        "decision_number",
        "decision_date",
        "lead_agency_id",
        "pilot_quota",
        "tie_break",
        "state",
        "created_by",
        "writers",
        "recorded_at",
    ]);
    let lines = sum("amount", "estimate_lines WHERE plan_id = NEW.id");
    vec![
        Trigger::refuses(
            "tr_provincial_plans_fixed",
            (TABLE, "BEFORE UPDATE"),
            format!("OLD.state = 'approved' AND {fixed}"),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_provincial_plans_total",
            (TABLE, "BEFORE UPDATE OF total, state"),
            format!("NEW.state = 'approved' AND {} AND NEW.total <> {lines}", changes(&["total", "state"])),
            "the total of a plan is the sum of its lines",
        ),
        Trigger::refuses(
            "tr_provincial_plans_kept",
            (TABLE, "BEFORE DELETE"),
            "OLD.state = 'approved'",
            APPROVED_ARE_KEPT,
        ),
    ]
}

/// A line of an approved plan changes by an approved amendment, and never holds less than what is allocated of it.
pub(super) fn lines() -> Vec<Trigger> {
    const TABLE: &str = "estimate_lines";
    let decided = "budget_amendment_changes c JOIN budget_amendments m ON m.id = c.amendment_id \
                   WHERE c.line_id = NEW.id AND m.state = 'approved'";
    let added = format!("EXISTS (SELECT 1 FROM {decided} AND c.kind = 'new_line' AND c.amount = NEW.amount)");
    let later = "SELECT 1 FROM budget_amendment_changes n JOIN budget_amendments o ON o.id = n.amendment_id \
                 WHERE n.line_id = NEW.id AND o.state = 'approved' AND o.approved_at > m.approved_at";
    let amended = format!(
        "EXISTS (SELECT 1 FROM {decided} AND c.kind = 'line' AND c.amount = NEW.amount \
         AND c.delta = NEW.amount - OLD.amount AND NOT EXISTS ({later}))"
    );
    let fixed = changes(&["plan_id", "category", "budget_level", "source", "nature", "support_kind", "fiscal_year"]);
    let approved = plan_is_approved("OLD.plan_id");
    vec![
        Trigger::refuses(
            "tr_estimate_lines_opened",
            (TABLE, "BEFORE INSERT"),
            format!("NEW.allocated <> 0 OR ({} AND NOT {added})", plan_is_approved("NEW.plan_id")),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_estimate_lines_fixed",
            (TABLE, "BEFORE UPDATE"),
            format!("{fixed} AND {approved}"),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_estimate_lines_amount",
            (TABLE, "BEFORE UPDATE OF amount"),
            format!("{} AND {approved} AND NOT {amended}", changes(&["amount"])),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_estimate_lines_allocated",
            (TABLE, "BEFORE UPDATE OF allocated"),
            format!("{} AND NEW.allocated <> {}", changes(&["allocated"]), allocated_of("NEW.id")),
            TOTALS_ARE_SUMS,
        ),
        Trigger::refuses("tr_estimate_lines_kept", (TABLE, "BEFORE DELETE"), approved, APPROVED_ARE_KEPT),
    ]
}

/// The approval of an allocation takes from its lines what its entries say.
pub(super) fn allocations() -> Vec<Trigger> {
    const TABLE: &str = "allocations";
    let fixed = changes(&[
        "province_code",
        "scheme_code",
        "plan_id",
        "lead_agency_id",
        "decision_number",
        "decision_date",
        "state",
        "approved_by",
        "approved_at",
        "created_by",
        "writers",
        "recorded_at",
    ]);
    let lines = "estimate_lines WHERE id IN (SELECT line_id FROM allocation_entries WHERE allocation_id = NEW.id)";
    let take = lines.replacen(
        "estimate_lines",
        &format!("UPDATE estimate_lines SET allocated = {}", allocated_of("estimate_lines.id")),
        1,
    );
    vec![
        Trigger::refuses(
            "tr_allocations_fixed",
            (TABLE, "BEFORE UPDATE"),
            format!("OLD.state = 'approved' AND {fixed}"),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses("tr_allocations_kept", (TABLE, "BEFORE DELETE"), "OLD.state = 'approved'", APPROVED_ARE_KEPT),
        Trigger::refuses(
            "tr_allocations_four_eyes",
            (TABLE, "BEFORE UPDATE OF state"),
            "NEW.approved_by = NEW.created_by",
            FOUR_EYES,
        ),
        Trigger::runs(
            "tr_allocations_taken",
            (TABLE, "AFTER UPDATE OF state"),
            "NEW.state = 'approved' AND OLD.state <> 'approved'",
            format!("{lines} ORDER BY id"),
            take,
        ),
    ]
}

/// An entry of an approved allocation says what it said; its running totals are sums.
pub(super) fn entries() -> Vec<Trigger> {
    const TABLE: &str = "allocation_entries";
    let fixed =
        changes(&["allocation_id", "line_id", "amount", "support_kind", "agency_id", "pilot_id", "fiscal_year"]);
    let of_plan = "SELECT 1 FROM estimate_lines l JOIN allocations a ON a.plan_id = l.plan_id \
                   WHERE l.id = NEW.line_id AND a.id = NEW.allocation_id AND a.state <> 'approved'";
    let disbursed = sum("amount", "disbursements WHERE entry_id = NEW.id");
    let accepted = "settlements WHERE entry_id = NEW.id AND state = 'accepted'";
    let (settled, returned) = (sum("amount", accepted), sum("returned", accepted));
    let reduced = sum("c.amount", &format!("{REDUCTIONS} AND c.entry_id = NEW.id"));
    vec![
        Trigger::refuses(
            "tr_allocation_entries_opened",
            (TABLE, "BEFORE INSERT"),
            format!("NEW.reduced + NEW.disbursed + NEW.settled + NEW.returned <> 0 OR NOT EXISTS ({of_plan})"),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_allocation_entries_fixed",
            (TABLE, "BEFORE UPDATE"),
            format!("{fixed} AND {}", allocation_is_approved("OLD.allocation_id")),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_allocation_entries_totals",
            (TABLE, "BEFORE UPDATE OF reduced, disbursed, settled, returned"),
            format!(
                "(NEW.reduced <> OLD.reduced AND NEW.reduced <> {reduced}) \
                 OR (NEW.disbursed <> OLD.disbursed AND NEW.disbursed <> {disbursed}) \
                 OR (NEW.settled <> OLD.settled AND NEW.settled <> {settled}) \
                 OR (NEW.returned <> OLD.returned AND NEW.returned <> {returned})"
            ),
            TOTALS_ARE_SUMS,
        ),
        Trigger::refuses(
            "tr_allocation_entries_kept",
            (TABLE, "BEFORE DELETE"),
            allocation_is_approved("OLD.allocation_id"),
            APPROVED_ARE_KEPT,
        ),
        Trigger::runs(
            "tr_allocation_entries_freed",
            (TABLE, "AFTER UPDATE OF reduced"),
            "NEW.reduced <> OLD.reduced",
            "estimate_lines WHERE id = NEW.line_id",
            format!("UPDATE estimate_lines SET allocated = {} WHERE id = NEW.line_id", allocated_of("NEW.line_id")),
        ),
    ]
}

/// What approved amendments reduce.
const REDUCTIONS: &str = "budget_amendment_changes c JOIN budget_amendments m ON m.id = c.amendment_id \
                          WHERE m.state = 'approved' AND c.kind = 'reduction'";

/// Whether a posting names an entry of an approved allocation, and that allocation.
fn is_of_an_approved_entry() -> &'static str {
    "EXISTS (SELECT 1 FROM allocation_entries e JOIN allocations a ON a.id = e.allocation_id \
     WHERE e.id = NEW.entry_id AND a.id = NEW.allocation_id AND a.state = 'approved')"
}

/// A disbursement is posted once; one that takes back takes no more than what it corrects still holds.
pub(super) fn disbursements() -> Vec<Trigger> {
    const TABLE: &str = "disbursements";
    let left = format!("p.amount + {}", sum("c.amount", "disbursements c WHERE c.corrects_id = p.id"));
    vec![
        Trigger::refuses(
            "tr_disbursements_opened",
            (TABLE, "BEFORE INSERT"),
            format!("NOT {}", is_of_an_approved_entry()),
            "only entries of approved allocations are disbursed",
        ),
        Trigger::runs(
            "tr_disbursements_added",
            (TABLE, "AFTER INSERT"),
            "NEW.amount <> 0",
            "allocation_entries WHERE id = NEW.entry_id",
            format!(
                "UPDATE allocation_entries SET disbursed = {} WHERE id = NEW.entry_id",
                sum("amount", "disbursements WHERE entry_id = NEW.entry_id")
            ),
        ),
        Trigger::refuses(
            "tr_disbursements_taken_back",
            (TABLE, "AFTER INSERT"),
            format!(
                "NEW.corrects_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM disbursements p \
                 WHERE p.id = NEW.corrects_id AND p.entry_id = NEW.entry_id AND p.corrects_id IS NULL AND {left} >= 0)"
            ),
            "a correction takes back no more than what it corrects holds",
        ),
        Trigger::refuses("tr_disbursements_fixed", (TABLE, "BEFORE UPDATE"), "1 = 1", POSTED_ARE_FIXED),
        Trigger::refuses("tr_disbursements_kept", (TABLE, "BEFORE DELETE"), "1 = 1", POSTED_ARE_FIXED),
    ]
}

/// A settlement is recorded and reviewed once; it counts from its acceptance on.
pub(super) fn settlements() -> Vec<Trigger> {
    const TABLE: &str = "settlements";
    let fixed = changes(&[
        "id",
        "allocation_id",
        "entry_id",
        "fiscal_year",
        "amount",
        "carried_over",
        "returned",
        "document_number",
        "document_date",
        "corrects_id",
        "reason",
        "recorded_by",
        "recorded_at",
    ]);
    let accepted = "settlements WHERE entry_id = NEW.entry_id AND state = 'accepted'";
    let left = |what: &str| {
        let corrections = "settlements c WHERE c.corrects_id = p.id AND c.state = 'accepted'";
        format!("p.{what} + {} >= 0", sum(&format!("c.{what}"), corrections))
    };
    vec![
        Trigger::refuses(
            "tr_settlements_opened",
            (TABLE, "BEFORE INSERT"),
            format!("NEW.state <> 'recorded' OR NOT {}", is_of_an_approved_entry()),
            "a settlement is recorded of an entry of an approved allocation, then reviewed",
        ),
        Trigger::refuses(
            "tr_settlements_fixed",
            (TABLE, "BEFORE UPDATE"),
            format!("OLD.state <> 'recorded' OR {fixed}"),
            POSTED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_settlements_four_eyes",
            (TABLE, "BEFORE UPDATE OF state"),
            "NEW.reviewed_by = NEW.recorded_by",
            FOUR_EYES,
        ),
        Trigger::refuses("tr_settlements_kept", (TABLE, "BEFORE DELETE"), "1 = 1", POSTED_ARE_FIXED),
        Trigger::runs(
            "tr_settlements_added",
            (TABLE, "AFTER UPDATE OF state"),
            "NEW.state = 'accepted'",
            "allocation_entries WHERE id = NEW.entry_id",
            format!(
                "UPDATE allocation_entries SET settled = {}, returned = {} WHERE id = NEW.entry_id",
                sum("amount", accepted),
                sum("returned", accepted)
            ),
        ),
        Trigger::refuses(
            "tr_settlements_taken_back",
            (TABLE, "AFTER UPDATE OF state"),
            format!(
                "NEW.state = 'accepted' AND NEW.corrects_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM settlements p \
                 WHERE p.id = NEW.corrects_id AND p.entry_id = NEW.entry_id AND p.corrects_id IS NULL \
                 AND p.state = 'accepted' AND {} AND {})",
                left("amount"),
                left("returned")
            ),
            "a correction takes back no more than what it corrects holds",
        ),
    ]
}

/// An approved amendment says what it said; the entries that it reduces are reduced by its approval.
pub(super) fn amendments() -> Vec<Trigger> {
    const TABLE: &str = "budget_amendments";
    const CHANGES: &str = "budget_amendment_changes";
    let fixed = changes(&[
        "province_code",
        "plan_id",
        "lead_agency_id",
        "decision_number",
        "decision_date",
        "reason",
        "state",
        "approved_by",
        "approved_at",
        "created_by",
        "writers",
        "recorded_at",
    ]);
    let approved =
        |row: &str| format!("(SELECT state FROM budget_amendments WHERE id = {row}.amendment_id) = 'approved'");
    let reduced = "SELECT entry_id FROM budget_amendment_changes WHERE amendment_id = NEW.id AND kind = 'reduction'";
    let reductions = sum("c.amount", &format!("{REDUCTIONS} AND c.entry_id = allocation_entries.id"));
    vec![
        Trigger::refuses(
            "tr_budget_amendments_fixed",
            (TABLE, "BEFORE UPDATE"),
            format!("OLD.state = 'approved' AND {fixed}"),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_budget_amendments_kept",
            (TABLE, "BEFORE DELETE"),
            "OLD.state = 'approved'",
            APPROVED_ARE_KEPT,
        ),
        Trigger::refuses(
            "tr_budget_amendments_four_eyes",
            (TABLE, "BEFORE UPDATE OF state"),
            "NEW.approved_by = NEW.created_by",
            FOUR_EYES,
        ),
        Trigger::runs(
            "tr_budget_amendments_reduced",
            (TABLE, "AFTER UPDATE OF state"),
            "NEW.state = 'approved' AND OLD.state <> 'approved'",
            format!("allocation_entries WHERE id IN ({reduced}) ORDER BY id"),
            format!("UPDATE allocation_entries SET reduced = {reductions} WHERE id IN ({reduced})"),
        ),
        Trigger::refuses(
            "tr_budget_amendment_changes_added",
            (CHANGES, "BEFORE INSERT"),
            approved("NEW"),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_budget_amendment_changes_fixed",
            (CHANGES, "BEFORE UPDATE"),
            approved("OLD"),
            APPROVED_ARE_FIXED,
        ),
        Trigger::refuses(
            "tr_budget_amendment_changes_kept",
            (CHANGES, "BEFORE DELETE"),
            approved("OLD"),
            APPROVED_ARE_KEPT,
        ),
    ]
}
