import * as ng from 'nodegrad';

/** Python's print(): strings as they are, everything else as Python shows it, with spaces between. */
export function print(...values: unknown[]): void {
  console.log(values.map((value) => (typeof value === 'string' ? value : ng.repr(value))).join(' '));
}
