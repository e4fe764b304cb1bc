use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use skafu::cloud_db::{Clock, CloudDb};
use skafu::queue::{QueueConfig, Queues};

use super::{Identity, Repository, Session, Target};
use crate::support::{Dev, Finished, Home, Tables};

const QUEUE: &str = "skafu-project-view";
const DEAD: &str = "skafu-project-view-dlq";

/// A system of the test's own, in a process and a directory of its own.
pub struct Embedded {
    /// Dropped before its directory is.
    dev: Option<Dev>,
    home: Home,
}

impl Embedded {
    pub fn start() -> Self {
        let home = Home::new();
        Self { dev: Some(home.dev()), home }
    }

    fn dev(&self) -> &Dev {
        self.dev.as_ref().expect("a running system")
    }

    fn stop(&mut self) {
        assert!(self.dev.take().expect("a running system").stop().success());
    }
}

impl Target for Embedded {
    fn api_url(&self) -> String {
        self.dev().url().to_owned()
    }

    fn sign_in(&self, Identity { user, tenant, role }: &Identity) -> Session {
        let done = self.home.run(&["token", "--user", user, "--tenant", tenant, "--role", role]);
        assert!(done.succeeded(), "{done:?}");
        Session { token: done.stdout.trim().to_owned(), user_id: user.clone() }
    }

    fn jwks(&self) -> Value {
        self.dev().anonymous().get("/.well-known/jwks.json").body
    }

    fn has_own_gateway(&self) -> bool {
        true
    }

    fn tables(&self) -> Tables {
        self.dev().tables()
    }

    fn repositories(&self, tenant: &str, project_id: &str) -> Vec<Repository> {
        let root = self.home.data().canonicalize().unwrap().join("repositories");
        let Ok(entries) = fs::read_dir(root.join(tenant).join(project_id)) else { return Vec::new() };
        entries.map(|entry| bare(&entry.unwrap().path())).collect()
    }

    fn operator(&self, arguments: &[&str]) -> Finished {
        self.home.run(arguments)
    }

    fn uninterruptible(&self) -> Option<&'static str> {
        None
    }

    fn interrupt(&mut self) -> usize {
        self.dev.take().expect("a running system").kill();
        self.dev = Some(self.home.dev());
        1
    }

    fn send_to_view(&mut self, body: &str) {
        self.stop();
        let config = QueueConfig {
            name: QUEUE.to_owned(),
            visibility_timeout: Duration::from_secs(30),
            delay: Duration::ZERO,
            redrive: None,
        };
        let cloud = CloudDb::open(&self.home.data().join("cloud.db")).unwrap();
        let queues = Queues::open(cloud, Clock::system(), vec![config]).unwrap();
        queues.send(QUEUE, body).unwrap();
        drop(queues);
        self.dev = Some(self.home.dev());
    }

    /// What waits for its next delivery is handed out again after a restart.
    fn hasten_retries(&mut self) {
        self.stop();
        self.dev = Some(self.home.dev());
    }

    fn dead_letters(&self) -> Vec<String> {
        let done = self.home.run(&["dlq", "show", DEAD, "--json"]);
        assert!(done.succeeded(), "{done:?}");
        let shown = done.json();
        let letters = shown["letters"].as_array().unwrap();
        letters.iter().map(|letter| letter["body"].as_str().unwrap().to_owned()).collect()
    }

    fn redrive(&self) {
        let done = self.home.run(&["dlq", "redrive", DEAD, "--json"]);
        assert!(done.succeeded(), "{done:?}");
    }

    fn discard_dead_letter(&self, _body: &str) {}
}

/// A bare repository as it lies on the disk.
fn bare(path: &Path) -> Repository {
    let read = |name: &str| fs::read_to_string(path.join(name)).unwrap().trim().to_owned();
    assert_eq!(read("HEAD"), "ref: refs/heads/main", "{}", path.display());
    assert!(read("config").contains("bare = true"), "{}", path.display());
    Repository { url: format!("file://{}", path.display()), main_commit: read("refs/heads/main") }
}
