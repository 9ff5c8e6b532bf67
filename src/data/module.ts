import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typeError } from '../errors.js';
import { fromMessage, toMessage } from '../message.js';
import type { Collate } from './collate.js';
import { ConcatDataset, type Dataset, type IterableDataset, Subset, TensorDataset } from './dataset.js';
import { ImageFolder, type ImageFolderOptions } from './imageFolder.js';

/** Where a data set's code stands, so that another thread can make it too. */
export interface ModuleSource {
  readonly url: string;
  readonly exportName: string;
  readonly args: readonly unknown[];
}

const sources = new WeakMap<object, ModuleSource>();

type Exports = Record<string, unknown>;

function exportsOf(url: string): Exports {
  return createRequire(import.meta.url)(fileURLToPath(url)) as Exports;
}

function isClass(value: unknown): value is new (...args: readonly unknown[]) => object {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/**
 * A data set that worker threads can make for themselves: `exportName` of the module at `url`, a class or a function,
 * called with `args` (plain data). If the module exports `collateFn`, the loader uses it.
 * @example data.fromModule(new URL('./faces.js', import.meta.url), 'Faces', 'train')
 * @throws TypeError when the module has no such export, or it makes no Dataset
 */
export function fromModule<T = unknown>(
  url: URL | string,
  exportName = 'default',
  ...args: readonly unknown[]
): Dataset<T> | IterableDataset<T> {
  const source = { url: String(url), exportName, args };
  const made = make(source) as Dataset<T> | IterableDataset<T>;
  sources.set(made, source);
  return made;
}

function make({ url, exportName, args }: ModuleSource): Dataset<unknown> | IterableDataset<unknown> {
  const maker = exportsOf(url)[exportName];
  if (typeof maker !== 'function')
    throw typeError(`fromModule: ${url} exports no class or function ${JSON.stringify(exportName)}.`);
  const made: unknown = isClass(maker) ? new maker(...args) : maker(...args);
  if (!isDataset(made))
    throw typeError(
      `fromModule: ${exportName} of ${url} makes no Dataset; it needs length and getItem(index), or an iterator.`,
    );
  return made;
}

/** By what it has, not by its class: the module may have loaded another copy of the library. */
function isDataset(value: unknown): value is Dataset<unknown> {
  return typeof value === 'object' && value !== null && ('getItem' in value || Symbol.iterator in value);
}

/** The collate function that a data set's module exports, if any. */
export function collateOf(dataset: object): Collate | null {
  const source = sources.get(dataset);
  if (source === undefined) return null;
  const found = exportsOf(source.url).collateFn;
  return typeof found === 'function' ? (found as Collate) : null;
}

/** A data set as data for another thread. */
export type Recipe =
  | { readonly kind: 'module'; readonly source: ModuleSource }
  | { readonly kind: 'tensors'; readonly tensors: unknown }
  | { readonly kind: 'images'; readonly root: string; readonly options: ImageFolderOptions }
  | { readonly kind: 'subset'; readonly of: Recipe; readonly indices: readonly number[] }
  | { readonly kind: 'concat'; readonly of: readonly Recipe[] };

/** @throws TypeError for a data set whose code another thread cannot have */
export function toRecipe(dataset: object): Recipe {
  const source = sources.get(dataset);
  if (source !== undefined) return { kind: 'module', source };
  if (dataset instanceof TensorDataset) return { kind: 'tensors', tensors: toMessage(dataset.tensors).data };
  if (dataset instanceof Subset) return { kind: 'subset', of: toRecipe(dataset.dataset), indices: dataset.indices };
  if (dataset instanceof ConcatDataset) return { kind: 'concat', of: dataset.datasets.map(toRecipe) };
  if (dataset instanceof ImageFolder) {
    const { root, options } = dataset as ImageFolder;
    const own = Object.entries(options).find(([, value]) => typeof value === 'function');
    if (own !== undefined) {
      throw typeError(
        `DataLoader: an ImageFolder with ${own[0]} cannot go to a worker thread, since functions cannot; make it in a module and give data.fromModule(new URL('./pictures.js', import.meta.url)), or numWorkers: 0.`,
      );
    }
    return { kind: 'images', root: resolve(root), options };
  }
  throw typeError(
    `DataLoader: a ${dataset.constructor.name} object cannot go to a worker thread; give its module, data.fromModule(new URL('./set.js', import.meta.url), '${dataset.constructor.name}'), or numWorkers: 0.`,
  );
}

export function fromRecipe(recipe: Recipe): Dataset<unknown> | IterableDataset<unknown> {
  switch (recipe.kind) {
    case 'module': {
      const made = make(recipe.source);
      sources.set(made, recipe.source);
      return made;
    }
    case 'tensors':
      return new TensorDataset(...(fromMessage(recipe.tensors) as TensorDataset['tensors']));
    case 'images':
      return new ImageFolder(recipe.root, recipe.options);
    case 'subset':
      return new Subset(fromRecipe(recipe.of) as Dataset<unknown>, recipe.indices);
    case 'concat':
      return new ConcatDataset(recipe.of.map((part) => fromRecipe(part) as Dataset<unknown>));
  }
}
