//! Who may do what: one table of role → permissions, and the reach of a caller over records.
//!
//! Source: 2129/QĐ-UBND VII. Permissions say *what*; the [`Scope`] says *whose*.

mod caller;

pub use caller::{Caller, Codes, Scope, SharedCode};

/// Writes an enum with its wire names and its list of all values.
macro_rules! names {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $wire:literal,)+ }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $wire)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// The value of a wire name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let names = Self::ALL.iter().map(|value| value.name());
                let words = concat!($($doc, " "),*).trim();
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(words))
                    .enum_values(Some(names))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

pub(crate) use names;

names! {
    /// A role that a token names.
    Role {
        /// The cooperative's own account (*hợp tác xã*).
        Cooperative = "cooperative",
        /// The People's Committee of a district until 2025-06-30, of a commune after (*địa phương*).
        Locality = "locality",
        /// A line department (*sở chuyên ngành*).
        LineDepartment = "line-department",
        /// The agency that leads the plan (*cơ quan đầu mối*).
        LeadAgency = "lead-agency",
        /// The Department of Finance (*Sở Tài chính*).
        Finance = "finance",
        /// The provincial Cooperative Alliance (*Liên minh HTX tỉnh*).
        CooperativeAlliance = "cooperative-alliance",
        /// The provincial People's Committee and its chairperson (*UBND tỉnh*).
        PeoplesCommittee = "peoples-committee",
        /// The national aggregator (*Bộ*).
        Ministry = "ministry",
        /// Fatherland Front and mass organisations (*giám sát*).
        Oversight = "oversight",
        /// Inspectors (*thanh tra*).
        Inspectorate = "inspectorate",
        /// The operator of the service.
        Administrator = "administrator",
    }
}

names! {
    /// What a caller may ask for, by kind of record; the reach over records is the [`Scope`].
    Permission {
        /// Read the reference data: scheme, territory, agencies, lists, criteria sets.
        ReadReference = "reference:read",
        /// Add a province's own entries to the lists of reference data, and edit them.
        AddListEntries = "lists:write",
        /// Load, edit and delete drafts of criteria sets.
        LoadCriteria = "criteria:load",
        /// Try a criteria set on stored evaluations, without saving.
        TryCriteria = "criteria:try",
        /// Activate and retire criteria sets: national ones by the ministry, a province's by its lead agency.
        ActivateCriteria = "criteria:activate",
        /// Read provincial plans.
        ReadPlans = "plans:read",
        /// Draft and edit a provincial plan.
        DraftPlans = "plans:draft",
        /// Approve a provincial plan.
        ApprovePlans = "plans:approve",
        /// Read cooperatives.
        ReadCooperatives = "cooperatives:read",
        /// Record registration facts of cooperatives.
        RegisterCooperatives = "cooperatives:register",
        /// Put yearly figures: declared by the cooperative, verified by the locality.
        WriteFigures = "figures:write",
        /// Read evaluations.
        ReadEvaluations = "evaluations:read",
        /// Make an evaluation: the cooperative its own, agencies the verified and the final one.
        WriteEvaluations = "evaluations:write",
        /// Confirm or return a submitted evaluation.
        ConfirmEvaluations = "evaluations:confirm",
        /// Read applications.
        ReadApplications = "applications:read",
        /// Make, edit, submit and withdraw an application.
        WriteApplications = "applications:write",
        /// Give an opinion on an application.
        GiveOpinions = "applications:opine",
        /// Confirm or reject the priority claims of an application.
        ReviewClaims = "claims:review",
        /// Return an application to its cooperative.
        ReturnApplications = "applications:return",
        /// Read the conditions that provinces add.
        ReadConditions = "conditions:read",
        /// Draft a condition that a province adds.
        DraftConditions = "conditions:draft",
        /// Approve or end a condition that a province adds.
        ApproveConditions = "conditions:approve",
        /// See the applicants of a province in order.
        ReadRankings = "rankings:read",
        /// Read determinations and decide them again.
        ReadDeterminations = "determinations:read",
        /// Make a determination.
        MakeDeterminations = "determinations:make",
        /// Read selection decisions.
        ReadDecisions = "decisions:read",
        /// Draft a selection decision.
        DraftDecisions = "decisions:draft",
        /// Approve or revoke a selection decision.
        ApproveDecisions = "decisions:approve",
        /// Read pilots.
        ReadPilots = "pilots:read",
        /// Withdraw from the scheme: the cooperative's own right.
        WithdrawPilots = "pilots:withdraw",
        /// Record that a pilot completed its model.
        CompletePilots = "pilots:complete",
        /// Make the completed model of a pilot known.
        CommunicatePilots = "pilots:communicate",
        /// Record that other cooperatives adopt a completed model.
        WriteReplications = "replications:write",
        /// Record inspections of pilots.
        WriteInspections = "inspections:write",
        /// Raise an obstacle.
        RaiseObstacles = "obstacles:raise",
        /// Pass an obstacle on to the level above.
        EscalateObstacles = "obstacles:escalate",
        /// Resolve an obstacle.
        ResolveObstacles = "obstacles:resolve",
        /// Read replications, inspections and obstacles.
        ReadFollowUp = "follow-up:read",
        /// Read improvement plans.
        ReadImprovement = "improvement:read",
        /// Make, edit and submit an improvement plan.
        WriteImprovement = "improvement:write",
        /// Review an improvement plan.
        ReviewImprovement = "improvement:review",
        /// Acknowledge a signed improvement plan, as one of its four recipients.
        ReceiveImprovement = "improvement:receive",
        /// Consolidate the signed improvement plans of the province.
        ConsolidateImprovement = "improvement:consolidate",
        /// Return a submitted improvement plan to its cooperative.
        ReturnImprovement = "improvement:return",
        /// Approve an improvement plan.
        ApproveImprovement = "improvement:approve",
        /// Read allocations, disbursements and summaries.
        ReadBudget = "budget:read",
        /// Draft an allocation.
        DraftAllocations = "budget:draft",
        /// Approve an allocation.
        ApproveAllocations = "budget:approve",
        /// Record disbursements.
        Disburse = "budget:disburse",
        /// Record settlements of what was disbursed.
        Settle = "budget:settle",
        /// Review settlements.
        ReviewSettlements = "budget:review",
        /// Read support needs.
        ReadNeeds = "support:read",
        /// Write and submit a support need: the cooperative its own.
        WriteNeeds = "support:write",
        /// Return or consolidate submitted support needs.
        ConsolidateNeeds = "support:consolidate",
        /// Appraise items of a support need.
        AppraiseNeeds = "support:appraise",
        /// Approve items of a support need.
        ApproveNeeds = "support:approve",
        /// Read loans.
        ReadLoans = "loans:read",
        /// Record loans, their disbursements and repayments.
        WriteLoans = "loans:write",
        /// Read periodic reports, obligations and completeness.
        ReadReports = "reports:read",
        /// Draft, edit and submit a periodic report.
        WriteReports = "reports:write",
        /// Accept or return a report of the level below.
        AcceptReports = "reports:accept",
        /// Load, edit and delete drafts of deadlines of reports.
        LoadDeadlines = "deadlines:load",
        /// Put deadlines of reports in force.
        ActivateDeadlines = "deadlines:activate",
        /// Load, edit and delete drafts of the forms of reports.
        LoadForms = "forms:load",
        /// Put forms of reports in force.
        ActivateForms = "forms:activate",
        /// Grant a reporter another deadline for a period.
        GrantExceptions = "exceptions:grant",
        /// Enter agencies into the directory, and end them.
        ManageAgencies = "agencies:manage",
        /// Follow what happens to records.
        ReadChanges = "changes:read",
        /// Read the audit trail and check it.
        ReadAudit = "audit:read",
        /// Make a checkpoint of the audit trail.
        MakeCheckpoints = "audit:checkpoint",
        /// Read aggregates over provinces.
        ReadAggregates = "aggregates:read",
        /// Read the service accounts.
        ReadAccounts = "accounts:read",
        /// Make service accounts, give them secrets, revoke them.
        ManageAccounts = "accounts:manage",
        /// Ask who the token makes the caller: everybody with a valid token.
        Identify = "me:read",
    }
}

use Permission as P;

/// What every role may read, inside its scope.
const READ: &[Permission] = &[
    P::Identify,
    P::ReadReference,
    P::ReadPlans,
    P::ReadCooperatives,
    P::ReadEvaluations,
    P::ReadApplications,
    P::ReadConditions,
    P::ReadDeterminations,
    P::ReadDecisions,
    P::ReadPilots,
    P::ReadImprovement,
    P::ReadFollowUp,
    P::ReadBudget,
    P::ReadNeeds,
    P::ReadLoans,
];

/// The table: what each role may do beyond [`READ`].
const fn beyond_reading(role: Role) -> &'static [Permission] {
    match role {
        Role::Cooperative => &[
            P::WriteFigures,
            P::WriteEvaluations,
            P::WriteApplications,
            P::WithdrawPilots,
            P::WriteImprovement,
            P::WriteNeeds,
        ],
        Role::Locality => &[
            P::RegisterCooperatives,
            P::WriteFigures,
            P::WriteEvaluations,
            P::ConfirmEvaluations,
            P::GiveOpinions,
            P::ReviewClaims,
            P::MakeDeterminations,
            P::ReviewImprovement,
            P::ReceiveImprovement,
            P::CommunicatePilots,
            P::WriteReplications,
            P::WriteInspections,
            P::RaiseObstacles,
            P::Disburse,
            P::Settle,
            P::ApproveNeeds,
            P::ReadReports,
            P::WriteReports,
        ],
        Role::LineDepartment => &[
            P::WriteEvaluations,
            P::ConfirmEvaluations,
            P::GiveOpinions,
            P::ReviewClaims,
            P::ReadRankings,
            P::MakeDeterminations,
            P::ReviewImprovement,
            P::ReceiveImprovement,
            P::CommunicatePilots,
            P::WriteInspections,
            P::RaiseObstacles,
            P::Disburse,
            P::Settle,
            P::ReadReports,
            P::WriteReports,
        ],
        Role::LeadAgency => &[
            P::AddListEntries,
            P::TryCriteria,
            P::ActivateCriteria,
            P::DraftPlans,
            P::WriteEvaluations,
            P::ConfirmEvaluations,
            P::ReturnApplications,
            P::ReviewClaims,
            P::GiveOpinions,
            P::DraftConditions,
            P::ReadRankings,
            P::MakeDeterminations,
            P::DraftDecisions,
            P::CompletePilots,
            P::ReviewImprovement,
            P::ReceiveImprovement,
            P::ConsolidateImprovement,
            P::CommunicatePilots,
            P::WriteReplications,
            P::WriteInspections,
            P::RaiseObstacles,
            P::EscalateObstacles,
            P::ResolveObstacles,
            P::ReturnImprovement,
            P::DraftAllocations,
            P::Disburse,
            P::Settle,
            P::ConsolidateNeeds,
            P::AppraiseNeeds,
            P::ReadReports,
            P::WriteReports,
            P::AcceptReports,
            P::GrantExceptions,
            P::ReadAggregates,
            P::ReadChanges,
        ],
        Role::Finance => {
            &[P::DraftAllocations, P::ReviewSettlements, P::AppraiseNeeds, P::ReadReports, P::ReadAggregates]
        }
        Role::CooperativeAlliance => &[
            P::GiveOpinions,
            P::ReadRankings,
            P::ReviewImprovement,
            P::ReceiveImprovement,
            P::CommunicatePilots,
            P::Disburse,
            P::Settle,
            P::WriteLoans,
            P::ReadReports,
        ],
        Role::PeoplesCommittee => &[
            P::ApprovePlans,
            P::ApproveConditions,
            P::ReadRankings,
            P::ApproveDecisions,
            P::EscalateObstacles,
            P::ResolveObstacles,
            P::ReturnImprovement,
            P::ApproveImprovement,
            P::ApproveAllocations,
            P::ApproveNeeds,
            P::ReadReports,
            P::ReadAggregates,
        ],
        Role::Ministry => &[
            P::TryCriteria,
            P::ActivateCriteria,
            P::LoadDeadlines,
            P::ActivateDeadlines,
            P::LoadForms,
            P::ActivateForms,
            P::GrantExceptions,
            P::EscalateObstacles,
            P::ResolveObstacles,
            P::ReadReports,
            P::AcceptReports,
            P::ReadAggregates,
            P::ReadRankings,
            P::ReadChanges,
        ],
        Role::Oversight => &[P::ReadReports, P::ReadAggregates, P::ReadRankings, P::ReadChanges],
        Role::Inspectorate => {
            &[P::ReadReports, P::ReadAggregates, P::ReadRankings, P::ReadChanges, P::ReadAudit, P::MakeCheckpoints]
        }
        Role::Administrator => &[
            P::LoadCriteria,
            P::TryCriteria,
            P::LoadDeadlines,
            P::LoadForms,
            P::ManageAgencies,
            P::ReadReports,
            P::ReadAggregates,
            P::ReadRankings,
            P::ReadChanges,
            P::ReadAudit,
            P::ReadAccounts,
            P::ManageAccounts,
        ],
    }
}

impl Permission {
    /// The roles that hold it.
    pub fn holders(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| role.may(self))
    }
}

impl Role {
    /// Whether the role holds a permission.
    pub fn may(self, permission: Permission) -> bool {
        READ.contains(&permission) || beyond_reading(self).contains(&permission)
    }

    /// Whether the role acts for an agency (all but the cooperative and the operator).
    pub const fn is_agency(self) -> bool {
        !matches!(self, Self::Cooperative | Self::Administrator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_decides_nothing() {
        // Drafts of legal data are loaded by the operator; others put them in force. Accounts and the
        // directory are technical.
        let drafts =
            ["criteria:load", "criteria:try", "deadlines:load", "forms:load", "accounts:manage", "agencies:manage"];
        let powers = Permission::ALL.iter().filter(|permission| Role::Administrator.may(**permission));
        assert!(
            powers.map(|permission| permission.name()).all(|name| name.ends_with(":read") || drafts.contains(&name))
        );
    }

    #[test]
    fn every_permission_is_held_by_some_role_and_names_survive_the_wire() {
        for permission in Permission::ALL {
            assert!(Role::ALL.iter().any(|role| role.may(*permission)), "{permission:?}");
            assert_eq!(Permission::from_name(permission.name()), Some(*permission));
        }
        assert!(Role::ALL.iter().all(|role| Role::from_name(role.name()) == Some(*role)));
    }
}
