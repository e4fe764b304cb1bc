import { randomUUID } from "node:crypto";

const MAX_NAME = 100;

/** What is wrong with a request, told to who sent it. */
class Refusal extends Error {}

/** A function that answers requests with what `items` keeps. */
export function routes(items) {
  const known = {
    "POST /items": async (event) => {
      const item = { id: randomUUID(), name: nameIn(event) };
      await items.add(item);
      return reply(201, item);
    },
    "GET /items": async (event) => reply(200, await items.page(event.queryStringParameters?.after)),
    "GET /items/{id}": async (event) => {
      const item = await items.find(event.pathParameters.id);
      return item ? reply(200, item) : reply(404, { error: "There is no such item." });
    },
  };
  return async (event) => {
    const route = Object.hasOwn(known, event.routeKey) ? known[event.routeKey] : undefined;
    if (!route) return reply(404, { error: "There is no such route." });
    try {
      return await route(event);
    } catch (problem) {
      if (problem instanceof Refusal) return reply(400, { error: problem.message });
      // A failed invocation: the client sees a plain 500, the log the reason.
      throw problem;
    }
  };
}

function nameIn(event) {
  const name = dataIn(event)?.name;
  if (typeof name !== "string" || !name.trim()) throw new Refusal("An item needs a name.");
  if (name.trim().length > MAX_NAME) throw new Refusal(`A name has at most ${MAX_NAME} characters.`);
  return name.trim();
}

function dataIn(event) {
  const body = event.body ?? "";
  try {
    return JSON.parse(event.isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body);
  } catch {
    throw new Refusal("The body must be JSON.");
  }
}

function reply(statusCode, body) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
