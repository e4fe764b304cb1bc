//! `castore`, which runs in Node: a process of its own that is told what to do line by line.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use super::Ways;
use crate::Failure;
use crate::subject::{EVENT_TYPE, Subject, Via};

pub struct Castore {
    pipes: Mutex<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
    /// Killed when this is dropped.
    _child: Child,
}

fn failure(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::new("castore", error)
}

impl Castore {
    /// `folder` has `main.mjs` and its modules.
    pub fn start(folder: &Path, ways: Ways, text_bytes: usize) -> Result<Self, Failure> {
        let mut child = Command::new("node")
            .arg("--no-warnings")
            .arg(folder.join("main.mjs"))
            .args([ways.counting.to_string(), ways.direct.to_string(), text_bytes.to_string()])
            .arg(EVENT_TYPE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failure)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failure("node has no pipes"));
        };
        Ok(Self { pipes: Mutex::new((input, BufReader::new(output).lines())), _child: child })
    }

    async fn ask(&self, question: Value) -> Result<Value, Failure> {
        let (input, output) = &mut *self.pipes.lock().await;
        input.write_all(format!("{question}\n").as_bytes()).await.map_err(failure)?;
        let line = output.next_line().await.map_err(failure)?;
        let answer: Value =
            serde_json::from_str(&line.ok_or_else(|| failure("node has ended"))?).map_err(failure)?;
        match answer["error"].as_str() {
            Some(error) => Err(failure(error.to_owned())),
            None => Ok(answer),
        }
    }
}

#[async_trait]
impl Subject for Castore {
    fn name(&self) -> &'static str {
        "castore (Node)"
    }

    fn is_rust(&self) -> bool {
        false
    }

    fn has_snapshots(&self) -> bool {
        false
    }

    async fn seed(&self, id: &str, events: usize) -> Result<(), Failure> {
        self.ask(json!({ "do": "seed", "id": id, "events": events })).await.map(drop)
    }

    async fn command(&self, via: Via, id: &str, events: usize) -> Result<(), Failure> {
        let counting = via == Via::Counting;
        let question =
            json!({ "do": "run", "counting": counting, "id": id, "events": events, "most": 1, "limit": 1e9 });
        self.ask(question).await.map(drop)
    }

    async fn edits(&self, id: &str) -> Result<u64, Failure> {
        Ok(self.ask(json!({ "do": "edits", "id": id })).await?["edits"].as_u64().unwrap_or_default())
    }

    /// Timed in Node, so that the pipe between the processes costs it nothing.
    async fn run(
        &self,
        id: &str,
        events: usize,
        most: usize,
        limit: Duration,
    ) -> Result<(usize, Duration), Failure> {
        let limit = limit.as_secs_f64() * 1000.0;
        let question = json!({ "do": "run", "counting": false, "id": id, "events": events, "most": most, "limit": limit });
        let answer = self.ask(question).await?;
        let done = usize::try_from(answer["done"].as_u64().unwrap_or_default()).map_err(failure)?;
        Ok((done, Duration::from_secs_f64(answer["ms"].as_f64().unwrap_or_default() / 1000.0)))
    }
}
