//! One client for all servers: some connections that are kept open, each asking again as soon as it is answered.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Failure;

/// So many ask at once.
const CONNECTIONS: usize = 8;

/// How long each request of one round took, in microseconds, in order; and how long the round was.
pub struct Round {
    pub micros: Vec<u64>,
    pub took: Duration,
}

impl Round {
    pub fn per_second(&self) -> f64 {
        self.micros.len() as f64 / self.took.as_secs_f64()
    }

    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1));
        self.micros.get(at).copied().unwrap_or_default() as f64 / 1_000.0
    }
}

struct Connection {
    reader: BufReader<TcpStream>,
    request: Vec<u8>,
}

impl Connection {
    fn open(port: u16, body: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             accept: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Ok(Self { reader: BufReader::with_capacity(64 * 1024, stream), request: request.into_bytes() })
    }

    fn ask(&mut self, answer: &mut Vec<u8>) -> Result<(), Failure> {
        self.reader.get_mut().write_all(&self.request)?;
        let (mut line, mut length, mut first) = (String::new(), None, true);
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            let told = line.trim_end();
            if first && !told.contains(" 200") {
                return Err(format!("the server answers {told:?}").into());
            }
            first = false;
            if told.is_empty() {
                break;
            }
            if let Some((name, value)) = told.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse::<usize>()?);
            }
        }
        answer.resize(length.ok_or("the answer has no content-length")?, 0);
        Ok(self.reader.read_exact(answer)?)
    }
}

/// What the server answers once.
pub fn answer(port: u16, body: &str) -> Result<Value, Failure> {
    let mut answer = Vec::new();
    Connection::open(port, body)?.ask(&mut answer)?;
    Ok(serde_json::from_slice(&answer)?)
}

/// Asks for that long.
pub fn round(port: u16, body: &str, length: Duration) -> Result<Round, Failure> {
    let (begun, over) = (Instant::now(), AtomicBool::new(false));
    let ask = || -> Result<Vec<u64>, String> {
        let mut connection = Connection::open(port, body).map_err(|error| error.to_string())?;
        let (mut micros, mut answer) = (Vec::new(), Vec::new());
        while !over.load(Ordering::Relaxed) {
            let asked = Instant::now();
            connection.ask(&mut answer).map_err(|error| error.to_string())?;
            micros.push(asked.elapsed().as_micros() as u64);
        }
        Ok(micros)
    };
    let all = thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        thread::sleep(length);
        over.store(true, Ordering::Relaxed);
        threads.into_iter().map(|it| it.join().unwrap_or_else(|_| Err("a thread ended".to_owned()))).collect()
    });
    let all: Result<Vec<Vec<u64>>, String> = all;
    let took = begun.elapsed();
    let mut micros: Vec<u64> = all?.into_iter().flatten().collect();
    micros.sort_unstable();
    Ok(Round { micros, took })
}
