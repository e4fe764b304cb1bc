import { Client, type CombinedError, type Exchange, fetchExchange, makeOperation } from "@urql/core";
import { map, pipe, tap } from "wonka";

import type { Backend, Caller } from "./backend.js";
import { Consistency } from "./consistency.js";

/** An exchange that shows whoever has written what they wrote. */
export function readYourWrites(consistency: Consistency): Exchange {
  return ({ forward }) =>
    (operations) =>
      pipe(
        operations,
        map((operation) => {
          if (operation.kind === "teardown") return operation;
          const { fetchOptions } = operation.context;
          const options = typeof fetchOptions === "function" ? fetchOptions() : fetchOptions;
          const headers = { ...asRecord(options?.headers), ...consistency.headers() };
          return makeOperation(operation.kind, operation, {
            ...operation.context,
            fetchOptions: { ...options, headers },
          });
        }),
        forward,
        tap((answer) => {
          if (answer.operation.kind === "mutation") consistency.heard(answer);
        }),
      );
}

function asRecord(headers: RequestInit["headers"]): Record<string, string> {
  return Object.fromEntries(new Headers(headers).entries());
}

/** Skafu by urql. Errors are thrown; refusals of commands are data. */
export function urql({ url, token, fetch = globalThis.fetch }: Caller): Backend {
  const client = new Client({
    url,
    fetch,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [readYourWrites(new Consistency()), fetchExchange],
  });
  return {
    query: async (query, variables) => answered(await client.query(query, variables).toPromise()),
    mutate: async (mutation, variables) => answered(await client.mutation(mutation, variables).toPromise()),
  };
}

function answered<Data>({ data, error }: { data?: Data; error?: CombinedError }): Data {
  if (error !== undefined) throw error;
  if (data === undefined) throw new Error("there is no answer");
  return data;
}
