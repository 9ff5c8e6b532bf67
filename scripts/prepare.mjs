// npm's `prepare`: builds everything after `npm ci` in a checkout of the repository, and before packing.
// A published package never gets here: npm runs prepare in the repository only, and the tarball has no install script.
import { build } from './build.mjs';

build();
