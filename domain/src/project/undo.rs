use skafu_events::project::{
    FailureReason, OnFailure, ProjectCompensationRetried, ProjectCreationCompensated, ProjectCreationFailed,
    ProjectCreationResolved, ProjectCreationRetried, ProjectCreationStuck, ProjectEvent,
};

use super::progress::FIRST_ATTEMPT;
use super::{
    CompensateProjectCreation, FailProjectCreation, FailureInput, Project, ProjectStatus,
    ReportStuckCreation, ResolveProjectCreation,
};
use crate::{Claim, Decision, Rejection, UniqueName};

/// What follows a failed attempt.
///
/// The failure comes first: it closes the attempt, so that nothing of it that still runs can be recorded any more,
/// and only then its effects are looked for and undone.
impl Project {
    pub(super) fn fail(&self, command: &FailProjectCreation) -> Result<Decision<ProjectEvent>, Rejection> {
        let created = self.created.as_ref().ok_or(Rejection::NotFound("the project"))?;
        if self.repository.is_some() {
            return Err(was_made());
        }
        if self.failure.as_ref().is_some_and(|failure| failure.attempt == command.attempt) {
            return Ok(Decision::nothing());
        }
        if command.attempt != self.current_attempt() {
            return Err(Rejection::rule("current-attempt", "the project is at another attempt"));
        }
        let kept = created.options.on_failure == OnFailure::KeepForRetry;
        Ok(Decision::events(vec![ProjectEvent::ProjectCreationFailed(ProjectCreationFailed {
            attempt: command.attempt,
            failed_step: command.failed_step.clone(),
            error: command.error.clone().into(),
            kept_for_retry: kept && self.status != ProjectStatus::Deleted,
        })]))
    }

    pub(super) fn compensate(
        &self,
        command: &CompensateProjectCreation,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        if self.undone {
            return Ok(Decision::nothing());
        }
        self.must_be_undone(command.attempt)?;
        let compensated = ProjectCreationCompensated {
            attempt: command.attempt,
            compensations: command.compensations.clone(),
        };
        Ok(Decision {
            events: vec![ProjectEvent::ProjectCreationCompensated(compensated)],
            claims: self.release_name(),
        })
    }

    /// Closes the attempt as well, if not even its failure could be recorded: what is stuck must not look as if it were
    /// going on.
    pub(super) fn report_stuck(
        &self,
        command: &ReportStuckCreation,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        if self.undone || self.stuck {
            return Ok(Decision::nothing());
        }
        let stuck = ProjectCreationStuck {
            attempt: command.attempt,
            failed_step: command.failed_step.clone(),
            error: command.error.clone().into(),
        };
        let mut events = vec![ProjectEvent::ProjectCreationStuck(stuck)];
        if self.is_open(command.attempt) {
            let failed = ProjectCreationFailed {
                attempt: command.attempt,
                failed_step: command.failed_step.clone(),
                error: command.error.clone().into(),
                kept_for_retry: false,
            };
            events.insert(0, ProjectEvent::ProjectCreationFailed(failed));
        } else {
            self.must_be_undone(command.attempt)?;
        }
        Ok(Decision::events(events))
    }

    pub(super) fn retry_creation(&self) -> Result<Decision<ProjectEvent>, Rejection> {
        match self.standing()? {
            ProjectStatus::Failed if self.is_kept() => {
                let retried = ProjectCreationRetried { attempt: self.attempt + 1 };
                Ok(Decision::events(vec![ProjectEvent::ProjectCreationRetried(retried)]))
            }
            ProjectStatus::Failed => {
                let message = "the failed creation is undone, not kept: create the project again";
                Err(Rejection::rule("kept-for-retry", message))
            }
            _ => Err(Rejection::rule("failed", "only a creation that failed can be tried again")),
        }
    }

    pub(super) fn retry_compensation(&self) -> Result<Decision<ProjectEvent>, Rejection> {
        self.created.as_ref().ok_or(Rejection::NotFound("the project"))?;
        if self.repository.is_some() {
            return Err(was_made());
        }
        if self.undone {
            return Err(Rejection::rule("not-undone", "nothing is left to undo"));
        }
        if self.is_kept() && self.status != ProjectStatus::Deleted {
            let message = "the creation is kept for another attempt: try it again, or delete the project";
            return Err(Rejection::rule("not-kept", message));
        }
        let (attempt, round) = (self.current_attempt(), self.rounds + 1);
        let retried = ProjectCompensationRetried { attempt, round, given_up: !self.stuck };
        Ok(Decision::events(vec![ProjectEvent::ProjectCompensationRetried(retried)]))
    }

    pub(super) fn resolve(
        &self,
        command: &ResolveProjectCreation,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        self.created.as_ref().ok_or(Rejection::NotFound("the project"))?;
        if !self.stuck {
            return Err(Rejection::rule("stuck", "the project's creation is not stuck"));
        }
        let resolved = ProjectCreationResolved { attempt: self.attempt, note: command.note.clone() };
        Ok(Decision {
            events: vec![ProjectEvent::ProjectCreationResolved(resolved)],
            claims: self.release_name(),
        })
    }

    /// Whether a failed attempt left everything as it was, for the next one.
    pub fn is_kept(&self) -> bool {
        !self.undone && self.failure.as_ref().is_some_and(|failure| failure.kept_for_retry)
    }

    /// The attempt under way, awaited, or last made.
    pub fn current_attempt(&self) -> u32 {
        self.attempt.max(FIRST_ATTEMPT)
    }

    /// A project has its name until it is deleted or its creation undone; then somebody else may have it.
    pub(super) fn release_name(&self) -> Vec<Claim> {
        let held = self.created.as_ref().filter(|_| self.holds_name);
        held.map(|created| Claim::Release(UniqueName::project(&created.name))).into_iter().collect()
    }

    /// Whether the attempt is the project's, and has come to no end.
    fn is_open(&self, attempt: u32) -> bool {
        let has_ended = self.repository.is_some() || self.failure.is_some();
        self.created.is_some() && !has_ended && attempt == self.current_attempt()
    }

    fn must_be_undone(&self, attempt: u32) -> Result<(), Rejection> {
        let failed = self.failure.as_ref().filter(|failure| failure.attempt == attempt);
        if failed.is_none() {
            return Err(Rejection::rule("failed", "this attempt to create the project has not failed"));
        }
        if self.is_kept() && self.status != ProjectStatus::Deleted {
            return Err(Rejection::rule("not-kept", "the attempt is kept for the next one"));
        }
        Ok(())
    }
}

impl From<FailureInput> for FailureReason {
    fn from(input: FailureInput) -> Self {
        Self { code: input.code, message: input.message }
    }
}

fn was_made() -> Rejection {
    Rejection::rule("not-ready", "the project is ready: there is nothing to undo")
}
