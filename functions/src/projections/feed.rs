use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use skafu_events::{AggregateKind, Timestamp};
use skafu_store::generations::{Generation, Registry, RegistryError, State};
use skafu_store::{EventStore, ViewStore};
use skafu_views::{View, fold_hash};

use super::port::Project;
use super::projector::Projector;
use crate::mutants::Mutant;

/// One view: a projector for each generation of its rows that is fed.
pub struct Feed {
    view: &'static str,
    kinds: &'static [AggregateKind],
    fold: String,
    registry: Registry,
    make: Box<dyn Fn(u32) -> Arc<dyn Project> + Send + Sync>,
    projectors: Mutex<BTreeMap<u32, Arc<dyn Project>>>,
}

/// A generation that is fed, and what feeds it.
#[derive(Clone)]
pub struct Fed {
    /// Writes its rows.
    pub projector: Arc<dyn Project>,
    /// What becomes of it.
    pub state: State,
}

impl Fed {
    /// Whether questions are answered from it.
    pub fn is_active(&self) -> bool {
        matches!(self.state, State::Active { .. })
    }

    /// Whether questions were answered from it, and could be again.
    pub fn is_kept(&self) -> bool {
        matches!(self.state, State::Kept { .. })
    }

    /// Whether it is being built.
    pub fn is_building(&self) -> bool {
        matches!(self.state, State::Building { .. })
    }
}

impl Feed {
    /// The view `V`, from `events` to `rows`.
    pub fn new<V: View>(events: Arc<dyn EventStore>, rows: Arc<dyn ViewStore>) -> Self {
        let registry = Registry::new(Arc::clone(&rows));
        let make = move |number| -> Arc<dyn Project> {
            Arc::new(Projector::<V>::new(Arc::clone(&events), Arc::clone(&rows)).of_generation(number))
        };
        Self {
            view: V::NAME,
            kinds: V::KINDS,
            fold: fold_hash::<V>(),
            registry,
            make: Box::new(make),
            projectors: Mutex::default(),
        }
    }

    /// The same view, by code whose fold has another hash.
    pub fn with_fold(mut self, fold: impl Into<String>) -> Self {
        self.fold = fold.into();
        self
    }

    /// The view's name.
    pub fn view(&self) -> &'static str {
        self.view
    }

    /// The kinds of aggregates it follows.
    pub fn kinds(&self) -> &'static [AggregateKind] {
        self.kinds
    }

    /// The hash of this code's fold.
    pub fn fold(&self) -> &str {
        &self.fold
    }

    /// Where its generations are registered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The projector of that generation, whether it is fed or not.
    pub fn of(&self, number: u32) -> Arc<dyn Project> {
        let mut projectors = self.projectors.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(projectors.entry(number).or_insert_with(|| (self.make)(number)))
    }

    /// The generation that is shown, if it was made by another fold than this code's: it should be rebuilt.
    /// A view without any generation yet is begun.
    pub async fn stale(&self, now: Timestamp) -> Result<Option<u32>, RegistryError> {
        let generations = self.registry.ensure(self.view, &self.fold, now).await?;
        let active = generations.active();
        Ok((active.fold != self.fold).then_some(active.number))
    }

    /// Every generation to be fed, the active one last. Read strongly, for each batch anew: whoever begins
    /// a generation relies on it that what happens from then on finds its way there.
    pub async fn fed(&self, now: Timestamp) -> Result<Vec<Fed>, RegistryError> {
        let generations = self.registry.ensure(self.view, &self.fold, now).await?;
        let takes = |it: &&Generation| it.takes(&self.fold) || Mutant::FoldUnchecked.is_on();
        let one = |it: &Generation| Fed { projector: self.of(it.number), state: it.state.clone() };
        if Mutant::GenerationsRemembered.is_on() {
            return Ok(generations.fed(now).into_iter().filter(|it| self.was_fed(it)).map(one).collect());
        }
        Ok(generations.fed(now).into_iter().filter(takes).map(one).collect())
    }

    /// Whether it was fed before, or nothing was.
    fn was_fed(&self, generation: &Generation) -> bool {
        let projectors = self.projectors.lock().unwrap_or_else(PoisonError::into_inner);
        projectors.is_empty() || projectors.contains_key(&generation.number)
    }
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("view", &self.view).field("fold", &self.fold).finish_non_exhaustive()
    }
}
