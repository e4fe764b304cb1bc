//! Queues that behave as SQS standard queues do: at least once, in roughly the order of sending.
//!
//! A received message stays in its queue, invisible, until it is deleted or its visibility timeout
//! passes; received too often, it moves to the dead-letter queue. Everything is kept in [`CloudDb`],
//! so what was sent is delivered even if the process dies in between.

mod event;
#[cfg(test)]
mod letter_tests;
mod letters;
mod poller;
mod table;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use uuid::Uuid;

pub use letters::Letter;
pub use poller::{Mapping, RetryAfter, poll};
pub use table::{Depth, Message};

use crate::cloud_db::{Clock, CloudDb, CloudDbError};

/// A queue as its template declares it.
#[derive(Debug, Clone)]
pub struct QueueConfig {
    /// Unique name.
    pub name: String,
    /// How long a received message stays invisible.
    pub visibility_timeout: Duration,
    /// How long a sent message is held back before it can be received.
    pub delay: Duration,
    /// Where messages go that nobody manages to handle; `None` retries for ever.
    pub redrive: Option<Redrive>,
}

/// When a message counts as undeliverable, and where it goes then.
#[derive(Debug, Clone)]
pub struct Redrive {
    /// Name of the queue that takes it.
    pub dead_letter_queue: String,
    /// A message already received this many times is moved instead of being received again.
    pub max_receive_count: u32,
}

/// Why a queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// No queue was declared with this name.
    #[error("there is no queue named `{0}`")]
    Unknown(String),
    /// Two queues were declared with this name.
    #[error("there are two queues named `{0}`")]
    Duplicate(String),
    /// The database failed; nothing was changed.
    #[error("the queue could not be read or written")]
    Db(#[from] CloudDbError),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The queue's name.
    pub queue: String,
    /// Any text.
    pub body: String,
}

/// All queues of the embedded cloud; clones share them.
#[derive(Debug, Clone)]
pub struct Queues(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: CloudDb,
    clock: Clock,
    queues: HashMap<String, (QueueConfig, Arc<Notify>)>,
}

impl Queues {
    /// Takes the queues into service.
    ///
    /// Messages that were in flight become visible at once: whoever received them lived in the process
    /// that ended. Their receive counts stand, so a message that kills the process ends in its
    /// dead-letter queue all the same.
    pub fn open(db: CloudDb, clock: Clock, configs: Vec<QueueConfig>) -> Result<Self, QueueError> {
        let mut queues = HashMap::new();
        for config in configs {
            let name = config.name.clone();
            if queues.insert(name.clone(), (config, Arc::new(Notify::new()))).is_some() {
                return Err(QueueError::Duplicate(name));
            }
        }
        for (config, _) in queues.values() {
            if let Some(redrive) = &config.redrive
                && !queues.contains_key(&redrive.dead_letter_queue)
            {
                return Err(QueueError::Unknown(redrive.dead_letter_queue.clone()));
            }
        }
        let now = clock.now();
        db.transaction(|tx| {
            letters::prepare(tx)?;
            table::show_all(tx, now)
        })?;
        Ok(Self(Arc::new(Inner { db, clock, queues })))
    }

    /// Whether a queue of this name was declared.
    pub fn contains(&self, queue: &str) -> bool {
        self.0.queues.contains_key(queue)
    }

    /// Sends one message; when this returns it is durable. Returns its id.
    pub fn send(&self, queue: &str, body: impl Into<String>) -> Result<String, QueueError> {
        let message = Outgoing { queue: queue.to_owned(), body: body.into() };
        Ok(self.send_all(vec![message])?.swap_remove(0))
    }

    /// Sends messages, possibly to several queues: all of them or, on an error, none. Returns their ids.
    pub fn send_all(&self, messages: Vec<Outgoing>) -> Result<Vec<String>, QueueError> {
        if let Some(stray) = messages.iter().find(|m| !self.contains(&m.queue)) {
            return Err(QueueError::Unknown(stray.queue.clone()));
        }
        let now = self.0.clock.now();
        let ids = self.0.db.transaction(|tx| {
            let insert = |m: &Outgoing| {
                let id = Uuid::now_v7().to_string();
                let delay = self.0.queues.get(&m.queue).map(|(config, _)| config.delay).unwrap_or_default();
                table::insert(tx, m, &id, (now, now + delay)).map(|()| id)
            };
            messages.iter().map(insert).collect::<Result<Vec<_>, CloudDbError>>()
        })?;
        messages.iter().for_each(|m| self.wake(&m.queue));
        Ok(ids)
    }

    /// Receives up to `max` visible messages, oldest first, and hides each for the queue's visibility
    /// timeout. Those received too often move to the dead-letter queue on the way.
    pub fn receive(&self, queue: &str, max: usize) -> Result<Vec<Message>, QueueError> {
        let (config, _) = self.queue(queue)?;
        let now = self.0.clock.now();
        let (messages, moved) = self.0.db.transaction(|tx| {
            let moved = match &config.redrive {
                Some(redrive) => letters::bury(tx, queue, redrive, now)?,
                None => 0,
            };
            let messages = table::receive(tx, queue, max, now, now + config.visibility_timeout)?;
            Ok::<_, CloudDbError>((messages, moved))
        })?;
        if let Some(redrive) = config.redrive.as_ref().filter(|_| moved > 0) {
            tracing::warn!(queue, dead_letter_queue = redrive.dead_letter_queue, moved, "messages given up");
            self.wake(&redrive.dead_letter_queue);
        }
        Ok(messages)
    }

    /// Deletes what was received with this receipt. `false` if the receipt is no longer valid: the message
    /// was deleted, released or received anew meanwhile.
    pub fn delete(&self, receipt: &str) -> Result<bool, QueueError> {
        Ok(self.0.db.transaction(|tx| table::delete(tx, receipt))?)
    }

    /// Makes what was received with this receipt visible again after `delay`. `false` as for
    /// [`delete`](Self::delete).
    pub fn release(&self, receipt: &str, delay: Duration) -> Result<bool, QueueError> {
        let visible_at = self.0.clock.now() + delay;
        let queue = self.0.db.transaction(|tx| table::release(tx, receipt, visible_at))?;
        queue.iter().for_each(|queue| self.wake(queue));
        Ok(queue.is_some())
    }

    /// Sends every message of a dead-letter queue back to the queue it came from, as if new. Returns how
    /// many; messages stay which were sent to the queue directly, or whose queue is no more.
    pub fn redrive(&self, dead_letter_queue: &str) -> Result<usize, QueueError> {
        self.queue(dead_letter_queue)?;
        let now = self.0.clock.now();
        let moved = self.0.db.transaction(|tx| {
            let mut moved = Vec::new();
            for queue in self.0.queues.keys() {
                moved.push((queue, letters::redrive(tx, dead_letter_queue, queue, now)?));
            }
            Ok::<_, CloudDbError>(moved)
        })?;
        moved.iter().filter(|(_, moved)| *moved > 0).for_each(|(queue, _)| self.wake(queue));
        Ok(moved.iter().map(|(_, moved)| moved).sum())
    }

    /// The queue's oldest messages, at most so many, without receiving them.
    pub fn peek(&self, queue: &str, most: usize) -> Result<Vec<Letter>, QueueError> {
        self.queue(queue)?;
        Ok(self.0.db.transaction(|tx| letters::peek(tx, queue, most))?)
    }

    /// How many messages the queue holds.
    pub fn depth(&self, queue: &str) -> Result<Depth, QueueError> {
        self.queue(queue)?;
        let now = self.0.clock.now();
        Ok(self.0.db.transaction(|tx| table::depth(tx, queue, now))?)
    }

    /// When the queue's next message is, or was, visible; `None` if the queue is empty.
    fn next_visible_at(&self, queue: &str) -> Result<Option<DateTime<Utc>>, QueueError> {
        Ok(self.0.db.transaction(|tx| table::next_visible_at(tx, queue))?)
    }

    fn queue(&self, name: &str) -> Result<&(QueueConfig, Arc<Notify>), QueueError> {
        self.0.queues.get(name).ok_or_else(|| QueueError::Unknown(name.to_owned()))
    }

    fn wake(&self, queue: &str) {
        if let Some((_, notify)) = self.0.queues.get(queue) {
            notify.notify_one();
        }
    }
}
