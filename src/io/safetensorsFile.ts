/** Reading safetensors files tensor by tensor, so that a file larger than half the memory can still be loaded. */
import { openSource, type SyncByteSource, withFileSync } from './files.js';
import type { PlainTensor } from './plain.js';
import {
  parseSafetensorsHeader,
  type SafetensorsFile,
  type SafetensorsHeader,
  safetensorsHeaderLength,
} from './safetensors.js';

const LENGTH_BYTES = 8;

/**
 * Reads a file; each tensor's data is memory of its own, which the caller may keep.
 *
 * @param source a path, or the file's bytes
 * @throws RangeError for anything the format does not allow; the file system's error where it cannot be read
 */
export async function readSafetensors(source: string | Uint8Array): Promise<SafetensorsFile> {
  const file = await openSource(source);
  try {
    const first = await file.read(0, Math.min(LENGTH_BYTES, file.length));
    const length = safetensorsHeaderLength(first, file.length);
    const header = parseSafetensorsHeader(await file.read(0, LENGTH_BYTES + length), file.length);
    const tensors = new Map<string, PlainTensor>();
    for (const [name, { dtype, shape, start, end }] of header.entries) {
      tensors.set(name, { dtype, shape, data: await file.read(start, end - start) });
    }
    return { metadata: header.metadata, tensors };
  } finally {
    await file.close();
  }
}

/** {@link readSafetensors} of a path, without leaving the caller's job. */
export function readSafetensorsSync(path: string): SafetensorsFile {
  return withFileSync(path, (file) => {
    const header = readHeader(file);
    const tensors = new Map<string, PlainTensor>();
    for (const [name, { dtype, shape, start, end }] of header.entries) {
      tensors.set(name, { dtype, shape, data: file.read(start, end - start) });
    }
    return { metadata: header.metadata, tensors };
  });
}

function readHeader(file: SyncByteSource): SafetensorsHeader {
  const length = safetensorsHeaderLength(file.read(0, Math.min(LENGTH_BYTES, file.length)), file.length);
  return parseSafetensorsHeader(file.read(0, LENGTH_BYTES + length), file.length);
}
