import { full } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { stack } from '../ops/joining.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { encodePng } from './png.js';

/** How pictures are laid out. https://pytorch.org/vision/stable/generated/torchvision.utils.make_grid.html */
export interface GridOptions {
  /** Pictures in a row. */
  nrow?: number;
  /** Pixels between two pictures. */
  padding?: number;
  /** Whether values are brought to 0 … 1: from `valueRange`, else from the smallest and the largest. */
  normalize?: boolean;
  valueRange?: readonly [low: number, high: number] | null;
  /** Whether each picture is normalised by its own values. */
  scaleEach?: boolean;
  /** What the space between pictures is filled with. */
  padValue?: number;
}

/** Pictures as [n, channels, height, width], grey ones as three equal channels. */
function batchOf(op: string, images: Tensor | readonly Tensor[]): Tensor {
  let x = images instanceof Tensor ? images : stack(images, 0);
  if (x.ndim < 2 || x.ndim > 4)
    throw rangeError(`${op}: pictures have shape [${x.shape.join(', ')}]; give [n, channels, height, width].`);
  if (x.ndim === 2) x = x.unsqueeze(0);
  if (x.ndim === 3) x = x.unsqueeze(0);
  const channels = x.shape[1]!;
  if (channels !== 1 && channels !== 3)
    throw rangeError(`${op}: pictures have ${channels} channels; give 1 (grey) or 3 (red, green, blue).`);
  return channels === 1 ? x.expand(-1, 3, -1, -1) : x;
}

function normalized(x: Tensor, range: readonly [number, number] | null): Tensor {
  const low = range === null ? x.min().item() : range[0];
  const high = range === null ? x.max().item() : range[1];
  return x
    .clamp({ min: low, max: high })
    .sub(low)
    .div(Math.max(high - low, 1e-5));
}

/**
 * One picture of many, in rows, as torchvision's `make_grid` lays them out.
 *
 * @param images [n, channels, height, width], or a list of [channels, height, width]; 1 or 3 channels
 * @returns [3, height, width]
 * @throws RangeError for another shape
 */
export function makeGrid(images: Tensor | readonly Tensor[], options: GridOptions = {}): Tensor {
  const { nrow = 8, padding = 2, normalize = false, valueRange = null, scaleEach = false, padValue = 0 } = options;
  if (!(images instanceof Tensor) && !(Array.isArray(images) && images.every((x) => x instanceof Tensor)))
    throw typeError(`makeGrid: the pictures are ${describe(images)}; give a Tensor or a list of Tensors.`);
  for (const [name, value, least] of [
    ['nrow', nrow, 1],
    ['padding', padding, 0],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      throw rangeError(`makeGrid: ${name} is ${value}; give a whole number of at least ${least}.`);
  let x = batchOf('makeGrid', images).detach();
  if (normalize) {
    x = x.to('float32');
    x = scaleEach
      ? stack(
          x.unbind(0).map((image) => normalized(image, valueRange)),
          0,
        )
      : normalized(x, valueRange);
  }
  const [count, channels, height, width] = x.size();
  if (count === 1) return x.at(0).clone();
  const columns = Math.min(nrow, count);
  const rows = Math.ceil(count / columns);
  const [stepY, stepX] = [height + padding, width + padding];
  const grid = full([channels, rows * stepY + padding, columns * stepX + padding], padValue, { dtype: x.dtype });
  for (let i = 0; i < count; i++) {
    const [y, left] = [Math.floor(i / columns) * stepY + padding, (i % columns) * stepX + padding];
    grid.narrow(1, y, height).narrow(2, left, width).copy_(x.select(0, i));
  }
  return grid;
}

/** A picture [channels, height, width] as a PNG file's bytes: floats from 0 … 1, whole numbers as they are. */
export function toPng(image: Tensor): { bytes: Uint8Array; width: number; height: number; channels: number } {
  const [channels, height, width] = image.size();
  if (image.ndim !== 3 || channels < 1 || channels > 4 || height < 1 || width < 1) {
    throw rangeError(
      `toPng: the picture has shape [${image.shape.join(', ')}]; give [channels, height, width] with 1 to 4 channels.`,
    );
  }
  const scaled = image.isFloatingPoint()
    ? image.detach().mul(255).add(0.5).clamp({ min: 0, max: 255 })
    : image.detach();
  const pixels = scaled.permute(1, 2, 0).to('uint8').toTypedArray() as Uint8Array;
  return { bytes: encodePng(width, height, channels, pixels), width, height, channels };
}

/**
 * Writes pictures into a PNG file, several as a grid, as torchvision's `save_image`. Floats are from 0 … 1.
 * @example await ng.viz.saveImage(digits, 'digits.png', { nrow: 10 })
 * @throws RangeError for a shape that is no picture's; the file system's errors
 */
export async function saveImage(
  images: Tensor | readonly Tensor[],
  path: string,
  options: GridOptions = {},
): Promise<void> {
  await writeFileAtomic(path, [toPng(makeGrid(images, options)).bytes]);
}
