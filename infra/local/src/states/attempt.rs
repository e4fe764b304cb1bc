//! One attempt at one state.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    definition::{Handover, Kind, Rule, State, Until},
    execution::{Checkpoint, EventKind},
    failure::{DATA_LIMIT_EXCEEDED, Failure, NO_CHOICE_MATCHED, QUERY_EVALUATION},
    run::{Halt, Level, MAX_OUTPUT_BYTES, Run, Transition},
    template::{Scope, Template},
};

impl Run<'_> {
    /// Runs the state once; after the delay, if this is a retry.
    pub(super) async fn attempt(
        &self,
        state: &State,
        cursor: &mut Checkpoint,
        level: &Level,
    ) -> Result<Transition, Halt> {
        if let Kind::Wait(until) = &state.kind {
            self.wait(until, cursor, level).await?;
        } else if let Some(due) = cursor.wake_at {
            self.sleep_until(due).await?;
        }
        let (result, before) = match &state.kind {
            Kind::Pass | Kind::Succeed | Kind::Wait(_) => (None, None),
            Kind::Fail { error, cause } => {
                return Err(fail(error, cause, &self.scope(cursor, level, None))?.into());
            }
            Kind::Choice { rules, default } => {
                return Ok(self.choose(rules, default.as_deref(), state, cursor, level)?);
            }
            Kind::Task(task) => {
                let (result, succeeded) = self.task(task, cursor, level).await?;
                (Some(result), Some(succeeded))
            }
            Kind::Parallel { arguments, branches } => {
                let input = render_or(arguments, &self.scope(cursor, level, None), &cursor.input)?;
                (Some(self.parallel(branches, input, cursor, level).await?), None)
            }
            Kind::Map(each) => (Some(self.map(each, cursor, level).await?), None),
        };
        let output = result.clone().unwrap_or_else(|| cursor.input.clone());
        let seen = result.map(|result| ("result", result));
        match self.leave(&state.handover, state.next.as_deref(), cursor, level, seen, output) {
            Ok(left) => Ok(Transition { before, ..left }),
            Err(failure) => {
                self.record(None, before.as_slice())?;
                Err(failure.into())
            }
        }
    }

    async fn wait(&self, until: &Until, cursor: &mut Checkpoint, level: &Level) -> Result<(), Halt> {
        let wake_at = match cursor.wake_at {
            // Resumed: the time still counts from when the state was entered.
            Some(wake_at) => wake_at,
            None => {
                let scope = self.scope(cursor, level, None);
                let wake_at = match until {
                    Until::Seconds(template) => self.clock.now() + seconds(template, &scope)?,
                    Until::Timestamp(template) => timestamp(template, &scope)?,
                };
                cursor.wake_at = Some(wake_at);
                let started = self.event(EventKind::WaitStarted, cursor, json!({ "until": wake_at }));
                self.record(level.is_top.then_some(&*cursor), &[started])?;
                wake_at
            }
        };
        self.sleep_until(wake_at).await
    }

    fn choose(
        &self,
        rules: &[Rule],
        default: Option<&str>,
        state: &State,
        cursor: &Checkpoint,
        level: &Level,
    ) -> Result<Transition, Failure> {
        let scope = self.scope(cursor, level, None);
        for rule in rules {
            let holds = rule.condition.render(&scope)?;
            let holds = holds.as_bool().ok_or_else(|| {
                Failure::new(QUERY_EVALUATION, format!("a condition must be true or false, not {holds}"))
            })?;
            if holds {
                return self.leave(
                    &rule.handover,
                    Some(&rule.next),
                    cursor,
                    level,
                    None,
                    cursor.input.clone(),
                );
            }
        }
        let no_match = || Failure::new(NO_CHOICE_MATCHED, "no rule holds and there is no default");
        let next = default.ok_or_else(no_match)?;
        self.leave(&state.handover, Some(next), cursor, level, None, cursor.input.clone())
    }

    /// Hands over to the next state. Both output and variables are computed from the variables as they
    /// were. `seen` is what expressions find in `$states` besides the input; `output` stands if the
    /// definition does not say otherwise.
    pub(super) fn leave(
        &self,
        handover: &Handover,
        next: Option<&str>,
        cursor: &Checkpoint,
        level: &Level,
        seen: Option<(&str, Value)>,
        output: Value,
    ) -> Result<Transition, Failure> {
        let scope = self.scope(cursor, level, seen);
        let output = render_or(&handover.output, &scope, &output)?;
        let bytes = output.to_string().len();
        if bytes > MAX_OUTPUT_BYTES {
            let cause = format!("the output has {bytes} bytes, more than {MAX_OUTPUT_BYTES}");
            return Err(Failure::new(DATA_LIMIT_EXCEEDED, cause));
        }
        let mut variables = cursor.variables.clone();
        for (name, template) in &handover.assign {
            variables.insert(name.clone(), template.render(&scope)?);
        }
        Ok(Transition { output, variables, next: next.map(str::to_owned), before: None })
    }

    pub(super) fn scope<'c>(
        &self,
        cursor: &'c Checkpoint,
        level: &Level,
        seen: Option<(&str, Value)>,
    ) -> Scope<'c> {
        let execution = self.execution;
        let mut states = json!({
            "input": cursor.input,
            "context": {
                "Execution": {
                    "Id": execution.arn(),
                    "Input": execution.input,
                    "Name": execution.name,
                    "StartTime": execution.started_at,
                },
                "State": {
                    "EnteredTime": cursor.entered_at,
                    "Name": cursor.state,
                    "RetryCount": cursor.retries_used.iter().sum::<u32>(),
                },
                "StateMachine": {
                    "Id": execution.machine_arn(),
                    "Name": execution.machine_name(),
                },
            },
        });
        if let Some(callback) = &cursor.callback {
            states["context"]["Task"] = json!({ "Token": callback.token });
        }
        if let Some(item) = &level.map_item {
            states["context"]["Map"] = json!({ "Item": item });
        }
        if let Some((name, value)) = seen {
            states[name] = value;
        }
        Scope { states, variables: &cursor.variables }
    }
}

pub(super) fn render_or(
    template: &Option<Template>,
    scope: &Scope<'_>,
    otherwise: &Value,
) -> Result<Value, Failure> {
    template.as_ref().map_or_else(|| Ok(otherwise.clone()), |template| template.render(scope))
}

fn fail(error: &Option<Template>, cause: &Option<Template>, scope: &Scope<'_>) -> Result<Failure, Failure> {
    let text = |template: &Option<Template>| match render_or(template, scope, &Value::from(""))? {
        Value::String(text) => Ok(text),
        other => Err(Failure::new(QUERY_EVALUATION, format!("error and cause must be text, not {other}"))),
    };
    Ok(Failure::new(text(error)?, text(cause)?))
}

/// A whole number of seconds.
pub(super) fn seconds(template: &Template, scope: &Scope<'_>) -> Result<Duration, Failure> {
    let value = template.render(scope)?;
    // Arithmetic may have made it a fraction in form only.
    let whole = value.as_f64().filter(|seconds| seconds.fract() == 0.0);
    let seconds = whole.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let seconds = seconds.filter(|seconds| seconds.as_secs() <= super::definition::MAX_SECONDS);
    seconds.ok_or_else(|| Failure::new(QUERY_EVALUATION, format!("{value} is no whole number of seconds")))
}

fn timestamp(template: &Template, scope: &Scope<'_>) -> Result<DateTime<Utc>, Failure> {
    let value = template.render(scope)?;
    let time = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    time.map(|time| time.to_utc())
        .ok_or_else(|| Failure::new(QUERY_EVALUATION, format!("{value} is no time as in RFC 3339")))
}
