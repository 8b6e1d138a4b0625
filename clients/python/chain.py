"""Plays the scheme in one province through the generated client, as the walk of README.md does: plan, cooperative, evaluation,
application, selection, improvement plan, money, reports, and the ministry's pull.

SARUS_URL: a service with an empty database. SARUS_TOKEN: a token of an administrator, for example
`sarus token --role administrator`; everybody else gets one as a service account.
"""

import os
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from sarus_client import AuthenticatedClient, models
from sarus_client.api.agencies import get_agency, list_agencies
from sarus_client.api.aggregates import get_aggregate
from sarus_client.api.applications import (
    create_application,
    get_eligibility,
    give_application_opinion,
    submit_application,
)
from sarus_client.api.budget import (
    approve_budget_allocation,
    create_budget_allocation,
    create_budget_disbursement,
    import_budget_allocations,
)
from sarus_client.api.caller import get_caller
from sarus_client.api.cooperatives import create_cooperative, put_annual_figures
from sarus_client.api.evaluations import create_evaluation, endorse_evaluation, submit_evaluation
from sarus_client.api.improvement_plans import (
    approve_improvement_plan,
    consolidate_improvement_plans,
    create_improvement_plan,
    get_improvement_plan,
    get_improvement_progress,
    give_improvement_opinion,
    receive_improvement_plan,
    submit_improvement_plan,
)
from sarus_client.api.loans import create_loan, disburse_loan, repay_loan
from sarus_client.api.pilots import list_pilots
from sarus_client.api.provincial_plans import approve_provincial_plan, create_provincial_plan
from sarus_client.api.reports import (
    accept_periodic_report,
    create_periodic_report,
    list_periodic_reports,
    submit_periodic_report,
)
from sarus_client.api.selection_decisions import approve_selection_decision, create_selection_decision
from sarus_client.api.service_accounts import (
    create_service_account,
    issue_service_account_secret,
    issue_token,
)
from sarus_client.types import UNSET, Response

URL = os.environ["SARUS_URL"]
SCHEME = "QD167-2021-2025"
View = TypeVar("View")


@dataclass
class Seen(Generic[View]):
    """What was answered, and its version, to be named in `If-Match`."""

    view: View
    etag: str


def good(response: Response[Any], kind: type[View]) -> Seen[View]:
    """The view of an answer, or what the service said instead."""
    if not isinstance(response.parsed, kind):
        raise AssertionError(f"{response.status_code} {response.content.decode()}")
    return Seen(response.parsed, response.headers.get("ETag", ""))


def client_of(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=URL, token=token, raise_on_unexpected_status=True)


administrator = client_of(os.environ["SARUS_TOKEN"])


def machine(role: str, **whose: str) -> AuthenticatedClient:
    """A client for a machine of a role: a service account is made, given a secret, and asks for a token."""
    body = models.NewServiceAccount.from_dict({"name": f"Máy {role} {whose}", "role": role, **whose})
    account = good(create_service_account.sync_detailed(client=administrator, body=body), models.ServiceAccountView)
    secret = issue_service_account_secret.sync_detailed(
        account.view.id, client=administrator, body=models.SecretIssue(), if_match=account.etag
    )
    issued = good(secret, models.ServiceAccountView).view
    form = models.TokenForm.from_dict(
        {"grant_type": "client_credentials", "client_id": str(issued.id), "client_secret": issued.client_secret}
    )
    # The form carries the secret, so no header may name somebody else.
    stranger = AuthenticatedClient(base_url=URL, token="nobody", prefix="", auth_header_name="X-Token")
    return client_of(good(issue_token.sync_detailed(client=stranger, body=form), models.TokenAnswer).view.access_token)


def agencies(unit: str = "", kind: str = "") -> list[models.Agency]:
    """The agencies of a unit on the day of the decision."""
    page = list_agencies.sync_detailed(
        client=administrator,
        unit=unit or UNSET,
        kind=models.ListAgenciesKind(kind) if kind else UNSET,
        at=date(2021, 9, 15),
        limit=200,
    )
    return good(page, models.AgencyPage).view.items


def machine_of(agency: models.Agency) -> AuthenticatedClient:
    """A machine of the agency that acts today for one of that day."""
    acting = agency
    while isinstance(acting.successor, models.Successor):
        acting = good(get_agency.sync_detailed(acting.successor.id, client=administrator), models.Agency).view
    return machine(agency.kind.value, agency=str(acting.id))


of_province = agencies(unit="89")


def agency_of(kind: str) -> models.Agency:
    return next(agency for agency in of_province if agency.kind.value == kind)


lead_agency = agency_of("lead-agency")
agriculture = next(agency for agency in of_province if agency.sector == "agriculture")
lead, committee = machine_of(lead_agency), machine_of(agency_of("peoples-committee"))
alliance, department = machine_of(agency_of("cooperative-alliance")), machine_of(agriculture)
locality = machine_of(agencies(unit="888", kind="locality")[0])
ministry = machine_of(agencies(kind="ministry")[0])
assert good(get_caller.sync_detailed(client=lead), models.CallerView).view.province == "91", "An Giang is 91 today"

# 1. The plan.
plan = good(
    create_provincial_plan.sync_detailed(
        client=lead,
        body=models.NewProvincialPlan.from_dict({
            "province": "89", "scheme": SCHEME, "leadAgency": str(lead_agency.id), "pilotQuota": 5,
            "decisionNumber": "2129/QĐ-UBND", "decisionDate": "2021-09-15",
            "estimateLines": [
                {"category": "infrastructure_and_processing", "amount": "6615000000"},
                {"category": "preferential_credit_and_fund", "amount": "21000000000"},
                {"category": "recurrent_support", "amount": "5060000000"},
            ],
            "total": "32675000000",
        }),
    ),
    models.ProvincialPlanView,
)
plan = good(
    approve_provincial_plan.sync_detailed(
        plan.view.id, client=committee, body=models.ProvincialPlanApproval(), if_match=plan.etag
    ),
    models.ProvincialPlanView,
)
assert (plan.view.state.value, plan.view.total) == ("approved", "32675000000")

# 2. The cooperative and its figures.
registration = models.NewCooperative.from_dict({
    "taxCode": "1600000116", "name": "HTX Nông nghiệp Phú Thạnh (dữ liệu mẫu)", "kind": "cooperative", "status": "active",
    "field": "agriculture", "governingLaw": "law_2012", "unit": "888", "foundedOn": "2013-07-01",
})
cooperative = good(create_cooperative.sync_detailed(client=locality, body=registration), models.CooperativeView).view.id
own = machine("cooperative", cooperative=str(cooperative))
figures = models.NewFigures.from_dict({
    "status": "final", "members": 246, "totalCapital": "4200000000", "revenue": "11500000000", "profitBeforeTax": "640000000",
})
for year in (2018, 2019, 2020, 2023):
    put = put_annual_figures.sync_detailed(
        cooperative, year, client=own, body=figures, if_none_match=models.PutAnnualFiguresIfNoneMatch.VALUE_0
    )
    assert good(put, models.AnnualFiguresView).view.year == year


def evaluated(year: int, points: str) -> models.EvaluationView:
    """A self-evaluation, endorsed by both boards and submitted."""
    scores = [dict(zip(("criterion", "points"), score.split("="), strict=True)) for score in points.split()]
    body = models.NewEvaluation.from_dict({
        "cooperative": str(cooperative), "year": year, "kind": "self", "criteriaSet": "TT01-2020", "scores": scores,
    })
    seen = good(create_evaluation.sync_detailed(client=own, body=body), models.EvaluationView)
    for board in ("board_of_directors", "supervisory_board"):
        endorsement = models.EvaluationEndorsement.from_dict(
            {"board": board, "opinion": "agreed", "endorsedOn": f"{year}-12-10"}
        )
        endorsed = endorse_evaluation.sync_detailed(seen.view.id, client=own, body=endorsement, if_match=seen.etag)
        seen = good(endorsed, models.EvaluationView)
    submission = models.EvaluationSubmission(submitted_on=date(year, 12, 12))
    submitted = submit_evaluation.sync_detailed(seen.view.id, client=own, body=submission, if_match=seen.etag)
    return good(submitted, models.EvaluationView).view


# 3. Its evaluation of 2020.
baseline = evaluated(
    2020,
    "1a=4.00 1b=1.00 2a=3.00 2b=0.50 3a=3.00 3b=2.00 3c=3.00 4a=1.50 4b=1.50 4c=1.00 5=6.00 6=5.00 7a=1.50 7b=1.50 7c=1.00 "
    "8=4.00 9=1.50 10=5.00 11=6.00 12=6.00 13=4.00 14=4.00 15=2.00",
)
assert (baseline.total, baseline.rating) == ("68.00", "fair")

# 4. Its application.
application = good(
    create_application.sync_detailed(
        client=own,
        body=models.NewApplication.from_dict({
            "cooperative": str(cooperative), "scheme": SCHEME, "model": "A3",
            "dossier": [
                {"code": "evaluation_2020", "document": {"title": "Bản đánh giá HTX năm 2020 (dữ liệu mẫu)"}},
                {"code": "registration_form", "document": {"title": "Đơn đăng ký tham gia Đề án (dữ liệu mẫu)"}},
            ],
        }),
    ),
    models.ApplicationView,
)
application = good(
    submit_application.sync_detailed(
        application.view.id, client=own, if_match=application.etag,
        body=models.ApplicationSubmission(submitted_on=date(2021, 6, 15)),
    ),
    models.ApplicationView,
)
good(
    give_application_opinion.sync_detailed(
        application.view.id, client=locality, if_match=application.etag,
        body=models.ApplicationOpinion.from_dict(
            {"opinionOn": "2021-07-01", "outcome": "favourable", "comment": "Thống nhất đề xuất (dữ liệu mẫu)."}
        ),
    ),
    models.ApplicationView,
)
eligibility = good(get_eligibility.sync_detailed(application.view.id, client=lead), models.EligibilityView).view
assert eligibility.conditions and all(condition.legal_basis for condition in eligibility.conditions)

# 5. The selection decision.
decision = good(
    create_selection_decision.sync_detailed(
        client=lead,
        body=models.NewSelectionDecision.from_dict({
            "province": "89", "scheme": SCHEME, "list": "scheme", "number": "2128/QĐ-UBND", "date": "2021-09-15",
            "effectiveDate": "2021-09-15", "issuer": "chairperson", "signatory": "Chủ tịch UBND tỉnh (dữ liệu mẫu)",
            "proposal": {"number": "1996/SKHĐT-DN", "date": "2021-08-30"},
            "applications": [{"application": str(application.view.id), "responsibleDepartment": str(agriculture.id)}],
        }),
    ),
    models.SelectionDecisionView,
)
selected = approve_selection_decision.sync_detailed(
    decision.view.id, client=committee, if_match=decision.etag, body=models.SelectionApproval()
)
assert good(selected, models.SelectionDecisionView).view.state.value == "approved"
pilot = good(list_pilots.sync_detailed(client=own), models.PilotPage).view.items[0].id

# 6. The improvement plan.
improvement = good(
    create_improvement_plan.sync_detailed(
        client=own,
        body=models.NewImprovementPlan.from_dict({
            "pilot": str(pilot), "baselineEvaluation": str(baseline.id),
            "criteria": [
                {"criterion": "7", "toImprove": True, "target": "4.50"},
                {"criterion": "9", "toImprove": True, "target": "2.50"},
            ],
            "measures": [{
                "title": "Cử cán bộ quản lý học đại học (dữ liệu mẫu)", "area": "governance", "dueDate": "2023-05-31",
                "responsible": "Hội đồng quản trị", "criteria": ["7"],
            }],
        }),
    ),
    models.ImprovementPlanView,
)
opinion = models.ImprovementOpinion.from_dict({
    "outcome": "favourable", "fitsSupportPlan": True, "givenOn": "2021-10-12", "comment": "Thống nhất (dữ liệu mẫu).",
})
for reviewer in (department, alliance, lead):
    given = give_improvement_opinion.sync_detailed(
        improvement.view.id, client=reviewer, body=opinion, if_match=improvement.etag
    )
    improvement = good(given, models.ImprovementPlanView)
improvement = good(
    submit_improvement_plan.sync_detailed(
        improvement.view.id, client=own, if_match=improvement.etag,
        body=models.ImprovementSubmission.from_dict({
            "signer": "Người đại diện theo pháp luật (dữ liệu mẫu)", "signedOn": "2021-10-20",
            "document": {"title": "Kế hoạch hoàn thiện HTX thí điểm (dữ liệu mẫu)", "sha256": "a" * 64},
            "recipients": ["lead_agency", "line_department", "cooperative_alliance", "locality"],
        }),
    ),
    models.ImprovementPlanView,
)
for recipient in (department, alliance, lead, locality):
    received = receive_improvement_plan.sync_detailed(
        improvement.view.id, client=recipient, if_match=improvement.etag,
        body=models.ImprovementReceipt(received_on=date(2021, 10, 21)),
    )
    improvement = good(received, models.ImprovementPlanView)
content_hash = improvement.view.content_hash
good(
    consolidate_improvement_plans.sync_detailed(
        client=lead,
        body=models.NewConsolidation.from_dict({
            "province": "89", "scheme": SCHEME, "number": "2450/TTr-SKHĐT (dữ liệu mẫu)", "date": "2021-10-29",
            "advice": "Đề nghị UBND tỉnh phê duyệt (dữ liệu mẫu).",
            "plans": [{"plan": str(improvement.view.id), "contentHash": content_hash}],
        }),
    ),
    models.ImprovementConsolidation,
)
improvement = good(get_improvement_plan.sync_detailed(improvement.view.id, client=committee), models.ImprovementPlanView)
improvement = good(
    approve_improvement_plan.sync_detailed(
        improvement.view.id, client=committee, if_match=improvement.etag,
        body=models.ImprovementApproval.from_dict({
            "decisionNumber": "2500/QĐ-UBND (dữ liệu mẫu)", "decisionDate": "2021-11-05", "contentHash": content_hash,
            "signatory": "Chủ tịch UBND tỉnh (dữ liệu mẫu)",
        }),
    ),
    models.ImprovementPlanView,
)
assert improvement.view.state.value == "approved"

# 7. Money: an allocation and its first payment; more than the line holds is refused with the figures; a loan.
line = next(line for line in plan.view.estimate_lines if line.category == "recurrent_support").id


def allocate(number: str, amount: str) -> Response[Any]:
    body = models.NewBudgetAllocation.from_dict({
        "plan": str(plan.view.id), "decisionNumber": number, "decisionDate": "2023-02-10",
        "entries": [{
            "line": str(line), "amount": amount, "supportKind": "training", "pilot": str(pilot),
            "implementingAgency": str(agriculture.id),
        }],
    })
    return create_budget_allocation.sync_detailed(client=lead, body=body)


allocation = good(allocate("120/QĐ-UBND (dữ liệu mẫu)", "1500000000"), models.BudgetAllocationView)
allocation = good(
    approve_budget_allocation.sync_detailed(
        allocation.view.id, client=committee, if_match=allocation.etag, body=models.BudgetAllocationApproval()
    ),
    models.BudgetAllocationView,
)
allocation = good(
    create_budget_disbursement.sync_detailed(
        allocation.view.id, client=department, if_match=allocation.etag,
        body=models.BudgetDisbursement.from_dict({
            "entry": str(allocation.view.entries[0].id), "amount": "600000000", "voucherNumber": "UNC-03",
            "voucherDate": "2023-05-20",
        }),
    ),
    models.BudgetAllocationView,
)
assert (allocation.view.amount, allocation.view.disbursed) == ("1500000000", "600000000")
refused = allocate("121/QĐ-UBND (dữ liệu mẫu)", "3560000001")
problem = good(refused, models.Problem).view
assert (refused.status_code, bool(problem.legal_basis)) == (HTTPStatus.CONFLICT, True)
table = (
    "allocation,decisionNumber,decisionDate,entry,line,amount,supportKind,implementingAgency,pilot,fiscalYear\n"
    f",122/QĐ-UBND (dữ liệu mẫu),2023-02-10,,{line},1000000,training,{agriculture.id},,2023\n"
)
for dry_run in (True, False):
    imported = import_budget_allocations.sync_detailed(
        plan.view.id, client=lead, body=table, dry_run=dry_run, if_match="*"
    )
    told = good(imported, models.BudgetImportReport).view
    assert (told.rows, told.created) == (1, 1), "one draft from a CSV, tried before"
loan = good(
    create_loan.sync_detailed(
        client=alliance,
        body=models.NewLoan.from_dict({
            "pilot": str(pilot), "lender": "Quỹ hỗ trợ phát triển HTX (dữ liệu mẫu)", "source": "preferential_credit_fund",
            "approvedAmount": "1500000000", "decisionNumber": "15/QĐ-QHTPTHTX (dữ liệu mẫu)", "decisionDate": "2022-05-10",
        }),
    ),
    models.LoanView,
)
loan = good(
    disburse_loan.sync_detailed(
        loan.view.id, client=alliance, if_match=loan.etag,
        body=models.LoanDisbursement.from_dict({"amount": "1000000000", "disbursedOn": "2023-03-01", "voucher": "GN-01"}),
    ),
    models.LoanView,
)
loan = good(
    repay_loan.sync_detailed(
        loan.view.id, client=alliance, if_match=loan.etag,
        body=models.LoanRepayment.from_dict({"amount": "200000000", "repaidOn": "2023-10-01", "voucher": "TN-01"}),
    ),
    models.LoanView,
)
assert loan.view.outstanding == "800000000"

# 8. The evaluation of 2023 against the plan.
later = evaluated(
    2023,
    "1a=5.00 1b=1.00 2a=4.00 2b=0.50 3a=3.50 3b=2.00 3c=3.00 4a=1.50 4b=1.50 4c=1.00 5=7.00 6=5.00 7a=2.00 7b=1.50 7c=1.00 "
    "8=5.00 9=2.50 10=6.00 11=7.50 12=8.50 13=6.00 14=5.00 15=2.00",
)
assert (later.total, later.rating) == ("82.00", "good")
progress = good(
    get_improvement_progress.sync_detailed(improvement.view.id, client=lead), models.ImprovementProgressView
).view
assert (progress.total, progress.exit_met) == ("82.00", True)


def reported(agency: AuthenticatedClient, number: str, receiver: AuthenticatedClient) -> models.PeriodicReportView:
    """An agency's report of 2023, submitted, and accepted by whoever it goes to."""
    draft = models.NewPeriodicReport.from_dict({
        "period": "2023", "overrides": [], "narrative": [{"code": "results", "text": "Đã triển khai Kế hoạch (dữ liệu mẫu)."}],
    })
    seen = good(create_periodic_report.sync_detailed(client=agency, body=draft), models.PeriodicReportView)
    submission = models.ReportSubmission.from_dict(
        {"documentNumber": number, "documentDate": "2023-12-16", "signatory": "Thủ trưởng đơn vị (dữ liệu mẫu)"}
    )
    submitted = submit_periodic_report.sync_detailed(seen.view.id, client=agency, body=submission, if_match=seen.etag)
    seen = good(submitted, models.PeriodicReportView)
    accepted = accept_periodic_report.sync_detailed(
        seen.view.id, client=receiver, body=models.ReportAcceptance(), if_match=seen.etag
    )
    return good(accepted, models.PeriodicReportView).view


# 9. Reports, up to the ministry.
reported(locality, "1/BC-UBND", lead)
reported(department, "2/BC-SNN", lead)
report = reported(lead, "100/BC-UBND", ministry)
assert report.state.value == "accepted"

# 10. The ministry pulls.
pulled = list_periodic_reports.sync_detailed(
    client=ministry, period="2023", level=models.ListPeriodicReportsLevel.PROVINCE
)
assert [item.content_hash for item in good(pulled, models.PeriodicReportPage).view.items] == [report.content_hash]
aggregate = good(
    get_aggregate.sync_detailed(client=ministry, period="2023", by=models.GetAggregateBy.PROVINCE), models.AggregateView
).view
assert [source.report for source in aggregate.sources] == [report.id]
print(f"played the chain: {len(aggregate.indicators)} indicators in the national aggregate of 2023")
