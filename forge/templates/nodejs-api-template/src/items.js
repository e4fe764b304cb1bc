const PAGE_SIZE = 100;

/**
 * The items in a DynamoDB table whose key is `id`.
 *
 * `documents` is a DynamoDBDocument client of the AWS SDK.
 */
export function itemsIn(documents, table) {
  return {
    /** Keeps a new item. */
    async add(item) {
      await documents.put({
        TableName: table,
        Item: item,
        ConditionExpression: "attribute_not_exists(id)",
      });
    },

    /** The item with this id, or undefined. */
    async find(id) {
      const found = await documents.get({ TableName: table, Key: { id } });
      return found.Item;
    },

    /** Up to 100 items, in no particular order, from where an earlier page ended. */
    async page(after) {
      const found = await documents.scan({
        TableName: table,
        Limit: PAGE_SIZE,
        ExclusiveStartKey: after === undefined ? undefined : { id: after },
      });
      return { items: found.Items ?? [], next: found.LastEvaluatedKey?.id };
    },
  };
}
