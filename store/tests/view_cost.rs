//! What a view costs, counted by the table itself: requests and capacity units.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use skafu_store::{
    Consistency, CountingMeter, DynamoViewStore, Index, IndexKey, Order, Row, RowChange, RowKey, Segment,
    ViewStore,
};

struct Metered {
    views: DynamoViewStore,
    meter: Arc<CountingMeter>,
}

impl Metered {
    async fn new() -> Self {
        let meter = Arc::new(CountingMeter::default());
        let views = DynamoViewStore::new(support::dynamodb().await, "views").with_meter(meter.clone());
        Self { views, meter }
    }

    /// Requests and their units since the last call.
    fn spent(&self) -> Vec<(&'static str, f64)> {
        self.meter.take().into_iter().map(|consumed| (consumed.operation, consumed.units)).collect()
    }
}

fn key(id: &str, sort: &str) -> RowKey {
    RowKey { partition: format!("acme/PROJECT#{id}"), sort: sort.to_owned() }
}

/// 0.6 KB, as it stands in the table.
fn content() -> Value {
    json!({ "name": "Demo Shop", "description": "x".repeat(540) })
}

fn row(id: &str, version: u64) -> Row {
    Row { key: key(id, "ROW"), version, content: Some(content()), indexes: Vec::new(), parked: None }
}

fn gate(id: &str, version: u64) -> Row {
    Row { key: key(id, "GATE"), content: None, ..row(id, version) }
}

fn beside(id: &str, sort: &str) -> RowChange {
    RowChange::Put { key: key(id, sort), content: content(), indexes: Vec::new() }
}

fn place(partition: &str) -> IndexKey {
    IndexKey { partition: partition.to_owned(), sort: "2025-01-18T10:30:00Z".to_owned() }
}

#[tokio::test]
async fn a_row_is_one_write_unit_and_one_more_for_each_index_it_is_in() {
    let table = Metered::new().await;
    table.views.put(&row("1", 1), None).await.unwrap();
    table.views.transact(&row("1", 2), Some(1), &[]).await.unwrap();
    assert_eq!(table.spent(), [("PutItem", 1.0), ("PutItem", 1.0)]);

    let mut indexed = row("2", 1);
    indexed.indexes = vec![(Index::First, place("acme/all")), (Index::Second, place("acme/alice"))];
    table.views.put(&indexed, None).await.unwrap();
    indexed.version = 2;
    table.views.put(&indexed, Some(1)).await.unwrap();
    // To leave a place and take another is to write twice.
    indexed.version = 3;
    indexed.indexes[1].1 = place("acme/bob");
    table.views.put(&indexed, Some(2)).await.unwrap();
    assert_eq!(table.spent(), [("PutItem", 3.0), ("PutItem", 3.0), ("PutItem", 4.0)]);

    let (reason, at) = (Some(json!({ "event": "4f3a" })), (Index::Parked, place("PARKED/projects")));
    table.views.put(&Row { parked: reason, indexes: vec![at], ..row("1", 2) }, Some(2)).await.unwrap();
    assert_eq!(table.spent(), [("PutItem", 2.0)]);
}

#[tokio::test]
async fn a_transaction_is_two_write_units_for_each_row() {
    let table = Metered::new().await;
    table.views.transact(&gate("1", 1), None, &[beside("1", "A")]).await.unwrap();
    table.views.transact(&gate("1", 2), Some(1), &[beside("1", "A"), beside("1", "B")]).await.unwrap();
    let sum = RowKey { partition: "acme/NUMBERS".to_owned(), sort: "PROJECTS".to_owned() };
    let add = RowChange::Add { key: sum, counters: [("projects".to_owned(), 1)].into() };
    let changes = [add, RowChange::Delete(key("1", "B"))];
    table.views.transact(&gate("1", 3), Some(2), &changes).await.unwrap();
    let expected = [4.0, 6.0, 6.0].map(|units| ("TransactWriteItems", units));
    assert_eq!(table.spent(), expected);

    let (key, indexes) = (key("2", "A"), vec![(Index::First, place("acme/all"))]);
    let indexed = RowChange::Put { key, content: content(), indexes };
    table.views.transact(&gate("2", 1), None, &[indexed]).await.unwrap();
    assert_eq!(table.spent(), [("TransactWriteItems", 5.0)]);
}

#[tokio::test]
async fn ten_small_rows_are_one_request_of_five_read_units() {
    let table = Metered::new().await;
    let keys: Vec<RowKey> = (0..10).map(|id| key(&id.to_string(), "ROW")).collect();
    for id in 0..10 {
        table.views.put(&row(&id.to_string(), 1), None).await.unwrap();
    }
    table.spent();
    let twice: Vec<RowKey> = keys.iter().chain(&keys).cloned().collect();
    assert!(table.views.get_many(&keys, Consistency::Eventual).await.unwrap().iter().all(Option::is_some));
    table.views.get_many(&twice, Consistency::Eventual).await.unwrap();
    table.views.get_many(&keys, Consistency::Strong).await.unwrap();
    let expected = [5.0, 5.0, 10.0].map(|units| ("BatchGetItem", units));
    assert_eq!(table.spent(), expected);
    table.views.get_many(&[], Consistency::Strong).await.unwrap();
    assert_eq!(table.spent(), []);
}

#[tokio::test]
async fn rows_that_lie_together_are_read_for_what_they_weigh_together() {
    let table = Metered::new().await;
    let changes: Vec<_> = (0..10).map(|at| beside("1", &format!("SIDE#{at}"))).collect();
    table.views.transact(&gate("1", 1), None, &changes).await.unwrap();
    table.spent();
    let partition = key("1", "").partition;
    let page = table
        .views
        .list(&partition, "SIDE#", Order::Ascending, 100, None, Consistency::Eventual)
        .await
        .unwrap();
    let all = table.views.scan(Segment::WHOLE, None, 100).await.unwrap();
    assert_eq!((page.rows.len(), all.rows.len()), (10, 11));
    table.views.get(&gate("1", 1).key, Consistency::Eventual).await.unwrap();
    // 6 KB: two units of 4 KB, for half the price if they may be old.
    assert_eq!(table.spent(), [("Query", 1.0), ("Scan", 2.0), ("GetItem", 0.5)]);
    let strong = table.views.list(&partition, "SIDE#", Order::Ascending, 100, None, Consistency::Strong);
    assert_eq!(strong.await.unwrap(), page);
    assert_eq!(table.spent(), [("Query", 2.0)]);
}

#[tokio::test]
async fn a_page_costs_what_is_on_it_however_long_the_list() {
    let mut prices = Vec::new();
    for length in [30, 600] {
        let table = Metered::new().await;
        for at in 0..length {
            let sort = format!("{at:06}");
            let place = IndexKey { partition: "acme/all".to_owned(), sort: sort.clone() };
            let key = RowKey { partition: "acme/list".to_owned(), sort };
            let row = Row { key, indexes: vec![(Index::First, place)], ..row("1", 1) };
            table.views.put(&row, None).await.unwrap();
        }
        table.spent();
        let page = table.views.query(Index::First, "acme/all", Order::Descending, 20, None).await.unwrap();
        let how = Consistency::Eventual;
        let list = table.views.list("acme/list", "0", Order::Descending, 20, None, how).await.unwrap();
        assert_eq!((page.rows.len(), list.rows.len()), (20, 20));
        assert_eq!(
            (&page.rows[0].key, &list.rows[0].key.sort),
            (&list.rows[0].key, &format!("{:06}", length - 1))
        );
        prices.push(table.spent());
    }
    assert_eq!(prices[0], prices[1]);
}
