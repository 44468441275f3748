import { isOwnWord } from './own-words.ts';

/** Who told of an incident: a person, an alarm of Monitoring, or Nova, whose compute service was down. */
export type IncidentSource = 'operator' | 'alarm' | 'compute-service';

/** Something that went wrong at a resource: a label to learn from. */
export type Incident = {
  id: string;
  resource: string;
  source: IncidentSource;
  startedAtMs: number;
  /** Null while it lasts, or where nobody said when it ended. */
  endedAtMs: number | null;
  note: string;
  recordedAtMs: number;
};

/** An alarm that was raised once. */
export type RaisedAlarm = {
  id: string;
  resource: string;
  metric: string;
  /** What was measured for it: the metric, or those of its rule's expression. */
  metrics: readonly string[];
  severity: string;
  raisedAtMs: number;
  clearedAtMs: number | null;
};

/** What the measuring itself tells; a host that is down is an incident all the same. */
const ofTheMeasuring = /^telemetry\.(?!hostDown$)/;

const incidentId = ({ id, raisedAtMs }: RaisedAlarm): string => `alarm-${id}-${raisedAtMs}`;

/**
 * The incident that an alarm stands for. An alarm into which a forecast goes, or how Prediction does, stands for none: a model
 * would learn from its own words. Nor does one of the measuring itself.
 */
export const incidentOf = (alarm: RaisedAlarm, nowMs: number): Incident | 'none' =>
  alarm.metrics.some((metric) => isOwnWord(metric) || ofTheMeasuring.test(metric))
    ? 'none'
    : {
        id: incidentId(alarm),
        resource: alarm.resource,
        source: 'alarm',
        startedAtMs: alarm.raisedAtMs,
        endedAtMs: alarm.clearedAtMs,
        note: `${alarm.severity} alarm of ${alarm.metric}`,
        recordedAtMs: nowMs,
      };

/**
 * Ends open incidents whose alarm is raised no more, or anew, and was never seen cleared: it may come and go between two looks, or
 * be forgotten while nobody looks. At the latest they ended when the same alarm was raised again.
 */
export const endedUnseen = (
  alarms: readonly RaisedAlarm[],
  open: readonly Incident[],
  nowMs: number,
): Incident[] => {
  const told = new Set(alarms.map(incidentId));
  return open
    .filter(({ id }) => !told.has(id))
    .map((incident) => {
      const raisedAgain = alarms.find(
        ({ id, raisedAtMs }) =>
          incident.id.startsWith(`alarm-${id}-`) && raisedAtMs > incident.startedAtMs,
      );
      return { ...incident, endedAtMs: raisedAgain?.raisedAtMs ?? nowMs };
    });
};

/** Which incidents begin and end by what Nova says of its hosts now; an unheard-of host changes nothing. */
export const hostIncidents = (
  hosts: readonly { id: string; state: 'up' | 'down' }[],
  open: readonly Incident[],
  nowMs: number,
): Incident[] => {
  const openAt = new Map(open.map((incident) => [incident.resource, incident]));
  return hosts.flatMap(({ id, state }): Incident[] => {
    const lasting = openAt.get(id);
    if (state === 'up') return lasting === undefined ? [] : [{ ...lasting, endedAtMs: nowMs }];
    if (lasting !== undefined) return [];
    return [
      {
        id: `compute-service-${id}-${nowMs}`,
        resource: id,
        source: 'compute-service',
        startedAtMs: nowMs,
        endedAtMs: null,
        note: "Nova's compute service is down",
        recordedAtMs: nowMs,
      },
    ];
  });
};
