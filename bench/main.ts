// The benchmark of the workspace: the same as `npx nodegrad bench` in the package.
import { main } from '../src/cli/bench/main.js';

process.exitCode = await main(process.argv.slice(2));
