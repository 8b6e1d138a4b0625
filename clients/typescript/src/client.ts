// A client of Sarus: every path, parameter, body and answer is typed from the document; nothing is written twice.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "../generated/sarus.js";

/** The problem document (RFC 9457) of every refused request. */
export type Problem = components["schemas"]["Problem"];

/** What this client reads; lists can also be streamed as `application/x-ndjson`, which it leaves to `fetch`. */
export type Media = "application/json" | "application/problem+json";

/** A client that speaks for the holder of a token. */
export function clientOf(baseUrl: string, token: string): Client<paths, Media> {
  return createClient<paths, Media>({
    baseUrl,
    headers: { Authorization: `Bearer ${token}`, "Accept-Language": "en" },
  });
}

/** What one call of the client gives. */
interface Outcome<Data> {
  data?: Data;
  error?: Problem;
  response: Response;
}

/** Data together with the version to name in `If-Match`. */
export interface Versioned<Data> {
  data: Data;
  etag: string;
}

/** The data of an answer, or an error that says what the service said. */
export function dataOf<Data>(outcome: Outcome<Data>): Data {
  if (outcome.data === undefined) {
    const { error, response } = outcome;
    const faults = (error?.errors ?? []).map((fault) => `${fault.pointer}: ${fault.message}`);
    throw new Error([`${response.status} ${error?.code} ${error?.detail ?? ""}`, ...faults].join("\n"));
  }
  return outcome.data;
}

/** The data of an answer that has a version. */
export function versionedOf<Data>(outcome: Outcome<Data>): Versioned<Data> {
  const data = dataOf(outcome);
  const etag = outcome.response.headers.get("ETag");
  if (etag === null) throw new Error(`no ETag in the answer of ${outcome.response.url}`);
  return { data, etag };
}
