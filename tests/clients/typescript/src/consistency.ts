// Whoever has written sees it, however far the views are behind: the last answer's token goes along with every request.

/** A token counts for an hour. A little earlier it is left out: by then the views have what it names. */
const LIFETIME_MS = 55 * 60 * 1000;

const HEADER = "x-consistency-token";

/** What an answer may hold, as far as this is concerned. */
interface Answer {
  data?: unknown;
  extensions?: Record<string, unknown> | undefined;
}

/** What one signed-in person has written last. Somebody else's token would be refused: make one per person. */
export class Consistency {
  #token: string | undefined;
  #until = 0;

  constructor(private readonly now: () => number = Date.now) {}

  /** What to add to the headers of a request. */
  headers(): Record<string, string> {
    return this.#token !== undefined && this.now() < this.#until ? { [HEADER]: this.#token } : {};
  }

  /** Takes in the answer to a mutation. */
  heard(answer: Answer): void {
    const token = ofExtensions(answer) ?? ofPayload(answer);
    // An answer that names none has written nothing: what was known counts on.
    if (token === undefined) return;
    this.#token = token;
    this.#until = this.now() + LIFETIME_MS;
  }
}

function ofExtensions({ extensions }: Answer): string | undefined {
  return text(extensions?.["consistency"], "token");
}

/** The fields of a mutation run one after the other, and each token goes on from the one before: the last one. */
function ofPayload({ data }: Answer): string | undefined {
  const payloads = typeof data === "object" && data !== null ? Object.values(data) : [];
  return payloads.map((payload) => text(payload, "consistencyToken")).findLast((token) => token !== undefined);
}

function text(of: unknown, name: string): string | undefined {
  if (typeof of !== "object" || of === null) return undefined;
  const value: unknown = Reflect.get(of, name);
  return typeof value === "string" ? value : undefined;
}
