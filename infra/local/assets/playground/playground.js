"use strict";

// GraphiQL on this machine's /graphql, with a token of this machine's issuer.

// GraphiQL makes style elements for its dialogs; the policy of the page lets in those that bear this nonce.
globalThis.__webpack_nonce__ = document.querySelector("meta[name=style-nonce]").content;

const EXAMPLES = [
  `# The projects of your tenant, newest first. Ctrl-Enter runs it.
query Projects {
  projects(limit: 20) {
    items { id name status templateName createdAt }
    nextToken
  }
}
`,
  `# Asks for a project. A moment later it is in the list; its repository is made.
mutation CreateProject {
  createProject(input: { name: "Hello", templateId: "sam-python-api" }) {
    ... on ProjectAccepted { id version consistencyToken }
    ... on CommandError { code message }
  }
}
`,
  {
    query: `# One project, its template and its repository. The id goes into the variables below.
query Project($id: ID!) {
  project(id: $id) {
    name
    status
    template { id name description }
    creation { state attempt failedStep }
    repository { name cloneUrl defaultBranch initialCommitId }
  }
}
`,
    variables: `{ "id": "" }`,
  },
  `# What projects can be made from, and what each template asks for.
query Templates {
  templates {
    items { id name description parameters { name type required default } }
  }
}
`,
].map((example) => (typeof example === "string" ? { query: example } : example));

/** A token is replaced this long before it ends. */
const MARGIN_MS = 60_000;
/** Stands for a token of this page wherever something is stored. */
const MARK = "token-of-the-playground";
/** What to write where no token is given, as to browsers that do not tell where a request comes from. */
const BY_HAND = "the output of: skafu token";

/** The tokens this page was given, newest last. */
const tokens = [];
let renewAt = 0;

/** A token that is good for a while; null if this page is given none. */
async function token() {
  if (Date.now() >= renewAt) {
    const answer = await fetch("/playground/token", { method: "POST" });
    if (answer.ok) {
      const { token, expiresIn } = await answer.json();
      tokens.push(token);
      renewAt = Date.now() + expiresIn * 1000 - MARGIN_MS;
    }
  }
  return tokens.at(-1) ?? null;
}

/** The text with every token of this page replaced. */
const replaced = (text, by) => tokens.reduce((text, token) => text.replaceAll(token, by), text);

/** The headers as the editor has them, with a token of ours renewed; somebody else's is left alone. */
function renewed(headers, fresh) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, replaced(String(value), fresh)]));
}

/** Asks the server. The schema is read before GraphiQL has looked into its headers editor: with a token of ours. */
async function ask(parameters, options = {}) {
  const fresh = await token();
  const headers = renewed(options.headers ?? {}, fresh);
  const signed = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  if (!signed && fresh && parameters.operationName === "IntrospectionQuery") {
    headers.Authorization = `Bearer ${fresh}`;
  }
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(parameters),
  });
  return answer.json();
}

/** What GraphiQL keeps between visits, without our tokens: its history holds headers. */
const storage = {
  getItem: (key) => localStorage.getItem(key)?.replaceAll(MARK, tokens.at(-1) ?? BY_HAND) ?? null,
  setItem: (key, value) => localStorage.setItem(key, replaced(value, MARK)),
  removeItem: (key) => localStorage.removeItem(key),
  clear() {
    Object.keys(localStorage)
      .filter((key) => key.startsWith("graphiql:"))
      .forEach((key) => localStorage.removeItem(key));
  },
  get length() {
    return localStorage.length;
  },
};

async function start() {
  const headers = JSON.stringify({ Authorization: `Bearer ${(await token()) ?? BY_HAND}` }, null, 2);
  const graphiql = React.createElement(GraphiQL, {
    fetcher: ask,
    storage,
    headers,
    defaultHeaders: headers,
    defaultTabs: EXAMPLES,
    defaultEditorToolsVisibility: true,
    shouldPersistHeaders: false,
  });
  ReactDOM.createRoot(document.getElementById("playground")).render(graphiql);
}

start().catch((error) => {
  document.querySelector("#playground > p").textContent = `The playground does not start: ${error.message}`;
  throw error;
});
