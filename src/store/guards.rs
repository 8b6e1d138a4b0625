//! What the triggers of the database refuse, as a client is told: by which rule, on which figures.
//!
//! Under the locks of the code they have nothing to refuse. Whoever writes past the code, or finds a hole in it, learns the
//! same as everybody: a 409 with what was left, never a failure of the system.

use std::fmt::Display;

use uuid::Uuid;

use crate::domain::refusal::{Refusal, Rule};

/// A trigger that refuses for want of money, and its words: `{name}` stands for the figure of that name.
struct Guard {
    name: &'static str,
    rule: Rule,
    vi: &'static str,
    en: &'static str,
}

#[rustfmt::skip]
const GUARDS: &[Guard] = &[
    Guard { name: "tr_estimate_lines_exceeded", rule: Rule::LineExceeded, vi: "Dòng dự toán này còn {left} đồng, quyết định này cần {asked} đồng.", en: "Estimate line {line} has {left} đồng left, this decision asks for {asked} đồng." },
    Guard { name: "tr_estimate_lines_lowered", rule: Rule::BelowAllocated, vi: "Dòng dự toán này đã phân bổ {allocated} đồng: giảm được {left} đồng, không phải {asked} đồng.", en: "Of estimate line {line} {allocated} đồng are allocated: it can be cut by {left} đồng, not by {asked} đồng." },
    Guard { name: "tr_allocation_entries_exceeded", rule: Rule::AllocationExceeded, vi: "Khoản phân bổ {allocated} đồng còn {left} đồng, cần {asked} đồng.", en: "Of {allocated} đồng allocated {left} đồng are left, {asked} đồng are asked for." },
    Guard { name: "tr_allocation_entries_unsettled", rule: Rule::DisbursementSettled, vi: "Đã quyết toán {settled} đồng trong {disbursed} đồng đã giải ngân: lấy lại được {left} đồng, không phải {asked} đồng.", en: "Of {disbursed} đồng disbursed {settled} đồng are settled: {left} đồng can be taken back, not {asked} đồng." },
    Guard { name: "tr_allocation_entries_reduced", rule: Rule::ReductionExceeded, vi: "Khoản này còn {left} đồng, không giảm được {asked} đồng.", en: "Entry {entry} has {left} đồng left and cannot be reduced by {asked} đồng." },
    Guard { name: "tr_allocation_entries_settled", rule: Rule::SettlementExceeded, vi: "Còn {left} đồng đã giải ngân chưa quyết toán, cần {asked} đồng.", en: "{left} đồng disbursed are left to settle, {asked} đồng are asked for." },
    Guard { name: "tr_loans_exceeded", rule: Rule::LoanOverDisbursed, vi: "Đã duyệt {approved} đồng, còn được giải ngân {left} đồng; tổng giải ngân sẽ là {total} đồng.", en: "Approved {approved} đồng, left to disburse {left} đồng; the total would be {total} đồng." },
    Guard { name: "tr_loans_repaid", rule: Rule::LoanOverRepaid, vi: "Dư nợ {left} đồng; đã giải ngân {disbursed} đồng, tổng trả nợ sẽ là {total} đồng.", en: "Outstanding {left} đồng; disbursed {disbursed} đồng, repaid would be {total} đồng." },
    Guard { name: "tr_loan_entries_by_day", rule: Rule::LoanOverRepaid, vi: "Dư nợ {left} đồng; đã giải ngân {disbursed} đồng đến ngày đó, tổng trả nợ sẽ là {total} đồng.", en: "Outstanding {left} đồng; disbursed {disbursed} đồng by that day, repaid would be {total} đồng." },
];

/// What a trigger says in a message of the database: `tr_name: words`, and where it tells figures `{left=1;asked=2}` behind
/// them.
struct Said<'a> {
    name: &'a str,
    words: &'a str,
    figures: Vec<(&'a str, String)>,
}

impl<'a> Said<'a> {
    fn read(message: &'a str) -> Option<Self> {
        let (name, rest) = message.get(message.find("tr_")?..)?.split_once(": ")?;
        if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return None;
        }
        let rest = rest.lines().next().unwrap_or(rest);
        let (words, told) = rest.split_once(" {").unwrap_or((rest, ""));
        let told = told.split_once('}').map_or("", |(figures, _)| figures);
        let figures = told.split(';').filter_map(|figure| figure.split_once('='));
        // SQLite writes identifiers without their hyphens.
        let plain = |value: &str| match Uuid::try_parse(value) {
            Ok(id) => id.to_string(),
            Err(_) => value.to_owned(),
        };
        Some(Self { name, words, figures: figures.map(|(name, value)| (name, plain(value))).collect() })
    }
}

/// The refusal that a message of the database speaks of, if a trigger refused.
pub(super) fn refusal(message: &str) -> Option<Refusal> {
    let Said { name, words, figures } = Said::read(message)?;
    let given: Vec<(&str, &dyn Display)> = figures.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    if let Some(guard) = GUARDS.iter().find(|guard| guard.name == name) {
        let filled = |text: &str| {
            figures.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
        };
        return Some(Refusal::new(guard.rule, filled(guard.vi), filled(guard.en)).given(&given));
    }
    let vi = format!("Cơ sở dữ liệu từ chối: {words}.");
    Some(Refusal::new(Rule::BooksKept, vi, format!("The database refuses: {words}.")).given(&[("guard", &name)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Inputs;

    #[test]
    fn what_a_trigger_tells_becomes_the_inputs_and_the_words() {
        let message = "error returned from database: (code: 1811) tr_estimate_lines_exceeded: allocated over the estimate \
                       {line=01900000000070008000000000000001;left=60000000;asked=200000000}";
        let refused = refusal(message).unwrap();
        assert_eq!(refused.rule, Rule::LineExceeded);
        let line = "01900000-0000-7000-8000-000000000001";
        assert_eq!(refused.inputs, Inputs::of(&[("line", &line), ("left", &60_000_000), ("asked", &200_000_000)]));
        assert_eq!(
            refused.detail.en,
            format!("Estimate line {line} has 60000000 đồng left, this decision asks for 200000000 đồng.")
        );
    }

    #[test]
    fn every_guard_tells_what_its_rule_declares_in_both_languages() {
        for Guard { name, rule, vi, en } in GUARDS {
            for input in rule.inputs() {
                let place = format!("{{{input}}}");
                assert!(
                    ["entry", "line"].contains(input) || vi.contains(&place) && en.contains(&place),
                    "{name} {input}"
                );
            }
        }
    }

    #[test]
    fn any_other_trigger_keeps_the_books_and_other_messages_are_none() {
        let refused = refusal("tr_disbursements_fixed: what is posted is corrected by a new entry only").unwrap();
        assert_eq!(
            (refused.rule, refused.inputs),
            (Rule::BooksKept, Inputs::of(&[("guard", &"tr_disbursements_fixed")]))
        );
        assert_eq!(refused.detail.en, "The database refuses: what is posted is corrected by a new entry only.");
        for message in ["no such table: tr_x", "UNIQUE constraint failed: loans.id", "in tr_X: y", ""] {
            assert_eq!(refusal(message), None, "{message}");
        }
    }
}
