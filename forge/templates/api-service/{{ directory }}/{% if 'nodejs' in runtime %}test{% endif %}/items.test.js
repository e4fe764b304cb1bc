import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { itemsIn } from "../src/items.js";

const tea = { id: "1", name: "tea" };

/** Stands in for the SDK's DynamoDB client. */
class Documents {
  items = new Map();

  async get({ Key }) {
    return { Item: this.items.get(Key.id) };
  }

  async put({ Item }) {
    this.items.set(Item.id, Item);
  }
}

/** Stands in for the SDK's EventBridge client. */
class Events {
  told = [];

  async putEvents({ Entries }) {
    if (this.error) return { FailedEntryCount: 1, Entries: [{ ErrorCode: this.error }] };
    this.told.push(...Entries);
    return { FailedEntryCount: 0, Entries: [{ EventId: "1" }] };
  }
}

describe("the service's items", () => {
  let documents;
  let events;
  let items;

  beforeEach(() => {
    documents = new Documents();
    events = new Events();
    items = itemsIn(documents, events, { table: "table", bus: "orders", source: "shop", service: "api" });
  });

  it("are found when they were saved", async () => {
    await items.save(tea);
    assert.deepEqual(await items.find("1"), tea);
    assert.equal(await items.find("2"), undefined);
  });

  it("have keys that begin with the service's name", async () => {
    await items.save(tea);
    assert.deepEqual([...documents.items.keys()], ["api#1"]);
  });

  it("are told to the bus", async () => {
    await items.save(tea);
    assert.equal(events.told.length, 1);
    const { Detail, ...rest } = events.told[0];
    assert.deepEqual(JSON.parse(Detail), tea);
    assert.deepEqual(rest, { EventBusName: "orders", Source: "shop", DetailType: "ItemSaved" });
  });

  it("fail when the bus refuses them, and saving again mends it", async () => {
    events.error = "ThrottlingException";
    await assert.rejects(items.save(tea), /ThrottlingException/);
    events.error = undefined;
    await items.save(tea);
    assert.deepEqual([await items.find("1"), events.told.length], [tea, 1]);
  });
});
