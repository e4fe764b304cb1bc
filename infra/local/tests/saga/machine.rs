//! What the definitions say of themselves: the proofs are made from it, so a new state is proved, too.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use skafu::stack::parse_definition;
use skafu::states::Machine;

/// A state of type `Task`.
#[derive(Debug, Clone)]
pub struct Task {
    /// The state's name.
    pub state: String,
    /// What its payload names it: the function's word for it.
    pub step: String,
    /// Where its last `Catch` leads.
    pub on_error: Option<String>,
    /// Whether it gives up at once when a function says `Rejected`.
    pub rejection_is_final: bool,
}

/// A definition as it stands in its file.
pub struct Definition {
    json: Value,
}

impl Definition {
    /// Every definition there is, by name.
    pub fn all() -> &'static BTreeMap<String, Self> {
        static ALL: LazyLock<BTreeMap<String, Definition>> = LazyLock::new(Definition::read);
        &ALL
    }

    fn read() -> BTreeMap<String, Self> {
        let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
        let definition = |path: PathBuf| {
            let name = path.file_name()?.to_str()?.strip_suffix(".asl.yaml")?.to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let json = parse_definition(&text, |_| Some("function")).unwrap();
            Some((name, Self { json }))
        };
        files.filter_map(definition).collect()
    }

    /// The one of that name.
    pub fn named(name: &str) -> &'static Self {
        Self::all().get(name).unwrap()
    }

    pub fn machine(&self) -> Machine {
        Machine::load(&self.json).unwrap()
    }

    /// The machine whose executions may take so many seconds only.
    pub fn within(&self, seconds: u64) -> Machine {
        let mut json = self.json.clone();
        json["TimeoutSeconds"] = seconds.into();
        Machine::load(&json).unwrap()
    }

    /// The machine with a mistake in it.
    pub fn mistaken(&self, mistake: impl FnOnce(&mut Value)) -> Machine {
        let mut json = self.json.clone();
        mistake(&mut json["States"]);
        assert_ne!(json, self.json, "no mistake");
        Machine::load(&json).unwrap()
    }

    /// Every state of whatever type, also inside of others.
    pub fn states(&self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        collect(&self.json, &mut all);
        all
    }

    /// Every state that calls a function.
    pub fn tasks(&self) -> Vec<Task> {
        let states = self.states().into_iter();
        states.filter(|(_, state)| state["Type"] == "Task").map(|(name, state)| task(name, &state)).collect()
    }

    /// Those of which nothing but a person's help is left once they fail for good.
    pub fn tasks_leading_to(&self, state: &str) -> Vec<Task> {
        self.tasks().into_iter().filter(|task| task.on_error.as_deref() == Some(state)).collect()
    }
}

fn task(name: String, state: &Value) -> Task {
    let payload = &state["Arguments"]["Payload"];
    let step = payload["step"].as_str().or(payload["task"].as_str());
    let step = step.unwrap_or_else(|| panic!("{name} does not say which step it is")).to_owned();
    let list = |field: &str| state[field].as_array().cloned().unwrap_or_default();
    let on_error = list("Catch").last().and_then(|it| it["Next"].as_str().map(str::to_owned));
    let is_final = |rule: &Value| rule["ErrorEquals"][0] == "Rejected" && rule["MaxAttempts"] == 0;
    let rejection_is_final = list("Retry").first().is_some_and(is_final);
    Task { state: name, step, on_error, rejection_is_final }
}

fn collect(graph: &Value, all: &mut Vec<(String, Value)>) {
    for (name, state) in graph["States"].as_object().unwrap() {
        all.push((name.clone(), state.clone()));
        let branches = state["Branches"].as_array().into_iter().flatten();
        let inner = branches.chain(state.get("ItemProcessor").or(state.get("Iterator")));
        inner.for_each(|graph| collect(graph, all));
    }
}

/// The longest a function may run, as the template has it.
pub fn time_limit(function: &str) -> Duration {
    static TEMPLATE: LazyLock<String> = LazyLock::new(|| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        fs::read_to_string(path).unwrap()
    });
    let mut lines = TEMPLATE.lines().skip_while(|line| *line != format!("  {function}:"));
    let found = lines.find_map(|line| line.strip_prefix("      Timeout: ")).unwrap();
    Duration::from_secs(found.trim().parse().unwrap())
}
