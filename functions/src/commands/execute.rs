use async_trait::async_trait;
use serde_json::Map;
use skafu_domain::command::{Decoded, body_hash};
use skafu_domain::{Aggregate, Claim, Principal, Resource, authorize};
use skafu_events::{Commit, DomainEvent, StreamId};
use skafu_store::{Accepted, AppendError, Consistency, Draft, EventStore, NameClaim, NewEvent};

use super::conflict;
use crate::aggregates::{self, Loaded};
use crate::gateway::CommandAnswer;
use crate::{Clock, Problem};

/// How often a command is decided anew when others write to its target meanwhile.
const MAX_ATTEMPTS: usize = 4;

/// One command on its way to one stream.
pub(super) struct Job<'a> {
    pub store: &'a dyn EventStore,
    pub clock: &'a dyn Clock,
    pub caller: &'a Principal,
    pub command: &'a Decoded,
    pub stream: StreamId,
}

/// Gathers what a decision needs to know from outside its aggregate.
#[async_trait]
pub(super) trait FactSource<A: Aggregate>: Send + Sync {
    async fn gather(
        &self,
        state: &A,
        command: &A::Command,
        consistency: Consistency,
    ) -> Result<A::Facts, Problem>;
}

/// For aggregates that decide on their own state alone.
pub(super) struct NoFacts;

#[async_trait]
impl<A: Aggregate> FactSource<A> for NoFacts {
    async fn gather(&self, _: &A, _: &A::Command, _: Consistency) -> Result<A::Facts, Problem> {
        Ok(A::Facts::default())
    }
}

/// What one pass led to.
enum Pass {
    Done(CommandAnswer),
    /// Refused, or nothing to do, as far as an eventually consistent read can tell.
    Unsure(Result<CommandAnswer, Problem>),
    /// Somebody else wrote first.
    Overtaken,
}

/// Loads, authorises, decides and appends.
///
/// The first pass reads at half price, eventually consistent: if it appends, the key's condition has
/// proved that nothing was missed. A refusal or a no-op proves nothing, so it is decided again on a
/// strongly consistent read before anybody hears of it.
pub(super) async fn execute<A: Aggregate>(
    job: &Job<'_>,
    command: &A::Command,
    facts: &dyn FactSource<A>,
) -> Result<CommandAnswer, Problem> {
    let mut consistency = Consistency::Eventual;
    for _ in 0..MAX_ATTEMPTS {
        match pass::<A>(job, command, facts, consistency).await? {
            Pass::Done(answer) => return Ok(answer),
            Pass::Unsure(answer) if consistency == Consistency::Strong => return answer,
            Pass::Unsure(_) | Pass::Overtaken => consistency = Consistency::Strong,
        }
    }
    let detail = "others keep changing the same thing: try again";
    Err(Problem::new(409, "CONFLICT", "Conflict", detail))
}

async fn pass<A: Aggregate>(
    job: &Job<'_>,
    command: &A::Command,
    facts: &dyn FactSource<A>,
    consistency: Consistency,
) -> Result<Pass, Problem> {
    let Loaded { history, state } = aggregates::load::<A>(job.store, &job.stream, consistency).await?;
    if let Some(accepted) = history.accepted(job.command.command_id, job.caller.user_id()) {
        return repeated(job, &accepted).map(Pass::Done);
    }
    let resource = Resource { tenant: job.stream.tenant(), owner: state.owner() };
    if let Err(denied) = authorize(job.caller, job.command.spec.action, resource) {
        return Ok(Pass::Unsure(Err(denied.into())));
    }
    if let Err(problem) = conflict::check(job, &history, &state).await? {
        return Ok(Pass::Unsure(Err(problem)));
    }
    let facts = facts.gather(&state, command, consistency).await?;
    let decision = match state.decide(command, job.caller, &facts) {
        Ok(decision) => decision,
        Err(rejection) => return Ok(Pass::Unsure(Err(rejection.into()))),
    };
    if decision.events.is_empty() {
        return Ok(Pass::Unsure(Ok(answer(job, history.version()))));
    }
    let claims: Vec<_> = decision.claims.iter().map(name_claim).collect();
    match job.store.append(&history, draft(job, &decision.events)?, &claims).await {
        Ok(commit) => {
            aggregates::keep_snapshot(job.store, &history, &commit, state, &decision.events).await;
            Ok(Pass::Done(answer(job, commit.last_version())))
        }
        Err(AppendError::Collision(winner)) if is_mine(job, &winner) => {
            repeated(job, &Accepted::from(&*winner)).map(Pass::Done)
        }
        Err(AppendError::Collision(_)) => Ok(Pass::Overtaken),
        // Unsure: the holder may be this very command, accepted a moment ago.
        Err(AppendError::NameTaken) => Ok(Pass::Unsure(Err(name_taken()))),
        Err(AppendError::Store(error)) => Err(error.into()),
    }
}

fn draft<E: DomainEvent>(job: &Job<'_>, events: &[E]) -> Result<Draft, Problem> {
    let encode = |event: &E| {
        let (event_type, event_version, data) = event.encode()?;
        Ok(NewEvent { event_type, event_version, data })
    };
    let events: Result<Vec<_>, serde_json::Error> = events.iter().map(encode).collect();
    let events = events.map_err(|error| {
        tracing::error!(%error, "an event cannot be written as JSON");
        Problem::internal()
    })?;
    Ok(Draft {
        events,
        command_id: job.command.command_id,
        body_hash: hash(job),
        correlation_id: job.command.correlation_id,
        user_id: job.caller.user_id().to_owned(),
        timestamp: job.clock.now(),
        metadata: Map::new(),
    })
}

fn hash(job: &Job<'_>) -> String {
    body_hash(job.command.spec.context, job.command.spec.name, &job.command.data)
}

fn is_mine(job: &Job<'_>, commit: &Commit) -> bool {
    commit.command_id == job.command.command_id && commit.user_id == job.caller.user_id()
}

/// The answer to a command that was accepted before; the same id with another content is a mistake.
fn repeated(job: &Job<'_>, accepted: &Accepted) -> Result<CommandAnswer, Problem> {
    if accepted.had_body(&hash(job)) {
        return Ok(answer(job, accepted.last_version()));
    }
    let detail = "this commandId was used for another command: choose a new one";
    Err(Problem::new(409, "IDEMPOTENCY_MISMATCH", "Used before", detail))
}

fn answer(job: &Job<'_>, version: u64) -> CommandAnswer {
    CommandAnswer {
        command_id: job.command.command_id,
        correlation_id: job.command.correlation_id,
        aggregate_id: job.stream.id().to_owned(),
        version,
        consistency_token: None,
    }
}

fn name_taken() -> Problem {
    Problem::new(
        409,
        "NAME_TAKEN",
        "Name taken",
        "another project of your tenant has this name: choose another",
    )
}

fn name_claim(claim: &Claim) -> NameClaim {
    match claim {
        Claim::Take(name) => NameClaim::Take(name.as_str().to_owned()),
        Claim::Release(name) => NameClaim::Release(name.as_str().to_owned()),
    }
}
