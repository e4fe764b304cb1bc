// What an application does with projects, with whichever client.
import { randomUUID } from "node:crypto";

import type { Backend } from "./backend.js";
import { CreateProjectDocument, ProjectDocument, ProjectsDocument } from "./documents.js";
import type { CreateProjectInput, CreateProjectMutation, ProjectQuery, ProjectsQuery } from "./generated/graphql.js";

type Payload = NonNullable<CreateProjectMutation["createProject"]>;
export type Accepted = Extract<Payload, { __typename: "ProjectAccepted" }>;
export type Found = NonNullable<ProjectQuery["project"]>;
export type Listed = ProjectsQuery["projects"]["items"][number];

/** A command was refused, and nothing changed. */
export class Refused extends Error {
  constructor(
    readonly kind: Exclude<Payload["__typename"], "ProjectAccepted">,
    readonly code: string,
    message: string,
    /** By the field that is wrong, such as `/data/name`; empty unless `kind` is `ValidationError`. */
    readonly violations: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** Asks for a project. The id of the command is chosen once: sending the same again is safe. */
export async function createProject(
  backend: Backend,
  input: CreateProjectInput,
  commandId: string = randomUUID(),
): Promise<Accepted> {
  const { createProject: payload } = await backend.mutate(CreateProjectDocument, { input: { commandId, ...input } });
  // Null comes with an error, which a backend throws: nobody knows what became of the command.
  if (payload == null) throw new Error("the command was not answered: send the same again");
  switch (payload.__typename) {
    case "ProjectAccepted":
      return payload;
    case "ValidationError": {
      const violations = payload.violations.map(({ field, message }) => [field, message]);
      throw new Refused(payload.__typename, payload.code, payload.message, Object.fromEntries(violations));
    }
    default:
      throw new Refused(payload.__typename, payload.code, payload.message);
  }
}

/** One project; undefined if there is none. */
export async function project(backend: Backend, id: string): Promise<Found | undefined> {
  return (await backend.query(ProjectDocument, { id })).project ?? undefined;
}

/** All projects, newest first, asked for page by page as they are needed. */
export async function* projects(backend: Backend, pageSize: number): AsyncGenerator<Listed> {
  let nextToken: string | null = null;
  do {
    const page: ProjectsQuery["projects"] = (await backend.query(ProjectsDocument, { limit: pageSize, nextToken })).projects;
    yield* page.items;
    nextToken = page.nextToken ?? null;
  } while (nextToken !== null);
}
