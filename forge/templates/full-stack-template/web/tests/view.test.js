import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { mount } from "../public/view.js";

/** As much of an element as the page uses. */
class Element {
  children = [];
  textContent = "";
  value = "";
  #listeners = new Map();

  append(...children) {
    this.children.push(...children);
  }

  replaceChildren(...children) {
    this.children = children;
  }

  addEventListener(type, listener) {
    this.#listeners.set(type, listener);
  }

  fire(type) {
    return this.#listeners.get(type)({ preventDefault() {} });
  }
}

/** The API in memory. */
function itemsInMemory() {
  const kept = [];
  return {
    list: async () => [...kept],
    add: async (name) => {
      if (!name) throw new Error("An item needs a name.");
      kept.push({ id: String(kept.length), name });
    },
    remove: async (id) => {
      kept.splice(kept.findIndex((item) => item.id === id), 1);
    },
  };
}

describe("the page", () => {
  let page;
  let items;

  beforeEach(() => {
    const elements = ["form", "name", "list", "message"].map((id) => [id, new Element()]);
    page = { ...Object.fromEntries(elements), create: () => new Element() };
    items = itemsInMemory();
  });

  const shown = () => page.list.children.map((line) => line.children[0].textContent);

  async function add(name) {
    page.name.value = name;
    await page.form.fire("submit");
  }

  it("shows the items that are there", async () => {
    await items.add("tea");
    await mount(page, items);
    assert.deepEqual(shown(), ["tea"]);
  });

  it("adds an item and makes room for the next", async () => {
    await mount(page, items);
    await add("<b>tea</b>");
    assert.deepEqual([shown(), page.name.value], [["<b>tea</b>"], ""]);
  });

  it("deletes an item", async () => {
    await mount(page, items);
    await add("tea");
    await add("coffee");
    await page.list.children[0].children[1].fire("click");
    assert.deepEqual(shown(), ["coffee"]);
  });

  it("says why something failed, until something succeeds", async () => {
    await mount(page, items);
    await add("");
    assert.equal(page.message.textContent, "An item needs a name.");
    await add("tea");
    assert.equal(page.message.textContent, "");
  });

  it("says that there is nothing to show", async () => {
    items.list = () => Promise.reject(new Error("The server cannot be reached."));
    await mount(page, items);
    assert.equal(page.message.textContent, "The server cannot be reached.");
  });
});
