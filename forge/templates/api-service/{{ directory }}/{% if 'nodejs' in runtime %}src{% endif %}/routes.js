const MAX_NAME = 100;
const ID = /^[A-Za-z0-9._-]{1,64}$/;

/** What is wrong with a request, told to who sent it. */
class Refusal extends Error {}

/** A function that answers requests with what `items` keeps. */
export function routes(items) {
  const known = {
    "GET /items/{id}": async (event) => {
      const item = await items.find(idIn(event));
      return item ? reply(200, item) : reply(404, { error: "There is no such item." });
    },
    "PUT /items/{id}": async (event) => {
      const item = { id: idIn(event), name: nameIn(event) };
      await items.save(item);
      return reply(200, item);
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

function idIn(event) {
  const { id } = event.pathParameters;
  if (!ID.test(id)) throw new Refusal("An id has up to 64 letters, digits, dots, dashes and underscores.");
  return id;
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
