use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use skafu_domain::Principal;
use skafu_domain::command::aggregate_id;
use skafu_events::Commit;
use skafu_functions::Problem;
use skafu_functions::gateway::{CommandAnswer, InternalAnswer, InternalCommand};
use skafu_store::EventStore;
use skafu_store::faults::Random;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::world::{Arena, NAMES, READY};

/// One command as its sender saw it.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub sent: InternalCommand,
    pub project: String,
    pub command_id: Uuid,
    /// When it was sent for the first time.
    pub invoked: u64,
    /// When the answer that counts was there.
    pub answered: u64,
    pub answer: Result<CommandAnswer, Problem>,
    /// Whether another client sends the same command.
    pub twin: bool,
}

impl Outcome {
    /// Whether that is what the command made happen, this sender's or its twin's.
    pub fn led_to(&self, commit: &Commit) -> bool {
        commit.command_id == self.command_id && commit.user_id == self.sent.principal.user_id()
    }
}

/// What a client is going to ask for.
#[derive(Debug, Clone)]
struct Intent {
    command_id: Uuid,
    caller: Principal,
    command: &'static str,
    data: Value,
    /// Whether it says which version it has seen, and what to do if that is not the last one.
    expecting: Option<&'static str>,
    twin: bool,
}

impl Intent {
    fn project(&self) -> String {
        match self.data["projectId"].as_str() {
            Some(id) => id.to_owned(),
            None => aggregate_id(&self.caller, self.command_id).to_string(),
        }
    }
}

/// Up to eight clients with up to eight commands each, some of which another client sends as well.
fn plans<S: EventStore + 'static>(arena: &Arena<S>) -> Vec<Vec<Intent>> {
    let mut random = Random::new(arena.seed);
    let (clients, each) = (2 + random.below(7), 2 + random.below(7));
    let mut plans: Vec<Vec<Intent>> = Vec::new();
    for client in 0..clients {
        let plan = (0..each).map(|turn| intent(arena, client, turn, &mut random));
        plans.push(plan.collect());
    }
    for client in 0..clients {
        let (turn, other) = (random.below(each), random.below(clients));
        if random.chance(30) && other != client {
            plans[client][turn].twin = true;
            let twin = plans[client][turn].clone();
            plans[other].insert(random.below(each), twin);
        }
    }
    plans
}

fn intent<S: EventStore + 'static>(
    arena: &Arena<S>,
    client: usize,
    turn: usize,
    random: &mut Random,
) -> Intent {
    let number = (u128::from(arena.seed) << 64) | (client as u128) << 16 | turn as u128 | 1 << 40;
    let id = arena.project([0, 0, 0, 1, 2][random.below(5)]).id().to_owned();
    let name = NAMES[random.below(NAMES.len())];
    let text = format!("{client}-{turn}");
    let (command, data) = match random.below(20) {
        0 | 1 => ("CreateProject", json!({ "name": name.to_ascii_uppercase(), "templateId": "tiny" })),
        2..=5 => ("UpdateProject", json!({ "projectId": id, "name": name })),
        6..=9 => ("UpdateProject", json!({ "projectId": id, "description": text })),
        10..=12 => {
            let variable = ["A", "B", "C"][random.below(3)];
            let environment = json!({ variable: text });
            let configuration = json!({ "environment": environment });
            ("UpdateProject", json!({ "projectId": id, "configuration": configuration }))
        }
        13 | 14 => {
            let region = ["eu-west-1", "us-east-1"][random.below(2)];
            let configuration = json!({ "region": region });
            ("UpdateProject", json!({ "projectId": id, "description": text, "configuration": configuration }))
        }
        15 | 16 => ("ArchiveProject", json!({ "projectId": id })),
        17 | 18 => ("RestoreProject", json!({ "projectId": id })),
        _ => ("DeleteProject", json!({ "projectId": id, "reason": "over" })),
    };
    let strategies: &[_] = match command {
        "UpdateProject" => &[None, None, Some("reject"), Some("merge"), Some("merge"), Some("lastWriteWins")],
        "CreateProject" => &[None],
        _ => &[None, None, Some("reject")],
    };
    Intent {
        command_id: Uuid::from_u128(number),
        caller: arena.caller(client),
        command,
        data,
        expecting: strategies[random.below(strategies.len())],
        twin: false,
    }
}

/// Everybody does what they are up to; everything that was answered.
pub async fn run<S: EventStore + 'static>(arena: &Arc<Arena<S>>) -> Vec<Outcome> {
    let mut clients = JoinSet::new();
    for plan in plans(arena) {
        let arena = Arc::clone(arena);
        clients.spawn(async move {
            let (mut outcomes, mut seen) = (Vec::new(), BTreeMap::new());
            for intent in plan {
                outcomes.push(insist(&arena, intent, &mut seen).await);
            }
            outcomes
        });
    }
    let mut all = Vec::new();
    while let Some(outcomes) = clients.join_next().await {
        all.extend(outcomes.unwrap());
    }
    all
}

/// Sends a command until there is an answer that counts. `seen`: the versions this client knows of.
async fn insist<S: EventStore + 'static>(
    arena: &Arena<S>,
    intent: Intent,
    seen: &mut BTreeMap<String, u64>,
) -> Outcome {
    let project = intent.project();
    let mut body = json!({ "commandId": intent.command_id, "data": intent.data });
    if let Some(strategy) = intent.expecting {
        body["expectedVersion"] = json!(seen.get(&project).copied().unwrap_or(3 + READY as u64));
        body["conflictStrategy"] = json!(strategy);
    }
    let sent = InternalCommand {
        principal: intent.caller,
        context: "project".to_owned(),
        command: intent.command.to_owned(),
        body,
        tokens: None,
    };
    let invoked = arena.now();
    let answer = loop {
        match arena.commands.handle_internal(&sent).await {
            InternalAnswer::Accepted(answer) => break Ok(answer),
            InternalAnswer::Refused(problem) if is_passing(&problem) => {}
            InternalAnswer::Refused(problem) => break Err(problem),
        }
    };
    match &answer {
        Ok(answer) => drop(seen.insert(project.clone(), answer.version)),
        Err(Problem { current_version: Some(version), .. }) => drop(seen.insert(project.clone(), *version)),
        Err(_) => {}
    }
    let answered = arena.now();
    Outcome { sent, project, command_id: intent.command_id, invoked, answered, answer, twin: intent.twin }
}

/// The same request may succeed: nobody answered, or others were always faster.
fn is_passing(problem: &Problem) -> bool {
    problem.status == 503 || (problem.code == "CONFLICT" && problem.current_version.is_none())
}
