import type { FeatureExtractor } from './features/extractor.ts';
import type { FeatureGroup } from './features/feature-block.ts';
import type { Reason } from './forecast-model.ts';
import { onlyBeginsOf } from './series.ts';

const maxReasons = 4;

/** Sums per-feature contributions by theme and tells the strongest in words. */
export const tellReasons = (
  extractor: FeatureExtractor,
  row: Float32Array,
  contributions: Float64Array,
): Reason[] => {
  const themes = new Map<FeatureGroup, { sum: number; top: number }>();
  extractor.features.forEach(({ group }, feature) => {
    const own = contributions[feature] ?? 0;
    const theme = themes.get(group) ?? { sum: 0, top: feature };
    const leads = Math.abs(own) > Math.abs(contributions[theme.top] ?? 0);
    themes.set(group, { sum: theme.sum + own, top: leads ? feature : theme.top });
  });
  const lookUp = (name: string): number | 'unknown' => {
    const index = extractor.features.findIndex((feature) => feature.name === name);
    const value = row[index];
    return value === undefined || Number.isNaN(value) ? 'unknown' : value;
  };
  return [...themes]
    .sort(([, a], [, b]) => Math.abs(b.sum) - Math.abs(a.sum))
    .slice(0, maxReasons)
    .map(([theme, { sum, top }]) => {
      const feature = extractor.features[top]?.name ?? '';
      return {
        theme,
        feature,
        value: lookUp(feature),
        contribution: sum,
        words: wordsFor(theme, feature, lookUp, extractor),
      };
    });
};

const percent = (value: number | 'unknown', digits = 0): string =>
  value === 'unknown' ? 'an unknown share' : `${value.toFixed(digits)} %`;

const points = (value: number | 'unknown'): string =>
  value === 'unknown'
    ? 'changed by an unknown amount'
    : `${value >= 0 ? 'rose' : 'fell'} by ${Math.abs(value).toFixed(0)} points`;

const count = (value: number | 'unknown'): string =>
  value === 'unknown' ? 'an unknown number of times' : `${value.toFixed(0)} times`;

/** How the foreseen resource is called, e.g. `CPU`, `mem`. */
export const nounOf = (metric: string): string => {
  const name = metric.replace(/^.*\./, '').replace(/Percent$/, '');
  return name === 'cpu' ? 'CPU' : name;
};

const incidentWords = (
  theme: FeatureGroup,
  lookUp: (name: string) => number | 'unknown',
  windowTicks: number,
): string => {
  switch (theme) {
    case 'level':
      return 'no incident lasts now';
    case 'peaks':
    case 'trend':
      return `an incident lasted for ${percent(share(lookUp(`cpu.over${windowTicks}`)))} of the last ${windowTicks} ticks`;
    case 'crossings':
      return `an incident began ${count(lookUp('rise.count12w'))} in the last ${12 * windowTicks} ticks`;
    case 'season':
      return 'incidents began, or did not, at this point of the last seasons';
    case 'fleet':
      return `at this moment ${percent(share(lookUp('fleet.over')))} of all hosts have an incident`;
    default:
      return 'as-of-loads';
  }
};

const share = (value: number | 'unknown'): number | 'unknown' =>
  value === 'unknown' ? value : 100 * value;

const wordsFor = (
  theme: FeatureGroup,
  feature: string,
  lookUp: (name: string) => number | 'unknown',
  { spec }: FeatureExtractor,
): string => {
  const { windowTicks } = spec;
  if (onlyBeginsOf(spec.targetMetric)) {
    const told = incidentWords(theme, lookUp, windowTicks);
    if (told !== 'as-of-loads') return told;
  }
  const noun = nounOf(spec.targetMetric);
  switch (theme) {
    case 'level':
      return `${noun} is at ${percent(lookUp('cpu[-0]'))} now`;
    case 'peaks':
      return `over the last ${windowTicks} ticks ${noun} averaged ${percent(lookUp(`cpu.mean${windowTicks}`))} with a peak of ${percent(lookUp(`cpu.max${windowTicks}`))}`;
    case 'trend':
      return `${noun} ${points(lookUp('cpu.diff6'))} in 6 ticks`;
    case 'crossings':
      return `the threshold was crossed ${count(lookUp('rise.count12w'))} in the last ${12 * windowTicks} ticks`;
    case 'season': {
      const rate = lookUp(`season${spec.periods[0] ?? 0}.crossRate`);
      return rate === 'unknown'
        ? 'no earlier season is known for this host'
        : `at this point of the last seasons the threshold was crossed in ${percent(100 * rate)} of them`;
    }
    case 'other-metrics':
      return `${feature.replace(/\.[^.]+$/, '')} speaks for it most among the other metrics`;
    case 'neighbours':
      return `${feature.replace(/\.[^.]+$/, '')} speaks for it most among the named hosts`;
    case 'fleet':
      return `the other hosts average ${percent(lookUp('fleet.mean'))} ${noun}`;
  }
};
