use std::pin::Pin;
use std::task::{Context, Poll};

/// Ready when polled for the second time: lets every other task go first, on any executor.
#[derive(Default)]
pub(super) struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
