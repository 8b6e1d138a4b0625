// Plays the scheme in one province through the typed client, as the walk of README.md does: plan, cooperative, evaluation,
// application, selection, improvement plan, money, reports, and the ministry's pull.
//
// SARUS_URL: a service with an empty database. SARUS_TOKEN: a token of an administrator, for example
// `sarus token --role administrator`; everybody else gets one as a service account.

import assert from "node:assert/strict";
import type { Client } from "openapi-fetch";
import type { components, paths } from "../generated/sarus.js";
import { clientOf, dataOf, versionedOf, type Media } from "./client.js";

type Schemas = components["schemas"];
type Role = Schemas["Role"];
type Sarus = Client<paths, Media>;

/** A variable that must be set. */
function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

const url = variable("SARUS_URL");
const administrator = clientOf(url, variable("SARUS_TOKEN"));
const scheme = "QD167-2021-2025";

/** What a step names: the record, and the version that was seen. */
const step = (id: string, etag: string) => ({ path: { id }, header: { "If-Match": etag } });

/** The first of a list; there is one. */
function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  assert.ok(item !== undefined);
  return item;
}

/** A client for a machine of a role: a service account is made, given a secret, and asks for a token. */
async function machine(role: Role, whose: { agency: string } | { cooperative: string }): Promise<Sarus> {
  const body = { name: `Máy ${role} ${Object.values(whose).join()}`, role, ...whose };
  const account = versionedOf(await administrator.POST("/v1/service-accounts", { body }));
  const path = step(account.data.id, account.etag);
  const issued = dataOf(await administrator.POST("/v1/service-accounts/{id}/secrets", { params: path, body: {} }));
  // The token endpoint is RFC 6749's own: a form, not JSON.
  const form = { grant_type: "client_credentials" as const, client_id: issued.id, client_secret: issued.clientSecret ?? "" };
  const { data } = await administrator.POST("/v1/oauth/token", {
    body: form,
    headers: { Authorization: null, "Content-Type": "application/x-www-form-urlencoded" },
    bodySerializer: (given) => new URLSearchParams(given as Record<string, string>),
  });
  assert.ok(data !== undefined, `no token for ${role}`);
  return clientOf(url, data.access_token);
}

/** The agencies of a unit on the day of the decision. */
async function agencies(query: { unit?: string; kind?: Role }): Promise<Schemas["Agency"][]> {
  const given = { ...query, at: "2021-09-15", limit: 200 };
  return dataOf(await administrator.GET("/v1/agencies", { params: { query: given } })).items;
}

/** A machine of the agency that acts today for one of that day. */
async function machineOf({ id, kind }: Schemas["Agency"]): Promise<Sarus> {
  for (let agency = id; ; ) {
    const { successor } = dataOf(await administrator.GET("/v1/agencies/{id}", { params: { path: { id: agency } } }));
    if (successor === undefined) return machine(kind, { agency });
    agency = successor.id;
  }
}

const ofProvince = await agencies({ unit: "89" });
const agencyOf = (role: Role) => first(ofProvince.filter((agency) => agency.kind === role));
const agriculture = first(ofProvince.filter((agency) => agency.sector === "agriculture")).id;
const leadAgency = agencyOf("lead-agency").id;
const lead = await machineOf(agencyOf("lead-agency"));
const committee = await machineOf(agencyOf("peoples-committee"));
const alliance = await machineOf(agencyOf("cooperative-alliance"));
const department = await machineOf(first(ofProvince.filter((agency) => agency.id === agriculture)));
const locality = await machineOf(first(await agencies({ unit: "888", kind: "locality" })));
const ministry = await machineOf(first(await agencies({ kind: "ministry" })));
assert.equal(dataOf(await lead.GET("/v1/me")).province, "91", "An Giang is 91 today");

// 1. The plan.
const plan = versionedOf(
  await lead.POST("/v1/provincial-plans", {
    body: {
      province: "89", scheme, leadAgency, pilotQuota: 5, decisionNumber: "2129/QĐ-UBND", decisionDate: "2021-09-15",
      estimateLines: [
        { category: "infrastructure_and_processing", amount: "6615000000" },
        { category: "preferential_credit_and_fund", amount: "21000000000" },
        { category: "recurrent_support", amount: "5060000000" },
      ],
      total: "32675000000",
    },
  }),
);
const approvedPlan = dataOf(
  await committee.POST("/v1/provincial-plans/{id}/approvals", { params: step(plan.data.id, plan.etag), body: {} }),
);
assert.deepEqual([approvedPlan.state, approvedPlan.total], ["approved", "32675000000"]);

// 2. The cooperative and its figures.
const cooperative = dataOf(
  await locality.POST("/v1/cooperatives", {
    body: {
      taxCode: "1600000116", name: "HTX Nông nghiệp Phú Thạnh (dữ liệu mẫu)", kind: "cooperative", status: "active",
      field: "agriculture", governingLaw: "law_2012", unit: "888", foundedOn: "2013-07-01",
    },
  }),
).id;
const own = await machine("cooperative", { cooperative });
for (const year of [2018, 2019, 2020, 2023]) {
  const figures = { status: "final" as const, members: 246, totalCapital: "4200000000", revenue: "11500000000", profitBeforeTax: "640000000" };
  const params = { path: { id: cooperative, year }, header: { "If-None-Match": "*" as const } };
  const put = versionedOf(await own.PUT("/v1/cooperatives/{id}/annual-figures/{year}", { params, body: figures }));
  assert.equal(put.data.declared?.figures.profitBeforeTax, figures.profitBeforeTax);
}

/** A self-evaluation, endorsed by both boards and submitted. */
async function evaluated(year: number, points: Record<string, string>): Promise<Schemas["EvaluationView"]> {
  const scores = Object.entries(points).map(([criterion, given]) => ({ criterion, points: given }));
  const body = { cooperative, year, kind: "self" as const, criteriaSet: "TT01-2020", scores };
  let { data, etag } = versionedOf(await own.POST("/v1/evaluations", { body }));
  for (const board of ["board_of_directors", "supervisory_board"] as const) {
    const endorsement = { board, opinion: "agreed" as const, endorsedOn: `${year}-12-10` };
    const endorsed = await own.POST("/v1/evaluations/{id}/endorsements", { params: step(data.id, etag), body: endorsement });
    ({ data, etag } = versionedOf(endorsed));
  }
  const submission = { submittedOn: `${year}-12-12` };
  return dataOf(await own.POST("/v1/evaluations/{id}/submissions", { params: step(data.id, etag), body: submission }));
}

// 3. Its evaluation of 2020.
const baseline = await evaluated(2020, {
  "1a": "4.00", "1b": "1.00", "2a": "3.00", "2b": "0.50", "3a": "3.00", "3b": "2.00", "3c": "3.00", "4a": "1.50", "4b": "1.50",
  "4c": "1.00", "5": "6.00", "6": "5.00", "7a": "1.50", "7b": "1.50", "7c": "1.00", "8": "4.00", "9": "1.50", "10": "5.00",
  "11": "6.00", "12": "6.00", "13": "4.00", "14": "4.00", "15": "2.00",
});
assert.deepEqual([baseline.total, baseline.rating], ["68.00", "fair"]);

// 4. Its application.
let application = versionedOf(
  await own.POST("/v1/applications", {
    body: {
      cooperative, scheme, model: "A3",
      dossier: [
        { code: "evaluation_2020", document: { title: "Bản đánh giá HTX năm 2020 (dữ liệu mẫu)" } },
        { code: "registration_form", document: { title: "Đơn đăng ký tham gia Đề án (dữ liệu mẫu)" } },
      ],
    },
  }),
);
application = versionedOf(
  await own.POST("/v1/applications/{id}/submissions", {
    params: step(application.data.id, application.etag), body: { submittedOn: "2021-06-15" },
  }),
);
dataOf(
  await locality.POST("/v1/applications/{id}/opinions", {
    params: step(application.data.id, application.etag),
    body: { opinionOn: "2021-07-01", outcome: "favourable", comment: "Thống nhất đề xuất (dữ liệu mẫu)." },
  }),
);
const eligibility = dataOf(
  await lead.GET("/v1/applications/{id}/eligibility", { params: { path: { id: application.data.id } } }),
);
assert.ok(eligibility.conditions.length > 0 && eligibility.conditions.every((condition) => condition.legalBasis !== ""));

// 5. The selection decision.
const decision = versionedOf(
  await lead.POST("/v1/selection-decisions", {
    body: {
      province: "89", scheme, list: "scheme", number: "2128/QĐ-UBND", date: "2021-09-15", effectiveDate: "2021-09-15",
      issuer: "chairperson", signatory: "Chủ tịch UBND tỉnh (dữ liệu mẫu)", proposal: { number: "1996/SKHĐT-DN", date: "2021-08-30" },
      applications: [{ application: application.data.id, responsibleDepartment: agriculture }],
    },
  }),
);
const selected = await committee.POST("/v1/selection-decisions/{id}/approvals", {
  params: step(decision.data.id, decision.etag), body: {},
});
assert.equal(dataOf(selected).state, "approved");
const pilot = first(dataOf(await own.GET("/v1/pilots")).items).id;

// 6. The improvement plan.
let improvement = versionedOf(
  await own.POST("/v1/improvement-plans", {
    body: {
      pilot, baselineEvaluation: baseline.id,
      criteria: [{ criterion: "7", toImprove: true, target: "4.50" }, { criterion: "9", toImprove: true, target: "2.50" }],
      measures: [
        { title: "Cử cán bộ quản lý học đại học (dữ liệu mẫu)", area: "governance", dueDate: "2023-05-31",
          responsible: "Hội đồng quản trị", criteria: ["7"] },
      ],
    },
  }),
);
const opinion = { outcome: "favourable" as const, fitsSupportPlan: true, givenOn: "2021-10-12", comment: "Thống nhất (dữ liệu mẫu)." };
for (const reviewer of [department, alliance, lead]) {
  const params = step(improvement.data.id, improvement.etag);
  improvement = versionedOf(await reviewer.POST("/v1/improvement-plans/{id}/opinions", { params, body: opinion }));
}
improvement = versionedOf(
  await own.POST("/v1/improvement-plans/{id}/submissions", {
    params: step(improvement.data.id, improvement.etag),
    body: {
      signer: "Người đại diện theo pháp luật (dữ liệu mẫu)", signedOn: "2021-10-20",
      document: { title: "Kế hoạch hoàn thiện HTX thí điểm (dữ liệu mẫu)", sha256: "a".repeat(64) },
      recipients: ["lead_agency", "line_department", "cooperative_alliance", "locality"],
    },
  }),
);
for (const recipient of [department, alliance, lead, locality]) {
  const params = step(improvement.data.id, improvement.etag);
  const body = { receivedOn: "2021-10-21" };
  improvement = versionedOf(await recipient.POST("/v1/improvement-plans/{id}/receipts", { params, body }));
}
const { contentHash } = improvement.data;
dataOf(
  await lead.POST("/v1/improvement-consolidations", {
    body: {
      province: "89", scheme, number: "2450/TTr-SKHĐT (dữ liệu mẫu)", date: "2021-10-29",
      advice: "Đề nghị UBND tỉnh phê duyệt (dữ liệu mẫu).", plans: [{ plan: improvement.data.id, contentHash }],
    },
  }),
);
const current = versionedOf(
  await committee.GET("/v1/improvement-plans/{id}", { params: { path: { id: improvement.data.id } } }),
);
const approvedImprovement = dataOf(
  await committee.POST("/v1/improvement-plans/{id}/approvals", {
    params: step(current.data.id, current.etag),
    body: {
      decisionNumber: "2500/QĐ-UBND (dữ liệu mẫu)", decisionDate: "2021-11-05", contentHash,
      signatory: "Chủ tịch UBND tỉnh (dữ liệu mẫu)",
    },
  }),
);
assert.equal(approvedImprovement.state, "approved");

// 7. Money: an allocation and its first payment; more than the line holds is refused with the figures; a loan.
const line = first(approvedPlan.estimateLines.filter((one) => one.category === "recurrent_support")).id;
const allocate = (decisionNumber: string, amount: string) =>
  lead.POST("/v1/budget-allocations", {
    body: {
      plan: plan.data.id, decisionNumber, decisionDate: "2023-02-10",
      entries: [{ line, amount, supportKind: "training", pilot, implementingAgency: agriculture }],
    },
  });
const allocation = versionedOf(await allocate("120/QĐ-UBND (dữ liệu mẫu)", "1500000000"));
const approved = versionedOf(
  await committee.POST("/v1/budget-allocations/{id}/approvals", { params: step(allocation.data.id, allocation.etag), body: {} }),
);
const paid = dataOf(
  await department.POST("/v1/budget-allocations/{id}/disbursements", {
    params: step(approved.data.id, approved.etag),
    body: { entry: first(approved.data.entries).id, amount: "600000000", voucherNumber: "UNC-03", voucherDate: "2023-05-20" },
  }),
);
assert.deepEqual([paid.amount, paid.disbursed], ["1500000000", "600000000"]);
const refused = await allocate("121/QĐ-UBND (dữ liệu mẫu)", "3560000001");
assert.equal(refused.response.status, 409);
assert.ok(refused.error?.legalBasis !== undefined && refused.error.detail !== undefined);
let loan = versionedOf(
  await alliance.POST("/v1/loans", {
    body: {
      pilot, lender: "Quỹ hỗ trợ phát triển HTX (dữ liệu mẫu)", source: "preferential_credit_fund", approvedAmount: "1500000000",
      decisionNumber: "15/QĐ-QHTPTHTX (dữ liệu mẫu)", decisionDate: "2022-05-10",
    },
  }),
);
loan = versionedOf(
  await alliance.POST("/v1/loans/{id}/disbursements", {
    params: step(loan.data.id, loan.etag), body: { amount: "1000000000", disbursedOn: "2023-03-01", voucher: "GN-01" },
  }),
);
loan = versionedOf(
  await alliance.POST("/v1/loans/{id}/repayments", {
    params: step(loan.data.id, loan.etag), body: { amount: "200000000", repaidOn: "2023-10-01", voucher: "TN-01" },
  }),
);
assert.equal(loan.data.outstanding, "800000000");

// 8. The evaluation of 2023 against the plan.
const later = await evaluated(2023, {
  "1a": "5.00", "1b": "1.00", "2a": "4.00", "2b": "0.50", "3a": "3.50", "3b": "2.00", "3c": "3.00", "4a": "1.50", "4b": "1.50",
  "4c": "1.00", "5": "7.00", "6": "5.00", "7a": "2.00", "7b": "1.50", "7c": "1.00", "8": "5.00", "9": "2.50", "10": "6.00",
  "11": "7.50", "12": "8.50", "13": "6.00", "14": "5.00", "15": "2.00",
});
assert.deepEqual([later.total, later.rating], ["82.00", "good"]);
const progress = dataOf(
  await lead.GET("/v1/improvement-plans/{id}/progress", { params: { path: { id: improvement.data.id } } }),
);
assert.deepEqual([progress.total, progress.exitMet], ["82.00", true]);

/** An agency's report of 2023, submitted, and accepted by whoever it goes to. */
async function reported(agency: Sarus, number: string, receiver: Sarus): Promise<Schemas["PeriodicReportView"]> {
  const narrative = [{ code: "results", text: "Đã triển khai Kế hoạch (dữ liệu mẫu)." }];
  const draft = versionedOf(await agency.POST("/v1/periodic-reports", { body: { period: "2023", overrides: [], narrative } }));
  const submission = { documentNumber: number, documentDate: "2023-12-16", signatory: "Thủ trưởng đơn vị (dữ liệu mẫu)" };
  const submitted = versionedOf(
    await agency.POST("/v1/periodic-reports/{id}/submissions", { params: step(draft.data.id, draft.etag), body: submission }),
  );
  const params = step(submitted.data.id, submitted.etag);
  return dataOf(await receiver.POST("/v1/periodic-reports/{id}/acceptances", { params, body: {} }));
}

// 9. Reports, up to the ministry.
await reported(locality, "1/BC-UBND", lead);
await reported(department, "2/BC-SNN", lead);
const report = await reported(lead, "100/BC-UBND", ministry);
assert.equal(report.state, "accepted");

// 10. The ministry pulls.
const pulled = dataOf(
  await ministry.GET("/v1/periodic-reports", { params: { query: { period: "2023", level: "province" } } }),
);
assert.deepEqual(pulled.items.map((item) => item.contentHash), [report.contentHash]);
const aggregate = dataOf(await ministry.GET("/v1/aggregates", { params: { query: { period: "2023", by: "province" } } }));
assert.deepEqual(aggregate.sources.map((source) => source.report), [report.id]);
console.log(`played the chain: ${aggregate.indicators.length} indicators in the national aggregate of 2023`);
