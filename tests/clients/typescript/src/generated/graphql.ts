/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Whether a project's architecture is analysed. */
export type AiAnalysis =
  /** If there is somebody to ask; the project is made without it, too. */
  | 'auto'
  /** The attempt fails without it. */
  | 'required'
  /** It is not. */
  | 'skip';

/** Asks for a project. */
export type CreateProjectInput = {
  /**
   * A UUID, chosen once per intent: sending it again is a retry, not a second command. One is made if it
   * is left out, and a request that was not answered cannot be repeated safely then.
   */
  commandId?: string | number | null | undefined;
  /** What it is to run on. */
  configuration?: ProjectConfigurationInput | null | undefined;
  /** A UUID that follows the request through everything it touches; `commandId` if left out. */
  correlationId?: string | number | null | undefined;
  /** A sentence or two. */
  description?: string | null | undefined;
  /** The version of the target you have seen; the command is refused if it has moved on. */
  expectedVersion?: number | null | undefined;
  /** Letters, digits, spaces, `_` and `-`; unique in the tenant, ignoring case. */
  name: string;
  /** How it is made. */
  options?: ProjectOptionsInput | null | undefined;
  /** A published template of the tenant or of the built-in catalogue. */
  templateId: string;
  /** Values of the template's parameters, as an object. */
  templateParameters?: unknown;
};

/** What becomes of an attempt that fails. */
export type OnFailure =
  /** What it made is undone. */
  | 'compensate'
  /** What it made is kept for `retryProjectCreation`. */
  | 'keepForRetry';

/** What a generated project is to run on. */
export type ProjectConfigurationInput = {
  /** At most 50 environment variables of the generated project, as an object of texts. Never secrets. */
  environment?: unknown;
  /** All wanted features, each once. */
  features?: Array<string> | null | undefined;
  /** An AWS region, such as `eu-west-1`. */
  region?: string | null | undefined;
  /** A Lambda runtime, such as `python3.12`. */
  runtime?: string | null | undefined;
};

/** How a project is made. */
export type ProjectOptionsInput = {
  /** Whether its architecture is analysed: `auto` if left out. */
  aiAnalysis?: AiAnalysis | null | undefined;
  /** What becomes of an attempt that fails: `compensate` if left out. */
  onFailure?: OnFailure | null | undefined;
};

/** Where a project stands. */
export type ProjectStatus =
  /** Put away by its owner. */
  | 'archived'
  /** It is being made. */
  | 'configuring'
  /** Deleted by its owner. */
  | 'deleted'
  /** Asked for; nothing made yet. */
  | 'draft'
  /** Its creation failed. */
  | 'failed'
  /** Its repository can be cloned. */
  | 'ready';

export type ProjectQueryVariables = Exact<{
  id: string | number;
}>;


export type ProjectQuery = { project: { id: string, name: string, status: ProjectStatus, templateId: string, repository: { cloneUrl: string } | null } | null };

export type ProjectsQueryVariables = Exact<{
  limit: number;
  nextToken?: string | null | undefined;
}>;


export type ProjectsQuery = { projects: { nextToken: string | null, items: Array<{ id: string, name: string, status: ProjectStatus }> } };

export type CreateProjectMutationVariables = Exact<{
  input: CreateProjectInput;
}>;


export type CreateProjectMutation = { createProject:
    | { __typename: 'AlreadyExistsError', code: string, message: string }
    | { __typename: 'BusinessRuleError', code: string, message: string }
    | { __typename: 'CommandIdReusedError', code: string, message: string }
    | { __typename: 'ConflictError', code: string, message: string }
    | { __typename: 'ForbiddenError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { __typename: 'ProjectAccepted', id: string, version: number, correlationId: string, consistencyToken: string | null }
    | { __typename: 'ValidationError', code: string, message: string, violations: Array<{ field: string, message: string }> }
   | null };


export const ProjectDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Project"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"project"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"templateId"}},{"kind":"Field","name":{"kind":"Name","value":"repository"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cloneUrl"}}]}}]}}]}}]} as unknown as DocumentNode<ProjectQuery, ProjectQueryVariables>;
export const ProjectsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Projects"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"limit"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"nextToken"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"projects"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"limit"},"value":{"kind":"Variable","name":{"kind":"Name","value":"limit"}}},{"kind":"Argument","name":{"kind":"Name","value":"nextToken"},"value":{"kind":"Variable","name":{"kind":"Name","value":"nextToken"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"items"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nextToken"}}]}}]}}]} as unknown as DocumentNode<ProjectsQuery, ProjectsQueryVariables>;
export const CreateProjectDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateProject"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateProjectInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createProject"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProjectAccepted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}},{"kind":"Field","name":{"kind":"Name","value":"consistencyToken"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CommandError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ValidationError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"violations"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CreateProjectMutation, CreateProjectMutationVariables>;