use std::sync::Arc;

use serde_json::{Value, json};
use skafu_domain::Principal;
use skafu_events::StreamId;
use skafu_forge::blobs::MemoryBlobs;
use skafu_functions::SystemClock;
use skafu_functions::commands::Commands;
use skafu_functions::gateway::{CommandAnswer, InternalAnswer, InternalCommand};
use skafu_functions::rendering::Renderers;
use skafu_store::EventStore;
use uuid::Uuid;

use super::args::SagaArgs;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::out::quoted;
use crate::cli::store::{Machine, Place};
use crate::cli::token;
use crate::client::Client;
use crate::data::DataDir;
use crate::issuer::Issuer;
use crate::states::JournalError;
use crate::system::{SagaRun, Sagas};

/// Where sagas are looked after: their events, and the journal of this machine, if it is this machine's.
pub(super) struct Desk {
    pub place: Place,
    pub events: Arc<dyn EventStore>,
    journal: Journal,
    /// The options that lead here, for whoever is told the next command.
    options: String,
}

enum Journal {
    /// The system that runs here has it open.
    Running { url: String, issuer: Box<Issuer> },
    /// This process has it open.
    Resting(Sagas),
    /// It is another machine's.
    Elsewhere,
}

impl Desk {
    /// Finds the tables and the journal. Blocking.
    pub fn open(global: &Global, args: &SagaArgs) -> Result<Self, Failure> {
        let place = Place::open(global, &args.place)?;
        let journal = match place.machine() {
            Machine::Running(url) => {
                let issuer = Box::new(Issuer::open(DataDir::new(&global.data)?.root())?);
                Journal::Running { url: url.to_owned(), issuer }
            }
            Machine::Resting(data) => Journal::Resting(Sagas::open(data)?),
            Machine::Elsewhere => Journal::Elsewhere,
        };
        let events = Arc::new(place.events());
        Ok(Self { place, events, journal, options: options(global, args) })
    }

    /// Every execution for that project, the first one first; none where only another machine knows. Blocking.
    pub fn runs(&self, project: &StreamId) -> Result<Option<Vec<SagaRun>>, Failure> {
        let (tenant, id) = (project.tenant().as_str(), project.id());
        match &self.journal {
            Journal::Running { url, issuer } => {
                let client = Client::new(url, token::operator_in(issuer, tenant)?);
                Ok(Some(client.saga_runs(id)?))
            }
            Journal::Resting(sagas) => Ok(Some(sagas.of(tenant, id)?)),
            Journal::Elsewhere => Ok(None),
        }
    }

    /// Whether what is asked for here waits for a system to be started.
    pub fn is_resting(&self) -> bool {
        matches!(self.journal, Journal::Resting(_))
    }

    /// Sends a command to the project, on behalf of the operator in its tenant.
    pub async fn send(
        &self,
        project: &StreamId,
        command: &str,
        data: Value,
    ) -> Result<CommandAnswer, Failure> {
        // No command of a project looks at templates' files or renders any.
        let blobs = Arc::new(MemoryBlobs::default());
        let commands =
            Commands::new(Arc::clone(&self.events), blobs, Arc::new(SystemClock), Renderers::trusting());
        let command = InternalCommand {
            principal: Principal::operator_in(project.tenant().clone()),
            context: "project".to_owned(),
            command: command.to_owned(),
            body: json!({ "commandId": Uuid::now_v7(), "data": data }),
            tokens: None,
        };
        match commands.handle_internal(&command).await {
            InternalAnswer::Accepted(answer) => Ok(answer),
            InternalAnswer::Refused(problem) => Err(problem.into()),
        }
    }

    /// The command for that project, as it is typed here.
    pub fn command(&self, name: &str, project: &StreamId) -> String {
        let (id, tenant) = (project.id(), project.tenant());
        format!("skafu saga {name} {id} --tenant {tenant}{}", self.options)
    }
}

fn options(global: &Global, args: &SagaArgs) -> String {
    let mut options = String::new();
    let mut add = |name: &str, value: &str| options.push_str(&format!(" {name} {}", quoted(value)));
    match &args.place.endpoint {
        Some(endpoint) => add("--endpoint", endpoint),
        None if global.data.as_os_str() == ".skafu" => {}
        None => add("--data", &global.data.display().to_string()),
    }
    if let Some(table) = &args.place.table {
        add("--table", table);
    }
    options
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::chain("DATA_UNUSABLE", &error)
    }
}
