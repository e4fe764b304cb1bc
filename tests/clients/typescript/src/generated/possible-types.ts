
      export interface PossibleTypesResultData {
        possibleTypes: {
          [key: string]: string[]
        }
      }
      const result: PossibleTypesResultData = {
  "possibleTypes": {
    "ArchiveProjectPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "CommandError": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ValidationError"
    ],
    "CreateProjectPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "CreateTemplatePayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "TemplateAccepted",
      "ValidationError"
    ],
    "DeleteProjectPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "PublishTemplatePayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "TemplateAccepted",
      "ValidationError"
    ],
    "ResolveProjectCreationPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "RestoreProjectPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "RetryCompensationPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "RetryProjectCreationPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "UpdateProjectPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "ProjectAccepted",
      "ValidationError"
    ],
    "UploadTemplateFilesPayload": [
      "AlreadyExistsError",
      "BusinessRuleError",
      "CommandIdReusedError",
      "ConflictError",
      "ForbiddenError",
      "NotFoundError",
      "TemplateAccepted",
      "ValidationError"
    ]
  }
};
      export default result;
    