//! Given events, when a command, then events: how aggregates are tested.

use skafu_events::Tenant;

use crate::{Aggregate, Decision, Principal, Rejection, Role};

pub(crate) fn acme() -> Tenant {
    Tenant::new("acme").unwrap()
}

pub(crate) fn alice() -> Principal {
    Principal::person(acme(), "alice", [Role::Developer]).unwrap()
}

pub(crate) struct Given<A: Aggregate> {
    state: A,
    facts: A::Facts,
}

pub(crate) fn given<A: Aggregate>(history: impl IntoIterator<Item = A::Event>) -> Given<A> {
    let mut state = A::default();
    history.into_iter().for_each(|event| state.evolve(&event));
    Given { state, facts: A::Facts::default() }
}

impl<A: Aggregate> Given<A> {
    pub(crate) fn knowing(mut self, facts: A::Facts) -> Self {
        self.facts = facts;
        self
    }

    pub(crate) fn when(self, command: A::Command) -> Result<Decision<A::Event>, Rejection> {
        self.when_by(&alice(), command)
    }

    pub(crate) fn when_by(
        self,
        caller: &Principal,
        command: A::Command,
    ) -> Result<Decision<A::Event>, Rejection> {
        self.state.decide(&command, caller, &self.facts)
    }
}
