// The Lambda function. What it needs is connected to at the first request, and kept for the next ones.

import { itemsIn } from "./items.js";
import { routes } from "./routes.js";

let answer;

/** Answers one request of an HTTP API, payload version 2.0. */
export async function handler(event) {
  answer ??= routes(itemsIn(await sdk(), process.env.TABLE_NAME));
  return answer(event);
}

// Part of the Lambda runtime; loaded here alone, so that the tests do without.
async function sdk() {
  const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  const { DynamoDBDocument } = await import("@aws-sdk/lib-dynamodb");
  return DynamoDBDocument.from(new DynamoDBClient());
}
