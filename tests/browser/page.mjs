// One page: what happens on it, and what a person does with it.
import { writeFileSync } from "node:fs";

const PATIENCE_MS = 30_000;
const PAUSE_MS = 100;

/** Tells of what the policy of the page kept away, as the page itself is told. */
const WATCH = `addEventListener("securitypolicyviolation", (event) =>
  tellViolation([event.effectiveDirective, event.blockedURI, event.sample, event.sourceFile].join(" ")));`;

export class Page {
  /** What its policy kept away. */
  violations = [];
  /** Errors of the console: what scripts say, exceptions, requests that failed. */
  complaints = [];
  /** Every request it made: `{ url, headers … }`. */
  requests = [];
  /** The status of every answer, by URL. */
  statuses = [];

  static async open(chromium, url) {
    const page = new Page();
    const { targetId } = await chromium.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await chromium.send("Target.attachToTarget", { targetId, flatten: true });
    page.send = (method, params) => chromium.send(method, params, sessionId);
    chromium.listen((method, params, session) => session === sessionId && page.#hear(method, params));
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.send(`${domain}.enable`);
    await page.send("Runtime.addBinding", { name: "tellViolation" });
    await page.send("Page.addScriptToEvaluateOnNewDocument", { source: WATCH });
    await page.go(url);
    return page;
  }

  async go(url) {
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
  }

  /** The value of an expression on the page. */
  async value(expression) {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(what, expression) {
    const deadline = Date.now() + PATIENCE_MS;
    // While one page takes the place of another there is nobody to tell.
    const told = () => this.value(expression).catch((error) => /navigated|context/.test(error.message) ? false : Promise.reject(error));
    while (!(await told())) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
      await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  }

  /** Clicks in the middle of the first element of a selector that has a text (all of it, or any), once it is there. */
  async click(selector, text = "") {
    const found = `[...document.querySelectorAll(${JSON.stringify(selector)})]
      .find((element) => ["", element.textContent.trim()].includes(${JSON.stringify(text)}) && element.getClientRects().length)`;
    await this.until(`${selector} ${text}`, `Boolean(${found})`);
    const { x, y } = await this.value(`(() => {
      const { left, top, width, height } = (${found}).getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    })()`);
    const mouse = (type, more) => this.send("Input.dispatchMouseEvent", { type, x, y, ...more });
    await mouse("mouseMoved", {});
    await mouse("mousePressed", { button: "left", clickCount: 1 });
    await mouse("mouseReleased", { button: "left", clickCount: 1 });
  }

  /** Presses a key; `modifiers` as the protocol counts them: 1 Alt, 2 Ctrl. */
  async press(key, code, keyCode, modifiers = 0) {
    const event = { key, code, windowsVirtualKeyCode: keyCode, modifiers };
    await this.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Types a text in place of what is there, where the cursor is. */
  async type(text) {
    await this.press("a", "KeyA", 65, 2);
    await this.send("Input.insertText", { text });
  }

  async screenshot(path) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    writeFileSync(path, Buffer.from(data, "base64"));
  }

  #hear(method, params) {
    switch (method) {
      case "Runtime.consoleAPICalled":
        if (["error", "assert"].includes(params.type)) {
          const said = params.args.map((each) => each.value ?? each.description);
          this.complaints.push(`console.${params.type}: ${said.join(" ")}`);
        }
        break;
      case "Runtime.exceptionThrown":
        this.complaints.push(`exception: ${params.exceptionDetails.exception?.description}`);
        break;
      case "Log.entryAdded":
        if (params.entry.level === "error") {
          this.complaints.push(`${params.entry.source}: ${params.entry.text} ${params.entry.url ?? ""}`);
        }
        break;
      case "Runtime.bindingCalled":
        this.violations.push(params.payload);
        break;
      case "Network.requestWillBeSent":
        this.requests.push(params.request);
        break;
      case "Network.responseReceived":
        this.statuses.push([params.response.url, params.response.status]);
        break;
    }
  }
}
