//! The arrow: `main → app → api → store → domain`. Read from the sources, so that it cannot bend unseen.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// The lines of code that name a word: comments do not count.
fn lines_naming(text: &str, word: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.filter(|line| line.contains(word)).map(|line| line.trim().to_owned()).collect()
}

#[track_caller]
fn never_names(folder: &str, words: &[&str], sentence: &str) {
    for (path, text) in sources(folder) {
        for word in words {
            let lines = lines_naming(&text, word);
            assert!(lines.is_empty(), "{sentence}\n{} names {word}: {lines:#?}", path.display());
        }
    }
}

#[test]
fn the_domain_is_plain_rules() {
    let words = ["crate::api", "crate::store", "crate::app", "actix", "sea_orm", "tokio", "tracing", "reqwest"];
    never_names("src/domain", &words, "domain imports nothing of ours and never actix, sea-orm, tokio or tracing");
}

#[test]
fn the_domain_asks_for_no_time_and_no_chance() {
    never_names("src/domain", &["Utc::now", "now_v7", "new_v4"], "time and ids are arguments of the domain");
}

#[test]
fn only_the_store_knows_the_database() {
    never_names("src/api", &["sea_orm", "sqlx", "migration::"], "api never names sea-orm");
    never_names("src/store", &["actix", "crate::api", "crate::app", "HttpResponse"], "store never names actix or api");
}

#[test]
fn there_is_no_drawer_for_things_without_a_noun() {
    for (path, _) in sources("src") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            !["utils", "util", "common", "helpers", "services", "misc"].contains(&name.as_str()),
            "{}",
            path.display()
        );
    }
}

/// A write begins in one place and ends in one place, so that none passes the store of answers and the audit trail by.
#[test]
fn no_handler_commits_by_itself() {
    for (path, text) in sources("src/api") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let begins = lines_naming(&text, "store.begin()");
        assert!(name == "call.rs" || begins.is_empty(), "only a call begins a write\n{}: {begins:#?}", path.display());
        let commits = lines_naming(&text, ".commit().await");
        assert!(name == "work.rs" || commits.is_empty(), "only work commits\n{}: {commits:#?}", path.display());
    }
}
