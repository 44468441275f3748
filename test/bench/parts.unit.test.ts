import { expect, test } from 'vitest';
import { partsAsked } from './parts.ts';

const names = ['sizes', 'live', 'storm'];

test('a bench without a word of which runs all its parts', () => {
  expect(partsAsked(names, [])).toEqual(names);
});

test('parts are run in the order of the bench, whatever the order they were asked in', () => {
  expect(partsAsked(names, ['--only', 'storm,sizes'])).toEqual(['sizes', 'storm']);
});

test.each([[['--only']], [['--only', 'nothing']], [['live']], [['--only', 'live', 'storm']]])(
  'what names no part is refused with the names that there are: %j',
  (args) => {
    expect(partsAsked(names, args)).toContain('sizes, live, storm');
  },
);
