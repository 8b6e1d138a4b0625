// Proves the client against a running service: creates, reads, edits, lists, and is refused as the document says.
//
// SARUS_URL: where the service is. SARUS_TOKEN: a token of the locality 888 (Phú Tân), for example
// `sarus token --role locality --unit 888`.

import assert from "node:assert/strict";
import type { components, operations } from "../generated/sarus.js";
import { clientOf, dataOf, versionedOf } from "./client.js";

/** A variable that must be set. */
function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

const url = variable("SARUS_URL");
const sarus = clientOf(url, variable("SARUS_TOKEN"));

const caller = dataOf(await sarus.GET("/v1/me"));
assert.equal(caller.role, "locality");

// A tax code is the natural key of a cooperative: ten digits that no other run has used.
const fresh = Date.now();
const taxCode = (offset: number) => String(fresh + offset).slice(-10);

const newCooperative: components["schemas"]["NewCooperative"] = {
  taxCode: taxCode(0),
  name: "HTX Nông nghiệp Ấp Đông (dữ liệu mẫu)",
  kind: "cooperative",
  field: "agriculture",
  governingLaw: "law_2012",
  unit: "888",
  foundedOn: "2015-03-20",
  status: "active",
  phone: "0296 3800 000",
};
const creation = { params: { header: { "Idempotency-Key": `roundtrip-${newCooperative.taxCode}` } }, body: newCooperative };
const created = versionedOf(await sarus.POST("/v1/cooperatives", creation));
const path = { id: created.data.id };
console.log(`created ${path.id}, version ${created.etag}`);

const repeated = versionedOf(await sarus.POST("/v1/cooperatives", creation));
assert.deepEqual(repeated, created, "a repeat with the same key gets the first answer");

const twice = await sarus.POST("/v1/cooperatives", { body: newCooperative });
assert.equal(twice.response.status, 409);
console.log(`refused to create it twice: ${twice.error?.detail}`);

const read = versionedOf(await sarus.GET("/v1/cooperatives/{id}", { params: { path } }));
assert.deepEqual(read, created);

const edit = {
  params: { path, header: { "If-Match": read.etag } },
  headers: { "Content-Type": "application/merge-patch+json" },
  body: { name: "HTX Nông nghiệp Ấp Đông Nhì (dữ liệu mẫu)", phone: null },
};
const edited = versionedOf(await sarus.PATCH("/v1/cooperatives/{id}", edit));
assert.equal(edited.data.name, edit.body.name);
assert.equal(edited.data.phone, undefined);
assert.notEqual(edited.etag, read.etag);
console.log(`edited, version ${edited.etag}`);

const stale = await sarus.PATCH("/v1/cooperatives/{id}", edit);
assert.equal(stale.response.status, 412);
assert.equal(stale.error?.code, "stale");

const neighbour = dataOf(await sarus.POST("/v1/cooperatives", { body: { ...newCooperative, taxCode: taxCode(1) } }));
const found: string[] = [];
const query: NonNullable<operations["listCooperatives"]["parameters"]["query"]> = { q: "ap dong", limit: 1 };
for (let more = true; more; ) {
  const page = dataOf(await sarus.GET("/v1/cooperatives", { params: { query } }));
  found.push(...page.items.map((item) => item.id));
  const cursor = new URL(page.links.next ?? "", url).searchParams.get("cursor");
  if (cursor !== null) query.cursor = cursor;
  more = cursor !== null;
}
assert.ok(found.includes(path.id) && found.includes(neighbour.id));
assert.equal(new Set(found).size, found.length);
console.log(`listed ${found.length} by name, one a page`);
