//! Tables for people.

use serde_json::Value;

use super::stage::text;

/// Digits in groups of three, as Vietnamese writes them: `32.675.000.000`.
fn grouped(number: &str) -> String {
    let (whole, decimals) = number.split_once('.').map_or((number, None), |(whole, decimals)| (whole, Some(decimals)));
    let digits: Vec<char> = whole.chars().collect();
    let mut out = String::new();
    for (place, digit) in digits.iter().enumerate() {
        if place > 0 && digits.len().saturating_sub(place) % 3 == 0 && *digit != '-' && out != "-" {
            out.push('.');
        }
        out.push(*digit);
    }
    decimals.map_or(out.clone(), |decimals| format!("{out},{decimals}"))
}

fn row(label: &str, cells: &[String]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>20}")).collect();
    println!("   {label:<72}{cells}");
}

fn title(words: &str) {
    println!("\n   {words}\n   {}", "─".repeat(112));
}

/// The budget by category.
pub(super) fn budget(summary: &Value) {
    title("Kinh phí theo nội dung (đồng) · the budget by category");
    row("", &["dự toán", "phân bổ", "giải ngân"].map(str::to_owned));
    for group in summary["budget"]["groups"].as_array().into_iter().flatten() {
        let cells = ["estimated", "allocated", "disbursed"].map(|name| grouped(&text(group, name)));
        row(&text(group, "key"), &cells);
    }
}

/// The figures of a report or an aggregate, with their Vietnamese labels.
pub(super) fn figures(words: &str, figures: &Value, labels: &[Value]) {
    title(words);
    for figure in figures.as_array().into_iter().flatten() {
        let code = text(figure, "code");
        let entry = labels.iter().find(|entry| entry["code"] == code.as_str());
        let label = entry.map_or_else(|| code.clone(), |entry| text(&entry["name"], "vi"));
        let value = figure["value"].as_str().map_or_else(|| "–".to_owned(), grouped);
        row(&label, &[value]);
        for part in figure["breakdown"].as_array().into_iter().flatten() {
            row(&format!("    {}", text(part, "key")), &[grouped(&text(part, "value"))]);
        }
    }
}

/// The reports behind an aggregate.
pub(super) fn sources(aggregate: &Value) {
    title("Nguồn số liệu · where the figures come from");
    for source in aggregate["sources"].as_array().into_iter().flatten() {
        println!("   {source}");
    }
    let missing = aggregate["missing"].as_array().map_or(0, Vec::len);
    println!("   {missing} provinces have not reported; digest {}", text(aggregate, "digest"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        let cases = [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1.000"),
            ("32675000000", "32.675.000.000"),
            ("-1000", "-1.000"),
            ("83.45", "83,45"),
        ];
        for (plain, written) in cases {
            assert_eq!(grouped(plain), written);
        }
    }
}
