//! The conformance page says what CI does: the same tools in the same versions, the same rules switched off.

use std::fs;
use std::path::Path;

use sarus::domain::role::Role;
use serde_json::Value;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The version that CI installs of a tool.
fn installed(tool: &str) -> Option<String> {
    let python = file(".ci/requirements.txt");
    let python = python.lines().find_map(|line| line.strip_prefix(tool)?.strip_prefix("==").map(str::to_owned));
    let node = |folder: &str| {
        let package: Value = serde_json::from_str(&file(&format!("{folder}/package.json"))).unwrap();
        package["devDependencies"][tool].as_str().map(str::to_owned)
    };
    python.or_else(|| node("openapi")).or_else(|| node("clients/typescript"))
}

scenario! {
    async fn the_release_says_what_it_was_held_against_and_where_it_deviates(world) {
        let conformance = world.someone(Role::Oversight, "89").get("/v1/conformance").await.ok();
        assert_eq!(conformance["release"], env!("CARGO_PKG_VERSION"));
        let rulesets = conformance["rulesets"].as_array().unwrap();
        for ruleset in rulesets {
            let tool = ruleset["tool"].as_str().unwrap();
            // What Sarus checks itself is as old as it is.
            let due = if tool.contains(".py") { Some(env!("CARGO_PKG_VERSION").to_owned()) } else { installed(tool) };
            assert_eq!(due.as_deref(), ruleset["version"].as_str(), "{tool}");
            assert_eq!(ruleset["result"], "passed");
        }
        let rules = file("openapi/.spectral.yaml");
        let off: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_suffix(": off")).collect();
        let fuzzing = file("openapi/schemathesis.toml");
        let widened: Vec<&str> = fuzzing.lines().filter_map(|line| line.strip_prefix("[checks.")?.strip_suffix(']')).collect();
        let deviations = conformance["deviations"].as_array().unwrap();
        let told: Vec<&str> = deviations.iter().map(|deviation| deviation["rule"].as_str().unwrap()).collect();
        assert_eq!(told, [off, widened].concat());
        assert!(deviations.iter().all(|off| rulesets.iter().any(|ruleset| ruleset["name"] == off["ruleset"])));
    }
}
