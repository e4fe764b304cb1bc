import type { CodegenConfig } from "@graphql-codegen/cli";

// Types of what the documents in src/ ask for, and of nothing else.
const config: CodegenConfig = {
  schema: process.env.SKAFU_SCHEMA ?? "../../../graphql/schema.graphql",
  documents: ["src/documents.ts"],
  importExtension: ".js",
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { AWSDateTime: "string", JSON: "unknown" },
      },
    },
    // Which types a fragment on an interface is about: what Apollo's cache cannot tell from an answer.
    "src/generated/possible-types.ts": { plugins: ["fragment-matcher"] },
  },
};

export default config;
