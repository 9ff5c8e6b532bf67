import { fromTypedArray } from '../creation.js';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { importOptional } from './optional.js';

/** What a picture is read as. */
export interface ReadImageOptions {
  /** 'RGB': three channels; 'L': one, the brightness as PIL weighs it. */
  mode?: 'RGB' | 'L';
  /** [height, width], or the length of the shorter side. */
  resize?: number | readonly [height: number, width: number] | null;
}

/** What is used of sharp, whose own types only those have who installed it. */
interface Sharp {
  toColourspace(space: 'srgb'): Sharp;
  removeAlpha(): Sharp;
  resize(options: { width: number; height: number; fit: 'fill' | 'outside'; kernel: 'linear' }): Sharp;
  raw(options: { depth: 'uchar' }): Sharp;
  toBuffer(options: {
    resolveWithObject: true;
  }): Promise<{ data: Buffer; info: { width: number; height: number; channels: number } }>;
}

type SharpModule = { readonly default: (input: string) => Sharp };

const isSide = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** @throws RangeError for a mode or a size that is none */
export function checkImageOptions(op: string, { mode = 'RGB', resize = null }: ReadImageOptions): void {
  if (mode !== 'RGB' && mode !== 'L') throw rangeError(`${op}: mode is ${JSON.stringify(mode)}; give 'RGB' or 'L'.`);
  if (resize === null || isSide(resize) || (Array.isArray(resize) && resize.length === 2 && resize.every(isSide)))
    return;
  throw rangeError(`${op}: resize is ${JSON.stringify(resize)}; give [height, width], or the shorter side's length.`);
}

/**
 * Reads a picture (JPEG, PNG, WebP, TIFF, GIF, AVIF) with the package sharp.
 *
 * @returns [channels, height, width] in float32, 0 … 1
 * @throws Error where sharp is not installed; RangeError for what is no picture; the file system's errors
 */
export async function readImage(path: string, options: ReadImageOptions = {}): Promise<Tensor> {
  const op = 'readImage';
  checkImageOptions(op, options);
  const { mode = 'RGB', resize = null } = options;
  const { default: sharp } = await importOptional<SharpModule>(op, 'sharp', 'reading pictures');
  let pipeline = sharp(path).toColourspace('srgb').removeAlpha();
  if (typeof resize === 'number') {
    pipeline = pipeline.resize({ width: resize, height: resize, fit: 'outside', kernel: 'linear' });
  } else if (resize !== null) {
    pipeline = pipeline.resize({ width: resize[1], height: resize[0], fit: 'fill', kernel: 'linear' });
  }
  let read: Awaited<ReturnType<Sharp['toBuffer']>>;
  try {
    read = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw rangeError(`${op}: ${path} cannot be read as a picture: ${(error as Error).message}.`);
  }
  const { data, info } = read;
  const { width, height, channels } = info;
  const area = width * height;
  const planes = mode === 'RGB' ? 3 : 1;
  const values = new Float32Array(planes * area);
  for (let i = 0; i < area; i++) {
    // A grey picture may come with its one channel.
    const at = (channel: number): number => data[i * channels + Math.min(channel, channels - 1)]!;
    if (mode === 'RGB') for (let channel = 0; channel < 3; channel++) values[channel * area + i] = at(channel) / 255;
    else values[i] = ((at(0) * 19595 + at(1) * 38470 + at(2) * 7471 + 0x8000) >> 16) / 255;
  }
  return fromTypedArray(values).reshape(planes, height, width);
}
