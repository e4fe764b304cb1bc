use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;
use skafu_events::StreamId;
use uuid::Uuid;

use super::target::{Embedded, Identity, Repository, Selected, Session, Stack, Target};
use super::{ALICE, Answer, Api, Finished, Made, Person, Tables};

/// A system and a test's own corner of it: tenants and people that no other test knows.
///
/// Tests call people and tenants by short names; what the system knows them by is asked from here.
pub struct World {
    target: Box<dyn Target>,
    /// What the names of this test's tenants and people end with.
    mark: String,
    sessions: RefCell<BTreeMap<Identity, Session>>,
    /// How many items the event table held for its tenants when it began to count.
    items: usize,
}

impl World {
    /// A system where this test has done nothing yet: one of its own, or the stack all tests share.
    pub fn new() -> Self {
        let target: Box<dyn Target> = match Selected::from_environment() {
            Selected::Embedded => Box::new(Embedded::start()),
            Selected::Stack(settings) => Box::new(Stack::reach(&settings)),
        };
        let mark = Uuid::new_v4().simple().to_string()[..6].to_owned();
        Self { target, mark, sessions: RefCell::default(), items: 0 }
    }

    /// What the system calls a tenant.
    pub fn tenant(&self, name: &str) -> String {
        format!("{name}-{}", self.mark)
    }

    /// The stream of a project of [`ALICE`]'s tenant.
    pub fn stream(&self, made: &Made) -> StreamId {
        format!("{}/PROJECT#{}", self.tenant(ALICE.tenant), made.id).parse().unwrap()
    }

    fn session(&self, person: Person) -> Session {
        let who = Identity {
            user: format!("{}-{}", person.user, self.mark),
            tenant: self.tenant(person.tenant),
            role: person.role.to_owned(),
        };
        let mut sessions = self.sessions.borrow_mut();
        sessions.entry(who.clone()).or_insert_with(|| self.target.sign_in(&who)).clone()
    }

    /// What events and rows call somebody.
    pub fn user_id(&self, person: Person) -> String {
        self.session(person).user_id
    }

    /// Somebody's ID token.
    pub fn token(&self, person: Person) -> String {
        self.session(person).token
    }

    /// Somebody's way to the API.
    pub fn api(&self, person: Person) -> Api {
        self.api_with(&self.token(person))
    }

    /// The API, with any token.
    pub fn api_with(&self, token: &str) -> Api {
        Api::new(&self.target.api_url(), Some(token))
    }

    /// The API, without a token.
    pub fn anonymous(&self) -> Api {
        Api::new(&self.target.api_url(), None)
    }

    pub fn jwks(&self) -> Value {
        self.target.jwks()
    }

    pub fn tables(&self) -> Tables {
        self.target.tables()
    }

    /// Everything that is kept as a repository of a project of that tenant.
    pub fn repositories(&self, tenant: &str, made: &Made) -> Vec<Repository> {
        self.target.repositories(&self.tenant(tenant), &made.id)
    }

    /// Runs `skafu` for this system.
    pub fn operator(&self, arguments: &[&str]) -> Finished {
        self.target.operator(arguments)
    }

    /// The system, for what only some targets can do, or only in their own way.
    pub fn target(&self) -> &dyn Target {
        &*self.target
    }

    pub fn target_mut(&mut self) -> &mut dyn Target {
        &mut *self.target
    }

    /// Items of the event table that are this test's.
    pub fn event_items(&self) -> usize {
        self.tables().event_items_of(&format!("-{}/", self.mark))
    }

    /// What was accepted until now does not count.
    pub fn start_counting(&mut self) {
        self.items = self.event_items();
    }

    /// The answer is that refusal, and nothing was written.
    pub fn refused(&self, answer: &Answer, status: u16, code: &str) {
        assert_eq!((answer.status, answer.problem()), (status, code), "{answer:?}");
        assert_eq!(self.event_items(), self.items, "a refusal writes nothing: {answer:?}");
    }

    /// The answer refuses what never reached a function, and nothing was written. Gateways have words of
    /// their own for it.
    pub fn turned_away(&self, answer: &Answer, status: u16, code: &str) {
        if self.target.has_own_gateway() {
            return self.refused(answer, status, code);
        }
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(self.event_items(), self.items, "a refusal writes nothing: {answer:?}");
    }
}
