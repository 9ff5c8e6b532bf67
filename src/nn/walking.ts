import { typeError } from '../errors.js';
import { spreadOptions } from '../ops/options.js';
import type { Module } from './module.js';
import type { Registry } from './registry.js';

export type ModulesArguments =
  | [memo?: Set<Module> | null, prefix?: string, removeDuplicate?: boolean]
  | [options: { memo?: Set<Module> | null; prefix?: string; removeDuplicate?: boolean }];

export type MembersArguments =
  | [prefix?: string, recurse?: boolean, removeDuplicate?: boolean]
  | [options: { prefix?: string; recurse?: boolean; removeDuplicate?: boolean }];

const join = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`);

/** See {@link Module.namedModules}. */
export function namedModules(root: Module, args: ModulesArguments): [string, Module][] {
  const names = ['memo', 'prefix', 'removeDuplicate'];
  const [given, prefix = '', removeDuplicate = true] = spreadOptions('namedModules', names, args) as [
    Set<Module>?,
    string?,
    boolean?,
  ];
  const memo = given ?? new Set<Module>();
  const found: [string, Module][] = [];
  const walk = (module: Module, name: string): void => {
    if (memo.has(module)) return;
    if (removeDuplicate) memo.add(module);
    found.push([name, module]);
    for (const [key, child] of module.registry.modules) if (child !== null) walk(child, join(name, key));
  };
  walk(root, prefix);
  return found;
}

/** See {@link Module.namedChildren}. */
export function namedChildren(module: Module): [string, Module][] {
  const memo = new Set<Module>();
  const found: [string, Module][] = [];
  for (const [name, child] of module.registry.modules) {
    if (child === null || memo.has(child)) continue;
    memo.add(child);
    found.push([name, child]);
  }
  return found;
}

/** The parameters or buffers of all modules in `root`. */
export function namedMembers<T>(
  op: string,
  root: Module,
  members: (registry: Registry) => ReadonlyMap<string, T | null>,
  args: MembersArguments,
): [string, T][] {
  const names = ['prefix', 'recurse', 'removeDuplicate'];
  const [prefix = '', recurse = true, removeDuplicate = true] = spreadOptions(op, names, args) as [
    string?,
    boolean?,
    boolean?,
  ];
  const memo = new Set<T>();
  const found: [string, T][] = [];
  const modules: [string, Module][] = recurse ? namedModules(root, [null, prefix, removeDuplicate]) : [[prefix, root]];
  for (const [name, module] of modules) {
    for (const [key, value] of members(module.registry)) {
      if (value === null || memo.has(value)) continue;
      if (removeDuplicate) memo.add(value);
      found.push([join(name, key), value]);
    }
  }
  return found;
}

function listed(map: ReadonlyMap<string, unknown>): string {
  return map.size === 0 ? 'it has none' : `it has ${[...map.keys()].join(', ')}`;
}

/** See {@link Module.getSubmodule}. */
export function getSubmodule(root: Module, target: string): Module {
  let module = root;
  for (const name of target === '' ? [] : target.split('.')) {
    const { modules } = module.registry;
    const next = modules.get(name);
    if (next === null || next === undefined) {
      throw typeError(
        `getSubmodule: ${module.getName()} has no attribute \`${name}\` that is a module (in '${target}'); ${listed(modules)}.`,
      );
    }
    module = next;
  }
  return module;
}

/** The parameter or buffer at a dotted path. */
export function getMember<T>(
  op: string,
  kind: string,
  root: Module,
  target: string,
  members: (registry: Registry) => ReadonlyMap<string, T | null>,
): T {
  const at = target.lastIndexOf('.');
  const owner = getSubmodule(root, at < 0 ? '' : target.slice(0, at));
  const map = members(owner.registry);
  const name = target.slice(at + 1);
  const found = map.get(name);
  if (found === null || found === undefined) {
    throw typeError(`${op}: ${owner.getName()} has no ${kind} \`${name}\` (in '${target}'); ${listed(map)}.`);
  }
  return found;
}
