/** Lists of `size` items each, the last, where it has fewer, unless `dropLast`; the items themselves for a size of null. */
export function batchesOf<T>(items: Iterable<T>, size: number, dropLast: boolean): Generator<T[]>;
export function batchesOf<T>(items: Iterable<T>, size: number | null, dropLast: boolean): Generator<T | T[]>;
export function* batchesOf<T>(items: Iterable<T>, size: number | null, dropLast: boolean): Generator<T | T[]> {
  if (size === null) {
    yield* items;
    return;
  }
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0 && !dropLast) yield batch;
}
