// What a developer does in the playground, and what a page elsewhere cannot.
//
//   node check.mjs CHROMIUM URL PROJECT SCRATCH SCREENSHOT
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";

import { Chromium } from "./chromium.mjs";
import { Page } from "./page.mjs";

const [binary, url, project, scratch, screenshot] = process.argv.slice(2);
const EDITOR = (selector) => `document.querySelector("${selector} .CodeMirror").CodeMirror`;
const ANSWER = `${EDITOR(".result-window")}.getValue()`;
const TOKEN = "eyJ";

const chromium = new Chromium(binary, join(scratch, "profile"));
let done = 0;

/** One thing that must hold. */
async function holds(what, check) {
  try {
    await check();
  } catch (error) {
    error.message = `${what}: ${error.message}`;
    throw error;
  }
  done += 1;
  console.log(`  ${what}`);
}

/** Turns to a tab. */
async function turnTo(page, tab) {
  await page.click(".graphiql-tab-button", tab);
  // The query is read a moment after it was put there.
  await page.until(`the query ${tab}`, `${EDITOR(".graphiql-query-editor")}.operationName === "${tab}"`);
}

/** Runs what is in the editor by its button, and gives the answer as it is shown. */
async function run(page) {
  await page.click(".graphiql-execute-button");
  await page.until("an answer", `/^{[^]*}$/.test(${ANSWER}) && !document.querySelector(".graphiql-spinner")`);
  return page.value(`document.querySelector(".result-window").innerText`);
}

/** The same; the answer as it is, for long values are broken into lines where it is shown. */
async function answered(page) {
  await run(page);
  return JSON.parse(await page.value(ANSWER));
}

async function develop(page) {
  await holds("the page is ready", async () => {
    await page.until("the editor", `Boolean(document.querySelector(".graphiql-execute-button"))`);
    await page.click(".graphiql-editor-tools button", "Headers");
    const headers = `document.querySelector(".graphiql-editor-tool:not(.hidden)").innerText`;
    await page.until("a token in the headers", `${headers}.includes("Bearer ${TOKEN}")`);
  });
  await holds("a query is answered in the result pane", async () => {
    const shown = await run(page);
    assert.ok(shown.includes(project), shown);
    await page.screenshot(screenshot);
  });
  let made;
  await holds("a mutation makes a project", async () => {
    await turnTo(page, "CreateProject");
    const answer = await answered(page);
    made = answer.data?.createProject;
    assert.ok(made, JSON.stringify(answer));
    assert.match(made.id ?? JSON.stringify(made), /^[0-9a-f-]{36}$/);
    assert.equal(made.version, 1);
  });
  await holds("which is found by the id in the variables", async () => {
    await turnTo(page, "Project");
    await page.click(".graphiql-editor-tools button", "Variables");
    await page.click(".graphiql-editor-tool:not(.hidden) .CodeMirror");
    await page.type(JSON.stringify({ id: made.id }));
    const answer = await answered(page);
    const found = answer.data?.project;
    assert.ok(found, JSON.stringify(answer));
    assert.equal(found.name, "Hello");
    assert.equal(found.template.id, "sam-python-api");
  });
  await holds("the templates are listed", async () => {
    await turnTo(page, "Templates");
    const { templates } = (await answered(page)).data;
    assert.ok(templates.items.some(({ id }) => id === "sam-python-api"));
  });
  await holds("the documentation can be read", async () => {
    const text = `document.querySelector(".graphiql-plugin").innerText`;
    await page.click(`.graphiql-sidebar button[aria-label="Show Documentation Explorer"]`);
    await page.click(".graphiql-plugin a", "Query");
    await page.until("the fields of Query", `${text}.includes("The projects of the caller's tenant, newest first.")`);
  });
}

/** What needs an exception of the policy must not be kept away by it. */
async function lookAround(page) {
  await holds("its dialogs open", async () => {
    await page.click(`button[aria-label="Open short keys dialog"]`);
    await page.until("the dialog's own style", `document.querySelectorAll("style[nonce]").length > 0`);
    await page.press("Escape", "Escape", 27);
    await page.until("the dialog's end", `!document.querySelector("[role=dialog]")`);
    await page.click(".graphiql-query-editor .CodeMirror");
    await page.press("g", "KeyG", 71, 1);
    await page.until("the jump to a line", `document.querySelector(".CodeMirror-search-field")?.style.width === "10em"`);
  });
  await holds("no token is stored, and the next visit has one all the same", async () => {
    const stored = await page.value("JSON.stringify(Object.entries(localStorage))");
    assert.ok(stored.includes("CreateProject"), "the tabs are stored");
    assert.ok(!stored.includes(TOKEN), "a token is stored");
    await page.value("void (globalThis.old = true)");
    await page.send("Page.reload");
    await page.until("the page anew", `document.readyState === "complete" && !globalThis.old`);
    await page.until("the editor", `Boolean(document.querySelector(".graphiql-execute-button"))`);
    await turnTo(page, "Projects");
    const shown = await run(page);
    assert.ok(shown.includes(project), shown);
  });
  await holds("a token that ends is replaced by a new one, wherever it stands", async () => {
    const used = () => page.requests.filter((each) => each.url === `${url}/graphql`).at(-1).headers.Authorization;
    const before = used();
    await page.value("void (renewAt = 0)");
    const shown = await run(page);
    assert.ok(shown.includes(project), shown);
    assert.ok(before.includes(TOKEN) && used().includes(TOKEN));
    assert.notEqual(used(), before);
  });
  await holds("nothing was kept away, nothing went wrong, nobody else was asked", () => {
    assert.deepEqual(page.violations, []);
    assert.deepEqual(page.complaints, []);
    const asked = page.requests.map((request) => request.url);
    assert.deepEqual(asked.filter((each) => !each.startsWith(`${url}/`) && !each.startsWith("data:")), []);
    assert.ok(asked.includes(`${url}/graphql`), "and what was asked was seen");
  });
}

/** That the watch would have noticed, and that the policy does what it says. */
async function tryToBreakOut(page, other) {
  await holds("what the policy forbids does not happen, and is noticed", async () => {
    const away = other.at("localhost");
    const add = (element, what) => `document.body.append(Object.assign(document.createElement("${element}"), ${what}))`;
    const attempts = [
      ["script-src-elem inline", add("script", `{ text: "out = 1" }`)],
      [`script-src-elem ${away}`, add("script", `{ src: "${away}" }`)],
      ["script-src eval", `setTimeout("out = 1")`],
      ["style-src-elem inline", add("style", `{ textContent: "p {}" }`)],
      [`style-src-elem ${away}`, add("link", `{ rel: "stylesheet", href: "${away}" }`)],
      ["style-src-attr inline", `document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>")`],
      [`connect-src ${away}`, `void fetch("${away}").catch(() => {})`],
      [`img-src ${away}`, add("img", `{ src: "${away}" }`)],
      [`frame-src ${url}`, add("iframe", `{ src: "/" }`)],
      ["worker-src", `try { new Worker("/playground/playground.js") } catch {}`],
    ];
    for (const [violation, attempt] of attempts) {
      const before = page.violations.length;
      const noticed = () => page.violations.slice(before).some((each) => each.startsWith(violation));
      await page.value(`void (() => { ${attempt} })()`);
      for (let tries = 0; !noticed() && tries < 50; tries++) await new Promise((wake) => setTimeout(wake, 100));
      assert.ok(noticed(), `${attempt}: ${page.violations.slice(before)}`);
    }
    assert.equal(await page.value("typeof out"), "undefined");
    assert.deepEqual(other.asked, []);
  });
}

/** Pages of another server on this machine ask for a token, in each way a page can. */
async function askFromElsewhere(other) {
  // One site with the playground, for sites know no ports; the other name is another site.
  for (const host of ["127.0.0.1", "localhost"]) {
    await holds(`a page on ${host} is given no token`, async () => {
      const page = await Page.open(chromium, other.at(host));
      await page.until("the page", `location.host && document.readyState === "complete"`);
      for (const mode of ["cors", "no-cors"]) {
        const before = page.statuses.length;
        const asked = `fetch("${url}/playground/token", { method: "POST", mode: "${mode}" })`;
        const got = await page.value(`${asked}.then((answer) => answer.text(), () => "")`);
        assert.ok(!got.includes(TOKEN), got);
        // Of an answer that it does not let the page see, the browser does not tell the status each time.
        const seen = page.statuses.slice(before).filter(([of]) => of === `${url}/playground/token`);
        assert.ok(mode === "cors" || seen.length === 1, "it was asked");
        seen.forEach(([, status]) => assert.equal(status, 403));
      }
    });
  }
}

/** Another server on this machine, with an empty page. */
async function otherServer() {
  const asked = [];
  const server = createServer((request, answer) => {
    asked.push(request.url);
    answer.setHeader("content-type", "text/html").end("<!doctype html><link rel=icon href=data:,>");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const at = (host) => `http://${host}:${server.address().port}/`;
  return { asked, at, close: () => (server.close(), server.closeAllConnections()) };
}

const other = await otherServer();
let page;
try {
  page = await Page.open(chromium, `${url}/playground`);
  await develop(page);
  await lookAround(page);
  await tryToBreakOut(page, other);
  await askFromElsewhere(other);
  console.log(`  ${done} things hold`);
} catch (error) {
  console.error(`  FAIL: ${error.message}`);
  console.error(page ? { violations: page.violations, complaints: page.complaints } : "no page was opened");
  await page?.screenshot(screenshot).catch(() => {});
  process.exitCode = 1;
} finally {
  other.close();
  await chromium.close();
}
