import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GROUPS, loadGroup, runGroup } from './conformance/groups.js';

/** The ops, modules, … of each group that are there and must not go away; others may be absent. */
const present = JSON.parse(readFileSync(new URL('./conformance/present.json', import.meta.url), 'utf8')) as Record<
  string,
  readonly string[]
>;

for (const group of GROUPS) {
  const loaded = loadGroup(group);
  const names = [...new Set(loaded.cases.map(({ name }) => name))];
  const listed = new Set(present[group]);

  describe(group, () => {
    it('lists only names that the vectors have', () => {
      expect([...listed].filter((name) => !names.includes(name))).toEqual([]);
    });

    it.each(names)('%s', async (name) => {
      const outcomes = await runGroup(loaded, { names: new Set([name]) });
      const wrong = outcomes.filter(({ status }) => status === 'failed' || (status === 'absent' && listed.has(name)));
      const messages = wrong.map(
        ({ id, failures }) => `${id}: ${failures.map((f) => `${f.part}: ${f.message}`).join('; ')}`,
      );
      expect(messages).toEqual([]);
    });
  });
}
