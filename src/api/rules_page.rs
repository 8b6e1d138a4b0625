//! The rule book as a page (`/docs/rules`): Vietnamese with English below, nothing loaded from anywhere.

use std::fmt::Write;

use chrono::NaiveDate;

use crate::domain::rulebook::{BookRule, RuleExample, RuleKind, RuleParameter};
use crate::domain::text::Text;

/// What the page allows itself: its own style and nothing else.
pub(super) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222}\
    article{border-top:1px solid #bbb;padding:1rem 0}h2{margin:.2rem 0}.en{color:#555}code{background:#f2f2f2;padding:0 .2rem}\
    table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top}\
    nav{columns:3}nav a{display:block}";

/// The whole page.
pub(super) fn page(rules: &[BookRule], at: NaiveDate, province: Option<&str>) -> String {
    let mut page = String::from("<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\">");
    let _ = write!(page, "<title>Sổ quy tắc · Sarus</title><style>{STYLE}</style></head><body>");
    page.push_str("<h1>Sổ quy tắc <span class=\"en\" lang=\"en\">· Rule book</span></h1>");
    let _ = write!(
        page,
        "<form action=\"/docs/rules\"><label>Tham số có hiệu lực ngày <span class=\"en\" lang=\"en\">· parameters in force \
         on</span> <input type=\"date\" name=\"at\" value=\"{at}\"></label> <label>của tỉnh <span class=\"en\" lang=\"en\">· of province</span> <input name=\"province\" \
         size=\"2\" maxlength=\"2\" pattern=\"[0-9]{{2}}\" value=\"{}\"></label> <button>Xem · Show</button></form>",
        escaped(province.unwrap_or_default())
    );
    let (deciding, refusing): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| rule.kind == RuleKind::Verdict);
    for (vi, en, rules) in
        [("Quy tắc kết luận", "Rules that give verdicts", deciding), ("Quy tắc từ chối", "Rules that refuse", refusing)]
    {
        let _ = write!(page, "<h1>{vi} <span class=\"en\" lang=\"en\">· {en}</span></h1><nav>");
        for rule in &rules {
            let _ = write!(page, "<a href=\"#{}\">{}</a>", escaped(&rule.id), escaped(&rule.title.vi));
        }
        page.push_str("</nav>");
        rules.iter().for_each(|rule| article(&mut page, rule));
    }
    page.push_str("</body></html>");
    page
}

fn article(page: &mut String, rule: &BookRule) {
    let BookRule { id, title, statement, legal_basis, status, verdicts, inputs, parameters, examples, .. } = rule;
    let _ = write!(
        page,
        "<article id=\"{0}\"><h2>{1}</h2><p class=\"en\" lang=\"en\">{2} · <code>{0}</code></p>",
        escaped(id),
        escaped(&title.vi),
        escaped(&title.en)
    );
    both(page, "p", statement);
    let _ = write!(page, "<p>Căn cứ <span class=\"en\" lang=\"en\">· legal basis</span>: {}</p>", escaped(legal_basis));
    if let Some(status) = status {
        let _ = write!(
            page,
            "<p>Trả lời <span class=\"en\" lang=\"en\">· answer</span>: {status} <code>{}</code></p>",
            escaped(id)
        );
    }
    if !verdicts.is_empty() {
        let names = escaped(&verdicts.join(", "));
        let _ = write!(page, "<p>Kết luận <span class=\"en\" lang=\"en\">· verdicts</span>: <code>{names}</code></p>");
    }
    if !inputs.is_empty() {
        let names = escaped(&inputs.join(", "));
        let _ = write!(
            page,
            "<p>Dữ liệu nêu <span class=\"en\" lang=\"en\">· inputs given</span>: <code>{names}</code></p>"
        );
    }
    parameter_table(page, parameters);
    if !examples.is_empty() {
        page.push_str("<p>Ví dụ <span class=\"en\" lang=\"en\">· examples</span></p><ul>");
        examples.iter().for_each(|example| worked(page, example));
        page.push_str("</ul>");
    }
    page.push_str("</article>");
}

fn parameter_table(page: &mut String, parameters: &[RuleParameter]) {
    if parameters.is_empty() {
        return;
    }
    page.push_str(
        "<table><tr><th>Tham số · parameter</th><th>Giá trị · value</th><th>Của · of</th><th>Từ · from</th><th>Đến · to</th>\
         <th>Căn cứ · basis</th></tr>",
    );
    for RuleParameter { name, value, of, valid_from, valid_to, legal_basis } in parameters {
        let until = valid_to.map(|day| day.to_string()).unwrap_or_default();
        let (name, value, of, basis) = (escaped(name), escaped(value), escaped(of), escaped(legal_basis));
        let _ = write!(
            page,
            "<tr><td>{name}</td><td>{value}</td><td>{of}</td><td>{valid_from}</td><td>{until}</td><td>{basis}</td></tr>"
        );
    }
    page.push_str("</table>");
}

fn worked(page: &mut String, example: &RuleExample) {
    let RuleExample { given, verdict, explanation, shown_by } = example;
    page.push_str("<li>");
    both(page, "span", given);
    let _ = write!(page, " → <code>{}</code> ", escaped(verdict));
    if let Some(explanation) = explanation {
        both(page, "span", explanation);
    }
    if let Some(test) = shown_by {
        let _ = write!(page, " <small><code>{}</code></small>", escaped(test));
    }
    page.push_str("</li>");
}

/// Vietnamese, then English.
fn both(page: &mut String, tag: &str, words: &Text) {
    let (vi, en) = (escaped(&words.vi), escaped(&words.en));
    let _ = write!(page, "<{tag}>{vi}</{tag}> <{tag} class=\"en\" lang=\"en\">{en}</{tag}>");
}

/// Text as HTML text: none of it is markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_markup() {
        assert_eq!(escaped("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }
}
