use std::pin::{Pin, pin};
use std::task::Poll;

/// Runs a function until it is done, or until it has waited `polls` times: then it is killed where it
/// stands, between any two effects. None: killed.
pub async fn mortal<F: Future>(function: F, polls: Option<usize>) -> Option<F::Output> {
    let Some(polls) = polls else { return Some(function.await) };
    let mut function = pin!(function);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        Pin::new(&mut function).as_mut().poll(context).map(Some)
    })
    .await
}
