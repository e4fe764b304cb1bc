//! A data directory with one project in it, and ways to look at it and to damage it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use skafu_store::aws::Connection;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;

pub const TABLE: &str = "skafu-events";

/// Runs `skafu` with the arguments. No credentials of whoever runs the tests get through.
pub fn skafu(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skafu"));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"] {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A data directory that `skafu new` made one project in.
pub struct World {
    folder: TempDir,
    /// The project's id.
    pub project: String,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let made = skafu(&[
            "new",
            "demo",
            "--template",
            "sam-python-api",
            "--data",
            data.to_str().unwrap(),
            "--json",
        ]);
        assert!(made.status.success(), "{}{}", stdout(&made), stderr(&made));
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        Self { folder, project: made["projectId"].as_str().unwrap().to_owned() }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The project's stream.
    pub fn stream(&self) -> String {
        format!("local/PROJECT#{}", self.project)
    }

    /// Runs `skafu` on the data.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let data = self.data();
        skafu(&[arguments, &["--data", data.to_str().unwrap()]].concat())
    }

    /// What it answers with `--json`, and whether it succeeds.
    pub fn json(&self, arguments: &[&str]) -> (Value, bool) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let answer = serde_json::from_slice(&output.stdout);
        (answer.unwrap_or_else(|_| panic!("{}{}", stdout(&output), stderr(&output))), output.status.success())
    }

    /// Every event of the store.
    pub fn dump(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(&[&["store", "dump"], arguments].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Lets `change` loose on the database itself.
    pub fn meddle<F: Future>(&self, change: impl FnOnce(Client) -> F) -> F::Output {
        let (stop, stopped) = watch::channel(false);
        let database = skafu::database::open(&self.data().join("dynamodb.db"), &[], &[]).unwrap();
        let url = skafu::database::serve(database, stopped).unwrap();
        let outcome =
            Runtime::new().unwrap().block_on(async { change(Connection::local(url).dynamodb()).await });
        stop.send_replace(true);
        outcome
    }

    /// Rewrites the project's commit that begins with that version.
    pub fn rewrite(&self, version: u64, change: impl FnOnce(&mut HashMap<String, AttributeValue>)) {
        let key = key(&self.stream(), version);
        self.meddle(|client| async move {
            let found = client.get_item().table_name(TABLE).set_key(Some(key)).send().await.unwrap();
            let mut item = found.item.unwrap();
            change(&mut item);
            client.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
        });
    }

    /// Loses the project's commit that begins with that version.
    pub fn lose(&self, version: u64) {
        let key = key(&self.stream(), version);
        self.meddle(|client| async move {
            client.delete_item().table_name(TABLE).set_key(Some(key)).send().await.unwrap();
        });
    }
}

fn key(stream: &str, version: u64) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("PK".to_owned(), AttributeValue::S(stream.to_owned())),
        ("SK".to_owned(), AttributeValue::S(format!("EVENT#{version:010}"))),
    ])
}

/// A system that runs until this is dropped.
pub struct Running {
    process: Child,
    /// Where it says it is.
    pub endpoint: Value,
}

impl Running {
    pub fn on(data: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_skafu"))
            .args(["dev", "--port", "0", "--json", "--data", data.to_str().unwrap()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let endpoint = serde_json::from_str(&line);
        Self { process, endpoint: endpoint.unwrap() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
