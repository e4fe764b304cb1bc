import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { routes } from "../src/routes.js";

/** The items in memory, two to a page. */
function itemsInMemory() {
  const kept = new Map();
  return {
    async add(item) {
      kept.set(item.id, item);
    },
    async find(id) {
      return kept.get(id);
    },
    async page(after) {
      const all = [...kept.values()];
      const from = after === undefined ? 0 : all.findIndex((item) => item.id === after) + 1;
      const items = all.slice(from, from + 2);
      return { items, next: from + 2 < all.length ? items[1].id : undefined };
    },
  };
}

describe("the API", () => {
  let answer;

  beforeEach(() => {
    answer = routes(itemsInMemory());
  });

  async function ask(routeKey, more) {
    const { statusCode, headers, body } = await answer({ routeKey, ...more });
    assert.equal(headers["content-type"], "application/json");
    return { status: statusCode, body: JSON.parse(body) };
  }

  const create = (name) => ask("POST /items", { body: JSON.stringify({ name }) });

  it("finds an item that was created", async () => {
    const created = await create(" tea ");
    assert.equal(created.status, 201);
    assert.equal(created.body.name, "tea");
    const found = await ask("GET /items/{id}", { pathParameters: { id: created.body.id } });
    assert.deepEqual(found, { status: 200, body: created.body });
  });

  it("lists all items, page after page", async () => {
    for (const name of ["tea", "coffee", "milk"]) await create(name);
    const first = await ask("GET /items");
    const last = await ask("GET /items", { queryStringParameters: { after: first.body.next } });
    const names = [...first.body.items, ...last.body.items].map((item) => item.name);
    assert.deepEqual(names.sort(), ["coffee", "milk", "tea"]);
    assert.equal(last.body.next, undefined);
  });

  it("takes an encoded body", async () => {
    const body = Buffer.from('{"name": "tea"}').toString("base64");
    assert.equal((await ask("POST /items", { body, isBase64Encoded: true })).status, 201);
  });

  for (const body of [undefined, "", "tea", "[]", "null", "{}", '{"name": 1}', '{"name": " "}']) {
    it(`refuses ${JSON.stringify(body)}`, async () => {
      const refused = await ask("POST /items", { body });
      assert.equal(refused.status, 400);
      assert.ok(refused.body.error);
      assert.deepEqual((await ask("GET /items")).body.items, []);
    });
  }

  it("takes a name of up to 100 characters", async () => {
    assert.equal((await create("x".repeat(100))).status, 201);
    assert.equal((await create("x".repeat(101))).status, 400);
  });

  for (const route of ["GET /", "DELETE /items", "constructor", undefined]) {
    it(`does not know ${route}`, async () => {
      assert.equal((await ask(route)).status, 404);
    });
  }

  it("does not find what is not there", async () => {
    assert.equal((await ask("GET /items/{id}", { pathParameters: { id: "none" } })).status, 404);
  });

  it("fails when the items cannot be reached", async () => {
    answer = routes({ page: () => Promise.reject(new Error("unplugged")) });
    await assert.rejects(answer({ routeKey: "GET /items" }), /unplugged/);
  });
});
