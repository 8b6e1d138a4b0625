//! The names on the wire, in Vietnamese: what a sentence for people says in place of `line-department`, `stopped` or
//! `evaluation`. One table each for roles, states and resources.

use super::condition::ConditionKind;
use super::evaluation::EvaluationKind;
use super::role::{Permission, Role};
use super::text::Text;

/// A role, as the plan calls who acts in it (2129/QĐ-UBND VII).
pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Cooperative => "HTX",
        Role::Locality => "địa phương",
        Role::LineDepartment => "sở chuyên ngành",
        Role::LeadAgency => "cơ quan đầu mối",
        Role::Finance => "cơ quan tài chính",
        Role::CooperativeAlliance => "Liên minh HTX tỉnh",
        Role::PeoplesCommittee => "UBND tỉnh",
        Role::Ministry => "Bộ",
        Role::Oversight => "Mặt trận Tổ quốc và đoàn thể",
        Role::Inspectorate => "thanh tra",
        Role::Administrator => "quản trị hệ thống",
    }
}

/// Why a role may not do something, and who may: by the table of roles and permissions (2129/QĐ-UBND VII).
pub fn forbidden(caller: Role, permission: Permission) -> Text {
    let who = permission.holders().map(role).collect::<Vec<_>>();
    let who_en = permission.holders().map(Role::name).collect::<Vec<_>>();
    Text::new(
        format!("Vai trò “{}” không được làm việc này; việc này của: {}.", role(caller), who.join(", ")),
        format!(
            "The role {} may not do this (permission {}); those who may: {}.",
            caller.name(),
            permission.name(),
            who_en.join(", ")
        ),
    )
}

/// What decides a mandatory condition.
pub const fn condition(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::Law => "luật áp dụng",
        ConditionKind::Model => "mô hình",
        ConditionKind::Profit => "có lãi",
        ConditionKind::Dossier => "hồ sơ",
        ConditionKind::Evaluation => "kết quả đánh giá",
        ConditionKind::Attested => "nội dung HTX cam đoan",
    }
}

/// A parameter of a mandatory condition, by its member; one that the table does not know is given back.
pub fn condition_parameter(name: &str) -> &str {
    match name {
        "governingLaws" => "các luật áp dụng",
        "profitYears" => "các năm có lãi",
        "evaluationYear" => "năm đánh giá",
        "minimumPoints" => "điểm tối thiểu",
        other => other,
    }
}

/// A level that an obstacle has reached, by its name; one that the table does not know is given back.
pub fn level(name: &str) -> &str {
    match name {
        "lead_agency" => role(Role::LeadAgency),
        "peoples_committee" => role(Role::PeoplesCommittee),
        "ministry" => role(Role::Ministry),
        "prime_minister" => "Thủ tướng Chính phủ",
        other => other,
    }
}

/// Whose evaluation it is.
pub const fn evaluation(kind: EvaluationKind) -> &'static str {
    match kind {
        EvaluationKind::Own => "tự đánh giá",
        EvaluationKind::Verified => "thẩm tra",
        EvaluationKind::Final => "đánh giá cuối",
    }
}

/// Where a record of any kind is in its life, by the name of its state; a name that no state has is given back.
pub fn state(name: &str) -> &str {
    match name {
        "draft" => "dự thảo",
        "submitted" => "đã nộp",
        "returned" => "bị trả lại",
        "withdrawn" => "đã rút",
        "selected" => "đã được lựa chọn",
        "closed" => "đã đóng",
        "approved" => "đã phê duyệt",
        "revoked" => "đã thu hồi",
        "superseded" => "đã được thay thế",
        "consolidated" => "đã tổng hợp",
        "accepted" => "đã tiếp nhận",
        "confirmed" => "đã xác nhận",
        "recorded" => "đã ghi nhận",
        "active" => "đang thực hiện",
        "model_completed" => "đã hoàn thiện mô hình",
        "ended" => "đã kết thúc",
        "stopped" => "đã dừng",
        "retired" => "hết hiệu lực",
        "open" => "đang mở",
        "resolved" => "đã giải quyết",
        other => other,
    }
}

/// Several states, as a refusal lists them: `draft, returned`.
pub fn states(names: &str) -> String {
    names.split(", ").map(state).collect::<Vec<_>>().join(", ")
}

/// A resource that a body refers to, by its name in English; one that the table does not know is a record.
pub fn resource(name: &str) -> &'static str {
    match name {
        "agency" => "cơ quan",
        "application" => "hồ sơ đăng ký",
        "cooperative" => "HTX",
        "decision" => "quyết định",
        "department" => "sở chuyên ngành",
        "disbursement" => "khoản giải ngân",
        "evaluation" => "bản đánh giá",
        "pilot" => "HTX thí điểm",
        "plan" => "kế hoạch",
        "province" => "tỉnh",
        "scheme" => "Đề án",
        "settlement" => "khoản quyết toán",
        "unit" => "đơn vị hành chính",
        _ => "bản ghi",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::application::ApplicationStatus;
    use crate::domain::evaluation::EvaluationState;
    use crate::domain::improvement::ImprovementStatus;
    use crate::domain::pilot::PilotStatus;
    use crate::domain::report::ReportState;
    use crate::domain::selection::DecisionStatus;
    use crate::domain::support_need::NeedState;

    #[test]
    fn no_state_or_role_is_left_in_english() {
        let names = ApplicationStatus::ALL.iter().map(|one| one.name());
        let names = names.chain(EvaluationState::ALL.iter().map(|one| one.name()));
        let names = names.chain(ImprovementStatus::ALL.iter().map(|one| one.name()));
        let names = names.chain(PilotStatus::ALL.iter().map(|one| one.name()));
        let names = names.chain(ReportState::ALL.iter().map(|one| one.name()));
        let names = names.chain(DecisionStatus::ALL.iter().map(|one| one.name()));
        let names = names.chain(NeedState::ALL.iter().map(|one| one.name()));
        for name in names {
            assert!(!state(name).is_ascii(), "{name}");
        }
        assert_eq!(states("draft, returned"), "dự thảo, bị trả lại");
        assert!(Role::ALL.iter().all(|one| role(*one) != one.name()));
        assert!(ConditionKind::ALL.iter().all(|kind| !condition(*kind).is_ascii()));
    }

    #[test]
    fn who_may_is_told_in_words() {
        let told = forbidden(Role::LineDepartment, Permission::LoadCriteria);
        assert_eq!(told.vi, "Vai trò “sở chuyên ngành” không được làm việc này; việc này của: quản trị hệ thống.");
        let english =
            "The role line-department may not do this (permission criteria:load); those who may: administrator.";
        assert_eq!(told.en, english);
        // Somebody may do whatever there is to do.
        assert!(Permission::ALL.iter().all(|permission| Role::ALL.iter().any(|role| role.may(*permission))));
    }
}
