import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { Dataset, wrapIndex } from './dataset.js';
import { checkImageOptions, type ReadImageOptions, readImage } from './readImage.js';

const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff', '.gif', '.avif'] as const;

/** What is made of the files. */
export interface ImageFolderOptions<T = Tensor> extends ReadImageOptions {
  /** What becomes of a picture. */
  transform?: ((image: Tensor) => T | Promise<T>) | null;
  /** What becomes of a class's number. */
  targetTransform?: ((target: number) => number) | null;
  /** Reads a file, instead of {@link readImage}. */
  loader?: ((path: string) => Tensor | Promise<Tensor>) | null;
  /** Which files are pictures, instead of `extensions`. */
  isValidFile?: ((path: string) => boolean) | null;
  extensions?: readonly string[];
}

/** By code units, as Python sorts. */
const sorted = (names: readonly string[]): string[] => [...names].sort();

/** All files below a folder, each folder's own first, in order; links are followed. */
function* filesBelow(folder: string, seen: ReadonlySet<string> = new Set()): Generator<string> {
  const { dev, ino } = statSync(folder);
  const key = `${dev}:${ino}`;
  // A link to a folder above would lead round and round.
  if (seen.has(key)) return;
  const paths = sorted(readdirSync(folder)).map((name) => join(folder, name));
  const folders = paths.filter((path) => statSync(path).isDirectory());
  yield* paths.filter((path) => !folders.includes(path));
  for (const path of folders) yield* filesBelow(path, new Set([...seen, key]));
}

/**
 * Pictures in folders, one folder a class: `root/cat/1.png`, `root/dog/2.jpg`. Sample i is a promise of `[picture,
 * class]`, so iterate a loader with `for await`.
 * https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
 *
 * @example
 * const pictures = new data.ImageFolder('pictures', { resize: [32, 32] });
 * for await (const [images, labels] of new data.DataLoader(pictures, { batchSize: 8, shuffle: true })) …
 * @throws RangeError where the folder has no classes, or a class no picture; the file system's errors
 */
export class ImageFolder<T = Tensor> extends Dataset<Promise<[T, number]>> {
  /** The classes' names, sorted. */
  readonly classes: readonly string[];
  readonly classToIdx: ReadonlyMap<string, number>;
  readonly samples: readonly (readonly [path: string, target: number])[];
  /** The class of each sample. */
  readonly targets: readonly number[];

  constructor(
    readonly root: string,
    readonly options: ImageFolderOptions<T> = {},
  ) {
    super();
    const op = 'ImageFolder';
    checkImageOptions(op, options);
    const extensions = (options.extensions ?? EXTENSIONS).map((ending) => ending.toLowerCase());
    const isPicture =
      options.isValidFile ?? ((path: string) => extensions.some((ending) => path.toLowerCase().endsWith(ending)));
    this.classes = sorted(readdirSync(root).filter((name) => statSync(join(root, name)).isDirectory()));
    if (this.classes.length === 0)
      throw rangeError(`${op}: Couldn't find any class folder in ${root}; make one folder a class in it.`);
    this.classToIdx = new Map(this.classes.map((name, i) => [name, i]));
    this.samples = this.classes.flatMap((name, target) =>
      [...filesBelow(join(root, name))].filter(isPicture).map((path) => [path, target] as const),
    );
    this.targets = this.samples.map(([, target]) => target);
    const empty = this.classes.filter((_, i) => !this.targets.includes(i));
    if (empty.length > 0) {
      throw rangeError(
        `${op}: Found no valid file for the classes ${empty.join(', ')}. Supported extensions are: ${extensions.join(', ')}`,
      );
    }
  }

  override get length(): number {
    return this.samples.length;
  }

  override async getItem(index: number): Promise<[T, number]> {
    const [path, target] = this.samples[wrapIndex('ImageFolder', index, this.length)]!;
    const { transform, targetTransform, loader } = this.options;
    const image = await (loader ?? ((file: string) => readImage(file, this.options)))(path);
    // Without a transform T is Tensor.
    const changed = transform ? await transform(image) : (image as T);
    return [changed, targetTransform ? targetTransform(target) : target];
  }
}
