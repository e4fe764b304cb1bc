use async_graphql::Union;

use super::accepted::{ProjectAccepted, TemplateAccepted};
use super::refused::{
    AlreadyExistsError, BusinessRuleError, CommandError, CommandIdReusedError, ConflictError, ForbiddenError,
    NotFoundError, ValidationError,
};
use crate::commands::AcceptedCommand;

/// What a mutation answers: that its command was accepted, or why it was not. Each has a type of its own, so
/// that a client's generated types name it, and so that one can change without the others.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident, $accepted:ident) => {
        $(#[$doc])*
        #[derive(Union)]
        pub(super) enum $name {
            Accepted($accepted),
            Validation(ValidationError),
            Forbidden(ForbiddenError),
            NotFound(NotFoundError),
            Conflict(ConflictError),
            AlreadyExists(AlreadyExistsError),
            CommandIdReused(CommandIdReusedError),
            BusinessRule(BusinessRuleError),
        }

        impl From<Result<AcceptedCommand, CommandError>> for $name {
            fn from(answer: Result<AcceptedCommand, CommandError>) -> Self {
                match answer {
                    Ok(accepted) => Self::Accepted(accepted.into()),
                    Err(CommandError::Validation(it)) => Self::Validation(it),
                    Err(CommandError::Forbidden(it)) => Self::Forbidden(it),
                    Err(CommandError::NotFound(it)) => Self::NotFound(it),
                    Err(CommandError::Conflict(it)) => Self::Conflict(it),
                    Err(CommandError::AlreadyExists(it)) => Self::AlreadyExists(it),
                    Err(CommandError::CommandIdReused(it)) => Self::CommandIdReused(it),
                    Err(CommandError::BusinessRule(it)) => Self::BusinessRule(it),
                }
            }
        }
    };
}

payload! {
    /// What `createProject` answers.
    CreateProjectPayload, ProjectAccepted
}
payload! {
    /// What `updateProject` answers.
    UpdateProjectPayload, ProjectAccepted
}
payload! {
    /// What `archiveProject` answers.
    ArchiveProjectPayload, ProjectAccepted
}
payload! {
    /// What `restoreProject` answers.
    RestoreProjectPayload, ProjectAccepted
}
payload! {
    /// What `deleteProject` answers.
    DeleteProjectPayload, ProjectAccepted
}
payload! {
    /// What `retryProjectCreation` answers.
    RetryProjectCreationPayload, ProjectAccepted
}
payload! {
    /// What `retryCompensation` answers.
    RetryCompensationPayload, ProjectAccepted
}
payload! {
    /// What `resolveProjectCreation` answers.
    ResolveProjectCreationPayload, ProjectAccepted
}
payload! {
    /// What `createTemplate` answers.
    CreateTemplatePayload, TemplateAccepted
}
payload! {
    /// What `uploadTemplateFiles` answers.
    UploadTemplateFilesPayload, TemplateAccepted
}
payload! {
    /// What `publishTemplate` answers.
    PublishTemplatePayload, TemplateAccepted
}
