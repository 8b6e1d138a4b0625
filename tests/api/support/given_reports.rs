//! Periodic reports that a test starts from.

use sarus::domain::digest::digest;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::world::World;

/// The path of a report.
pub fn report_path(report: &Value) -> String {
    format!("/v1/periodic-reports/{}", report["id"].as_str().unwrap())
}

/// A document of a day with which a report is signed off.
pub fn signed_off(day: &str) -> Value {
    json!({"documentNumber": "12/BC-UBND", "documentDate": day, "signatory": "Nguyễn Văn A (dữ liệu mẫu)"})
}

/// A figure of a report or an aggregate, by its code.
pub fn figure(report: &Value, code: &str) -> Value {
    let figures = report["indicators"].as_array().unwrap();
    figures.iter().find(|figure| figure["code"] == code).unwrap_or(&Value::Null).clone()
}

/// The value of a figure; `-` when it has none.
pub fn value(report: &Value, code: &str) -> String {
    figure(report, code)["value"].as_str().unwrap_or("-").to_owned()
}

/// The parts of a figure, as `key=value`.
pub fn parts(report: &Value, code: &str) -> Vec<String> {
    let figure = figure(report, code);
    let part = |part: &Value| format!("{}={}", part["key"].as_str().unwrap(), part["value"].as_str().unwrap());
    figure["breakdown"].as_array().unwrap().iter().map(part).collect()
}

/// The digest of some members of an answer, as anyone can make it from what is published.
pub fn digest_of(answer: &Value, members: &[&str]) -> String {
    let member = |name: &&str| Some(((*name).to_owned(), answer.get(*name)?.clone()));
    digest(&Value::Object(members.iter().filter_map(member).collect::<Map<_, _>>()))
}

impl World {
    /// The draft of a report of a client's agency.
    pub async fn given_report_draft(&self, reporter: &Client, period: &str) -> Value {
        reporter.post("/v1/periodic-reports", &json!({"period": period})).await.created()
    }

    /// A report, submitted with a document of February after the year.
    pub async fn given_submitted_report(&self, reporter: &Client, period: &str) -> Value {
        let draft = self.given_report_draft(reporter, period).await;
        let year: u16 = period[..4].parse().unwrap();
        reporter.step(&report_path(&draft), "submissions", &signed_off(&format!("{}-02-01", year + 1))).await.ok()
    }

    /// A report, accepted.
    pub async fn given_accepted_report(&self, reporter: &Client, receiver: &Client, period: &str) -> Value {
        let submitted = self.given_submitted_report(reporter, period).await;
        receiver.step(&report_path(&submitted), "acceptances", &json!({})).await.ok()
    }
}
