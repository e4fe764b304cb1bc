/** The items of the API at `root`. Every call fails with an Error whose message can be shown. */
export function itemsAt(root, fetch) {
  async function ask(method, path, data) {
    const options = { method };
    if (data !== undefined) {
      options.headers = { "content-type": "application/json" };
      options.body = JSON.stringify(data);
    }
    let response;
    try {
      response = await fetch(root + path, options);
    } catch {
      throw new Error("The server cannot be reached.");
    }
    if (response.status === 204) return undefined;
    const body = await response.json().catch(() => undefined);
    if (!response.ok || body === undefined) {
      throw new Error(body?.error ?? `The server answered with ${response.status}.`);
    }
    return body;
  }

  return {
    list: async () => (await ask("GET", "/items")).items,
    add: (name) => ask("POST", "/items", { name }),
    remove: (id) => ask("DELETE", `/items/${encodeURIComponent(id)}`),
  };
}
