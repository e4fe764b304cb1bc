// What this client asks. `graphql` comes out of these texts with types: see codegen.ts.
import { graphql } from "./generated/index.js";

export const ProjectDocument = graphql(`
  query Project($id: ID!) {
    project(id: $id) {
      id
      name
      status
      templateId
      repository {
        cloneUrl
      }
    }
  }
`);

export const ProjectsDocument = graphql(`
  query Projects($limit: Int!, $nextToken: String) {
    projects(limit: $limit, nextToken: $nextToken) {
      items {
        id
        name
        status
      }
      nextToken
    }
  }
`);

// Every answer has `__typename`, which tells the types of a union apart. `CommandError` is what all refusals have.
export const CreateProjectDocument = graphql(`
  mutation CreateProject($input: CreateProjectInput!) {
    createProject(input: $input) {
      __typename
      ... on ProjectAccepted {
        id
        version
        correlationId
        consistencyToken
      }
      ... on CommandError {
        code
        message
      }
      ... on ValidationError {
        violations {
          field
          message
        }
      }
    }
  }
`);
