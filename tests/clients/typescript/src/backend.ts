import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

/** Where the API is and who calls: an ID token. */
export interface Caller {
  url: string;
  token: string;
  fetch?: typeof fetch;
}

/** A GraphQL client, whichever it is. Both ask the server each time: what became of a project changes by itself. */
export interface Backend {
  query<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  mutate<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
}
