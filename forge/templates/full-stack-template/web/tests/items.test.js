import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { itemsAt } from "../public/items.js";

/** A fetch that gives this answer, and keeps what was asked. */
function server(status, body) {
  const asked = [];
  const fetch = async (url, options) => {
    asked.push({ url, ...options });
    return new Response(body, { status });
  };
  return { asked, items: itemsAt("/api", fetch) };
}

describe("the API, as the page sees it", () => {
  it("lists items", async () => {
    const { asked, items } = server(200, '{"items": [{"id": "1", "name": "tea"}]}');
    assert.deepEqual(await items.list(), [{ id: "1", name: "tea" }]);
    assert.deepEqual(asked, [{ url: "/api/items", method: "GET" }]);
  });

  it("adds an item", async () => {
    const { asked, items } = server(201, '{"id": "1", "name": "tea"}');
    assert.deepEqual(await items.add("tea"), { id: "1", name: "tea" });
    assert.equal(asked[0].method, "POST");
    assert.deepEqual(JSON.parse(asked[0].body), { name: "tea" });
  });

  it("removes an item, whatever its id", async () => {
    const { asked, items } = server(204, null);
    await items.remove("a/b");
    assert.deepEqual(asked, [{ url: "/api/items/a%2Fb", method: "DELETE" }]);
  });

  it("passes on why it was refused", async () => {
    const { items } = server(400, '{"error": "An item needs a name."}');
    await assert.rejects(items.add(""), { message: "An item needs a name." });
  });

  for (const [status, body] of [[502, "<html>"], [200, "<html>"], [500, '{"message": "Internal Server Error"}']]) {
    it(`does without a reason: ${status} ${body}`, async () => {
      await assert.rejects(server(status, body).items.list(), { message: `The server answered with ${status}.` });
    });
  }

  it("tells that nobody is there", async () => {
    const items = itemsAt("/api", () => Promise.reject(new TypeError("Failed to fetch")));
    await assert.rejects(items.list(), { message: "The server cannot be reached." });
  });
});
