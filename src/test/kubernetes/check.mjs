// Checks manifests strictly: node check.mjs manifests.json integration.schema.json
// The first file is an object of manifests by any names. Printed is an object of the findings of each, an empty list for a good one.
// Types say which fields there are, down to the last; the validators of the same packages know ranges and formats as well.
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";
import ts from "typescript";

const [manifests, integrationSchema] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
const findings = Object.fromEntries(Object.keys(manifests).map((name) => [name, []]));

// The module with the type of a kind. Integrations have a schema in place of one.
function moduleOf({ apiVersion, kind }) {
  const group = apiVersion.split("/")[0];
  const place = { "keda.sh": "@kubernetes-models/keda", "monitoring.coreos.com": "@kubernetes-models/prometheus-operator" };
  return `${place[group] ?? "kubernetes-models"}/${apiVersion}/${kind}`;
}

const typed = Object.entries(manifests).filter(([, manifest]) => manifest.kind !== "Integration");

// One line of TypeScript for each manifest, so that the line of a finding is the number of the manifest.
const source = typed
  .map(([, m], i) => `const m${i}: import("${moduleOf(m)}").I${m.kind} = ${JSON.stringify(m)};`)
  .join("\n");
const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  lib: ["lib.es2022.d.ts"],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};
const host = ts.createCompilerHost(options);
const { fileExists, readFile, getSourceFile } = host;
const FILE = `${process.cwd()}/manifests.ts`;
host.fileExists = (file) => file === FILE || fileExists(file);
host.readFile = (file) => (file === FILE ? source : readFile(file));
host.getSourceFile = (file, ...rest) =>
  file === FILE ? ts.createSourceFile(file, source, options.target) : getSourceFile(file, ...rest);
for (const finding of ts.getPreEmitDiagnostics(ts.createProgram([FILE], options, host))) {
  const message = ts.flattenDiagnosticMessageText(finding.messageText, " ");
  if (finding.file?.fileName !== FILE) {
    throw new Error(message);
  }
  findings[typed[finding.file.getLineAndCharacterOfPosition(finding.start).line][0]].push(message);
}

for (const [name, manifest] of typed) {
  const { [manifest.kind]: Model } = await import(moduleOf(manifest));
  try {
    new Model(manifest).validate();
  } catch (e) {
    findings[name].push(e.message);
  }
}

// The API server removes unknown fields of a custom resource without a word, unless it is asked to be strict.
function strict(schema) {
  if (schema.properties && !schema["x-kubernetes-preserve-unknown-fields"]) {
    schema.additionalProperties = false;
  }
  for (const part of Object.values(schema)) {
    if (part && typeof part === "object") {
      strict(part);
    }
  }
  return schema;
}
const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
const isIntegration = ajv.compile(strict(integrationSchema));
for (const [name, manifest] of Object.entries(manifests).filter(([, m]) => m.kind === "Integration")) {
  if (!isIntegration(manifest)) {
    findings[name].push(...isIntegration.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`));
  }
}

console.log(JSON.stringify(findings));
