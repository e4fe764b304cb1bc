//! The machines of `tests/conformance`, which also run on an emulator of AWS: both must end them alike.
//! What functions do there is told in its README; `Behaviour` is the twin of `function/bootstrap`.

use std::{collections::BTreeSet, fs, path::Path, sync::OnceLock};

use serde::Deserialize;

use super::*;
use crate::invoke::{FunctionFailure, Invoke};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    definition: Value,
    input: Value,
    expected: End,
    /// How the emulator differs; of no interest here.
    #[serde(default, rename = "emulator")]
    _emulator: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    status: Value,
    #[serde(default)]
    output: Value,
    error: Option<String>,
    cause: Option<String>,
    /// How long it takes.
    seconds: Option<i64>,
}

impl End {
    fn differs(&self, ended: &Execution) -> Option<String> {
        let took = (ended.stopped_at.unwrap() - ended.started_at).num_seconds();
        let is_same = self.status == serde_json::to_value(ended.status).unwrap()
            && self.output == ended.output.clone().unwrap_or_default()
            && self.error.as_deref().unwrap_or_default() == ended.error.as_deref().unwrap_or_default()
            && self.cause.as_ref().is_none_or(|cause| ended.cause.as_ref() == Some(cause))
            && self.seconds.is_none_or(|seconds| seconds == took);
        (!is_same).then(|| format!("expected {self:?}, but after {took} s it was {ended:?}"))
    }
}

#[derive(Default)]
struct Behaviour {
    calls: Mutex<HashMap<String, usize>>,
    executions: OnceLock<Executions>,
}

impl Behaviour {
    fn counted(&self, payload: &Value) -> usize {
        let Some(key) = payload["key"].as_str() else { return 0 };
        let mut calls = self.calls.lock().unwrap();
        let count = calls.entry(key.to_owned()).or_default();
        *count += usize::from(payload["do"] != "count");
        *count
    }
}

#[async_trait]
impl Invoke for Behaviour {
    async fn invoke(&self, payload: Value) -> Result<Value, FunctionFailure> {
        let calls = self.counted(&payload);
        let text = |field: &str| payload[field].as_str().unwrap_or_default();
        let executions = || self.executions.get().unwrap();
        match text("do") {
            "echo" => return Ok(payload["value"].clone()),
            "count" => return Ok(json!(calls)),
            "fail" => return Err(FunctionFailure::new(text("error"), text("message"))),
            "failInTurn" => {
                let error = payload["errors"].get(calls - 1).and_then(Value::as_str);
                return error.map_or(Ok(json!(calls)), |error| Err(FunctionFailure::new(error, "in turn")));
            }
            "sleep" => tokio::time::sleep(Duration::from_secs(payload["seconds"].as_u64().unwrap())).await,
            "succeed" => {
                executions().send_task_success(text("token"), payload["output"].clone()).unwrap();
            }
            "refuse" => {
                let failure = Failure::new(text("error"), text("cause"));
                executions().send_task_failure(text("token"), failure).unwrap();
            }
            other => return Err(FunctionFailure::new("UnknownBehaviour", other)),
        }
        Ok(Value::Null)
    }
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let files = fs::read_dir(root.join("tests/conformance/cases")).unwrap();
    let read = |path: &Path| -> Vec<Case> {
        serde_json::from_str(&fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.flat_map(|file| read(&file.unwrap().path())).collect()
}

async fn end(case: &Case) -> Execution {
    let behaviour = Arc::<Behaviour>::default();
    let function: Arc<dyn Invoke> = behaviour.clone();
    let tasks = Arc::new(LambdaTasks::new(HashMap::from([("behave".to_owned(), function)])));
    let machine =
        Machine::load(&case.definition).unwrap_or_else(|problem| panic!("{}: {problem}", case.name));
    let machines = HashMap::from([("test".to_owned(), machine)]);
    let clock = Clock::starting_at(start_of_time());
    let executions = Executions::new(machines, tasks, Arc::new(MemoryJournal::default()), clock);
    behaviour.executions.set(executions.clone()).ok().unwrap();
    executions.start("test", "x", case.input.clone()).unwrap();
    let hour = Duration::from_secs(3_600);
    let end = tokio::time::timeout(hour, end_of(&executions)).await;
    end.unwrap_or_else(|_| panic!("{} does not end", case.name))
}

#[tokio::test(start_paused = true)]
async fn every_machine_ends_as_on_aws() {
    let cases = cases();
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "each has a name of its own");
    assert!(cases.len() > 100, "{} were found", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(case.expected.differs(&end(case).await).map(|how| format!("{}: {how}", case.name)));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_difference_is_noticed() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "fail-has-error-and-cause").unwrap();
    let ended = end(case).await;
    assert_eq!(case.expected.differs(&ended), None);
    let others = [
        json!({ "status": "TIMED_OUT", "error": "Broken" }),
        json!({ "status": "FAILED", "error": "Other" }),
        json!({ "status": "FAILED" }),
        json!({ "status": "FAILED", "error": "Broken", "cause": "other" }),
        json!({ "status": "FAILED", "error": "Broken", "output": 1 }),
        json!({ "status": "FAILED", "error": "Broken", "seconds": 1 }),
    ];
    for other in others {
        let expected: End = serde_json::from_value(other.clone()).unwrap();
        assert!(expected.differs(&ended).is_some(), "{other}");
    }
}
