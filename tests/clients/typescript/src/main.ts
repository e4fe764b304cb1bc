// Both clients against a running system: what an application relies on must hold.
//
//   SKAFU_URL=… SKAFU_TOKEN_APOLLO=… SKAFU_TOKEN_URQL=… node out/main.js
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { apollo } from "./apollo.js";
import type { Backend, Caller } from "./backend.js";
import { Consistency } from "./consistency.js";
import { Refused, createProject, project, projects } from "./projects.js";
import { urql } from "./urql.js";

const TEMPLATE = "sam-python-api";
const HEADER = "x-consistency-token";
let held = 0;

async function holds(what: string, check: () => Promise<void> | void): Promise<void> {
  await check();
  held += 1;
  console.log(`  ${what}`);
}

/** A `fetch` that notes the consistency token of every request; undefined where there was none. */
function noting(): { fetch: typeof fetch; sent: (string | undefined)[] } {
  const sent: (string | undefined)[] = [];
  const noted: typeof fetch = (input, init) => {
    sent.push(new Headers(init?.headers).get(HEADER) ?? undefined);
    return fetch(input, init);
  };
  return { fetch: noted, sent };
}

/** What the server, or the client, refuses to do. */
async function refusal(asked: Promise<unknown>): Promise<Refused> {
  const outcome: unknown = await asked.then((answer) => ({ answer }), (error: unknown) => error);
  assert.ok(outcome instanceof Refused, `refused as a command, not ${JSON.stringify(outcome)}`);
  return outcome;
}

async function works(name: string, connect: (caller: Caller) => Backend, caller: Caller): Promise<void> {
  const { fetch, sent } = noting();
  const backend = connect({ ...caller, fetch });
  const ids: string[] = [];

  await holds(`${name}: nothing is sent along before something was written`, async () => {
    assert.equal(await project(backend, randomUUID()), undefined);
    assert.deepEqual(sent, [undefined]);
  });
  await holds(`${name}: what was written is seen at once, in single things and in lists`, async () => {
    for (const name of ["One", "Two", "Three"]) {
      const { id, consistencyToken } = await createProject(backend, { name, templateId: TEMPLATE });
      ids.unshift(id);
      const found = await project(backend, id);
      assert.equal(found?.name, name);
      assert.equal(sent.at(-1), consistencyToken, "the token of the last answer goes along");
      const listed = await all(projects(backend, 100));
      assert.deepEqual(listed.map(({ id }) => id), ids);
    }
  });
  await holds(`${name}: pages follow one another without a gap or a repetition`, async () => {
    const before = sent.length;
    const listed = await all(projects(backend, 2));
    assert.deepEqual(listed.map(({ id }) => id), ids);
    assert.equal(sent.length - before, 2, "three in pages of two");
    const [first] = await all(take(1, projects(backend, 1)));
    assert.equal(first?.id, ids[0]);
    assert.equal(sent.length - before, 3, "no page is asked for that nobody needs");
  });
  await holds(`${name}: a command that is sent again is one command`, async () => {
    const [commandId, input] = [randomUUID(), { name: "Four", templateId: TEMPLATE }];
    const first = await createProject(backend, input, commandId);
    const again = await createProject(backend, input, commandId);
    assert.deepEqual([again.id, again.version], [first.id, first.version]);
  });
  await holds(`${name}: a refusal has its type, and what was written before is still seen`, async () => {
    const taken = await refusal(createProject(backend, { name: "one", templateId: TEMPLATE }));
    assert.deepEqual([taken.kind, taken.code], ["AlreadyExistsError", "NAME_TAKEN"]);
    const wrong = await refusal(createProject(backend, { name: "%", templateId: "" }));
    assert.deepEqual([wrong.kind, wrong.code], ["ValidationError", "VALIDATION_ERROR"]);
    assert.deepEqual(Object.keys(wrong.violations).sort(), ["/data/name", "/data/templateId"]);
    assert.equal((await project(backend, ids[0]!))?.name, "Three");
    assert.notEqual(sent.at(-1), undefined);
  });
  await holds(`${name}: what is no refusal of a command is thrown`, async () => {
    const nobody = connect({ ...caller, token: "none" });
    await assert.rejects(project(nobody, randomUUID()), (error) => !(error instanceof Refused));
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const listed: T[] = [];
  for await (const item of items) listed.push(item);
  return listed;
}

async function* take<T>(count: number, items: AsyncIterable<T>): AsyncGenerator<T> {
  if (count === 0) return;
  for await (const item of items) {
    yield item;
    if (--count === 0) return;
  }
}

async function remembers(): Promise<void> {
  await holds("a token is kept for less than an hour, and given up for a newer one only", () => {
    let now = 0;
    const consistency = new Consistency(() => now);
    consistency.heard({ data: { createProject: { consistencyToken: "payload" } } });
    assert.deepEqual(consistency.headers(), { [HEADER]: "payload" });
    const extensions = { consistency: { token: "extensions" } };
    consistency.heard({ data: { createProject: { consistencyToken: "payload" } }, extensions });
    consistency.heard({ data: { createProject: { code: "NAME_TAKEN" } } });
    consistency.heard({ data: null });
    assert.deepEqual(consistency.headers(), { [HEADER]: "extensions" });
    consistency.heard({ data: { first: { consistencyToken: "1" }, last: { consistencyToken: "2" }, refused: {} } });
    assert.deepEqual(consistency.headers(), { [HEADER]: "2" });
    now += 59 * 60 * 1000;
    assert.deepEqual(consistency.headers(), {});
  });
}

const { SKAFU_URL, SKAFU_TOKEN_APOLLO, SKAFU_TOKEN_URQL } = process.env;
const url = `${SKAFU_URL}/graphql`;
await remembers();
await works("Apollo Client", apollo, { url, token: SKAFU_TOKEN_APOLLO ?? "" });
await works("urql", urql, { url, token: SKAFU_TOKEN_URQL ?? "" });
console.log(`  ${held} things hold`);
