use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::queue::TICK;

/// What is under way. To wait for it takes no guess at how long it takes.
#[derive(Clone, Default)]
pub struct Flights(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    begun: u64,
    under_way: BTreeSet<u64>,
}

impl Flights {
    /// One more is under way, until what is returned is dropped.
    pub fn begin(&self) -> Flight {
        let mut state = self.0.lock().unwrap();
        state.begun += 1;
        let number = state.begun;
        state.under_way.insert(number);
        Flight { of: self.clone(), number }
    }

    /// How many ever began.
    pub fn begun(&self) -> u64 {
        self.0.lock().unwrap().begun
    }

    /// Waits until all that have begun by now are over. Others may begin meanwhile.
    pub async fn over(&self) {
        let last = self.begun();
        let waits = || self.0.lock().unwrap().under_way.first().is_some_and(|first| *first <= last);
        while waits() {
            tokio::time::sleep(TICK).await;
        }
    }
}

/// Something under way.
pub struct Flight {
    of: Flights,
    number: u64,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.of.0.lock().unwrap().under_way.remove(&self.number);
    }
}
