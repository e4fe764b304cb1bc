/**
 * The service's items in the system's table, under keys that begin with the service's name, and what the system is
 * told of them.
 *
 * `documents` is a DynamoDBDocument client and `events` an EventBridge client of the AWS SDK.
 */
export function itemsIn(documents, events, { table, bus, source, service }) {
  const key = (id) => `${service}#${id}`;

  return {
    /** The item with this id, or undefined. */
    async find(id) {
      const { Item: found } = await documents.get({ TableName: table, Key: { id: key(id) } });
      return found && { id, name: found.name };
    },

    /**
     * Keeps an item in place of what it was, and tells the bus.
     *
     * The item is kept first. Who gets an error saves again, which changes nothing but tells the bus; so an event
     * comes at least once, and never for what was not kept.
     */
    async save(item) {
      await documents.put({ TableName: table, Item: { ...item, id: key(item.id) } });
      const entry = { EventBusName: bus, Source: source, DetailType: "ItemSaved", Detail: JSON.stringify(item) };
      const answer = await events.putEvents({ Entries: [entry] });
      // The bus answers with success even where it refused an event.
      if (answer.FailedEntryCount) throw new Error(`the bus refused an event: ${answer.Entries[0].ErrorCode}`);
    },
  };
}
