/**
 * Writing files so that a reader, a crash or a full disk never meets half of one: a temporary file in the same folder,
 * synced, then renamed over the target.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

function temporaryName(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
}

/** A missing file is no error: there is nothing to follow or keep yet. */
function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}

/**
 * Writes a file in one step: either the old content stays or the whole new one is there, on disk. A link is followed,
 * the old file's permissions are kept.
 *
 * @throws the file system's error; the temporary file is then removed
 */
export async function writeFileAtomic(path: string, parts: Parts): Promise<void> {
  await writeFilesAtomic([[path, parts]]);
}

type Parts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes several files that belong together: all of them to temporary files first, which then take their places one
 * right after the other, in the order given.
 *
 * @throws the file system's error; the temporary files are then removed
 */
export async function writeFilesAtomic(files: Iterable<readonly [path: string, parts: Parts]>): Promise<void> {
  const staged: { temporary: string; target: string }[] = [];
  try {
    for (const [path, parts] of files) staged.push(await stage(path, parts));
    for (const { temporary, target } of staged) await rename(temporary, target);
  } catch (error) {
    for (const { temporary } of staged) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  for (const folder of new Set(staged.map(({ target }) => dirname(target)))) syncFolder(folder);
}

/** Writes and syncs a temporary file beside the target. */
async function stage(path: string, parts: Parts): Promise<{ temporary: string; target: string }> {
  const target = (await realpath(path).catch(unlessMissing)) ?? path;
  const mode = (await stat(target).catch(unlessMissing))?.mode;
  const temporary = temporaryName(target);
  try {
    const file = await open(temporary, 'wx', mode === undefined ? 0o666 : mode & 0o777);
    try {
      for await (const part of parts) {
        for (let at = 0; at < part.byteLength; ) {
          at += (await file.write(part, at, Math.min(part.byteLength - at, CHUNK))).bytesWritten;
        }
      }
      if (mode !== undefined) await file.chmod(mode & 0o777);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  return { temporary, target };
}

/** One system call writes at most 2 GiB. */
const CHUNK = 2 ** 30;

/** {@link writeFileAtomic}, without leaving the caller's job. */
export function writeFileAtomicSync(path: string, parts: Iterable<Uint8Array>): void {
  let target = path;
  let mode: number | undefined;
  try {
    target = fs.realpathSync(path);
    mode = fs.statSync(target).mode;
  } catch (error) {
    unlessMissing(error);
  }
  const temporary = temporaryName(target);
  try {
    const file = fs.openSync(temporary, 'wx', mode === undefined ? 0o666 : mode & 0o777);
    try {
      for (const part of parts) {
        for (let at = 0; at < part.byteLength; ) {
          at += fs.writeSync(file, part, at, Math.min(part.byteLength - at, CHUNK));
        }
      }
      if (mode !== undefined) fs.fchmodSync(file, mode & 0o777);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(target));
}

/** Makes the rename itself last, where folders can be opened and synced. */
function syncFolder(folder: string): void {
  let handle: number | undefined;
  try {
    handle = fs.openSync(folder, 'r');
    fs.fsyncSync(handle);
  } catch {
    // Windows and some network file systems cannot; the content is safe all the same.
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}
