// A GraphQL server of JavaScript, as its own documentation starts it, over the data in memory.
//
//   node server.mjs apollo|mercurius|yoga DATA
//
// It listens on a free port of the loopback interface, which it prints.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [which, file] = process.argv.slice(2);
const { projects, templates, owners } = JSON.parse(readFileSync(file, "utf8"));

const typeDefs = `
  type Configuration { runtime: String region: String features: [String!]! }
  type Repository { name: String! cloneUrl: String! defaultBranch: String! }
  type Template { id: ID! name: String! status: String! }
  type User { id: ID! projectCount: Int! }
  type Project {
    id: ID! name: String! description: String status: String! createdAt: String! updatedAt: String!
    configuration: Configuration! repository: Repository template: Template owner: User!
  }
  type ProjectConnection { items: [Project!]! nextToken: String }
  type Query { projects(limit: Int): ProjectConnection! }
`;
const resolvers = {
  Query: {
    projects(_, { limit = 20 }) {
      return { items: projects.slice(0, limit), nextToken: limit < projects.length ? String(limit) : null };
    },
  },
  Project: {
    template: ({ templateId }) => templates[templateId],
    owner: ({ ownerId }) => owners[ownerId],
  },
};

const servers = {
  async apollo() {
    const { ApolloServer } = await import("@apollo/server");
    const { startStandaloneServer } = await import("@apollo/server/standalone");
    const server = new ApolloServer({ typeDefs, resolvers });
    const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1", path: "/graphql" } });
    return new URL(url).port;
  },
  async mercurius() {
    const { default: fastify } = await import("fastify");
    const { default: mercurius } = await import("mercurius");
    const app = fastify();
    // With its compiler, which it is known for.
    app.register(mercurius, { schema: typeDefs, resolvers, jit: 1 });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server.address().port;
  },
  async yoga() {
    const { createSchema, createYoga } = await import("graphql-yoga");
    const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false });
    const server = createServer(yoga);
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server.address().port;
  },
};
console.log(await servers[which]());
