import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Milliseconds that an example may take on a slow machine. */
export const LIMIT = 300_000;

/** What an example prints, on the backend that this process runs on. */
export async function output(example: string, ...args: string[]): Promise<string> {
  const file = join(root, 'examples', example, 'main.ts');
  const program = ['--import', './scripts/typescript.mjs', file, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: root, maxBuffer: 1 << 26 });
  return stdout;
}

/** The number that follows some words in what was printed. */
export function numberAfter(words: string, text: string): number {
  const at = text.indexOf(words);
  if (at < 0) throw new Error(`${JSON.stringify(words)} was not printed:\n${text}`);
  return Number(/^[^\d-]*(-?[\d.]+)/.exec(text.slice(at + words.length))?.[1]?.replace(/\.$/, ''));
}
