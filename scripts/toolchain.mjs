// What compiling the addon needs: a C++ compiler, make, Python 3 and Node's headers.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Is there a program of this name (or path) to run? */
function runs(program, args = ['--version']) {
  return spawnSync(program, args, { stdio: 'ignore', shell: false }).status === 0;
}

/** `CXX="ccache g++"` is a command line: each of its words has to be there. */
function commandRuns(command) {
  const words = command.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-'));
  return words.length > 0 && words.every((word) => runs(word));
}

function findWindows() {
  const onPath = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'cl.exe')));
  const installer = join(
    process.env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)',
    'Microsoft Visual Studio',
    'Installer',
  );
  const compiler = onPath || existsSync(join(installer, 'vswhere.exe'));
  if (!compiler) return 'Visual Studio with its C++ tools';
  return runs('python') || runs('py') ? null : 'Python 3';
}

/** The first tool that is missing, in words, or null. */
export function missingTool() {
  if (process.platform === 'win32') return findWindows();
  const compiler = process.env.CXX;
  if (compiler ? !commandRuns(compiler) : !['g++', 'c++', 'clang++'].some((name) => runs(name))) {
    return compiler ? `a C++ compiler (CXX is "${compiler}")` : 'a C++ compiler';
  }
  if (!commandRuns(process.env.MAKE ?? 'make')) return 'make';
  const pythons = [process.env.PYTHON ?? process.env.npm_config_python, 'python3', 'python'].filter(Boolean);
  return pythons.some((name) => runs(name)) ? null : 'Python 3';
}

/** The folder that `node-gyp --nodedir` wants, when this Node brought its headers; else null, and node-gyp downloads them. */
export function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : null;
}
