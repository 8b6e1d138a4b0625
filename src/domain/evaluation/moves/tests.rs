//! Who may do what with an evaluation, and when.

use super::*;
use crate::domain::cooperative::FiguresBasis;
use crate::domain::criteria::tt01;
use crate::domain::evaluation::NewScore;
use crate::domain::evaluation::oversight::{NamedAgency, PilotOversight};
use crate::domain::evaluation::scoring::tests::full_scores;
use crate::domain::role::Scope;
use crate::domain::score::Points;

mod orders;

const COOPERATIVE: Uuid = Uuid::from_u128(1);
const KEY: (Uuid, u16, EvaluationKind) = (COOPERATIVE, 2020, EvaluationKind::Own);
const IN_TIME: &str = "2020-12-15T16:59:59Z";
const TOO_LATE: &str = "2020-12-15T17:00:00Z";

fn caller(role: Role, subject: &str) -> Caller {
    let scope = match role {
        Role::Cooperative => Scope::Cooperative(COOPERATIVE),
        _ => Scope::Province("89".into()),
    };
    let agency = role.is_agency().then_some(Uuid::from_u128(7));
    Caller {
        issuer: "test".to_owned(),
        subject: subject.to_owned(),
        role,
        agency,
        predecessors: Vec::new(),
        unit: None,
        scope,
    }
}

fn cooperative() -> Caller {
    caller(Role::Cooperative, "cooperative")
}

fn locality(subject: &str) -> Caller {
    caller(Role::Locality, subject)
}

fn at(instant: &str) -> Moment {
    Moment(instant.parse().unwrap())
}

fn day() -> NaiveDate {
    "2020-12-10".parse().unwrap()
}

fn operation(founded_on: &str) -> Operation {
    let day = |text: &str| text.parse().unwrap();
    Operation { founded_on: day(founded_on), stops: Vec::new(), known_on: day("2020-12-10") }
}

fn evaluated() -> Evaluated {
    of(operation("2015-03-02"))
}

fn of(operation: Operation) -> Evaluated {
    let (province, unit) = ("89".to_owned(), "883".to_owned());
    let (field, industry_code, figures) = (Field::Agriculture, None, Vec::new());
    Evaluated { cooperative: COOPERATIVE, province, unit, operation, field, industry_code, figures }
}

fn content(scores: Vec<NewScore>) -> NewContent {
    NewContent { scores, fine: None }
}

/// A cooperative of agriculture; the caller's department, if it is one, is that of agriculture.
fn known() -> Circumstances {
    Circumstances {
        field: Field::Agriculture,
        pilot: None,
        sectors: vec!["agriculture".to_owned()],
        variant: None,
        legal_basis: "01/2020/TT-BKHĐT".to_owned(),
        submitted_on: None,
        returned_on: None,
    }
}

/// The same, a pilot in the hands of a department and under the plan that an agency leads.
fn of_pilot(department: u128, lead: Option<u128>) -> Circumstances {
    let named = |id| NamedAgency { id: Uuid::from_u128(id), name: format!("Cơ quan {id}") };
    let pilot = PilotOversight { department: named(department), lead: lead.map(named) };
    Circumstances { pilot: Some(pilot), ..known() }
}

fn made_in(known: &Circumstances, kind: EvaluationKind, caller: &Caller) -> Result<Evaluation, Refusal> {
    let (of, now) = (evaluated(), at(IN_TIME));
    Evaluation::draft(Uuid::from_u128(9), (kind, 2020), of, &tt01(), content(full_scores()), known, caller, now)
}

/// Agencies that the tests name have the number 7.
fn made(kind: EvaluationKind, caller: &Caller) -> Result<Evaluation, Refusal> {
    made_in(&of_pilot(7, Some(7)), kind, caller)
}

fn draft() -> Evaluation {
    made(EvaluationKind::Own, &cooperative()).unwrap()
}

fn endorse(evaluation: Evaluation, board: Board, opinion: BoardOpinion) -> Result<Evaluation, Refusal> {
    evaluation.endorse((&tt01(), &evaluated()), (board, opinion), day(), None, &known(), &cooperative(), at(IN_TIME))
}

fn endorsed() -> Evaluation {
    let half = endorse(draft(), Board::Directors, BoardOpinion::Agreed).unwrap();
    endorse(half, Board::Supervisors, BoardOpinion::NoneByCharter).unwrap()
}

fn submit(evaluation: Evaluation, caller: &Caller, instant: &str) -> Result<Evaluation, Refusal> {
    evaluation.submit(&tt01(), evaluated(), day(), &known(), caller, at(instant))
}

fn edit(evaluation: Evaluation, scores: Vec<NewScore>, caller: &Caller) -> Result<Evaluation, Refusal> {
    let key = (evaluation.cooperative, evaluation.year, evaluation.kind);
    evaluation.edit(key, &tt01(), content(scores), evaluated(), &known(), caller, at(IN_TIME))
}

fn rule(refused: Result<Evaluation, Refusal>) -> Option<Rule> {
    refused.err().map(|refusal| refusal.rule)
}

#[test]
fn each_kind_has_its_makers() {
    use EvaluationKind::{Final, Own, Verified};
    let table = [
        (Own, Role::Cooperative, true),
        (Own, Role::Locality, false),
        (Own, Role::LeadAgency, false),
        (Verified, Role::Locality, true),
        (Verified, Role::LineDepartment, true),
        (Verified, Role::Cooperative, false),
        (Verified, Role::LeadAgency, false),
        (Final, Role::LeadAgency, true),
        (Final, Role::Locality, false),
        (Final, Role::Ministry, false),
    ];
    for (kind, role, allowed) in table {
        let refused = rule(made(kind, &caller(role, "someone")));
        assert_eq!(refused, (!allowed).then_some(Rule::NotOwnEvaluation), "{kind:?} {role:?}");
    }
}

#[test]
fn nobody_else_edits_what_a_cooperative_or_another_agency_owns() {
    assert_eq!(rule(edit(draft(), full_scores(), &locality("officer"))), Some(Rule::NotOwnEvaluation));
    let other = Caller { scope: Scope::Cooperative(Uuid::from_u128(2)), ..cooperative() };
    assert_eq!(rule(edit(draft(), full_scores(), &other)), Some(Rule::NotOwnEvaluation));
    let verified = made(EvaluationKind::Verified, &locality("officer")).unwrap();
    let department = Caller { agency: Some(Uuid::from_u128(8)), ..caller(Role::LineDepartment, "expert") };
    assert_eq!(rule(edit(verified, full_scores(), &department)), Some(Rule::NotOwnEvaluation));
}

#[test]
fn both_boards_agree_before_it_is_sent() {
    assert_eq!(rule(submit(draft(), &cooperative(), IN_TIME)), Some(Rule::EndorsementMissing));
    let half = endorse(draft(), Board::Directors, BoardOpinion::Agreed).unwrap();
    let refusal = submit(half, &cooperative(), IN_TIME).unwrap_err();
    assert!(refusal.detail.en.contains("supervisory board") && !refusal.detail.en.contains("directors"));
    // Under another circular that one is cited.
    let other = Circumstances { legal_basis: "09/2017/TT-BNNPTNT".to_owned(), ..known() };
    let refusal = draft().may(EvaluationAction::Submit, &other, &cooperative()).unwrap_err();
    assert_eq!((refusal.rule, refusal.legal_basis()), (Rule::EndorsementMissing, "09/2017/TT-BNNPTNT"));
    assert_eq!(submit(endorsed(), &cooperative(), IN_TIME).unwrap().state, EvaluationState::Submitted);
}

#[test]
fn directors_are_never_absent_by_charter() {
    let refused = endorse(draft(), Board::Directors, BoardOpinion::NoneByCharter).unwrap_err();
    assert_eq!((refused.rule, refused.faults[0].pointer.as_str()), (Rule::BoardMustAgree, "/opinion"));
}

#[test]
fn agencies_have_no_boards_to_ask() {
    let officer = locality("officer");
    let verified = made(EvaluationKind::Verified, &officer).unwrap();
    assert_eq!(verified.may(EvaluationAction::Endorse, &known(), &officer).unwrap_err().rule, Rule::WrongState);
    let submitted = submit(verified, &officer, IN_TIME).unwrap();
    assert_eq!(submitted.submission.unwrap().late, None);
}

#[test]
fn a_change_of_content_voids_agreements_and_the_same_content_keeps_them() {
    let same = edit(endorsed(), full_scores(), &cooperative()).unwrap();
    assert_eq!(same.endorsements.len(), 2);
    let mut scores = full_scores();
    scores[0].note = Some("Đã rà soát".to_owned());
    let changed = edit(same, scores, &cooperative()).unwrap();
    assert_eq!(changed.endorsements, []);
    let back = edit(changed, full_scores(), &cooperative()).unwrap();
    assert_eq!(rule(submit(back, &cooperative(), IN_TIME)), Some(Rule::EndorsementMissing));
}

#[test]
fn the_natural_key_of_an_evaluation_is_fixed() {
    let draft = draft();
    assert_eq!(draft.keeps_key(KEY), Ok(()));
    let faults = draft.keeps_key((Uuid::nil(), 2021, EvaluationKind::Final)).unwrap_err().faults;
    assert_eq!(faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(), ["/cooperative", "/year", "/kind"]);
}

#[test]
fn no_step_is_dated_in_the_future() {
    let tomorrow = "2020-12-16".parse().unwrap();
    let (own, officer, now) = (cooperative(), locality("officer"), at(IN_TIME));
    let submitted = submit(endorsed(), &own, IN_TIME).unwrap();
    let refused = [
        draft().endorse(
            (&tt01(), &evaluated()),
            (Board::Directors, BoardOpinion::Agreed),
            tomorrow,
            None,
            &known(),
            &own,
            now,
        ),
        endorsed().submit(&tt01(), evaluated(), tomorrow, &known(), &own, now),
        submitted.clone().confirm((&tt01(), &evaluated()), tomorrow, &known(), &officer, now),
        submitted.send_back(tomorrow, &known(), &officer, now),
    ];
    assert!(refused.into_iter().all(|refused| rule(refused) == Some(Rule::DateInFuture)));
}

#[test]
fn the_order_in_which_scores_are_sent_does_not_matter() {
    let mut scores = full_scores();
    scores.reverse();
    let reversed = edit(endorsed(), scores, &cooperative()).unwrap();
    assert_eq!((reversed.content_hash(), reversed.endorsements.len()), (draft().content_hash(), 2));
}

#[test]
fn an_unchanged_score_keeps_the_name_of_who_entered_it() {
    let mut scores = full_scores();
    scores[1].points = Some(Points::ZERO);
    let colleague = Caller { subject: "colleague".to_owned(), ..cooperative() };
    let edited = edit(draft(), scores, &colleague).unwrap();
    assert_eq!(
        (edited.scores[0].entered_by.as_str(), edited.scores[1].entered_by.as_str()),
        ("cooperative", "colleague")
    );
}

#[test]
fn the_fifteenth_of_december_is_in_time_and_the_sixteenth_is_marked_late() {
    for (instant, late) in [(IN_TIME, false), (TOO_LATE, true)] {
        let submitted = submit(endorsed(), &cooperative(), instant).unwrap();
        assert_eq!(submitted.submission.unwrap().late, Some(late), "{instant}");
    }
}

#[test]
fn one_that_was_sent_in_time_and_returned_is_not_late_afterwards() {
    let submitted = submit(endorsed(), &cooperative(), IN_TIME).unwrap();
    let returned = submitted.send_back(day(), &known(), &locality("officer"), at(TOO_LATE)).unwrap();
    assert_eq!(returned.state, EvaluationState::Returned);
    let again = submit(returned, &cooperative(), TOO_LATE).unwrap().submission.unwrap();
    assert_eq!((again.late, again.at), (Some(false), at(TOO_LATE).0));
}

#[test]
fn what_the_register_knows_at_submission_decides_the_rating() {
    let young =
        endorsed().submit(&tt01(), of(operation("2020-02-01")), day(), &known(), &cooperative(), at(IN_TIME)).unwrap();
    assert_eq!((young.rating(), young.total()), (None, draft().total()));
}

#[test]
fn four_eyes_compare_everyone_who_made_scored_or_sent_it() {
    let (maker, scorer, sender) = (locality("maker"), locality("scorer"), locality("sender"));
    let mut scores = full_scores();
    scores[0].points = Some(Points::ZERO);
    let verified = edit(made(EvaluationKind::Verified, &maker).unwrap(), scores, &scorer).unwrap();
    let submitted = submit(verified, &sender, IN_TIME).unwrap();
    for person in [&maker, &scorer, &sender] {
        assert_eq!(
            rule(submitted.clone().confirm((&tt01(), &evaluated()), day(), &known(), person, at(IN_TIME))),
            Some(Rule::FourEyes),
            "{}",
            person.subject
        );
    }
    let confirmed =
        submitted.confirm((&tt01(), &evaluated()), day(), &known(), &locality("head"), at(IN_TIME)).unwrap();
    assert_eq!(confirmed.state, EvaluationState::Confirmed);
}

#[test]
fn steps_follow_the_order_of_the_scheme() {
    use EvaluationAction::{Confirm, Delete, Edit, Endorse, Return, Submit};
    let (own, officer) = (cooperative(), locality("officer"));
    let submitted = submit(endorsed(), &own, IN_TIME).unwrap();
    let returned = submitted.clone().send_back(day(), &known(), &officer, at(IN_TIME)).unwrap();
    let confirmed = submitted.clone().confirm((&tt01(), &evaluated()), day(), &known(), &officer, at(IN_TIME)).unwrap();
    let table = [
        (endorsed(), [true, true, true, true, false, false]),
        (submitted, [false, false, false, false, true, true]),
        (returned, [true, false, true, true, false, false]),
        (confirmed, [false; 6]),
    ];
    for (evaluation, allowed) in table {
        let may = [Edit, Delete, Endorse, Submit, Confirm, Return].map(|action| {
            evaluation.may(action, &known(), &own).is_ok() || evaluation.may(action, &known(), &officer).is_ok()
        });
        assert_eq!(may, allowed, "{:?}", evaluation.state);
    }
}

/// The circular with a scale on 3c: profit before tax, 0.00 up to zero, 4.00 above.
fn with_scale() -> CriteriaSet {
    let mut set = tt01();
    let scale = json!({"indicator": "profit_before_tax", "legalBasis": "mẫu", "forms": [{"steps": [
        {"range": {"to": "0", "toIncluded": true}, "points": "0.00"},
        {"range": {"from": "0", "fromIncluded": false}, "points": "4.00"},
    ]}]});
    set.criteria.groups[0].criteria[2].sub_criteria[2].scale = serde_json::from_value(scale).ok();
    set
}

/// The cooperative with its profit of 2020, as declared and as verified.
fn with_profit(declared: Option<&str>, verified: Option<&str>) -> Evaluated {
    let side = |basis, profit: &str| AnnualFigures {
        cooperative: COOPERATIVE,
        year: 2020,
        basis,
        version: 1,
        figures: serde_json::from_value(json!({"status": "final", "profitBeforeTax": profit})).unwrap(),
        recorded_by: "someone".to_owned(),
        updated_at: at(IN_TIME).0,
    };
    let declared = declared.map(|profit| side(FiguresBasis::Declared, profit));
    let verified = verified.map(|profit| side(FiguresBasis::Verified, profit));
    Evaluated { figures: declared.into_iter().chain(verified).collect(), ..evaluated() }
}

fn computed(kind: EvaluationKind, caller: &Caller, of: Evaluated) -> Result<Evaluation, Refusal> {
    let entered = full_scores().into_iter().filter(|score| score.criterion != "3c").collect();
    let now = at(IN_TIME);
    Evaluation::draft(Uuid::from_u128(9), (kind, 2020), of, &with_scale(), content(entered), &known(), caller, now)
}

fn points_of_3c(evaluation: &Evaluation) -> Option<i64> {
    let score = evaluation.scores.iter().find(|score| score.criterion == "3c");
    score.map(|score| score.points.as_hundredths())
}

#[test]
fn each_kind_rests_on_its_own_side_of_the_figures() {
    let own = |of| computed(EvaluationKind::Own, &cooperative(), of);
    let verified = |of| computed(EvaluationKind::Verified, &locality("officer"), of);
    assert_eq!(points_of_3c(&own(with_profit(Some("5"), Some("-5"))).unwrap()), Some(400));
    assert_eq!(points_of_3c(&verified(with_profit(Some("5"), Some("-5"))).unwrap()), Some(0));
    assert_eq!(points_of_3c(&verified(with_profit(Some("5"), None)).unwrap()), Some(400));
    // What an agency found is not put into the cooperative's mouth.
    assert_eq!(rule(own(with_profit(None, Some("5")))), Some(Rule::InvalidScores));
}

#[test]
fn computed_points_are_sent_while_the_figures_bring_them() {
    let officer = locality("officer");
    let verified = computed(EvaluationKind::Verified, &officer, with_profit(None, Some("5"))).unwrap();
    let send = |of| verified.clone().submit(&with_scale(), of, day(), &known(), &officer, at(IN_TIME));
    assert_eq!(rule(send(with_profit(None, Some("5")))), None);
    // Another figure that brings the same points changes nothing that was agreed to.
    assert_eq!(rule(send(with_profit(None, Some("6")))), None);
    let refusal = send(with_profit(None, Some("0"))).unwrap_err();
    assert_eq!(refusal.rule, Rule::FiguresChanged);
    assert!(refusal.detail.en.contains("criterion 3c: 4.00 → 0.00"), "{}", refusal.detail.en);
    assert!(send(with_profit(None, None)).unwrap_err().detail.en.contains("criterion 3c: 4.00 → –"));
}

#[test]
fn an_edit_keeps_the_version_though_it_governs_no_more() {
    let ended = CriteriaSet { valid_to: "2020-06-30".parse().ok(), ..tt01() };
    let kept =
        draft().edit(KEY, &ended, content(full_scores()), evaluated(), &known(), &cooperative(), at(IN_TIME)).unwrap();
    assert_eq!(kept.criteria_set, ended.id);
    let other = CriteriaSet { id: Uuid::from_u128(2), ..ended };
    let refused = draft().edit(KEY, &other, content(full_scores()), evaluated(), &known(), &cooperative(), at(IN_TIME));
    assert_eq!(rule(refused), Some(Rule::CriteriaNotInForce));
}

#[test]
fn an_evaluation_counts_under_its_own_circular_and_its_own_province_s_variant_alone() {
    let of = |code: &str| Evaluation { criteria_code: code.to_owned(), ..draft() };
    let table = [("TT01-2020", true), ("TT01-2020-89", true), ("TT01-2020-91", false), ("TT09-2017", false)];
    for (code, counts) in table {
        assert_eq!(of(code).is_under("TT01-2020"), counts, "{code}");
    }
}

#[test]
fn what_was_agreed_to_before_scales_keeps_its_digest() {
    // Endorsements are bound to this digest: members that a later version adds do not change it while they are absent.
    let score = |score: &Score| json!({"criterion": score.criterion, "points": score.points});
    let before = digest(&json!({
        "cooperative": COOPERATIVE, "year": 2020, "kind": "self", "criteriaSet": tt01().id,
        "scores": draft().scores.iter().map(score).collect::<Vec<_>>(),
    }));
    assert_eq!(draft().content_hash(), before);
    let fine = crate::domain::evaluation::AdministrativeFine { fined: false, document: None };
    assert_ne!(Evaluation { fine: Some(fine), ..draft() }.content_hash(), before);
    let mut overridden = draft();
    overridden.scores[0].override_reason = Some("theo kiểm toán".to_owned());
    assert_ne!(overridden.content_hash(), before);
}

#[test]
fn a_year_before_the_circular_or_after_today_is_refused() {
    let draft = |year| {
        Evaluation::draft(
            Uuid::nil(),
            (EvaluationKind::Own, year),
            evaluated(),
            &tt01(),
            content(full_scores()),
            &known(),
            &cooperative(),
            at(IN_TIME),
        )
    };
    assert_eq!(rule(draft(2019)), Some(Rule::CriteriaNotInForce));
    assert_eq!(rule(draft(2021)), Some(Rule::DateInFuture));
    assert_eq!(rule(draft(2020)), None);
}

/// The locality or the *responsible* department (2129/QĐ-UBND VI.2.2): of a pilot the one that the decision names, of
/// another cooperative one of its field.
#[test]
fn a_department_makes_and_judges_what_it_is_responsible_for_alone() {
    use EvaluationAction::{Confirm, Return};
    let expert = caller(Role::LineDepartment, "expert");
    let acting = |sector: &str, field| Circumstances { sectors: vec![sector.to_owned()], field, ..known() };
    let successor =
        Caller { agency: Some(Uuid::from_u128(8)), predecessors: vec![Uuid::from_u128(7)], ..expert.clone() };
    let table = [
        (of_pilot(7, None), &expert, true),
        (of_pilot(6, None), &expert, false),
        (of_pilot(7, None), &successor, true),
        (acting("agriculture", Field::Agriculture), &expert, true),
        (acting("transport", Field::Agriculture), &expert, false),
        (acting("transport", Field::NonAgriculture), &expert, true),
        (acting("agriculture", Field::NonAgriculture), &expert, false),
        (Circumstances { sectors: Vec::new(), ..known() }, &expert, false),
    ];
    let submitted = submit(endorsed(), &cooperative(), IN_TIME).unwrap();
    for (known, who, responsible) in table {
        let expected = (!responsible).then_some(Rule::NotResponsible);
        assert_eq!(rule(made_in(&known, EvaluationKind::Verified, who)), expected, "{known:?}");
        for action in [Confirm, Return] {
            let judged = submitted.may(action, &known, who).err();
            assert_eq!(judged.as_ref().map(|refusal| refusal.rule), expected, "{action:?} {known:?}");
        }
        // The locality of the seat answers for all of them.
        assert_eq!(submitted.may(Confirm, &known, &locality("officer")), Ok(()));
    }
    let named = submitted.may(Confirm, &of_pilot(6, None), &expert).unwrap_err();
    assert!(named.detail.vi.contains("Cơ quan 6"), "{}", named.detail.vi);
}

#[test]
fn a_final_evaluation_is_of_a_pilot_and_by_the_lead_of_its_plan() {
    let lead = caller(Role::LeadAgency, "lead");
    for (known, refused) in [
        (known(), Some(Rule::NotAPilot)),
        (of_pilot(1, Some(6)), Some(Rule::NotResponsible)),
        (of_pilot(1, Some(7)), None),
        (of_pilot(1, None), None),
    ] {
        assert_eq!(rule(made_in(&known, EvaluationKind::Final, &lead)), refused, "{known:?}");
    }
}

#[test]
fn where_the_province_has_a_variant_the_base_set_is_refused() {
    let variant = Circumstances { variant: Some("TT01-2020-89".to_owned()), ..known() };
    let refused = made_in(&variant, EvaluationKind::Own, &cooperative()).unwrap_err();
    assert_eq!((refused.rule, refused.faults[0].pointer.as_str()), (Rule::CriteriaNotInForce, "/criteriaSet"));
    assert!(refused.detail.vi.contains("TT01-2020-89"), "{}", refused.detail.vi);
    // What was made under the base set before the variant came keeps it.
    let kept = draft().edit(KEY, &tt01(), content(full_scores()), evaluated(), &variant, &cooperative(), at(IN_TIME));
    assert_eq!(rule(kept), None);
}

#[test]
fn no_step_is_dated_before_the_year_or_before_the_step_that_it_follows() {
    let on = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (own, officer, now) = (cooperative(), locality("officer"), at(IN_TIME));
    let agreed = (Board::Directors, BoardOpinion::Agreed);
    let endorse = |day| draft().endorse((&tt01(), &evaluated()), agreed, on(day), None, &known(), &own, now);
    assert_eq!(rule(endorse("2019-12-31")), Some(Rule::StepPredated));
    assert_eq!(rule(endorse("2020-01-01")), None);
    let submit = |day, known: &Circumstances| endorsed().submit(&tt01(), evaluated(), on(day), known, &own, now);
    // The boards agreed on 10 December.
    assert_eq!(rule(submit("2020-12-09", &known())), Some(Rule::StepPredated));
    assert_eq!(rule(submit("2020-12-10", &known())), None);
    let returned = Circumstances { returned_on: Some(on("2020-12-12")), ..known() };
    assert_eq!(rule(submit("2020-12-11", &returned)), Some(Rule::StepPredated));
    assert_eq!(rule(submit("2020-12-12", &returned)), None);
    let again = draft().endorse((&tt01(), &evaluated()), agreed, on("2020-12-11"), None, &returned, &own, now);
    assert_eq!(rule(again), Some(Rule::StepPredated));
    let sent = Circumstances { submitted_on: Some(on("2020-12-12")), ..known() };
    let submitted = submit("2020-12-12", &known()).unwrap();
    for (day, refused) in [("2020-01-20", Some(Rule::StepPredated)), ("2020-12-12", None)] {
        assert_eq!(
            rule(submitted.clone().confirm((&tt01(), &evaluated()), on(day), &sent, &officer, now)),
            refused,
            "{day}"
        );
        assert_eq!(rule(submitted.clone().send_back(on(day), &sent, &officer, now)), refused, "{day}");
    }
}
