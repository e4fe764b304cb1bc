//! What the requests of a command cost, as the table itself counts them.

use serde_json::json;
use skafu_store::{Consistency, CountingMeter, EventStore, Snapshot};

use super::{draft, grow, stream};

/// Runs the whole suite on one store, whose requests that meter counts. False: the table does not say
/// what requests cost, so that only their number is known to be right.
pub async fn suite(store: &dyn EventStore, meter: &CountingMeter) -> bool {
    let counted = a_command_of_one_event_is_one_put_of_one_unit(store, meter).await;
    a_warm_command_is_one_query_and_one_put(store, meter, counted).await;
    counted
}

/// Requests and units since the last call.
fn spent(meter: &CountingMeter) -> (Vec<&'static str>, f64) {
    let consumed = meter.take();
    (consumed.iter().map(|it| it.operation).collect(), consumed.iter().map(|it| it.units).sum())
}

async fn a_command_of_one_event_is_one_put_of_one_unit(
    store: &dyn EventStore,
    meter: &CountingMeter,
) -> bool {
    let history = store.load(&stream("cost-put"), Consistency::Strong).await.unwrap();
    meter.take();
    store.append(&history, draft(6000, 1), &[]).await.unwrap();
    let (requests, units) = spent(meter);
    assert_eq!(requests, ["PutItem"]);
    if units > 0.0 {
        assert_eq!(units, 1.0, "write units");
    }
    units > 0.0
}

async fn a_warm_command_is_one_query_and_one_put(
    store: &dyn EventStore,
    meter: &CountingMeter,
    counted: bool,
) {
    let stream = stream("cost-warm");
    let history = grow(store, &stream, 6100, 20).await;
    let (version, recent) = (history.version(), history.recent());
    let snapshot = Snapshot { version, schema: "s1".to_owned(), state: json!({ "n": 1 }), recent };
    store.save_snapshot(&stream, &snapshot).await.unwrap();
    grow(store, &stream, 6200, 10).await;
    meter.take();
    let strong = store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap();
    let (requests, full_price) = spent(meter);
    assert_eq!((requests.as_slice(), strong.commits().len()), (["Query"].as_slice(), 10));
    store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap();
    let (requests, half_price) = spent(meter);
    assert_eq!(requests, ["Query"]);
    store.append(&strong, draft(6300, 1), &[]).await.unwrap();
    let (requests, units) = spent(meter);
    assert_eq!(requests, ["PutItem"]);
    if counted {
        assert!(half_price <= 1.5 && half_price < full_price, "{half_price} and {full_price} read units");
        assert_eq!(units, 1.0, "write units");
    }
}
