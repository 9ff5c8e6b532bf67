// Runs TypeScript files in plain Node: node --import ./scripts/typescript.mjs examples/seed.ts
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
process.setSourceMapsEnabled(true);
