import { rangeError } from '../errors.js';
import { checkKey } from './keys.js';

/** What strict JSON gives: objects as Maps, so that no name in a file can reach a prototype. */
export type StrictJson = null | boolean | number | string | StrictJson[] | Map<string, StrictJson>;

const MAX_DEPTH = 16;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const blank = /[ \t\n\r]*/y;

/**
 * Parses JSON from a file nobody vouches for: a name given twice, a forbidden name, deep nesting and anything after the
 * value are errors, which `JSON.parse` lets pass.
 *
 * @throws RangeError saying where the text is wrong
 */
export function parseStrictJson(op: string, source: string): StrictJson {
  let at = 0;

  const fail = (wanted: string): never => {
    const found = at < source.length ? JSON.stringify(source.slice(at, at + 12)) : 'the end';
    throw rangeError(`${op}: the JSON is wrong at character ${at}: ${wanted} expected, ${found} found.`);
  };

  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found === null) return null;
    at = pattern.lastIndex;
    return found[0];
  };

  /** Takes a character, with the blanks around it. */
  const take = (character: string): boolean => {
    match(blank);
    if (source[at] !== character) return false;
    at++;
    match(blank);
    return true;
  };

  const string = (): string => {
    if (source[at] !== '"') fail('a string');
    let end = at + 1;
    while (end < source.length && source[end] !== '"') end += source[end] === '\\' ? 2 : 1;
    try {
      const parsed = JSON.parse(source.slice(at, end + 1)) as string;
      at = end + 1;
      return parsed;
    } catch {
      return fail('a string');
    }
  };

  const object = (depth: number): Map<string, StrictJson> => {
    const entries = new Map<string, StrictJson>();
    if (take('}')) return entries;
    do {
      const key = checkKey(op, string());
      if (entries.has(key)) throw rangeError(`${op}: the name ${JSON.stringify(key)} is there twice.`);
      if (!take(':')) fail("':'");
      entries.set(key, value(depth + 1));
    } while (take(','));
    if (!take('}')) fail("',' or '}'");
    return entries;
  };

  const array = (depth: number): StrictJson[] => {
    const items: StrictJson[] = [];
    if (take(']')) return items;
    do items.push(value(depth + 1));
    while (take(','));
    if (!take(']')) fail("',' or ']'");
    return items;
  };

  const value = (depth: number): StrictJson => {
    if (depth > MAX_DEPTH) throw rangeError(`${op}: the JSON is nested more than ${MAX_DEPTH} deep.`);
    if (take('{')) return object(depth);
    if (take('[')) return array(depth);
    if (source[at] === '"') return string();
    for (const [word, meaning] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (source.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    const found = match(number);
    return found === null ? fail('a value') : Number(found);
  };

  match(blank);
  const result = value(0);
  match(blank);
  if (at !== source.length) fail('the end');
  return result;
}
