//! All servers, each in a process of its own, asked in turn, round after round.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::Failure;
use crate::client::{Round, answer, round};
use crate::fixture::body;

const LIMIT: u32 = 50;
const ROUNDS: usize = 7;
const LENGTH: Duration = Duration::from_secs(3);
const WARM: Duration = Duration::from_secs(3);

struct Server {
    name: &'static str,
    child: Child,
    port: u16,
    rounds: Vec<Round>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    fn start(name: &'static str, command: &mut Command) -> Result<Self, Failure> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut port = String::new();
        let told = child.stdout.take().ok_or("no output")?;
        BufReader::new(told).read_line(&mut port)?;
        let port = port.trim().parse().map_err(|_| format!("{name} does not start"))?;
        Ok(Self { name, child, port, rounds: Vec::new() })
    }

    /// The most memory the process has had, in MiB.
    fn peak(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
        Ok(line.split_whitespace().nth(1).ok_or("no VmHWM")?.parse::<f64>()? / 1024.0)
    }

    /// The median over the rounds.
    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        let mut all: Vec<f64> = self.rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    }
}

pub fn compare(node: &str, data: &str) -> Result<(), Failure> {
    let own = std::env::current_exe()?;
    let rust = |which| Server::start(which, Command::new(&own).args(["serve", which, data]));
    let other = |which| {
        let server = format!("{node}/server.mjs");
        Server::start(which, Command::new("node").args([&server, which, data]).env("NODE_ENV", "production"))
    };
    let mut servers = [rust("ours")?, rust("raw")?, other("mercurius")?, other("yoga")?, other("apollo")?];
    let body = body(LIMIT);
    let mut expected = shown(answer(servers[0].port, &body)?)?;
    for server in &servers {
        if shown(answer(server.port, &body)?)? != expected {
            return Err(format!("{} answers something else", server.name).into());
        }
        round(server.port, &body, WARM)?;
    }
    expected.take();
    for _ in 0..ROUNDS {
        for server in &mut servers {
            server.rounds.push(round(server.port, &body, LENGTH)?);
        }
    }
    println!("| server | requests/s | p50, ms | p99, ms | ours, times as many | peak memory, MiB |");
    println!("|---|---|---|---|---|---|");
    for server in &servers {
        // Within each round, for the machine is not the same in all.
        let mut ratios: Vec<f64> = servers[0]
            .rounds
            .iter()
            .zip(&server.rounds)
            .map(|(ours, it)| ours.per_second() / it.per_second())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let (name, memory) = (server.name, server.peak()?);
        let [rate, p50, p99] = [
            server.median(Round::per_second),
            server.median(|it| it.percentile(50)),
            server.median(|it| it.percentile(99)),
        ];
        println!(
            "| {name} | {rate:.0} | {p50:.2} | {p99:.2} | {:.2} | {memory:.0} |",
            ratios[ratios.len() / 2]
        );
    }
    Ok(())
}

/// What must be the same everywhere.
fn shown(mut answer: Value) -> Result<Value, Failure> {
    let items = answer["data"]["projects"]["items"].take();
    if items.as_array().map(Vec::len) != Some(LIMIT as usize) {
        return Err(format!("not a page of {LIMIT}: {answer}").into());
    }
    Ok(items)
}
