//! The unique constraints that a client can run into: how each database reports them, and what they mean.
//!
//! PostgreSQL names the constraint; SQLite names its columns. One row a constraint.

/// A unique constraint that can refuse a write.
#[derive(Debug)]
pub struct Unique {
    /// Its name in the schema.
    pub name: &'static str,
    /// `table.column, table.column` as SQLite reports it.
    pub columns: &'static str,
    /// What is taken, in Vietnamese.
    pub vi: &'static str,
    /// What is taken, in English.
    pub en: &'static str,
}

impl Unique {
    /// The members that make the key, as they are called on the wire: `province, scheme, decisionNumber`.
    pub fn key(&self) -> String {
        if self.columns.starts_with("index") {
            return "code, validFrom".to_owned();
        }
        let members = self.columns.split(", ").map(|column| {
            let column = column.rsplit_once('.').map_or(column, |(_, column)| column);
            match column {
                "province_code" => "province".to_owned(),
                "scheme_code" => "scheme".to_owned(),
                _ => camel(column.strip_suffix("_id").unwrap_or(column)),
            }
        });
        members.collect::<Vec<_>>().join(", ")
    }
}

fn camel(column: &str) -> String {
    let mut words = column.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
        name + &head.to_ascii_uppercase() + tail
    })
}

/// Every unique constraint that a request can violate.
#[rustfmt::skip]
pub const UNIQUE: &[Unique] = &[
    Unique { name: "uq_cooperatives_tax_code", columns: "cooperatives.tax_code", vi: "Mã số thuế này đã được đăng ký.", en: "A cooperative with this tax code is already registered." },
    Unique { name: "uq_provincial_plans_decision", columns: "provincial_plans.province_code, provincial_plans.scheme_code, provincial_plans.decision_number, provincial_plans.decision_date", vi: "Tỉnh đã có kế hoạch theo quyết định này.", en: "The province already has a plan of this decision." },
    Unique { name: "uq_provincial_plans_approved", columns: "provincial_plans.province_code, provincial_plans.scheme_code", vi: "Tỉnh đã có kế hoạch được phê duyệt cho Đề án này.", en: "The province already has an approved plan for this scheme." },
    Unique { name: "uq_evaluations_key", columns: "evaluations.cooperative_id, evaluations.year, evaluations.kind, evaluations.circular", vi: "HTX đã có bản đánh giá loại này của năm theo cùng Thông tư.", en: "The cooperative already has an evaluation of this kind for the year under the same circular." },
    Unique { name: "uq_criteria_sets_code_valid_from", columns: "criteria_sets.code, criteria_sets.valid_from", vi: "Đã có một phiên bản của bộ tiêu chí này bắt đầu từ cùng ngày.", en: "A version of this criteria set already begins on that day." },
    Unique { name: "uq_criteria_sets_edition", columns: "criteria_sets.code, criteria_sets.edition", vi: "Phiên bản này của bộ tiêu chí vừa được tải.", en: "This version of the criteria set has just been loaded." },
    Unique { name: "uq_criteria_sets_open", columns: "criteria_sets.code", vi: "Một phiên bản khác của bộ tiêu chí đang có hiệu lực.", en: "Another version of the criteria set is in force." },
    Unique { name: "pk_annual_figures", columns: "annual_figures.cooperative_id, annual_figures.year, annual_figures.basis", vi: "Số liệu của năm này đã có.", en: "Figures of this year already exist." },
    Unique { name: "uq_allocations_decision", columns: "allocations.province_code, allocations.decision_number, allocations.decision_date", vi: "Quyết định phân bổ số này, ngày này của tỉnh đã được ghi nhận.", en: "An allocation decision of this number and date is already recorded for the province." },
    Unique { name: "uq_disbursements_voucher", columns: "disbursements.allocation_id, disbursements.voucher_number", vi: "Chứng từ số này đã được ghi nhận cho quyết định phân bổ này.", en: "A voucher of this number is already recorded for this allocation." },
    Unique { name: "uq_budget_amendments_decision", columns: "budget_amendments.province_code, budget_amendments.decision_number, budget_amendments.decision_date", vi: "Quyết định điều chỉnh số này, ngày này của tỉnh đã được ghi nhận.", en: "An amendment of this number and date is already recorded for the province." },
    Unique { name: "uq_settlements_year", columns: "settlements.entry_id, settlements.fiscal_year", vi: "Khoản này đã có quyết toán của năm; hãy điều chỉnh quyết toán đó.", en: "The entry already has a settlement of the year: correct that one." },
    Unique { name: "uq_public_holidays_date", columns: "public_holidays.date", vi: "Ngày này đã được nạp.", en: "This day is already loaded." },
    Unique { name: "uq_periodic_reports_key", columns: "periodic_reports.agency_id, periodic_reports.period, periodic_reports.form_version, periodic_reports.revision", vi: "Cơ quan này đã có báo cáo của kỳ và lần sửa đổi này.", en: "The agency already has a report of this period and revision." },
    Unique { name: "uq_periodic_reports_unit", columns: "periodic_reports.level, periodic_reports.province_code, periodic_reports.unit_code, periodic_reports.period, periodic_reports.form_version", vi: "Đã có một báo cáo khác của đơn vị này đang có giá trị cho kỳ này.", en: "Another report of this unit stands for this period." },
    Unique { name: "uq_periodic_reports_department", columns: "periodic_reports.agency_id, periodic_reports.period, periodic_reports.form_version", vi: "Đã có một lần sửa đổi khác đang có giá trị cho kỳ này.", en: "Another revision stands for this period." },
    Unique { name: "uq_applications_live", columns: "applications.cooperative_id, applications.scheme_code", vi: "HTX đã có một hồ sơ đăng ký đang được xử lý cho Đề án này.", en: "The cooperative already has a live application to this scheme." },
    Unique { name: "uq_selection_decisions_number", columns: "selection_decisions.province_code, selection_decisions.year, selection_decisions.number", vi: "Số quyết định này đã có trong năm của tỉnh.", en: "The province already has a decision of this number in the year." },
    Unique { name: "uq_provincial_conditions_code", columns: "provincial_conditions.province_code, provincial_conditions.scheme_code, provincial_conditions.code", vi: "Tỉnh đã có điều kiện mang mã này cho Đề án.", en: "The province already has a condition of this code for the scheme." },
    Unique { name: "uq_decision_amendments_number", columns: "decision_amendments.decision_id, decision_amendments.year, decision_amendments.number", vi: "Đã có quyết định điều chỉnh mang số này.", en: "An amendment of this number is already recorded for the decision." },
    Unique { name: "uq_replications_live", columns: "replications.cooperative_id, replications.pilot_id", vi: "HTX này đang áp dụng mô hình của HTX thí điểm.", en: "The cooperative already adopts the model of this pilot." },
    Unique { name: "uq_inspections_day", columns: "inspections.pilot_id, inspections.inspected_on", vi: "Cuộc kiểm tra HTX thí điểm này trong ngày đã được ghi nhận; các cơ quan cùng tham gia ghi một lần.", en: "The inspection of this pilot on that day is already recorded: agencies that took part in it record it once." },
    Unique { name: "uq_pilots_participating", columns: "pilots.cooperative_id, pilots.scheme_code", vi: "HTX đã là HTX thí điểm của Đề án này.", en: "The cooperative already is a pilot of this scheme." },
    Unique { name: "uq_pilots_application", columns: "pilots.application_id", vi: "Hồ sơ này đã mở một HTX thí điểm.", en: "The application has already opened a pilot." },
    Unique { name: "uq_improvement_plans_revision", columns: "improvement_plans.pilot_id, improvement_plans.revision", vi: "HTX thí điểm đã có Kế hoạch hoàn thiện; hãy mở bản điều chỉnh.", en: "The pilot already has an improvement plan: open a revision of it." },
    Unique { name: "uq_improvement_plans_approved", columns: "improvement_plans.pilot_id", vi: "HTX thí điểm đã có một Kế hoạch hoàn thiện được phê duyệt.", en: "The pilot already has an approved improvement plan." },
    Unique { name: "uq_improvement_consolidations_number", columns: "improvement_consolidations.province_code, improvement_consolidations.year, improvement_consolidations.number", vi: "Văn bản tổng hợp số này đã có trong năm của tỉnh.", en: "The province already has a consolidation of this number in the year." },
    Unique { name: "uq_reporting_deadlines_from", columns: "reporting_deadlines.regime, reporting_deadlines.level, reporting_deadlines.period_kind, reporting_deadlines.valid_from", vi: "Chế độ này đã có quy định về hạn nộp bắt đầu cùng ngày.", en: "Another deadline of this regime, level and kind begins on that day." },
    Unique { name: "uq_reporting_deadlines_open", columns: "reporting_deadlines.regime, reporting_deadlines.level, reporting_deadlines.period_kind", vi: "Chế độ này đã có quy định về hạn nộp đang có hiệu lực.", en: "Another deadline of this regime, level and kind is open." },
    Unique { name: "report_forms_pkey", columns: "report_forms.version", vi: "Đã có biểu mẫu mang phiên bản này.", en: "A form of this version exists." },
    Unique { name: "uq_report_forms_valid_from", columns: "report_forms.scheme_code, report_forms.valid_from", vi: "Đã có biểu mẫu, hoặc dự thảo biểu mẫu, bắt đầu cùng ngày.", en: "Another form, or draft of one, begins on that day." },
    Unique { name: "uq_reference_entries_code", columns: "index 'uq_reference_entries_code'", vi: "Danh mục đã có mã này từ cùng ngày.", en: "The list already has this code from that day." },
    Unique { name: "uq_support_needs_submission", columns: "support_needs.cooperative_id, support_needs.submission", vi: "Một nhu cầu khác của HTX vừa được nộp; hãy nộp lại.", en: "Another need of the cooperative has just been submitted: submit again." },
    Unique { name: "uq_service_accounts_name", columns: "service_accounts.name", vi: "Đã có tài khoản dịch vụ mang tên này.", en: "A service account of this name exists." },
    Unique { name: "uq_loans_decision", columns: "loans.pilot_id, loans.lender, loans.decision_number, loans.decision_date", vi: "Quyết định cho vay này đã được ghi nhận.", en: "This lender's decision is already recorded for the pilot." },
    Unique { name: "uq_loan_entries_voucher", columns: "loan_entries.loan_id, loan_entries.kind, loan_entries.voucher", vi: "Chứng từ số này đã được ghi nhận cho khoản vay này.", en: "A voucher of this number is already recorded for this loan." },
    Unique { name: "uq_loan_entries_corrects", columns: "loan_entries.corrects_id", vi: "Bút toán này đã được điều chỉnh.", en: "The entry has already been corrected." },
];

/// The constraint that a database message speaks of.
pub fn named_in(message: &str) -> Option<&'static Unique> {
    let after_colon = message.rsplit_once("failed: ").map_or(message, |(_, columns)| columns);
    UNIQUE
        .iter()
        .find(|unique| message.contains(&format!("\"{}\"", unique.name)) || after_colon.trim() == unique.columns)
}

/// The constraint of a name.
pub fn of_name(name: &str) -> Option<&'static Unique> {
    UNIQUE.iter().find(|unique| unique.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_in_the_names_of_the_wire() {
        for (name, key) in [
            ("uq_cooperatives_tax_code", "taxCode"),
            ("uq_provincial_plans_decision", "province, scheme, decisionNumber, decisionDate"),
            ("uq_reporting_deadlines_from", "regime, level, periodKind, validFrom"),
            ("uq_pilots_application", "application"),
            ("uq_reference_entries_code", "code, validFrom"),
        ] {
            assert_eq!(of_name(name).unwrap().key(), key);
        }
        let members = |unique: &Unique| {
            unique.key().split(", ").all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        assert!(UNIQUE.iter().all(members));
    }
}
