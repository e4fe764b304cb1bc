// Chromium over the DevTools protocol, by a pipe: no port that others could reach, and nothing to install.
import { spawn } from "node:child_process";

const FLAGS = [
  "--headless=new",
  "--remote-debugging-pipe",
  "--no-first-run",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  // A browser of its own talks to its makers; every request that is left is the page's.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-features=OptimizationHints,MediaRouter,Translate",
  "--window-size=1280,800",
];
const ANSWER_MS = 20_000;

export class Chromium {
  #asked = new Map();
  #listeners = [];
  #last = 0;

  /** Starts one on a profile directory of its own. */
  constructor(binary, profile) {
    // Debian's has no user namespaces to lock itself into when it runs as root.
    const sandbox = process.getuid() === 0 ? ["--no-sandbox"] : [];
    const flags = [...FLAGS, ...sandbox, `--user-data-dir=${profile}`, "about:blank"];
    this.process = spawn(binary, flags, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
    this.stderr = "";
    this.process.stderr.on("data", (chunk) => (this.stderr = (this.stderr + chunk).slice(-4000)));
    this.ended = new Promise((ended) => this.process.once("exit", ended));
    this.ended.then(() => this.#fail(new Error(`chromium ended: ${this.stderr}`)));
    [, , , this.input, this.output] = this.process.stdio;
    this.input.on("error", (error) => this.#fail(error));
    let rest = "";
    this.output.setEncoding("utf8");
    this.output.on("data", (chunk) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop();
      messages.forEach((message) => this.#receive(JSON.parse(message)));
    });
  }

  /** Calls a method of the protocol; `session` is the page's, if it is about one. */
  send(method, params = {}, session = undefined) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), ANSWER_MS);
      this.#asked.set(id, { method, resolve, reject, timer });
      this.input.write(`${JSON.stringify({ id, method, params, sessionId: session })}\0`);
    });
  }

  /** Hands every event to a listener: `(method, params, session)`. */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** Ends it, the hard way if it takes too long. */
  async close() {
    this.send("Browser.close").catch(() => {});
    const overdue = setTimeout(() => this.process.kill("SIGKILL"), 5000);
    await this.ended;
    clearTimeout(overdue);
  }

  #receive({ id, method, params, result, error, sessionId }) {
    if (id === undefined) return this.#listeners.forEach((listener) => listener(method, params, sessionId));
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (!asked) return;
    clearTimeout(asked.timer);
    if (error) asked.reject(new Error(`${asked.method}: ${error.message}`));
    else asked.resolve(result);
  }

  #fail(error) {
    for (const { reject, timer } of this.#asked.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#asked.clear();
  }
}
