//! The targets: what differs between one machine and a deployed stack, and nothing else.

mod bundles;
mod embedded;
mod people;
mod queues;
mod selected;
mod stack;

use serde_json::Value;

use super::{Finished, Tables};

pub use embedded::Embedded;
pub use selected::{Kind, Selected, Settings};
pub use stack::Stack;

/// One caller, under the names they have on the target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    pub user: String,
    pub tenant: String,
    /// In lower case, such as `developer`.
    pub role: String,
}

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The ID token.
    pub token: String,
    /// The token's `sub`: the caller's name in events and rows.
    pub user_id: String,
}

/// A repository, wherever it is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Repository {
    /// What GraphQL calls `cloneUrl`.
    pub url: String,
    /// The commit `main` leads to.
    pub main_commit: String,
}

/// Where a system runs.
pub trait Target {
    /// Where the API is now.
    fn api_url(&self) -> String;

    /// Signs somebody in, who is made known first if need be.
    fn sign_in(&self, who: &Identity) -> Session;

    /// The keys that tokens are checked with (RFC 7517).
    fn jwks(&self) -> Value;

    /// Whether it is Skafu's own code that answers requests which reach no function. If not, they are
    /// refused with the same status, in the words of the gateway.
    fn has_own_gateway(&self) -> bool;

    fn tables(&self) -> Tables;

    /// Everything that is kept as a repository of this project, in no particular order.
    fn repositories(&self, tenant: &str, project_id: &str) -> Vec<Repository>;

    /// Runs `skafu`, told where this system is.
    fn operator(&self, arguments: &[&str]) -> Finished;

    /// What keeps this target from being interrupted.
    fn uninterruptible(&self) -> Option<&'static str>;

    /// Ends the processes that are at work on sagas, without warning, and returns how many that were. The
    /// system may be elsewhere afterwards.
    fn interrupt(&mut self) -> usize;

    /// Puts a message into the queue of the view `project`.
    fn send_to_view(&mut self, body: &str);

    /// Sees to it that messages of that view which failed are tried again soon. May be called often.
    fn hasten_retries(&mut self);

    /// The bodies of what that view's queue has given up since [`Target::send_to_view`] was first called.
    fn dead_letters(&self) -> Vec<String>;

    /// Sends back what that view's queue has given up.
    fn redrive(&self);

    /// Removes what that view's queue has given up with this body, where it would outlive the test.
    fn discard_dead_letter(&self, body: &str);
}
