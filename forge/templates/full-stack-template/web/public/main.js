// Connects the page with its API.

import { itemsAt } from "./items.js";
import { mount } from "./view.js";

const parts = Object.fromEntries(
  ["form", "name", "list", "message"].map((id) => [id, document.getElementById(id)]),
);
mount({ ...parts, create: (tag) => document.createElement(tag) }, itemsAt("/api", fetch.bind(window)));
