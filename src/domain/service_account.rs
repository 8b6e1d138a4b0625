//! Service accounts: machines that act for an agency or a cooperative. They have no password: secrets are made by the
//! service, shown once, kept as hashes, replaced with an overlap, and all of them end with the account.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::moment::Moment;
use super::refusal::{Fault, Refusal, Rule};
use super::role::{Caller, Role, names};
use super::vietnamese;

/// What an account is for and whom it acts for.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewServiceAccount {
    /// Name of the machine: no other account has it.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Hệ thống báo cáo của Sở (dữ liệu mẫu)")]
    pub name: String,
    /// What it is for, and who answers for it.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    pub purpose: Option<String>,
    /// The role that it acts in.
    pub role: Role,
    /// The agency that it acts for: for every role but `cooperative` and `administrator`.
    #[schema(example = "01776530-4c00-7002-8000-000000000089")]
    pub agency: Option<Uuid>,
    /// The cooperative that it acts for: for the role `cooperative`.
    pub cooperative: Option<Uuid>,
}

impl NewServiceAccount {
    /// Every member that the role needs and that is missing, and every one that it cannot have.
    pub fn faults(&self) -> Vec<Fault> {
        let members = [
            ("/agency", self.agency.is_some(), self.role.is_agency()),
            ("/cooperative", self.cooperative.is_some(), self.role == Role::Cooperative),
        ];
        let fault = |(pointer, given, needed): (&str, bool, bool)| {
            let role = self.role.name();
            let (code, vi, en) = match (given, needed) {
                (false, true) => (
                    "required",
                    format!("Vai trò {} cần trường này.", vietnamese::role(self.role)),
                    format!("The role {role} needs this."),
                ),
                (true, false) => (
                    "unexpected_member",
                    format!("Vai trò {} không có trường này.", vietnamese::role(self.role)),
                    format!("The role {role} has no such member."),
                ),
                _ => return None,
            };
            Some(Fault::at(pointer, code, vi, en))
        };
        members.into_iter().filter_map(fault).collect()
    }
}

/// A secret, as far as it is kept: its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Identifier, also at the beginning of the secret itself.
    pub id: Uuid,
    /// Argon2id in PHC form.
    pub hash: String,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// When it ends, if it has been replaced.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Secret {
    /// Whether it may be shown at an instant.
    pub fn holds_at(&self, now: Moment) -> bool {
        self.expires_at.is_none_or(|end| now.0 < end)
    }
}

names! {
    /// Whether a service account gets tokens.
    ServiceAccountState {
        /// It gets tokens.
        Active = "active",
        /// It gets none any more, and those that it has are not accepted.
        Revoked = "revoked",
    }
}

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Identifier: the client id.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// What it is for.
    pub content: NewServiceAccount,
    /// Its secrets that hold, the newest last.
    pub secrets: Vec<Secret>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who made it (`sub`).
    pub created_by: String,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl ServiceAccount {
    /// A new account, without a secret yet.
    pub fn open(id: Uuid, content: NewServiceAccount, caller: &Caller, now: Moment) -> Self {
        let (created_by, recorded_at) = (caller.subject.clone(), now.0);
        let (secrets, revoked_at) = (Vec::new(), None);
        Self { id, version: 1, content, secrets, revoked_at, created_by, recorded_at, updated_at: now.0 }
    }

    /// Whether it gets tokens.
    pub const fn state(&self) -> ServiceAccountState {
        if self.revoked_at.is_none() { ServiceAccountState::Active } else { ServiceAccountState::Revoked }
    }

    /// Whether anything may be changed: a revoked account is closed for good.
    ///
    /// # Errors
    /// It is revoked.
    pub fn may_change(&self) -> Result<(), Refusal> {
        match self.state() {
            ServiceAccountState::Active => Ok(()),
            ServiceAccountState::Revoked => Err(Refusal::new(
                Rule::WrongState,
                "Tài khoản dịch vụ đã bị thu hồi; hãy lập tài khoản khác.",
                "The service account has been revoked: make another one.",
            )
            .given(&[("state", &ServiceAccountState::Revoked.name())])),
        }
    }

    /// Gives it a new secret. The one before holds for the overlap, so that a machine can be changed over; any older
    /// one ends at once.
    ///
    /// # Errors
    /// The account is revoked.
    pub fn take(mut self, secret: Secret, overlap: TimeDelta, now: Moment) -> Result<Self, Refusal> {
        self.may_change()?;
        let before = self.secrets.pop().filter(|secret| secret.holds_at(now));
        let replaced = before.map(|before| {
            let end = now.0 + overlap;
            Secret { expires_at: Some(before.expires_at.map_or(end, |earlier| earlier.min(end))), ..before }
        });
        self.secrets = replaced.filter(|secret| secret.holds_at(now)).into_iter().chain([secret]).collect();
        Ok(self.next_version(now))
    }

    /// Ends the account and every secret of it.
    ///
    /// # Errors
    /// It is revoked already.
    pub fn revoke(mut self, now: Moment) -> Result<Self, Refusal> {
        self.may_change()?;
        self.secrets.clear();
        self.revoked_at = Some(now.0);
        Ok(self.next_version(now))
    }

    fn next_version(self, now: Moment) -> Self {
        Self { version: self.version + 1, updated_at: now.0, ..self }
    }

    /// The secret of an id, if it may be shown now and the account gets tokens.
    pub fn secret(&self, id: Uuid, now: Moment) -> Option<&Secret> {
        let active = self.state() == ServiceAccountState::Active;
        self.secrets.iter().find(|secret| secret.id == id && secret.holds_at(now)).filter(|_| active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Scope;

    fn moment(minute: i64) -> Moment {
        Moment(DateTime::UNIX_EPOCH + TimeDelta::minutes(minute))
    }

    fn account() -> ServiceAccount {
        let caller = Caller {
            issuer: "test".to_owned(),
            subject: "administrator@vn".to_owned(),
            role: Role::Administrator,
            agency: None,
            predecessors: Vec::new(),
            unit: None,
            scope: Scope::Country,
        };
        let content = NewServiceAccount {
            name: "Máy".to_owned(),
            purpose: None,
            role: Role::Ministry,
            agency: Some(Uuid::nil()),
            cooperative: None,
        };
        ServiceAccount::open(Uuid::nil(), content, &caller, moment(0))
    }

    fn secret(id: u128, minute: i64) -> Secret {
        Secret { id: Uuid::from_u128(id), hash: String::new(), issued_at: moment(minute).0, expires_at: None }
    }

    fn holding(account: &ServiceAccount, minute: i64) -> Vec<u128> {
        (1..=4).filter(|id| account.secret(Uuid::from_u128(*id), moment(minute)).is_some()).collect()
    }

    #[test]
    fn a_replaced_secret_holds_for_the_overlap_and_no_third_one_with_it() {
        let hour = TimeDelta::hours(1);
        let one = account().take(secret(1, 0), hour, moment(0)).unwrap();
        assert_eq!((holding(&one, 0), holding(&one, 100_000)), (vec![1], vec![1]));
        let two = one.take(secret(2, 10), hour, moment(10)).unwrap();
        assert_eq!((holding(&two, 69), holding(&two, 70)), (vec![1, 2], vec![2]));
        let three = two.take(secret(3, 20), hour, moment(20)).unwrap();
        assert_eq!((holding(&three, 20), holding(&three, 80)), (vec![2, 3], vec![3]));
        let four = three.take(secret(4, 30), TimeDelta::zero(), moment(30)).unwrap();
        assert_eq!((holding(&four, 30), four.version), (vec![4], 5));
    }

    #[test]
    fn a_revoked_account_is_closed_for_good() {
        let revoked = account().take(secret(1, 0), TimeDelta::zero(), moment(0)).unwrap().revoke(moment(1)).unwrap();
        assert_eq!((holding(&revoked, 1), revoked.state()), (Vec::new(), ServiceAccountState::Revoked));
        assert_eq!(revoked.clone().revoke(moment(2)).unwrap_err().rule, Rule::WrongState);
        assert_eq!(revoked.take(secret(2, 2), TimeDelta::zero(), moment(2)).unwrap_err().rule, Rule::WrongState);
    }

    #[test]
    fn whom_an_account_acts_for_follows_from_its_role() {
        let faults = |role, agency: bool, cooperative: bool| {
            let content = NewServiceAccount {
                role,
                agency: agency.then(Uuid::nil),
                cooperative: cooperative.then(Uuid::nil),
                ..account().content
            };
            content.faults().iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        assert!(faults(Role::LeadAgency, true, false).is_empty());
        assert!(faults(Role::Cooperative, false, true).is_empty());
        assert!(faults(Role::Administrator, false, false).is_empty());
        assert_eq!(faults(Role::LeadAgency, false, true), ["/agency required", "/cooperative unexpected_member"]);
        assert_eq!(faults(Role::Cooperative, true, false), ["/agency unexpected_member", "/cooperative required"]);
        assert_eq!(
            faults(Role::Administrator, true, true),
            ["/agency unexpected_member", "/cooperative unexpected_member"]
        );
    }
}
