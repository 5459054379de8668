// Writes the official suite as JSON: one array of tests, each with the path of its suite. 64-bit numbers become texts, bytes base64.
import { getCheckingSuite, getComprehensionSuite, getConformanceSuite, getParsingSuite } from "@bufbuild/cel-spec/testdata/tests.js";
import { toJson } from "@bufbuild/protobuf";
import { SimpleTestSchema } from "@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js";
import { getTestRegistry } from "@bufbuild/cel-spec/testdata/registry.js";

const registry = getTestRegistry();
const tests = [];

function collect(suite, path) {
  for (const { original, ast, checkedAst, type, error, name } of suite.tests) {
    tests.push({ path, name, ast, checkedAst, type, error, test: toJson(SimpleTestSchema, original, { registry }) });
  }
  for (const below of suite.suites) {
    collect(below, `${path}/${below.name}`);
  }
}

for (const [path, suite] of [
  ["parsing", getParsingSuite()],
  ["checking", getCheckingSuite()],
  ["comprehension", getComprehensionSuite()],
  ["conformance", getConformanceSuite()],
]) {
  collect(suite, path);
}
process.stdout.write(JSON.stringify(tests));
