use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

/// Tells those who wait that something happened, on any executor. What nobody waited for yet is kept.
#[derive(Default)]
pub(super) struct Bell(Mutex<Rung>);

#[derive(Default)]
struct Rung {
    times: usize,
    waiting: Vec<Waker>,
}

impl Bell {
    pub(super) fn ring(&self) {
        let mut rung = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rung.times += 1;
        rung.waiting.drain(..).for_each(Waker::wake);
    }

    /// Ready once for each time it rang.
    pub(super) async fn rang(&self) {
        poll_fn(|context| {
            let mut rung = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if rung.times > 0 {
                rung.times -= 1;
                return Poll::Ready(());
            }
            rung.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
