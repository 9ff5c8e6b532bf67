import { writeFileSync } from 'node:fs';
import * as ng from 'nodegrad';

/**
 * Writes a CSV file of made-up flats: floor area, rooms, age, distance to the centre, and a price that depends on them
 * in a curved way, with noise. The numbers are on very different scales, as in real tables.
 */
export function makeFlats(path: string, count: number): void {
  const area = ng.rand(count).mul(150).add(25);
  const rooms = area.div(30).add(ng.rand(count)).floor().clamp({ min: 1 });
  const age = ng.rand(count).mul(100).floor();
  const distance = ng.rand(count).pow(2).mul(20_000);
  const price = area
    .mul(4000)
    .mul(distance.div(-9000).exp().add(0.4))
    .add(rooms.mul(6000))
    .sub(age.sub(50).pow(2).mul(-25).add(60_000))
    .add(ng.randn(count).mul(15_000));
  const columns = [area, rooms, age, distance, price].map((column) => column.round().tolist() as number[]);
  const rows = Array.from({ length: count }, (_, i) => columns.map((column) => column[i]).join(','));
  writeFileSync(path, `${['area,rooms,age,distance,price', ...rows].join('\n')}\n`);
}
