// npm test: builds what is stale, runs the tests on each backend, and ends with one plain line, `N passed, N failed`.
//   NODEGRAD_BACKEND=native|wasm npm test     one backend only
//   npm test -- test/tensor.test.ts           further arguments go to vitest
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonPath, build, root } from './build.mjs';

/** Counts of a finished vitest run. A file that did not load, or a run that died, is a failure too. */
function count(reportPath, status) {
  if (!existsSync(reportPath)) return { passed: 0, failed: 1 };
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  let { numPassedTests: passed, numFailedTests: failed } = report;
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) failed++;
  }
  if (status !== 0 && failed === 0) failed = 1;
  return { passed, failed };
}

/** Runs the suite on one backend: `{ passed, failed }`. */
export function runSuite(backend, args = [], environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'nodegrad-test-'));
  const reportPath = join(folder, 'report.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`, ...args],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment, NODEGRAD_BACKEND: backend } },
  );
  const result = count(reportPath, status);
  rmSync(folder, { recursive: true, force: true });
  return result;
}

/** The backends to test: the one NODEGRAD_BACKEND names, else native, where there is an addon, and wasm. */
export function backends() {
  if (process.env.NODEGRAD_BACKEND) return [process.env.NODEGRAD_BACKEND];
  return existsSync(addonPath) ? ['native', 'wasm'] : ['wasm'];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build();
  let passed = 0;
  let failed = 0;
  const lines = [];
  for (const backend of backends()) {
    const result = runSuite(backend, process.argv.slice(2));
    passed += result.passed;
    failed += result.failed;
    lines.push(`${backend}: ${result.passed} passed, ${result.failed} failed`);
  }
  for (const line of lines) console.log(line);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
