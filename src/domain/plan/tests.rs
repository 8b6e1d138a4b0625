use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::reference::ReferenceList;
use crate::domain::role::Scope;
use crate::domain::scheme::qd167;
use crate::domain::territory::Level;
use crate::domain::text::Text;

const PLAN: Uuid = Uuid::from_u128(1);
const LEAD: Uuid = Uuid::from_u128(2);
const COMMITTEE: Uuid = Uuid::from_u128(3);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn now() -> Moment {
    Moment("2021-09-15T02:00:00Z".parse().unwrap())
}

fn caller(subject: &str, role: Role, agency: Uuid) -> Caller {
    Caller {
        issuer: "test".to_owned(),
        subject: subject.to_owned(),
        role,
        agency: Some(agency),
        predecessors: Vec::new(),
        unit: Some("89".to_owned()),
        scope: Scope::Province("89".into()),
    }
}

fn lead() -> Caller {
    caller("lead", Role::LeadAgency, LEAD)
}

fn committee(subject: &str) -> Caller {
    caller(subject, Role::PeoplesCommittee, COMMITTEE)
}

fn entry(list: ReferenceList, code: &str, province: Option<&str>, valid_to: Option<&str>) -> ReferenceEntry {
    ReferenceEntry {
        list,
        code: code.to_owned(),
        slug: None,
        name: Text::new(code, code),
        attributes: BTreeMap::new(),
        province: province.map(str::to_owned),
        valid_from: day("2021-02-03"),
        valid_to: valid_to.map(day),
        legal_basis: "2129/QĐ-UBND V.2".to_owned(),
    }
}

/// What the plan of An Giang is checked against.
struct Records {
    province: AdministrativeUnit,
    scheme: Scheme,
    lead: Agency,
    lists: Vec<ReferenceEntry>,
}

impl Records {
    fn an_giang() -> Self {
        let province = AdministrativeUnit {
            code: "89".to_owned(),
            name: "Tỉnh An Giang".to_owned(),
            level: Level::Province,
            parent: None,
            valid_from: day("2004-07-08"),
            valid_to: Some(day("2025-06-30")),
            legal_basis: "124/2004/QĐ-TTg".to_owned(),
        };
        let lead = Agency {
            id: LEAD,
            code: None,
            name: "Sở Kế hoạch và Đầu tư tỉnh An Giang".to_owned(),
            role: Role::LeadAgency,
            sector: None,
            unit: Some("89".to_owned()),
            province: Some("89".to_owned()),
            valid_from: day("2021-02-03"),
            valid_to: None,
            predecessor: None,
            predecessors: Vec::new(),
            successor: None,
        };
        let lists = vec![
            entry(ReferenceList::Categories, "infrastructure_and_processing", None, None),
            entry(ReferenceList::Categories, "preferential_credit_and_fund", None, None),
            entry(ReferenceList::Categories, "recurrent_support", None, None),
            entry(ReferenceList::BudgetLevels, "district", None, Some("2025-06-30")),
            entry(ReferenceList::Sources, "long_xuyen_rice_scheme", Some("89"), None),
            entry(ReferenceList::Sources, "ha_noi_fund", Some("01"), None),
        ];
        Self { province, scheme: qd167(), lead, lists }
    }

    fn all(&self) -> PlanReferences<'_> {
        PlanReferences {
            province: Some(&self.province),
            scheme: Some(&self.scheme),
            lead_agency: Some(&self.lead),
            lists: &self.lists,
        }
    }
}

fn content() -> PlanContent {
    PlanContent {
        province: "89".to_owned(),
        scheme: "QD167-2021-2025".to_owned(),
        decision_number: "2129/QĐ-UBND".to_owned(),
        decision_date: day("2021-09-15"),
        lead_agency: LEAD,
        pilot_quota: 5,
        tie_break: Vec::new(),
        counted_claims: crate::domain::application::CountedClaims::default(),
        total: Money::million(32_675),
    }
}

fn line(category: &str, amount: Money) -> LineContent {
    LineContent {
        category: category.to_owned(),
        budget_level: None,
        source: None,
        nature: None,
        support_kind: None,
        fiscal_year: None,
        amount,
    }
}

fn lines() -> Vec<(Uuid, LineContent)> {
    let parts = [
        ("infrastructure_and_processing", 6_615),
        ("preferential_credit_and_fund", 21_000),
        ("recurrent_support", 5_060),
    ];
    let line = |(category, millions)| (Uuid::from_u128(10), line(category, Money::million(millions)));
    parts.into_iter().map(line).collect()
}

fn drafted() -> ProvincialPlan {
    ProvincialPlan::draft(PLAN, content(), lines(), Records::an_giang().all(), &lead(), now()).unwrap()
}

/// The pointers and codes of all faults of a draft.
fn faults(content: PlanContent, lines: Vec<(Uuid, LineContent)>, by: &Caller) -> Vec<(String, &'static str)> {
    let refused = ProvincialPlan::draft(PLAN, content, lines, Records::an_giang().all(), by, now()).unwrap_err();
    refused.faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn the_plan_of_an_giang_is_accepted_and_its_lines_sum_to_its_total() {
    let plan = drafted();
    assert_eq!(plan.remaining(), Money::million(32_675));
    assert_eq!((plan.state, plan.version, plan.places_left()), (PlanState::Draft, 1, 5));
}

#[test]
fn a_total_that_is_not_the_sum_is_refused_at_the_total_with_both_figures() {
    let content = PlanContent { total: Money::million(32_676), ..content() };
    let refused = ProvincialPlan::draft(PLAN, content, lines(), Records::an_giang().all(), &lead(), now()).unwrap_err();
    assert_eq!(refused.rule, Rule::TotalMismatch);
    assert_eq!(refused.faults[0].pointer, "/total");
    for figure in ["32676000000", "32675000000", "1000000"] {
        assert!(refused.detail.en.contains(figure), "{}", refused.detail.en);
    }
}

#[test]
fn every_fault_is_told_at_once_and_at_its_place() {
    let mut wrong = lines();
    wrong[0].1.category = "roads".to_owned();
    wrong[1].1.fiscal_year = Some(2026);
    wrong[2].1.source = Some("ha_noi_fund".to_owned());
    wrong[2].1.amount = Money::ZERO;
    let content = PlanContent {
        decision_date: day("2021-09-16"),
        pilot_quota: 6,
        lead_agency: COMMITTEE,
        total: Money::million(1),
        ..content()
    };
    assert_eq!(
        faults(content, wrong, &lead()),
        [
            ("/decisionDate".to_owned(), "date_in_future"),
            ("/leadAgency".to_owned(), "unknown_reference"),
            ("/pilotQuota".to_owned(), "quota_above_scheme"),
            ("/estimateLines/1/fiscalYear".to_owned(), "outside_scheme"),
            ("/estimateLines/0/category".to_owned(), "unknown_reference"),
            ("/estimateLines/2/source".to_owned(), "unknown_reference"),
            ("/estimateLines/2/amount".to_owned(), "amount_not_positive"),
            ("/total".to_owned(), "total_mismatch"),
        ]
    );
}

#[test]
fn a_decision_dated_before_the_scheme_is_refused() {
    let content = PlanContent { decision_date: day("2021-02-02"), ..content() };
    let refused = faults(content, lines(), &lead());
    assert!(refused.contains(&("/decisionDate".to_owned(), "outside_scheme")), "{refused:?}");
}

#[test]
fn a_source_of_the_own_province_is_known_and_stated_or_not() {
    let mut stated = lines();
    stated[0].1.source = Some("long_xuyen_rice_scheme".to_owned());
    stated[0].1.budget_level = Some(BudgetLevel::District);
    assert!(ProvincialPlan::draft(PLAN, content(), stated, Records::an_giang().all(), &lead(), now()).is_ok());
}

#[test]
fn another_province_is_as_good_as_absent() {
    let stranger = Caller { scope: Scope::Province("91".into()), ..lead() };
    assert_eq!(faults(content(), lines(), &stranger), [("/province".to_owned(), "unknown_reference")]);
}

#[test]
fn a_code_that_no_longer_is_a_province_is_refused() {
    let mut records = Records::an_giang();
    records.province.valid_to = Some(day("2021-09-14"));
    let refused = ProvincialPlan::draft(PLAN, content(), lines(), records.all(), &lead(), now()).unwrap_err();
    assert_eq!((refused.rule, refused.faults[0].pointer.as_str()), (Rule::UnknownUnit, "/province"));
}

#[test]
fn only_the_lead_agency_that_the_plan_names_drafts_and_edits_it() {
    let other = caller("other", Role::LeadAgency, COMMITTEE);
    let refused =
        ProvincialPlan::draft(PLAN, content(), lines(), Records::an_giang().all(), &other, now()).unwrap_err();
    assert_eq!(refused.rule, Rule::NotResponsible);
    assert_eq!(drafted().may_edit(&other).unwrap_err().rule, Rule::NotResponsible);
    assert!(drafted().may_edit(&lead()).is_ok());
}

#[test]
fn an_edit_keeps_the_drafter_and_counts_the_version() {
    let colleague = caller("colleague", Role::LeadAgency, LEAD);
    let later = Moment("2021-09-16T02:00:00Z".parse().unwrap());
    let content = PlanContent { pilot_quota: 4, ..content() };
    let edited = drafted().edit(content, lines(), Records::an_giang().all(), &colleague, later).unwrap();
    assert_eq!((edited.version, edited.created_by.as_str(), edited.content.pilot_quota), (2, "lead", 4));
    assert_eq!((edited.recorded_at, edited.updated_at), (now().0, later.0));
}

#[test]
fn the_peoples_committee_approves_and_never_the_person_who_drafted() {
    let approved = drafted().approve(&committee("chair"), None, now()).unwrap();
    assert_eq!((approved.state, approved.version), (PlanState::Approved, 2));

    let refused = |plan: ProvincialPlan, by: &Caller, standing| plan.approve(by, standing, now()).unwrap_err().rule;
    assert_eq!(refused(drafted(), &committee("lead"), None), Rule::FourEyes);
    assert_eq!(refused(drafted(), &lead(), None), Rule::NotResponsible);
    assert_eq!(refused(drafted(), &committee("chair"), Some("1/QĐ-UBND")), Rule::AlreadyExists);
    assert_eq!(refused(approved.clone(), &committee("chair"), None), Rule::WrongState);
    assert_eq!(approved.may_edit(&lead()).unwrap_err().rule, Rule::WrongState);
}

proptest! {
    #[test]
    fn a_plan_is_accepted_exactly_when_its_total_is_the_sum_of_its_lines(
        amounts in prop::collection::vec(1_i64..=999_999_999_999_999, 1..60),
        off_by in -2_i64..=2,
    ) {
        let sum: i64 = amounts.iter().sum();
        let lines = amounts.into_iter().map(|dong| (PLAN, line("recurrent_support", Money::dong(dong)))).collect();
        let content = PlanContent { total: Money::dong(sum + off_by), ..content() };
        let drafted = ProvincialPlan::draft(PLAN, content, lines, Records::an_giang().all(), &lead(), now());
        prop_assert_eq!(drafted.is_ok(), off_by == 0);
    }
}

#[test]
fn who_edited_a_plan_does_not_approve_it() {
    let colleague = caller("both-hats", Role::LeadAgency, LEAD);
    let edited = drafted().edit(content(), lines(), Records::an_giang().all(), &colleague, now()).unwrap();
    for (subject, passes) in [("lead", false), ("both-hats", false), ("chair", true)] {
        let verdict = edited.may_approve(&committee(subject), None).map_err(|refusal| refusal.rule);
        assert_eq!(verdict, if passes { Ok(()) } else { Err(Rule::FourEyes) }, "{subject}");
    }
}

#[test]
fn source_and_nature_go_together() {
    let mut references = Records::an_giang();
    for (code, nature) in [("fund", "credit"), ("investment_plan", "investment"), ("unknown_nature", "")] {
        let attributes = BTreeMap::from([("nature".to_owned(), nature.to_owned())]);
        references.lists.push(ReferenceEntry { attributes, ..entry(ReferenceList::Sources, code, None, None) });
    }
    for (list, codes) in [
        (ReferenceList::Natures, &["credit", "investment", "recurrent"][..]),
        (ReferenceList::SupportKinds, &["preferential_loan", "training"]),
    ] {
        references.lists.extend(codes.iter().map(|code| entry(list, code, None, None)));
    }
    let draft = |source: Option<&str>, nature: Option<Nature>, kind: Option<&str>, category: &str| {
        let line = LineContent {
            source: source.map(str::to_owned),
            nature,
            support_kind: kind.map(str::to_owned),
            ..line(category, Money::million(1))
        };
        let content = PlanContent { total: Money::million(1), ..content() };
        let drafted = ProvincialPlan::draft(PLAN, content, vec![(Uuid::nil(), line)], references.all(), &lead(), now());
        drafted
            .map(|_| ())
            .map_err(|refusal| refusal.faults.iter().map(|fault| fault.pointer.clone()).collect::<Vec<_>>())
    };
    let budget = "recurrent_support";
    let source = || Err(vec!["/estimateLines/0/source".to_owned()]);
    assert_eq!(draft(Some("fund"), None, None, CREDIT_CATEGORY), Ok(()));
    assert_eq!(draft(Some("fund"), Some(Nature::Credit), Some("preferential_loan"), budget), Ok(()));
    assert_eq!(draft(Some("fund"), None, None, budget), source(), "what is lent is no budget money");
    assert_eq!(draft(Some("fund"), Some(Nature::Investment), None, CREDIT_CATEGORY), source());
    assert_eq!(draft(Some("investment_plan"), None, None, budget), Ok(()));
    assert_eq!(draft(Some("investment_plan"), Some(Nature::Recurrent), None, budget), source());
    assert_eq!(draft(Some("investment_plan"), None, None, CREDIT_CATEGORY), source());
    assert_eq!(draft(Some("unknown_nature"), Some(Nature::Recurrent), Some("training"), budget), Ok(()));
    assert_eq!(draft(None, None, Some("preferential_loan"), CREDIT_CATEGORY), Ok(()));
    assert_eq!(
        draft(None, Some(Nature::Recurrent), Some("preferential_loan"), budget),
        Err(vec!["/estimateLines/0/supportKind".to_owned()])
    );
}
