// The Lambda function. What it needs is connected to at the first request, and kept for the next ones.

import { itemsIn } from "./items.js";
import { routes } from "./routes.js";

let answer;

/** Answers one request of an HTTP API, payload version 2.0. */
export async function handler(event) {
  answer ??= routes(await connected());
  return answer(event);
}

// The SDK is part of the Lambda runtime; it is loaded here alone, so that the tests do without.
async function connected() {
  const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  const { DynamoDBDocument } = await import("@aws-sdk/lib-dynamodb");
  const { EventBridge } = await import("@aws-sdk/client-eventbridge");
  return itemsIn(DynamoDBDocument.from(new DynamoDBClient()), new EventBridge(), {
    table: process.env.TABLE_NAME,
    bus: process.env.EVENT_BUS_NAME,
    source: process.env.EVENT_SOURCE,
    service: process.env.SERVICE,
  });
}
