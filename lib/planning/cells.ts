/**
 * How many devices a cell has to have room for. They are spread by a hash, so one gets somewhat more than its share: four
 * standard deviations are exceeded once in 30,000 times.
 */
export function expectedDevices(devices: number, cells: number): number {
  const share = devices / cells;
  return Math.min(devices, Math.ceil(share + 4 * Math.sqrt(share * (1 - 1 / cells))));
}

/** The fewest cells of which none gets more devices than it has room for, which must be one at least. */
export function cellsFor(devices: number, room: number): number {
  const fits = (cells: number) => expectedDevices(devices, cells) <= room;
  let enough = 1;
  while (!fits(enough)) enough *= 2;
  let few = Math.floor(enough / 2);
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (fits(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}
