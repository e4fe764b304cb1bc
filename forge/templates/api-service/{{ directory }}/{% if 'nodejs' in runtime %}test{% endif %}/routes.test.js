import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { routes } from "../src/routes.js";

/** The items in memory. */
class Items {
  kept = new Map();

  async find(id) {
    return this.kept.get(id);
  }

  async save(item) {
    this.kept.set(item.id, item);
  }
}

describe("the service's API", () => {
  let items;

  beforeEach(() => {
    items = new Items();
  });

  async function ask(routeKey, more) {
    const { statusCode, headers, body } = await routes(items)({ routeKey, pathParameters: { id: "1" }, ...more });
    assert.equal(headers["content-type"], "application/json");
    return { status: statusCode, body: JSON.parse(body) };
  }

  const get = (more) => ask("GET /items/{id}", more);
  const put = (body, more) => ask("PUT /items/{id}", { body, ...more });

  it("gets an item that was put", async () => {
    const tea = { status: 200, body: { id: "1", name: "tea" } };
    assert.deepEqual(await put('{"name": " tea "}'), tea);
    assert.deepEqual(await get(), tea);
  });

  it("replaces an item that is put again", async () => {
    await put('{"name": "tea"}');
    await put('{"name": "coffee"}');
    assert.equal((await get()).body.name, "coffee");
  });

  it("takes an encoded body", async () => {
    const body = Buffer.from('{"name": "tea"}').toString("base64");
    assert.equal((await put(body, { isBase64Encoded: true })).status, 200);
  });

  const long = JSON.stringify({ name: "x".repeat(101) });
  for (const body of [undefined, "", "tea", "[]", "null", "{}", '{"name": 1}', '{"name": " "}', long]) {
    it(`refuses ${JSON.stringify(body)?.slice(0, 20)}`, async () => {
      const refused = await put(body);
      assert.equal(refused.status, 400);
      assert.ok(refused.body.error);
      assert.equal(items.kept.size, 0);
    });
  }

  for (const id of ["", "a b", "a#b", "x".repeat(65), "1\n"]) {
    it(`refuses the id ${JSON.stringify(id).slice(0, 20)}`, async () => {
      assert.equal((await get({ pathParameters: { id } })).status, 400);
      assert.equal((await put('{"name": "tea"}', { pathParameters: { id } })).status, 400);
    });
  }

  it("does not find what is not there", async () => {
    assert.equal((await get()).status, 404);
    assert.equal((await ask("DELETE /items/{id}")).status, 404);
  });

  it("fails when the items cannot be reached", async () => {
    items.find = () => Promise.reject(new Error("unplugged"));
    await assert.rejects(get(), /unplugged/);
  });
});
