//! The journal for tests: forgets everything with the process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::{Journal, JournalError};
use crate::states::execution::{Checkpoint, Execution, HistoryEvent, NewEvent, Outcome, Status};

/// A journal in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    execution: Execution,
    checkpoint: Checkpoint,
    history: Vec<HistoryEvent>,
}

impl Entry {
    fn append(&mut self, events: &[NewEvent]) -> u64 {
        for event in events {
            self.history.push(HistoryEvent::numbered(self.history.len() as u64 + 1, event));
        }
        self.history.len() as u64
    }

    fn is_running(&self) -> bool {
        self.execution.status == Status::Running
    }
}

impl MemoryJournal {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, name: &str, change: impl FnOnce(&mut Entry) -> T) -> Result<T, JournalError> {
        let mut entries = self.entries();
        let entry = entries.iter_mut().find(|e| e.execution.name == name && e.is_running());
        entry.map(change).ok_or_else(|| JournalError::NotRunning(name.to_owned()))
    }
}

impl Journal for MemoryJournal {
    fn begin(&self, new: &Execution, first: &Checkpoint, events: &[NewEvent]) -> Result<bool, JournalError> {
        let mut entries = self.entries();
        if entries.iter().any(|e| e.execution.name == new.name) {
            return Ok(false);
        }
        let mut entry = Entry { execution: new.clone(), checkpoint: first.clone(), history: Vec::new() };
        entry.append(events);
        entries.push(entry);
        Ok(true)
    }

    fn record(
        &self,
        name: &str,
        checkpoint: Option<&Checkpoint>,
        events: &[NewEvent],
    ) -> Result<u64, JournalError> {
        self.change(name, |entry| {
            if let Some(checkpoint) = checkpoint {
                entry.checkpoint = checkpoint.clone();
            }
            entry.append(events)
        })
    }

    fn finish(
        &self,
        name: &str,
        outcome: &Outcome,
        at: DateTime<Utc>,
        events: &[NewEvent],
    ) -> Result<u64, JournalError> {
        self.change(name, |entry| {
            entry.execution = entry.execution.ended(outcome, at);
            entry.append(events)
        })
    }

    fn describe(&self, name: &str) -> Result<Option<Execution>, JournalError> {
        let entries = self.entries();
        Ok(entries.iter().find(|e| e.execution.name == name).map(|e| e.execution.clone()))
    }

    fn checkpoint(&self, name: &str) -> Result<Option<Checkpoint>, JournalError> {
        let entries = self.entries();
        let entry = entries.iter().find(|e| e.execution.name == name && e.is_running());
        Ok(entry.map(|e| e.checkpoint.clone()))
    }

    fn running(&self) -> Result<Vec<Execution>, JournalError> {
        Ok(self.entries().iter().filter(|e| e.is_running()).map(|e| e.execution.clone()).collect())
    }

    fn history(&self, name: &str, after: u64) -> Result<Vec<HistoryEvent>, JournalError> {
        let entries = self.entries();
        let events = entries.iter().filter(|e| e.execution.name == name).flat_map(|e| &e.history);
        Ok(events.filter(|event| event.id > after).cloned().collect())
    }

    fn list(&self, limit: usize) -> Result<Vec<Execution>, JournalError> {
        Ok(self.entries().iter().rev().take(limit).map(|e| e.execution.clone()).collect())
    }

    fn named(&self, prefix: &str) -> Result<Vec<Execution>, JournalError> {
        let entries = self.entries();
        let named = entries.iter().filter(|e| e.execution.name.starts_with(prefix));
        Ok(named.map(|e| e.execution.clone()).collect())
    }
}
