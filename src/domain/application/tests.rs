use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::from_str;

use super::*;
use crate::domain::moment::Moment;
use crate::domain::role::{Caller, Role, Scope};

/// The scheme that ships with the service.
static SHIPPED: LazyLock<Scheme> = LazyLock::new(|| {
    let schemes: Vec<Scheme> = from_str(include_str!("../../../migration/data/schemes.json")).unwrap();
    schemes.into_iter().find(|scheme| scheme.code == "QD167-2021-2025").unwrap()
});

pub(in crate::domain) fn shipped_scheme() -> Scheme {
    SHIPPED.clone()
}

pub(in crate::domain) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(in crate::domain) fn now() -> Moment {
    Moment("2021-09-20T03:00:00Z".parse().unwrap())
}

/// A caller with a role, a name and an agency of a number.
pub(in crate::domain) fn caller(role: Role, subject: &str, agency: u128) -> Caller {
    Caller {
        issuer: "tests".to_owned(),
        subject: subject.to_owned(),
        role,
        agency: Some(Uuid::from_u128(agency)),
        predecessors: Vec::new(),
        unit: Some("89".to_owned()),
        scope: Scope::Province("89".into()),
    }
}

/// The account of the cooperative that applies.
fn own() -> Caller {
    caller(Role::Cooperative, "htx", 0)
}

pub(in crate::domain) fn document(title: &str) -> DocumentReference {
    DocumentReference { title: title.to_owned(), number: None, document_date: None, sha256: None, uri: None }
}

/// A content with every required item of the dossier.
pub(in crate::domain) fn complete_content(scheme: &Scheme) -> ApplicationContent {
    let required = scheme.dossier.iter().filter(|item| item.required);
    let dossier = required.map(|item| DossierEntry { code: item.code.clone(), document: document(&item.text.vi) });
    ApplicationContent {
        model: "A3".to_owned(),
        dossier: dossier.collect(),
        priority_claims: Vec::new(),
        attestations: Vec::new(),
    }
}

pub(in crate::domain) fn drafted(number: u128, content: ApplicationContent) -> Application {
    let applicant = Applicant { cooperative: Uuid::from_u128(number), province: "89".into(), unit: "883".into() };
    let own = caller(Role::Cooperative, "htx", 0);
    Application::draft(Uuid::from_u128(1000 + number), applicant, (&shipped_scheme(), &[]), content, &own, now())
        .unwrap()
}

/// A complete application of cooperative `number`, sent in.
pub(in crate::domain) fn submitted(number: u128) -> Application {
    let scheme = shipped_scheme();
    drafted(number, complete_content(&scheme)).submit(&scheme, day("2021-08-01"), &own(), now()).unwrap()
}

fn pointers(refusal: &Refusal) -> Vec<&str> {
    refusal.faults.iter().map(|fault| fault.pointer.as_str()).collect()
}

#[test]
fn submission_names_every_missing_item_of_the_dossier() {
    let scheme = shipped_scheme();
    let required = scheme.dossier.iter().filter(|item| item.required).count();
    assert!(required >= 1);
    let empty = ApplicationContent { dossier: Vec::new(), ..complete_content(&scheme) };
    let refusal = drafted(1, empty).submit(&scheme, day("2021-08-01"), &own(), now()).unwrap_err();
    assert_eq!(refusal.rule, Rule::DossierIncomplete);
    assert_eq!(refusal.faults.len(), required);
}

#[test]
fn codes_that_the_scheme_does_not_have_or_that_stand_twice_are_all_named() {
    let scheme = shipped_scheme();
    let mut content = complete_content(&scheme);
    content.model = "A9".to_owned();
    let again = content.dossier[0].clone();
    content.dossier.push(again);
    content.dossier.push(DossierEntry { code: "poem".to_owned(), document: document("Thơ") });
    content.priority_claims = vec![PriorityClaim { condition: "P9.9".to_owned(), evidence: document("Ảnh") }];
    content.attestations =
        vec![Attestation { condition: "T9".to_owned(), holds: true, evidence: document("Cam kết") }];
    let count = scheme.dossier.iter().filter(|item| item.required).count();
    let refusal = content.check(&scheme, &[]).unwrap_err();
    let expected = [
        "/model".to_owned(),
        format!("/dossier/{count}/code"),
        format!("/dossier/{}/code", count + 1),
        "/priorityClaims/0/condition".to_owned(),
        "/attestations/0/condition".to_owned(),
    ];
    assert_eq!(pointers(&refusal), expected);
}

#[test]
fn a_step_is_neither_dated_in_the_future_nor_before_what_it_follows() {
    let lead = caller(Role::LeadAgency, "lead", 7);
    let late = submitted(1).withdraw(day("2021-09-21"), now()).unwrap_err();
    assert_eq!(late.rule, Rule::DateInFuture);
    for refusal in [
        submitted(1).withdraw(day("2021-07-31"), now()).unwrap_err(),
        submitted(1).give_opinion(day("2021-07-31"), now()).unwrap_err(),
        submitted(1).send_back(&lead, None, day("2021-07-31"), now()).unwrap_err(),
    ] {
        assert_eq!(refusal.rule, Rule::StepPredated);
    }
    assert!(submitted(1).withdraw(day("2021-08-01"), now()).is_ok());
}

#[test]
fn only_the_agency_that_leads_the_plan_sends_back() {
    let plan_lead = Some(Uuid::from_u128(7));
    let by = |role, agency| submitted(1).send_back(&caller(role, "x", agency), plan_lead, day("2021-08-02"), now());
    assert!(by(Role::LeadAgency, 7).is_ok());
    assert_eq!(by(Role::LeadAgency, 8).unwrap_err().rule, Rule::NotResponsible);
    assert_eq!(by(Role::Locality, 7).unwrap_err().rule, Rule::NotResponsible);
}

#[test]
fn what_was_sent_in_is_not_edited_or_deleted_until_it_is_returned() {
    let scheme = shipped_scheme();
    let content = complete_content(&scheme);
    assert_eq!(submitted(1).edit((&scheme, &[]), content.clone(), &own(), now()).unwrap_err().rule, Rule::WrongState);
    assert_eq!(submitted(1).may_delete().unwrap_err().rule, Rule::NotADraft);
    let lead = caller(Role::LeadAgency, "lead", 7);
    let returned = submitted(1).send_back(&lead, None, day("2021-08-02"), now()).unwrap();
    let again = returned.edit((&scheme, &[]), content, &own(), now()).unwrap();
    assert_eq!(again.clone().submit(&scheme, day("2021-08-01"), &own(), now()).unwrap_err().rule, Rule::StepPredated);
    let again = again.submit(&scheme, day("2021-08-03"), &own(), now()).unwrap();
    assert_eq!((again.version, again.state.status()), (5, ApplicationStatus::Submitted));
}

/// The moves that an application can be asked for, by number.
fn attempt(application: Application, step: u8) -> Result<Application, Refusal> {
    let scheme = shipped_scheme();
    let on = day("2021-08-01");
    match step {
        0 => application.edit((&scheme, &[]), complete_content(&scheme), &own(), now()),
        1 => application.submit(&scheme, on, &own(), now()),
        2 => application.give_opinion(on, now()),
        3 => application.send_back(&caller(Role::LeadAgency, "lead", 7), None, on, now()),
        4 => application.withdraw(on, now()),
        5 => application.select(Uuid::from_u128(5), now()),
        _ => application.close(on, now()),
    }
}

proptest! {
    #[test]
    fn no_order_of_moves_reaches_an_illegal_state(steps in prop::collection::vec(0_u8..7, 0..40)) {
        use ApplicationStatus::{Closed, Draft, Returned, Selected, Submitted, Withdrawn};
        let legal = [
            (Draft, Draft), (Draft, Submitted), (Submitted, Submitted), (Submitted, Returned), (Submitted, Withdrawn),
            (Submitted, Selected), (Returned, Returned), (Returned, Submitted), (Returned, Withdrawn), (Selected, Closed),
        ];
        let mut application = drafted(1, complete_content(&shipped_scheme()));
        for step in steps {
            let before = application.clone();
            if let Ok(after) = attempt(application.clone(), step) {
                let edge = (before.state.status(), after.state.status());
                prop_assert!(legal.contains(&edge), "{edge:?}");
                prop_assert_eq!(after.version, before.version + 1);
                prop_assert_eq!((after.id, after.cooperative), (before.id, before.cooperative));
                application = after;
            }
        }
    }
}
