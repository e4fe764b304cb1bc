import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { tap } from "rxjs";

import type { Backend, Caller } from "./backend.js";
import { Consistency } from "./consistency.js";
import possible from "./generated/possible-types.js";

/** A link that shows whoever has written what they wrote. */
export function readYourWrites(consistency: Consistency): ApolloLink {
  return new ApolloLink((operation, forward) => {
    operation.setContext(({ headers }) => ({ headers: { ...headers, ...consistency.headers() } }));
    const isMutation = operation.operationType === "mutation";
    return forward(operation).pipe(
      tap((answer) => {
        if (isMutation) consistency.heard(answer);
      }),
    );
  });
}

/** Skafu by Apollo Client. Errors are thrown; refusals of commands are data. */
export function apollo({ url, token, fetch = globalThis.fetch }: Caller): Backend {
  const client = new ApolloClient({
    // Without the types, fields of a fragment on an interface would be missing from answers.
    cache: new InMemoryCache(possible),
    link: ApolloLink.from([
      readYourWrites(new Consistency()),
      new HttpLink({ uri: url, fetch, headers: { authorization: `Bearer ${token}` } }),
    ]),
  });
  return {
    async query(query, variables) {
      const { data } = await client.query({ query, variables, fetchPolicy: "network-only" });
      if (data === undefined) throw new Error("there is no answer");
      return data;
    },
    async mutate(mutation, variables) {
      const { data } = await client.mutate({ mutation, variables });
      if (data === undefined) throw new Error("there is no answer");
      return data;
    },
  };
}
