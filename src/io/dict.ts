import { repr } from '../repr.js';

/**
 * A dict of a checkpoint: a Map whose string keys can also be read and set as properties, `checkpoint.epoch` for
 * `checkpoint.get('epoch')`. A key that is the name of one of Map's own methods is found by `get` only.
 */
export class Dict extends Map<unknown, unknown> {
  [key: string]: unknown;

  override set(key: unknown, value: unknown): this {
    if (typeof key === 'string' && !(key in this)) {
      Object.defineProperty(this, key, {
        get: () => this.get(key),
        set: (next: unknown) => this.set(key, next),
        enumerable: true,
        configurable: true,
      });
    }
    return super.set(key, value);
  }

  override delete(key: unknown): boolean {
    if (typeof key === 'string' && Object.hasOwn(this, key)) delete this[key];
    return super.delete(key);
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }

  override toString(): string {
    return repr(this);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return repr(this);
  }
}
