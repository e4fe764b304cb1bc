use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::{Context, Error};
use skafu_events::{StreamId, Timestamp};
use skafu_store::consistency::Written;
use skafu_store::{EventStore, ViewStore};

use crate::aliases::Aliases;
use crate::consistency::{CatchUp, Told};
use crate::reader::Reader;

/// Where one request reads.
pub(crate) struct Sources {
    pub views: Arc<dyn ViewStore>,
    pub events: Arc<dyn EventStore>,
    pub aliases: Arc<Aliases>,
    pub told: Arc<Told>,
    pub now: Timestamp,
}

/// What one request's viewer has written so far, by its own mutations, too: each of its fields is read with
/// that.
pub(crate) struct Session {
    sources: Sources,
    state: Mutex<State>,
}

struct State {
    written: Written,
    tokens: Vec<String>,
    latest: Option<String>,
    reader: Arc<Reader>,
}

impl Session {
    /// A request of somebody who has written that before, as those tokens say.
    pub(crate) fn new(sources: Sources, written: Written, tokens: Vec<String>) -> Self {
        let reader = sources.reader(&written);
        Self { sources, state: Mutex::new(State { written, tokens, latest: None, reader }) }
    }

    /// What fields are read with.
    pub(crate) fn reader(&self) -> Arc<Reader> {
        Arc::clone(&self.state().reader)
    }

    /// Tokens of all that has been written.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.state().tokens.clone()
    }

    /// The token of what this request has written; none before.
    pub(crate) fn latest(&self) -> Option<String> {
        self.state().latest.clone()
    }

    /// A mutation was accepted, and its answer's token goes on from the ones before.
    pub(crate) fn wrote(&self, stream: StreamId, version: u64, token: Option<String>) {
        let mut state = self.state();
        // What has no version was never begun: there is nothing to see.
        if version > 0 {
            state.written.note(stream, version);
        }
        if let Some(token) = token {
            state.tokens = vec![token.clone()];
            state.latest = Some(token);
        }
        // What the reader before has kept is older.
        state.reader = self.sources.reader(&state.written);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sources {
    fn reader(&self, written: &Written) -> Arc<Reader> {
        let (views, events) = (Arc::clone(&self.views), Arc::clone(&self.events));
        let catch_up = CatchUp::new(views, events, written.clone(), Arc::clone(&self.told));
        Arc::new(Reader::new(Arc::clone(&self.views), catch_up, Arc::clone(&self.aliases), self.now))
    }
}

/// What a field is read with.
pub(crate) fn reader(context: &Context<'_>) -> Result<Arc<Reader>, Error> {
    Ok(context.data::<Arc<Session>>()?.reader())
}
