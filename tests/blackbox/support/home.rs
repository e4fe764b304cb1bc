use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{Api, PATIENCE, Person, Tables, eventually};

/// One test's own place: its data directory, and the log of the systems that ran on it.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The data directory; the first system on it makes it.
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// A place for anything else.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file in a directory of that place.
    pub fn write(&self, path: &str, content: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// `skafu` with these arguments, on this data directory.
    pub fn skafu(&self, arguments: &[&str]) -> Command {
        self.skafu_on(&self.data(), arguments)
    }

    /// The same on another data directory.
    pub fn skafu_on(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skafu"));
        command.args(arguments).arg("--data").arg(data);
        command.env_remove("RUST_LOG").current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `skafu` to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        Finished::of(self.skafu(arguments).spawn().unwrap())
    }

    /// What the systems on this data directory have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// A token as the command line gives it.
    pub fn token(&self, person: Person) -> String {
        let Person { user, tenant, role } = person;
        let done = self.run(&["token", "--user", user, "--tenant", tenant, "--role", role]);
        assert!(done.succeeded(), "{done:?}");
        done.stdout.trim().to_owned()
    }

    /// Starts `skafu dev` on any free port and waits until it answers.
    pub fn dev(&self) -> Dev {
        self.dev_at(0)
    }

    /// The same on this port.
    pub fn dev_at(&self, port: u16) -> Dev {
        let log = self.path("log");
        let stderr = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut command = self.skafu(&["dev", "--json", "--port", &port.to_string()]);
        let mut child = command.stderr(stderr).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut dev = Dev { child, log, greeting: Value::Null, stdout: None };
        let (line, stdout) = first_line(stdout);
        dev.greeting = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no greeting: {line:?}"));
        dev.stdout = Some(stdout);
        dev
    }
}

/// Reads one line, for a while.
fn first_line(mut stdout: BufReader<ChildStdout>) -> (String, BufReader<ChildStdout>) {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        // Whoever waited may have given up.
        drop(send.send((line, stdout)));
    });
    receive.recv_timeout(*PATIENCE).expect("the first line of output")
}

/// A running `skafu dev`. Killed when dropped.
pub struct Dev {
    child: Child,
    log: PathBuf,
    greeting: Value,
    /// Open for as long as the process may write to it.
    stdout: Option<BufReader<ChildStdout>>,
}

impl Dev {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The first line it printed.
    pub fn greeting(&self) -> &Value {
        &self.greeting
    }

    pub fn url(&self) -> &str {
        self.greeting["url"].as_str().unwrap()
    }

    pub fn port(&self) -> u16 {
        self.url().rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// The API, with this token.
    pub fn api(&self, token: &str) -> Api {
        Api::new(self.url(), Some(token))
    }

    /// The API, without a token.
    pub fn anonymous(&self) -> Api {
        Api::new(self.url(), None)
    }

    pub fn tables(&self) -> Tables {
        Tables::at(self.greeting["dynamodbUrl"].as_str().unwrap())
    }

    /// SIGKILL: the process gets to do nothing any more.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the wait for its end.
    pub fn stop(mut self) -> ExitStatus {
        // The shell's own `kill`: there may be no other.
        let script = format!("kill -TERM {}", self.pid());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
        eventually("the end of dev", || self.child.try_wait().unwrap())
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- log of dev\n{}", fs::read_to_string(&self.log).unwrap_or_default());
        }
        // Either may fail only because the process has ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a process left.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Waits for the process, for a while.
    pub fn of(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(drain);
        let stderr = child.stderr.take().map(drain);
        let deadline = Instant::now() + *PATIENCE;
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > deadline => child.kill().unwrap(),
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        let text = |reader: Option<thread::JoinHandle<String>>| {
            reader.map(|reader| reader.join().unwrap()).unwrap_or_default()
        };
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    pub fn succeeded(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output as the one JSON object it is.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The `error` of that object.
    pub fn error(&self) -> Value {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.json()["error"].take()
    }
}

fn drain(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        from.read_to_string(&mut text).unwrap();
        text
    })
}
