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
  },
};

export default config;
