// npm run prebuilds: compiles the addon and puts it, stripped, where the published package carries it for this platform:
// prebuilds/<platform>-<arch>[-musl]/nodegrad.node. Run it on the oldest system that the binary shall run on.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { addonPath, build, root } from './build.mjs';

build(['native']);
const isMusl = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`);
const target = join(folder, 'nodegrad.node');
mkdirSync(folder, { recursive: true });
copyFileSync(addonPath, target);
if (process.platform !== 'win32') {
  const flags = process.platform === 'darwin' ? ['-x'] : ['--strip-unneeded'];
  const { status } = spawnSync('strip', [...flags, target], { stdio: 'inherit' });
  if (status !== 0) console.log('prebuild: no strip found, so the addon keeps its symbols.');
}
console.log(`prebuild: ${target} (${statSync(target).size} bytes)`);
