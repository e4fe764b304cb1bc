// Runs every audit of graphql-http against one endpoint and tells how each ends. Status 1 unless all are ok.
import { serverAudits } from 'graphql-http';

// So many there are in the pinned release: fewer would be a list that was not read whole.
const ALL = 61;
// In milliseconds: a request that takes longer has no answer.
const PATIENCE = 20_000;

const url = `${process.env.SKAFU_API_URL.replace(/\/$/, '')}/graphql`;
const authorization = `Bearer ${process.env.SKAFU_TOKEN}`;

const signedIn = (input, init = {}) =>
  fetch(input, {
    ...init,
    headers: { ...init.headers, authorization },
    signal: AbortSignal.timeout(PATIENCE),
  });

const reason = async (result) => {
  const body = result.response.bodyUsed ? '' : await result.response.text();
  return `${result.reason}: ${result.response.status} ${body.slice(0, 300)}`;
};

const audits = serverAudits({ url, fetchFn: signedIn });
let passed = 0;
for (const audit of audits) {
  const result = await audit.fn().catch((error) => ({ status: 'fatal', why: String(error.cause ?? error) }));
  console.log(`${result.status.padEnd(6)} ${audit.id} ${audit.name}`);
  if (result.status === 'ok') {
    passed += 1;
  } else {
    console.log(`       ${result.why ?? (await reason(result))}`);
  }
}
console.log(`${passed} of ${audits.length} audits are ok`);
process.exitCode = passed === ALL && audits.length === ALL ? 0 : 1;
