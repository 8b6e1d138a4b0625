//! What every refusal must say: each answer of every test is held against the rule table.
//!
//! A refusal gives the inputs that its rule declares, and its words name no figure that is not among its inputs: words
//! and inputs cannot drift apart.

use std::collections::BTreeSet;

use sarus::domain::refusal::Rule;
use serde_json::Value;

/// Checks a problem that names a rule; others are of the protocol.
pub fn check(problem: &Value, context: &str) {
    let Some(rule) = problem["rule"].as_str() else { return };
    let rule = Rule::of_code(rule).unwrap_or_else(|| panic!("no such rule: {context}"));
    let faults: Vec<&Value> = problem["errors"].as_array().into_iter().flatten().collect();
    for fault in &faults {
        if let Some(of_fault) = fault["code"].as_str().and_then(Rule::of_code) {
            declared(of_fault, fault, context);
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

fn declared(rule: Rule, told: &Value, context: &str) {
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
    let with = |inputs: Value| serde_json::json!({"rule": "quota_exceeded", "detail": "Còn 0 trong 5.", "inputs": inputs, "errors": []});
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
