import { expect, test } from 'vitest';
import { claimedDiskGiB } from '../src/index.ts';

const flavor = {
  name: 'f',
  vcpus: 1,
  ramMiB: 1_024,
  diskGiB: 20,
  ephemeralGiB: 5,
  swapMiB: 1_025,
  extraSpecs: {},
};

test('a server from an image claims its root disk, its ephemeral disk and its swap, rounded up', () => {
  expect(claimedDiskGiB({ imageId: 'i', flavor })).toBe(27);
});

test('a server that boots from a volume claims nothing of its host for its root disk', () => {
  expect(claimedDiskGiB({ imageId: null, flavor })).toBe(7);
  const bare = { ...flavor, ephemeralGiB: 0, swapMiB: 0 };
  expect(claimedDiskGiB({ imageId: null, flavor: bare })).toBe(0);
});
