import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { itemsIn } from "../src/items.js";

/** Stands in for the SDK's client: gives these answers and keeps what was asked. */
function documents(answers) {
  const asked = [];
  const as = (operation) => async (input) => {
    asked.push([operation, input]);
    return answers[operation];
  };
  return { asked, put: as("put"), get: as("get"), scan: as("scan") };
}

describe("the items in the table", () => {
  const tea = { id: "1", name: "tea" };

  it("are added, but never replaced", async () => {
    const client = documents({});
    await itemsIn(client, "items").add(tea);
    const input = { TableName: "items", Item: tea, ConditionExpression: "attribute_not_exists(id)" };
    assert.deepEqual(client.asked, [["put", input]]);
  });

  it("are found by their id", async () => {
    const client = documents({ get: { Item: tea } });
    assert.deepEqual(await itemsIn(client, "items").find("1"), tea);
    assert.deepEqual(client.asked, [["get", { TableName: "items", Key: { id: "1" } }]]);
    assert.equal(await itemsIn(documents({ get: {} }), "items").find("2"), undefined);
  });

  it("are read in pages that say where the next one begins", async () => {
    const client = documents({ scan: { Items: [tea], LastEvaluatedKey: { id: "1" } } });
    assert.deepEqual(await itemsIn(client, "items").page("0"), { items: [tea], next: "1" });
    assert.deepEqual(client.asked[0][1].ExclusiveStartKey, { id: "0" });
  });

  it("may be none", async () => {
    const client = documents({ scan: { Items: [] } });
    assert.deepEqual(await itemsIn(client, "items").page(), { items: [], next: undefined });
    assert.equal(client.asked[0][1].ExclusiveStartKey, undefined);
  });
});
