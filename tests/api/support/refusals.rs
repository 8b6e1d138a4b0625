//! What every refusal must say: each answer of every test is held against the rule table.
//!
//! A refusal gives the inputs that its rule declares, and its words name no figure that is not among its inputs: words
//! and inputs cannot drift apart.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use sarus::domain::refusal::Rule;
use sarus::domain::rulebook::refusals;
use serde_json::Value;

thread_local! {
    /// The codes that the running test was refused with, of problems and of their faults.
    static MET: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// At the end of a scenario: what the rule book says it shows, it was refused with. `module` is that of the scenario, as the
/// compiler names it: `api::evaluations::a_name`.
pub fn met_what_the_rule_book_says(module: &str) {
    let met = MET.take();
    let missing = unmet(module, &met);
    assert!(missing.is_empty(), "the rule book names this test for {missing:?}, but it was refused with {met:?} alone");
}

/// The codes for which the rule book names a scenario that did not meet them.
fn unmet(module: &str, met: &BTreeSet<String>) -> Vec<&'static str> {
    let Some((path, name)) = module.trim_start_matches("api::").rsplit_once("::") else { return Vec::new() };
    let shown_by = format!("tests/api/{}.rs::{name}", path.replace("::", "/"));
    let named = refusals::all().filter(|stated| stated.shown_by == shown_by).map(|stated| stated.rule.code());
    // What the database reports past the code is no answer to a request.
    let by_request = |code: &&str| *code != Rule::BooksKept.code();
    named.filter(by_request).filter(|code| !met.contains(*code)).collect()
}

#[test]
fn a_scenario_that_does_not_meet_what_it_is_named_for_is_found() {
    let module = "api::selection_decisions::who_drafted_does_not_approve";
    assert_eq!(unmet(module, &BTreeSet::from(["four_eyes".to_owned()])), [""; 0]);
    assert_eq!(unmet(module, &BTreeSet::from(["wrong_state".to_owned()])), ["four_eyes"]);
}

/// Checks a problem that names a rule; others are of the protocol.
pub fn check(problem: &Value, context: &str) {
    let Some(rule) = problem["rule"].as_str() else { return };
    let rule = Rule::of_code(rule).unwrap_or_else(|| panic!("no such rule: {context}"));
    let faults: Vec<&Value> = problem["errors"].as_array().into_iter().flatten().collect();
    let codes = faults.iter().map(|fault| &fault["code"]).chain([&problem["code"]]).filter_map(Value::as_str);
    MET.with_borrow_mut(|met| met.extend(codes.map(str::to_owned)));
    cited(problem, context);
    for fault in &faults {
        if let Some(of_fault) = fault["code"].as_str().and_then(Rule::of_code) {
            declared(of_fault, fault, context);
            assert_eq!(fault["rule"], fault["code"], "a fault of a rule names it: {context}");
            cited(fault, context);
        } else {
            assert!(fault["rule"].is_null() && fault["legalBasis"].is_null(), "no rule is at fault: {context}");
        }
        // What keeps an applicant out is told in the words of the determination, which has inputs of its own.
        if fault["code"] != Rule::NotEligible.code() {
            figures_are_inputs(fault["message"].as_str(), &[fault], context);
        }
    }
    if faults.is_empty() {
        declared(rule, problem, context);
    }
    let all: Vec<&Value> = std::iter::once(problem).chain(faults).collect();
    figures_are_inputs(problem["detail"].as_str(), &all, context);
}

/// A citation is the same in every language: numbers of documents and places in them, no sentence.
fn cited(told: &Value, context: &str) {
    let basis = told["legalBasis"].as_str().unwrap_or_else(|| panic!("no legal basis: {context}"));
    let english = ["the ", " is ", " and ", " are ", ": "];
    assert!(english.iter().all(|word| !basis.contains(word)), "“{basis}” is more than a citation: {context}");
}

/// The names of the states, roles and kinds on the wire that no Vietnamese sentence holds, and that are no word in it.
static WIRE_NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let states = "draft submitted returned withdrawn selected closed approved revoked superseded consolidated accepted confirmed \
                  recorded active model_completed ended stopped retired resolved self verified final";
    let roles = "line-department lead-agency cooperative-alliance peoples-committee oversight inspectorate administrator \
                 locality cooperative ministry finance lead_agency line_department cooperative_alliance peoples_committee";
    let resources = "application evaluation record decision pilot agency department plan scheme province unit";
    [states, roles, resources].into_iter().flat_map(str::split_whitespace).collect()
});

/// Words in Vietnamese name states, roles and records as a lawyer would, and never by their identifier.
pub fn in_vietnamese(problem: &Value, context: &str) {
    if problem["rule"].is_null() {
        return;
    }
    let messages = problem["errors"].as_array().into_iter().flatten().map(|fault| &fault["message"]);
    for words in messages.chain([&problem["detail"]]).filter_map(Value::as_str) {
        let english = left_in_english(words);
        assert!(english.is_empty(), "English names or identifiers in “{words}”: {english:?}: {context}");
    }
}

/// What the client sent and who is meant is given back as it is, between quotation marks.
fn left_in_english(words: &str) -> Vec<&str> {
    let quoted: Vec<&str> = words.split('“').skip(1).filter_map(|part| part.split('”').next()).collect();
    let tokens = words.split(|letter: char| !letter.is_alphanumeric() && !"-_".contains(letter));
    let names = tokens.filter(|token| WIRE_NAMES.contains(token) || is_uuid(token));
    names.filter(|token| !quoted.iter().any(|part| part.contains(token))).collect()
}

fn is_uuid(token: &str) -> bool {
    token.len() == 36 && token.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[test]
fn english_names_and_identifiers_in_a_vietnamese_sentence_are_found() {
    assert_eq!(left_in_english("Chỉ line-department được thực hiện bước này."), ["line-department"]);
    assert_eq!(left_in_english("Kế hoạch đang ở trạng thái stopped."), ["stopped"]);
    let id = "01776530-4c00-7004-8000-000000000089";
    assert_eq!(left_in_english(&format!("Sở phụ trách là {id}.")), [id]);
    assert_eq!(left_in_english("Kế hoạch đã dừng; mã “draft” do người gửi nêu."), [""; 0]);
    let problem = serde_json::json!({"rule": "wrong_state", "detail": "Hồ sơ đang draft.", "errors": []});
    assert!(std::panic::catch_unwind(|| in_vietnamese(&problem, "")).is_err());
    assert!(
        std::panic::catch_unwind(|| cited(&serde_json::json!({"legalBasis": "Sarus: nothing is lost"}), "")).is_err()
    );
}

fn declared(rule: Rule, told: &Value, context: &str) {
    if rule == Rule::AlreadyExists {
        // Each member of the key that is taken is told with its value.
        let key = told["inputs"]["key"].as_str().unwrap_or_else(|| panic!("no key: {context}"));
        let lacking: Vec<&str> = key.split(", ").filter(|name| !told["inputs"][*name].is_string()).collect();
        assert!(lacking.is_empty(), "{lacking:?} of the key are not told: {context}");
    }
    for name in rule.inputs() {
        assert!(told["inputs"][name].is_string(), "{} gives no input {name}: {context}", rule.code());
    }
}

/// Every figure of the words is an input. Numbers of documents and paths are names, not figures.
fn figures_are_inputs(words: Option<&str>, told: &[&Value], context: &str) {
    let values = told.iter().filter_map(|told| told["inputs"].as_object()).flat_map(|inputs| inputs.values());
    // A list is as good as its items.
    let values =
        values.filter_map(Value::as_str).flat_map(|value| std::iter::once(value).chain(value.split([' ', ','])));
    let values: BTreeSet<&str> = values.filter(|value| !value.is_empty()).collect();
    let mut by_length: Vec<&str> = values.into_iter().collect();
    by_length.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let rest = by_length.into_iter().fold(words.unwrap_or_default().to_owned(), |rest, value| rest.replace(value, "·"));
    let figures: Vec<&str> = rest
        .split_whitespace()
        .filter(|word| !word.contains('/') && !word.contains("SHA-256"))
        .filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()))
        .collect();
    assert!(figures.is_empty(), "figures that are no inputs: {figures:?} in {words:?}: {context}");
}

#[test]
fn a_refusal_without_a_declared_input_is_found() {
    let with = |inputs: Value| serde_json::json!({"rule": "quota_exceeded", "code": "quota_exceeded", "legalBasis": "167/QĐ-TTg", "detail": "Còn 0 trong 5.", "inputs": inputs, "errors": []});
    let whole = serde_json::json!({"quota": "5", "taken": "5", "left": "0", "asked": "1"});
    check(&with(whole.clone()), "");
    for name in ["quota", "taken", "left", "asked"] {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(name);
        assert!(std::panic::catch_unwind(|| check(&with(lacking), "")).is_err(), "{name}");
    }
    let mut drifted = with(whole);
    drifted["detail"] = "Còn 0 trong 7.".into();
    assert!(std::panic::catch_unwind(|| check(&drifted, "")).is_err());
}
