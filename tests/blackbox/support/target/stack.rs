use std::process::Command;

use serde_json::Value;
use skafu_store::aws::Connection;
use tokio::runtime::{Builder, Runtime};

use super::bundles::Bundles;
use super::people::People;
use super::queues::ViewQueue;
use super::{Identity, Kind, Repository, Session, Settings, Target};
use crate::support::{Api, Finished, Home, TableNames, Tables};

/// A stack that others use, too: other tests, and whoever else.
pub struct Stack {
    settings: Settings,
    connection: Connection,
    people: People,
    bundles: Bundles,
    view_queue: ViewQueue,
    /// For what `skafu` asks for although it is told of the stack: a data directory that is never made.
    home: Home,
}

impl Stack {
    /// The stack of these outputs, with the region, credentials and endpoint of the environment.
    pub fn reach(settings: &Settings) -> Self {
        let connection = Connection::from_environment().unwrap_or_else(|missing| panic!("{missing}"));
        Self {
            people: People::of(&connection, &settings.user_pool, &settings.user_pool_client),
            bundles: Bundles::in_bucket(&connection, &settings.content_bucket),
            view_queue: ViewQueue::named(&connection, &format!("{}-project-view", settings.name)),
            settings: settings.clone(),
            connection,
            home: Home::new(),
        }
    }

    /// The address of DynamoDB.
    fn dynamodb(&self) -> String {
        let Connection { endpoint, region, .. } = &self.connection;
        endpoint.clone().unwrap_or_else(|| format!("https://dynamodb.{region}.amazonaws.com"))
    }
}

impl Target for Stack {
    fn api_url(&self) -> String {
        self.settings.api_url.clone()
    }

    fn sign_in(&self, who: &Identity) -> Session {
        self.people.sign_in(who)
    }

    /// An emulator does not own the issuer's name: it serves the keys at its own address.
    fn jwks(&self) -> Value {
        let issuer = &self.settings.issuer;
        let issuer = match &self.connection.endpoint {
            Some(endpoint) => format!("{}/{}", endpoint.trim_end_matches('/'), self.settings.user_pool),
            None => issuer.clone(),
        };
        Api::new(&issuer, None).get("/.well-known/jwks.json").body
    }

    fn has_own_gateway(&self) -> bool {
        false
    }

    fn tables(&self) -> Tables {
        let Settings { event_table, view_table, .. } = &self.settings;
        let names = TableNames { events: event_table.clone(), views: view_table.clone() };
        Tables::new(self.connection.clone(), names)
    }

    fn repositories(&self, tenant: &str, project_id: &str) -> Vec<Repository> {
        self.bundles.below(&format!("{tenant}/{project_id}/"))
    }

    fn operator(&self, arguments: &[&str]) -> Finished {
        let endpoint = self.dynamodb();
        let mut all = arguments.to_vec();
        all.extend(["--endpoint", &endpoint, "--table", &self.settings.event_table]);
        if arguments.first() == Some(&"views") {
            all.extend(["--view-table", &self.settings.view_table]);
        }
        self.home.run(&all)
    }

    fn uninterruptible(&self) -> Option<&'static str> {
        match (self.settings.kind, &self.settings.kill) {
            (Kind::Aws, _) => Some("AWS lets nobody end the processes of a Lambda function"),
            (Kind::Emulator, Some(_)) => None,
            (Kind::Emulator, None) => {
                panic!("SKAFU_KILL is not set: it is the command that ends a function's processes")
            }
        }
    }

    fn interrupt(&mut self) -> usize {
        let kill = self.settings.kill.as_deref().expect("SKAFU_KILL");
        // By the shell, so that it may be a command with arguments.
        let script = format!("{kill} saga");
        let done = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(done.status.success(), "{script}: {done:?}");
        let printed = String::from_utf8(done.stdout).unwrap();
        printed.trim().parse().unwrap_or_else(|_| panic!("{script} printed no number: {printed:?}"))
    }

    fn send_to_view(&mut self, body: &str) {
        self.view_queue.send(body);
    }

    fn hasten_retries(&mut self) {
        self.view_queue.hasten();
    }

    fn dead_letters(&self) -> Vec<String> {
        self.view_queue.dead_letters()
    }

    fn redrive(&self) {
        self.view_queue.redrive();
    }

    fn discard_dead_letter(&self, body: &str) {
        self.view_queue.discard(body);
    }
}

/// What drives a client whose calls a test waits for.
pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
