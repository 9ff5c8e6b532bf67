import { hostname } from 'node:os';
import { join } from 'node:path';
import { rangeError, typeError } from '../errors.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import type { Message } from './message.js';
import { EventFile } from './records.js';
import * as summaries from './summary.js';

/** What the files are called. */
export interface SummaryWriterOptions {
  /** Behind the default folder's name. */
  comment?: string;
  /** Behind the event file's name. */
  filenameSuffix?: string;
}

const FORMATS = ['CHW', 'HWC', 'HW', 'NCHW', 'NHWC'] as const;
type DataFormat = (typeof FORMATS)[number];

/** `Nov25_18-30-00`, as PyTorch names a run. */
function startTime(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][now.getMonth()]!;
  return `${month}${two(now.getDate())}_${two(now.getHours())}-${two(now.getMinutes())}-${two(now.getSeconds())}`;
}

function numberOf(op: string, value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (value instanceof Tensor && value.count === 1) return Number(value.item());
  throw typeError(`${op}: the value is ${describe(value)}; give a number, or a Tensor of one element.`);
}

function checkTag(op: string, tag: unknown): void {
  if (typeof tag !== 'string' || tag === '') throw typeError(`${op}: the tag is ${describe(tag)}; give a name.`);
}

function checkStep(op: string, step: number | bigint | null): void {
  if (step !== null && typeof step !== 'bigint' && !Number.isSafeInteger(step))
    throw rangeError(`${op}: globalStep is ${String(step)}; give a whole number.`);
}

/**
 * Writes event files that TensorBoard shows. Every event is in the file when the call returns.
 * https://pytorch.org/docs/stable/tensorboard.html
 *
 * @example
 * const writer = new ng.tensorboard.SummaryWriter('runs/first');
 * writer.addScalar('loss/train', loss, step);
 * writer.close();
 */
export class SummaryWriter {
  readonly logDir: string;
  readonly #suffix: string;
  readonly #main: EventFile;
  /** Those of addScalars, by folder. */
  readonly #others = new Map<string, EventFile>();

  /** @param logDir where to write; `runs/<time>_<host>` without it */
  constructor(logDir: string | null = null, options: SummaryWriterOptions = {}) {
    this.logDir = logDir ?? join('runs', `${startTime(new Date())}_${hostname()}${options.comment ?? ''}`);
    this.#suffix = options.filenameSuffix ?? '';
    this.#main = new EventFile(this.logDir, this.#suffix);
  }

  #add(op: string, tag: string, step: number | bigint | null, walltime: number | null, make: () => Message): void {
    checkTag(op, tag);
    checkStep(op, step);
    this.#main.add(make(), step, walltime);
  }

  /** A number at a step. */
  addScalar(
    tag: string,
    value: number | bigint | Tensor,
    globalStep: number | bigint | null = null,
    walltime: number | null = null,
  ): void {
    this.#add('addScalar', tag, globalStep, walltime, () => summaries.scalar(tag, numberOf('addScalar', value)));
  }

  /** Numbers that are shown in one chart: each is a run of its own, in a folder beside. */
  addScalars(
    mainTag: string,
    values: Readonly<Record<string, number | bigint | Tensor>>,
    globalStep: number | bigint | null = null,
    walltime: number | null = null,
  ): void {
    const op = 'addScalars';
    checkTag(op, mainTag);
    checkStep(op, globalStep);
    const numbers = Object.entries(values).map(([tag, value]) => [tag, numberOf(op, value)] as const);
    for (const [tag, value] of numbers) {
      const folder = join(this.logDir, `${mainTag.replaceAll('/', '_')}_${tag.replaceAll(/[/\\]/g, '_')}`);
      let file = this.#others.get(folder);
      if (file === undefined) {
        file = new EventFile(folder, this.#suffix);
        this.#others.set(folder, file);
      }
      file.add(summaries.scalar(mainTag, value), globalStep, walltime);
    }
  }

  /** How values are spread. @param bins 'tensorflow' for bins that grow away from 0, or how many of one width */
  addHistogram(
    tag: string,
    values: Tensor | readonly number[],
    globalStep: number | bigint | null = null,
    bins: 'tensorflow' | number = 'tensorflow',
    walltime: number | null = null,
  ): void {
    const op = 'addHistogram';
    if (bins !== 'tensorflow' && !(Number.isSafeInteger(bins) && bins > 0))
      throw rangeError(`${op}: bins is ${String(bins)}; give 'tensorflow' or a whole number above 0.`);
    const list = values instanceof Tensor ? (values.detach().to('float64').toTypedArray() as Float64Array) : values;
    this.#add(op, tag, globalStep, walltime, () => summaries.histogram(tag, list, bins));
  }

  /** A picture, floats from 0 … 1 or whole numbers from 0 … 255. */
  addImage(
    tag: string,
    image: Tensor,
    globalStep: number | bigint | null = null,
    walltime: number | null = null,
    dataformats: DataFormat = 'CHW',
  ): void {
    const op = 'addImage';
    if (!FORMATS.includes(dataformats))
      throw rangeError(`${op}: dataformats is ${JSON.stringify(dataformats)}; give one of ${FORMATS.join(', ')}.`);
    if (!(image instanceof Tensor) || image.ndim !== dataformats.length)
      throw rangeError(
        `${op}: size of input tensor and input format are different. tensor shape: (${image.shape?.join(', ')}), input_format: ${dataformats}`,
      );
    const order = ['N', 'C', 'H', 'W'].filter((name) => dataformats.includes(name));
    const ordered = image.permute(order.map((name) => dataformats.indexOf(name)));
    this.#add(op, tag, globalStep, walltime, () =>
      summaries.image(tag, dataformats === 'HW' ? ordered.unsqueeze(0) : ordered),
    );
  }

  /** Several pictures as a grid. */
  addImages(
    tag: string,
    images: Tensor,
    globalStep: number | bigint | null = null,
    walltime: number | null = null,
    dataformats: 'NCHW' | 'NHWC' = 'NCHW',
  ): void {
    this.addImage(tag, images, globalStep, walltime, dataformats);
  }

  /** A text, which is shown as Markdown. */
  addText(tag: string, text: string, globalStep: number | bigint | null = null, walltime: number | null = null): void {
    if (typeof text !== 'string') throw typeError(`addText: the text is ${describe(text)}; give a string.`);
    this.#add('addText', tag, globalStep, walltime, () => summaries.text(tag, text));
  }

  /** Nothing is held back, so there is nothing to do. */
  flush(): void {}

  /** Closes the files; a later event opens them again. */
  close(): void {
    this.#main.close();
    for (const file of this.#others.values()) file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
