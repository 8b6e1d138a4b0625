//! What this release was held against before it was released, by which tools, and where it deviates and why.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use super::error::Answer;
use super::service_config::ServiceConfig;
use crate::domain::text::Text;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// How a release fared under a ruleset.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConformanceResult {
    /// Without an error or a warning; nothing is released otherwise.
    Passed,
}

/// A ruleset that each release is held against.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Ruleset {
    /// Its name.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S", example = "OpenAPI 3.1")]
    name: &'static str,
    /// The package that checks it, or the file of Sarus that does.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S", example = "openapi-spec-validator")]
    tool: &'static str,
    /// The version of that package; of what Sarus checks itself, its own.
    #[schema(min_length = 1, max_length = 20, pattern = "^[0-9][0-9.]*$", example = "0.9.0")]
    version: &'static str,
    /// What is held against it.
    subject: Text,
    /// How it fared.
    result: ConformanceResult,
}

/// A rule that is switched off.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Deviation {
    /// The name of its ruleset.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    ruleset: &'static str,
    /// The rule, as its ruleset names it.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S", example = "owasp:api5:2023-admin-security-unique")]
    rule: &'static str,
    /// Why.
    reason: Text,
}

/// A language whose generated client was not tried.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NotTested {
    /// The language.
    #[schema(min_length = 1, max_length = 40, pattern = r"\S", example = "C#")]
    language: &'static str,
    /// Why.
    reason: Text,
}

/// What this release was held against.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Conformance {
    /// The release: the version of the service and of the document.
    #[schema(min_length = 5, max_length = 20, pattern = r"^[0-9]+\.[0-9]+\.[0-9]+$", example = "0.1.0")]
    release: &'static str,
    /// The rulesets.
    #[schema(max_items = 100)]
    rulesets: Vec<Ruleset>,
    /// The languages whose generated clients were not tried, and why.
    #[schema(max_items = 20)]
    not_tested: Vec<NotTested>,
    /// The rules that are switched off or told more; all others are on, those too that their rulesets leave off by default.
    #[schema(max_items = 100)]
    deviations: Vec<Deviation>,
}

const OWASP: &str = "OWASP API Security Top 10 2023";
const FUZZING: &str = "Behaviour as documented";

/// Name, tool, version, and what is held against it. The versions are those that CI installs; a test holds them equal.
const RULESETS: &[(&str, &str, &str, [&str; 2])] = &[
    ("OpenAPI 3.1", "openapi-spec-validator", "0.9.0", ["Tài liệu OpenAPI.", "The document."]),
    (
        "OpenAPI 3.0.3",
        "openapi-spec-validator",
        "0.9.0",
        ["Tài liệu viết theo phiên bản 3.0.", "The document in version 3.0."],
    ),
    ("Redocly recommended-strict", "@redocly/cli", "2.77.0", ["Tài liệu OpenAPI.", "The document."]),
    (
        "Spectral oas",
        "@stoplight/spectral-cli",
        "6.16.3",
        ["Tài liệu OpenAPI, mọi quy tắc.", "The document, with every rule."],
    ),
    (
        OWASP,
        "@stoplight/spectral-owasp-ruleset",
        "2.0.1",
        ["Tài liệu OpenAPI, mọi quy tắc trừ các sai lệch.", "The document, with every rule but the deviations."],
    ),
    (
        FUZZING,
        "schemathesis",
        "4.32.0",
        [
            "Dịch vụ đang chạy, bằng yêu cầu sinh từ tài liệu: mọi phép kiểm, mọi giai đoạn, ba vai trò.",
            "The running service, by requests made from the document: all checks, all phases, three roles.",
        ],
    ),
    (
        "Compatibility",
        "openapi/breaking.py",
        env!("CARGO_PKG_VERSION"),
        ["So với tài liệu của bản phát hành trước.", "The document, against that of the last release."],
    ),
    (
        "TypeScript strict",
        "openapi-typescript",
        "7.13.0",
        [
            "Ứng dụng khách sinh từ tài liệu: biên dịch, chạy trọn chuỗi nghiệp vụ với dịch vụ.",
            "The generated client: compiled, and the whole chain played against the service.",
        ],
    ),
    (
        "Python strict",
        "openapi-python-client",
        "0.29.1",
        [
            "Ứng dụng khách sinh từ tài liệu: kiểm tra kiểu (mypy), chạy trọn chuỗi nghiệp vụ với dịch vụ.",
            "The generated client: type-checked (mypy), and the whole chain played against the service.",
        ],
    ),
];

/// Languages whose generated clients nobody compiled, and why.
const NOT_TESTED: &[(&str, [&str; 2])] = &[
    (
        "Java",
        [
            "Biên dịch được khi thử bằng tay; chưa gọi dịch vụ, không thử lại ở mỗi bản phát hành.",
            "It compiles, tried by hand; no call is made, and not every release tries it.",
        ],
    ),
    ("C#", ["Bộ công cụ .NET không có nơi phát hành.", "The .NET tools cannot be had where releases are made."]),
    (
        "Go",
        [
            "Biên dịch được khi thử bằng tay; chưa gọi dịch vụ, không thử lại ở mỗi bản phát hành.",
            "It compiles, tried by hand; no call is made, and not every release tries it.",
        ],
    ),
    (
        "Rust",
        [
            "Biên dịch được khi thử bằng tay; chưa gọi dịch vụ, không thử lại ở mỗi bản phát hành.",
            "It compiles, tried by hand; no call is made, and not every release tries it.",
        ],
    ),
];

/// Ruleset, rule and reason.
const DEVIATIONS: &[(&str, &str, [&str; 2])] = &[
    (
        OWASP,
        "owasp:api5:2023-admin-security-unique",
        [
            "Quy tắc coi /administrative-units là điểm cuối của quản trị viên. Quyền được phân theo vai trò (x-roles, \
             403), không theo cơ chế xác thực.",
            "It takes /administrative-units for the endpoint of an administrator. Who may do what is told apart by roles \
             (x-roles, 403), not by security schemes.",
        ],
    ),
    (
        FUZZING,
        "positive_data_acceptance",
        [
            "Yêu cầu đúng lược đồ vẫn có thể bị từ chối: 400 tham chiếu không có, 403 vai trò, 404 và 410 không có, 406, 409 \
             quy tắc của Đề án, 412 phiên bản cũ, 428 thiếu điều kiện.",
            "A request that fits the schema may still be refused: 400 for a reference that leads nowhere, 403 for the role, 404 \
             and 410 for what is not there, 406, 409 for a rule of the scheme, 412 for a stale version, 428 without one.",
        ],
    ),
    (
        FUZZING,
        "negative_data_rejection",
        [
            "Yêu cầu sai lược đồ bị từ chối ở phép kiểm đầu tiên: 404, 401, 403, 406, 413, 415, 400, 428, theo thứ tự ấy.",
            "A request that breaks the schema is refused by the first check that it fails: 404, 401, 403, 406, 413, 415, 400, \
             428, in this order.",
        ],
    ),
    (
        FUZZING,
        "missing_required_header",
        [
            "Thiếu If-Match là 428 (RFC 6585), sau các phép kiểm nói trên.",
            "A missing If-Match is 428 (RFC 6585), after the checks that come before it.",
        ],
    ),
];

/// Tell what this release was held against
///
/// The rulesets, the tools and their versions, the results of this release, and each rule that is switched off with its
/// reason. A release whose checks do not all pass is not made.
#[utoipa::path(
    tag = "Reference",
    operation_id = "getConformance",
    responses((status = 200, description = "The rulesets and the deviations.", body = Conformance)),
    security(("bearer" = ["reference:read"]))
)]
#[get("/v1/conformance")]
async fn read(call: Call) -> Answer {
    let ruleset = |(name, tool, version, [vi, en]): &(&'static str, &'static str, &'static str, [&str; 2])| Ruleset {
        name,
        tool,
        version,
        subject: Text::new(*vi, *en),
        result: ConformanceResult::Passed,
    };
    let deviation = |(ruleset, rule, [vi, en]): &(&'static str, &'static str, [&str; 2])| Deviation {
        ruleset,
        rule,
        reason: Text::new(*vi, *en),
    };
    call.computed(&Conformance {
        release: env!("CARGO_PKG_VERSION"),
        rulesets: RULESETS.iter().map(ruleset).collect(),
        not_tested: NOT_TESTED
            .iter()
            .map(|(language, [vi, en])| NotTested { language, reason: Text::new(*vi, *en) })
            .collect(),
        deviations: DEVIATIONS.iter().map(deviation).collect(),
    })
}
