use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SystemError;
use super::build::queue_configs;
use crate::assets;
use crate::cloud_db::{Clock, CloudDb};
use crate::data::OpenDataDir;
use crate::queue::{Letter, QueueError, Queues};
use crate::stack::{Source, Stack};

/// What gives messages up into a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Served {
    /// A queue of this name: what its function could not handle.
    Queue(String),
    /// The stream of the table of this name: which records its function could not handle.
    Stream(String),
}

/// A dead-letter queue as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterQueue {
    /// Its name.
    pub name: String,
    /// Whose messages it takes.
    pub serves: Vec<Served>,
    /// How many it holds.
    pub messages: u64,
    /// When the oldest of them was sent.
    pub oldest_sent_at: Option<DateTime<Utc>>,
}

/// A dead-letter queue with its oldest messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterPage {
    /// The queue.
    pub queue: DeadLetterQueue,
    /// At most as many as were asked for, the oldest first.
    pub letters: Vec<Letter>,
}

/// What sending messages back came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redriven {
    /// The dead-letter queue.
    pub name: String,
    /// How many went back to the queues they came from.
    pub redriven: u64,
    /// How many are left: no queue gave them up, so there is none to send them back to.
    pub left: u64,
}

/// Why a dead-letter queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// There is none of that name.
    #[error("{name} is no dead-letter queue of this stack: those are {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// The queues failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// The dead-letter queues of a stack.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    queues: Queues,
    /// In the order of their names.
    known: Vec<(String, Vec<Served>)>,
}

impl DeadLetters {
    /// Those of the stack's queues into which another queue or a stream gives up.
    pub fn new(stack: &Stack, queues: Queues) -> Self {
        let by_queue = stack.queues.iter().filter_map(|queue| {
            let (_, dead_letter_queue) = queue.max_receive.as_ref()?;
            Some((dead_letter_queue, Served::Queue(queue.name.clone())))
        });
        let sources = stack.functions.iter().flat_map(|function| &function.sources);
        let by_stream = sources.filter_map(|source| match source {
            Source::Stream { table, on_failure: Some(queue), .. } => {
                Some((queue, Served::Stream(table.clone())))
            }
            _ => None,
        });
        let mut all: Vec<(&String, Served)> = by_queue.chain(by_stream).collect();
        all.sort();
        let known = all.chunk_by(|(a, _), (b, _)| a == b).filter_map(|same| {
            let (name, _) = same.first()?;
            Some(((*name).clone(), same.iter().map(|(_, served)| served.clone()).collect()))
        });
        Self { known: known.collect(), queues }
    }

    /// Those in a data directory that no system runs on.
    pub fn open(data: &OpenDataDir) -> Result<Self, SystemError> {
        let stack = Stack::load(assets::TEMPLATE)?;
        let cloud = CloudDb::open(&data.dir().root().join("cloud.db"))?;
        let queues = Queues::open(cloud, Clock::system(), queue_configs(&stack))?;
        Ok(Self::new(&stack, queues))
    }

    /// All of them.
    pub fn list(&self) -> Result<Vec<DeadLetterQueue>, DeadLetterError> {
        self.known.iter().map(|(name, serves)| self.queue(name, serves)).collect()
    }

    /// One of them with at most so many of its messages, which stay where they are.
    pub fn show(&self, name: &str, most: usize) -> Result<DeadLetterPage, DeadLetterError> {
        let (name, serves) = self.find(name)?;
        Ok(DeadLetterPage { queue: self.queue(name, serves)?, letters: self.queues.peek(name, most)? })
    }

    /// Sends the messages of one of them back to where they came from.
    pub fn redrive(&self, name: &str) -> Result<Redriven, DeadLetterError> {
        let (name, _) = self.find(name)?;
        let redriven = self.queues.redrive(name)? as u64;
        Ok(Redriven { name: name.clone(), redriven, left: self.messages(name)? })
    }

    fn find(&self, name: &str) -> Result<&(String, Vec<Served>), DeadLetterError> {
        self.known.iter().find(|(known, _)| known == name).ok_or_else(|| {
            let known = self.known.iter().map(|(name, _)| name.clone()).collect();
            DeadLetterError::Unknown { name: name.to_owned(), known }
        })
    }

    fn queue(&self, name: &str, serves: &[Served]) -> Result<DeadLetterQueue, DeadLetterError> {
        let oldest = self.queues.peek(name, 1)?;
        Ok(DeadLetterQueue {
            name: name.to_owned(),
            serves: serves.to_vec(),
            messages: self.messages(name)?,
            oldest_sent_at: oldest.first().map(|letter| letter.sent_at),
        })
    }

    fn messages(&self, name: &str) -> Result<u64, DeadLetterError> {
        let depth = self.queues.depth(name)?;
        Ok(depth.visible + depth.in_flight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead_letters() -> (Queues, DeadLetters) {
        let stack = Stack::load(assets::TEMPLATE).unwrap();
        let db = CloudDb::in_memory().unwrap();
        let queues = Queues::open(db, Clock::system(), queue_configs(&stack)).unwrap();
        (queues.clone(), DeadLetters::new(&stack, queues))
    }

    #[test]
    fn every_queue_that_another_or_a_stream_gives_up_into_is_one() {
        let (_, dead_letters) = dead_letters();
        let list = dead_letters.list().unwrap();
        let serves = |name: &str| list.iter().find(|queue| queue.name == name).map(|it| it.serves.clone());
        let view = Served::Queue("skafu-project-view".to_owned());
        assert_eq!(serves("skafu-project-view-dlq"), Some(vec![view]));
        assert_eq!(serves("skafu-relay-dlq"), Some(vec![Served::Stream("skafu-events".to_owned())]));
        assert_eq!(serves("skafu-project-view"), None);
        assert!(list.iter().all(|queue| queue.name.ends_with("-dlq") && queue.messages == 0), "{list:?}");
        assert!(list.is_sorted_by_key(|queue| &queue.name), "{list:?}");
    }

    #[test]
    fn what_a_stream_gave_up_is_shown_and_cannot_be_sent_back() {
        let (queues, dead_letters) = dead_letters();
        queues.send("skafu-relay-dlq", "{}").unwrap();
        let page = dead_letters.show("skafu-relay-dlq", 10).unwrap();
        assert_eq!((page.queue.messages, page.letters[0].body.as_str()), (1, "{}"));
        assert_eq!(page.queue.oldest_sent_at, Some(page.letters[0].sent_at));
        let name = "skafu-relay-dlq".to_owned();
        assert_eq!(dead_letters.redrive(&name).unwrap(), Redriven { name, redriven: 0, left: 1 });
    }

    #[test]
    fn other_queues_are_refused_with_the_names_there_are() {
        let (_, dead_letters) = dead_letters();
        let refused = dead_letters.show("skafu-project-view", 1).unwrap_err().to_string();
        assert!(refused.starts_with("skafu-project-view is no dead-letter queue of this stack"), "{refused}");
        assert!(refused.contains("skafu-project-view-dlq"), "{refused}");
        assert!(matches!(dead_letters.redrive("nothing"), Err(DeadLetterError::Unknown { .. })));
    }
}
