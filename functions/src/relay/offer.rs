use skafu_store::Chain;
use std::time::Duration;

use super::{BusEntry, EventPublisher};
use crate::mutants::Mutant;

/// The most entries one request to the bus may hold.
pub const MAX_ENTRIES: usize = 10;
/// The most bytes they may have together; the bus itself takes 256 KiB.
pub const MAX_REQUEST_BYTES: usize = 240 * 1024;

/// How long to wait before entries that were refused are offered again, each time.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(100)];

/// What became of a request's entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// The places of those the bus did not take.
    pub refused: Vec<usize>,
    /// Whether the bus did not even answer.
    pub silent: bool,
}

/// Offers one request's entries to the bus, those it does not take up to three times.
pub async fn offer(bus: &dyn EventPublisher, entries: &[BusEntry]) -> Offered {
    let mut offered = once(bus, entries, (0..entries.len()).collect()).await;
    for pause in PAUSES {
        if offered.refused.is_empty() {
            break;
        }
        tokio::time::sleep(pause).await;
        offered = once(bus, entries, offered.refused).await;
    }
    offered
}

/// Offers the entries at those places.
async fn once(bus: &dyn EventPublisher, entries: &[BusEntry], places: Vec<usize>) -> Offered {
    if places.is_empty() {
        return Offered::default();
    }
    let answer = if places.len() == entries.len() {
        bus.publish(entries).await
    } else {
        let wanted: Vec<BusEntry> = places.iter().map(|at| entries[*at].clone()).collect();
        bus.publish(&wanted).await
    };
    if Mutant::SwallowedRelayFailure.is_on() {
        return Offered::default();
    }
    match answer {
        Ok(taken) if taken.len() == places.len() => {
            let refused = places.into_iter().zip(taken).filter(|(_, taken)| !taken);
            Offered { refused: refused.map(|(at, _)| at).collect(), silent: false }
        }
        Ok(taken) => {
            tracing::warn!(asked = places.len(), answered = taken.len(), "the bus does not answer for all");
            Offered { refused: places, silent: true }
        }
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "the bus took nothing");
            Offered { refused: places, silent: true }
        }
    }
}
