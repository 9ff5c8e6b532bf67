import type { Module } from './module.js';

/** A module as it prints: its name, what its class says of it, and the modules in it, each on lines of its own. */
export function moduleText(module: Module): string {
  const extra = module.extraRepr();
  const extraLines = extra === '' ? [] : extra.split('\n');
  const childLines = [...module.registry.modules].map(
    ([name, child]) => `(${name}): ${child === null ? 'None' : child.toString().replaceAll('\n', '\n  ')}`,
  );
  const head = `${module.getName()}(`;
  if (extraLines.length === 1 && childLines.length === 0) return `${head}${extraLines[0]})`;
  const lines = [...extraLines, ...childLines];
  return lines.length === 0 ? `${head})` : `${head}\n  ${lines.join('\n  ')}\n)`;
}
