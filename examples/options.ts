import { parseArgs } from 'node:util';

/**
 * The program's `--name value` options, each of the type of its default.
 * @example const { steps, out } = options({ steps: 100, out: 'runs' });
 * @throws TypeError for an option that is not known; RangeError for a number that is none
 */
export function options<T extends Readonly<Record<string, number | string>>>(
  defaults: T,
): { [K in keyof T]: T[K] extends number ? number : string } {
  const names = Object.keys(defaults);
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  const pick = (name: string): number | string => {
    const [given, fallback] = [values[name] as string | undefined, defaults[name]!];
    if (given === undefined || typeof fallback === 'string') return given ?? fallback;
    const value = Number(given);
    if (given.trim() === '' || Number.isNaN(value)) throw new RangeError(`--${name} is ${given}; give a number.`);
    return value;
  };
  return Object.fromEntries(names.map((name) => [name, pick(name)])) as ReturnType<typeof options<T>>;
}
