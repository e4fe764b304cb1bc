//! Every call a function makes of the outside is a point at which it can die, be held up, or be overtaken.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::Instant;

tokio::task_local! {
    /// The call of a function that the running code belongs to.
    static PROBE: Arc<Probe>;
}

/// The function's end, however many points it came to before: everything is done, and nothing is heard.
pub const END: usize = usize::MAX;

/// What else happens at a point, while the function stands there.
pub type Hook = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What happens at a point.
#[derive(Clone)]
pub enum Act {
    /// The function dies there: nothing after it is done.
    Die,
    /// It stands still until so long after its beginning, then goes on.
    Hold(Duration),
    /// Something else happens before it goes on.
    Meanwhile(Hook),
    /// What it sends there arrives so much later; it hears at once that nobody answered.
    Delay(Duration),
}

/// One call of a function.
pub struct Probe {
    points: Mutex<Vec<&'static str>>,
    act: Option<(usize, Act)>,
    began: Instant,
    died: Notify,
}

/// How a function ended.
pub enum Ended<T> {
    Answered(T),
    Died,
}

impl Probe {
    pub fn new(act: Option<(usize, Act)>) -> Arc<Self> {
        Arc::new(Self { points: Mutex::default(), act, began: Instant::now(), died: Notify::new() })
    }

    /// The points the function has come to, its end among them if it came so far.
    pub fn points(&self) -> Vec<&'static str> {
        self.points.lock().unwrap().clone()
    }

    /// Runs a function, which may die at its end, too: after everything, before it is heard.
    pub async fn run<T>(self: Arc<Self>, function: impl Future<Output = T>) -> Ended<T> {
        let work = PROBE.scope(self.clone(), async {
            let answer = function.await;
            pass("end").await;
            answer
        });
        tokio::select! {
            biased;
            () = self.died.notified() => Ended::Died,
            answer = work => Ended::Answered(answer),
        }
    }

    async fn pass(&self, name: &'static str) -> Option<Duration> {
        let index = {
            let mut points = self.points.lock().unwrap();
            points.push(name);
            if name == "end" { END } else { points.len() - 1 }
        };
        match &self.act {
            Some((at, act)) if *at == index => match act {
                Act::Die => {
                    self.died.notify_one();
                    std::future::pending().await
                }
                Act::Hold(until) => tokio::time::sleep_until(self.began + *until).await,
                Act::Meanwhile(hook) => hook().await,
                Act::Delay(delay) => return Some(*delay),
            },
            _ => {}
        }
        None
    }
}

/// How long every call of a port takes.
const LATENCY: Duration = Duration::from_millis(5);

/// A point. Others run before the code goes on, as they would while it waits for an answer. Returns how much later
/// what is asked for there takes place, if nobody waits for it.
pub async fn pass(name: &'static str) -> Option<Duration> {
    tokio::time::sleep(LATENCY).await;
    match PROBE.try_with(Arc::clone) {
        Ok(probe) => probe.pass(name).await,
        Err(_) => None,
    }
}
