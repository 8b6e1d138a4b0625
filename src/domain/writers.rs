//! Who wrote a record: whoever had a hand in the content does not approve it (four eyes).

use serde::{Deserialize, Serialize};

use super::refusal::{Refusal, Rule};
use super::role::Caller;

/// The persons (`sub`) who drafted, edited or submitted a record, each once, in the order of their first hand in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Writers(Vec<String>);

impl Writers {
    /// The person who drafts.
    pub fn first(caller: &Caller) -> Self {
        Self(vec![caller.subject.clone()])
    }

    /// With one who wrote in it later.
    #[must_use]
    pub fn and(mut self, caller: &Caller) -> Self {
        if !self.include(caller) {
            self.0.push(caller.subject.clone());
        }
        self
    }

    /// Whether a person wrote in it.
    pub fn include(&self, caller: &Caller) -> bool {
        self.0.contains(&caller.subject)
    }

    /// Who proposes does not approve (2129/QĐ-UBND VII): refuses each of the writers.
    pub fn four_eyes(&self, caller: &Caller) -> Result<(), Refusal> {
        if !self.include(caller) {
            return Ok(());
        }
        Err(Refusal::new(
            Rule::FourEyes,
            format!("“{}” đã lập, sửa hoặc gửi nội dung này nên không được phê duyệt.", caller.subject),
            format!("{} drafted, edited or submitted this content and so cannot approve it.", caller.subject),
        )
        .given(&[("person", &caller.subject)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::{Role, Scope};

    fn person(subject: &str) -> Caller {
        Caller {
            issuer: "test".to_owned(),
            subject: subject.to_owned(),
            role: Role::LeadAgency,
            agency: None,
            predecessors: Vec::new(),
            unit: None,
            scope: Scope::Country,
        }
    }

    #[test]
    fn every_writer_is_refused_and_nobody_else() {
        let writers = Writers::first(&person("a")).and(&person("b")).and(&person("a"));
        for (subject, passes) in [("a", false), ("b", false), ("c", true)] {
            let verdict = writers.four_eyes(&person(subject)).map_err(|refusal| refusal.rule);
            assert_eq!(verdict, if passes { Ok(()) } else { Err(Rule::FourEyes) }, "{subject}");
        }
        assert_eq!(serde_json::to_string(&writers).unwrap(), r#"["a","b"]"#);
    }
}
