// castore under measurement: reads one JSON request a line, answers with one JSON line.
import { createInterface } from 'node:readline';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';

// Its modules for import do not name their files' extensions, which Node wants: it is required instead.
const require = createRequire(import.meta.url);
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { EventStore, EventType } = require('@castore/core');
const { DynamoDBSingleTableEventStorageAdapter } = require('@castore/event-storage-adapter-dynamodb');

const [counting, direct, textBytes, type] = process.argv.slice(2);

const store = (address) =>
  new EventStore({
    eventStoreId: 'DOCUMENTS',
    eventTypes: [new EventType({ type })],
    reducer: (document, event) => ({
      aggregateId: event.aggregateId,
      version: event.version,
      edits: (document?.edits ?? 0) + 1,
      text: event.payload.text,
    }),
    eventStorageAdapter: new DynamoDBSingleTableEventStorageAdapter({
      tableName: 'castore',
      dynamoDBClient: new DynamoDBClient({
        endpoint: `http://${address}`,
        region: 'local',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        requestHandler: { httpAgent: new Agent({ keepAlive: true }) },
      }),
    }),
  });

const stores = { counting: store(counting), direct: store(direct) };

const events = (aggregateId, version, count, letter) =>
  Array.from({ length: count }, (_, at) => ({
    aggregateId,
    version: version + 1 + at,
    type,
    payload: { text: letter.repeat(Number(textBytes)) },
  }));

// One event is a put; several, to be written all or none, are a group.
const push = (store, details, prevAggregate) =>
  details.length === 1
    ? store.pushEvent(details[0], { prevAggregate })
    : EventStore.pushEventGroup(...details.map((detail) => store.groupEvent(detail)));

const actions = {
  async seed({ id, events: count }) {
    for (let version = 0; version < count; version += 100) {
      await push(stores.direct, events(id, version, Math.min(100, count - version), 'x'));
    }
    return {};
  },
  async run({ counting, id, events: count, most, limit }) {
    const store = counting ? stores.counting : stores.direct;
    const start = performance.now();
    let done = 0;
    while (done < most && performance.now() - start <= limit) {
      const { aggregate } = await store.getAggregate(id);
      const letter = aggregate?.text.startsWith('x') ? 'y' : 'x';
      await push(store, events(id, aggregate?.version ?? 0, count, letter), aggregate);
      done += 1;
    }
    return { done, ms: performance.now() - start };
  },
  async edits({ id }) {
    const { aggregate } = await stores.direct.getAggregate(id);
    return { edits: aggregate?.edits ?? 0 };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer = await actions[request.do](request).catch((error) => ({ error: String(error) }));
  console.log(JSON.stringify(answer));
}
