// npm test: builds what is stale, runs the tests on each backend, and ends with one plain line, `N passed, N failed`.
//   NODEGRAD_BACKEND=native|wasm npm test     one backend only
//   npm test -- --sanitize                    the native backend under AddressSanitizer and UBSan (needs g++)
//   npm test -- test/tensor.test.ts           further arguments go to vitest
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
function runSuite(backend, args, environment = {}) {
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
function backends() {
  if (process.env.NODEGRAD_BACKEND) return [process.env.NODEGRAD_BACKEND];
  return existsSync(addonPath) ? ['native', 'wasm'] : ['wasm'];
}

/** Compiles the addon with the sanitizers; gives the environment that its tests need, or null without g++. */
function sanitizedEnvironment() {
  const libraries = ['libasan.so', 'libubsan.so'].map((name) => {
    const { stdout, status } = spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' });
    // g++ gives the bare name back when it does not have the library.
    return status === 0 && stdout.trim() !== name ? stdout.trim() : null;
  });
  if (libraries.includes(null)) return null;
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build-native.mjs')], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODEGRAD_SANITIZE: '1' },
  });
  if (status !== 0) process.exit(status ?? 1);
  return {
    NODEGRAD_ADDON: join(root, 'build-asan', 'build', 'Release', 'nodegrad.node'),
    LD_PRELOAD: libraries.join(' '),
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
}

const args = process.argv.slice(2);
const runs = [];
if (args.includes('--sanitize')) {
  args.splice(args.indexOf('--sanitize'), 1);
  build(['wasm']);
  const environment = sanitizedEnvironment();
  if (environment === null) console.log('test: no g++ with its sanitizer libraries, so nothing is run under them.');
  else runs.push(['native', environment]);
} else {
  build();
  for (const backend of backends()) runs.push([backend, {}]);
}

let passed = 0;
let failed = 0;
const lines = [];
for (const [backend, environment] of runs) {
  const result = runSuite(backend, args, environment);
  passed += result.passed;
  failed += result.failed;
  lines.push(`${backend}: ${result.passed} passed, ${result.failed} failed`);
}
for (const line of lines) console.log(line);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && (passed > 0 || runs.length === 0) ? 0 : 1);
