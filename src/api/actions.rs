//! What a caller may do with a record now: each step, allowed or with the code of its refusal.

use serde::Serialize;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use super::call::Call;
use super::error::Answer;
use crate::domain::refusal::Refusal;
use crate::domain::role::Permission;

/// One step and whether it may be taken.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllowedAction {
    /// The step, as in the path; `edit` and `delete` for the record itself.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z-]+$", example = "submissions")]
    step: String,
    /// Method of the request.
    #[schema(min_length = 3, max_length = 6, pattern = "^[A-Z]+$", example = "POST")]
    method: String,
    /// Path of the request.
    #[schema(min_length = 1, max_length = 300, pattern = "^/", example = "/v1/applications/0190/submissions")]
    path: String,
    /// Whether this caller may take it now.
    allowed: bool,
    /// Code of the refusal that it would get.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", example = "wrong_state")]
    code: Option<String>,
    /// Why not, in Vietnamese.
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
    reason: Option<String>,
}

/// The steps of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllowedActions {
    /// Every step.
    #[schema(max_items = 50)]
    items: Vec<AllowedAction>,
}

/// A step of a resource, as `allowed-actions` asks about it.
#[derive(Debug)]
pub struct Step {
    /// Name of the sub-resource; `edit` and `delete` for the record itself.
    pub name: &'static str,
    /// What it needs.
    pub permission: Permission,
    /// What the rules say.
    pub verdict: Result<(), Refusal>,
}

impl Call {
    /// Answers which steps of the record at `path` this caller may take now.
    ///
    /// # Errors
    /// The view cannot be written as JSON.
    pub fn allowed_actions(&self, path: &str, steps: Vec<Step>) -> Answer {
        let action = |Step { name, permission, verdict }: Step| {
            let (method, path) = match name {
                "edit" => ("PATCH", path.to_owned()),
                "delete" => ("DELETE", path.to_owned()),
                step => ("POST", format!("{path}/{step}")),
            };
            let refused = self.caller().holds(permission).and(verdict).err();
            AllowedAction {
                step: name.to_owned(),
                method: method.to_owned(),
                path,
                allowed: refused.is_none(),
                code: refused.as_ref().map(|refusal| refusal.rule.code().to_owned()),
                reason: refused.map(|refusal| refusal.detail.vi),
            }
        };
        self.computed(&AllowedActions { items: steps.into_iter().map(action).collect() })
    }
}
