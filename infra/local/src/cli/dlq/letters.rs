use crate::cli::access::{Access, existing};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::token;
use crate::client::{Client, ClientError};
use crate::data::{DataDir, OpenDataDir};
use crate::issuer::Issuer;
use crate::queue::QueueError;
use crate::system::{DeadLetterError, DeadLetterPage, DeadLetterQueue, DeadLetters, Redriven};

/// How many systems that end one after the other a single question may outlive.
const MOST_SUCCESSORS: usize = 10;

/// The dead letters of a data directory: those of the system that runs on it, which alone wakes up whoever
/// waits for messages, or else those on disk.
pub(super) struct Letters {
    data: DataDir,
    source: Source,
}

enum Source {
    Running(Client),
    Ours { letters: DeadLetters, _data: OpenDataDir },
}

impl Letters {
    pub(super) fn open(global: &Global) -> Result<Self, Failure> {
        let data = existing(&global.data, "another directory with --data")?;
        let source = Source::find(&data)?;
        Ok(Self { data, source })
    }

    /// Whether a system runs, which handles at once what is sent back.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.source, Source::Running(_))
    }

    pub(super) fn list(&mut self) -> Result<Vec<DeadLetterQueue>, Failure> {
        self.ask(Client::dead_letter_queues, DeadLetters::list)
    }

    pub(super) fn show(&mut self, queue: &str, most: usize) -> Result<DeadLetterPage, Failure> {
        self.ask(|client| client.dead_letters(queue, most), |letters| letters.show(queue, most))
    }

    pub(super) fn redrive(&mut self, queue: &str) -> Result<Redriven, Failure> {
        self.ask(|client| client.redrive(queue), |letters| letters.redrive(queue))
    }

    /// Asks the system or the disk. If the system has gone, what it knew is on disk, or another's.
    fn ask<T>(
        &mut self,
        client: impl Fn(&Client) -> Result<T, ClientError>,
        disk: impl Fn(&DeadLetters) -> Result<T, DeadLetterError>,
    ) -> Result<T, Failure> {
        let mut successors = 0;
        loop {
            let running = match &self.source {
                Source::Ours { letters, .. } => return Ok(disk(letters)?),
                Source::Running(running) => running,
            };
            match client(running) {
                Err(ClientError::Unreachable { .. }) if successors < MOST_SUCCESSORS => {
                    successors += 1;
                    self.source = Source::find(&self.data)?;
                }
                answer => return Ok(answer?),
            }
        }
    }
}

impl Source {
    fn find(data: &DataDir) -> Result<Self, Failure> {
        match Access::to(data)? {
            Access::Running(endpoint) => {
                let issuer = Issuer::open(data.root())?;
                Ok(Self::Running(Client::new(&endpoint.url, token::operator(&issuer)?)))
            }
            Access::Ours(open) => Ok(Self::Ours { letters: DeadLetters::open(&open)?, _data: open }),
        }
    }
}

impl From<DeadLetterError> for Failure {
    fn from(error: DeadLetterError) -> Self {
        match error {
            DeadLetterError::Unknown { .. } => Self::chain("UNKNOWN_QUEUE", &error),
            DeadLetterError::Queue(error) => error.into(),
        }
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::chain("DATA_UNUSABLE", &error)
    }
}
