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
  severity: string;
  raisedAtMs: number;
  clearedAtMs: number | null;
};

/**
 * The incident that an alarm stands for. An alarm of a forecast, or of how Prediction does, stands for none: a model
 * would learn from its own words. Nor does one of the measuring itself; a host that is down is one all the same.
 */
export const incidentOf = (alarm: RaisedAlarm, nowMs: number): Incident | 'none' =>
  /^(forecast|prediction)\.|^telemetry\.(?!hostDown$)/.test(alarm.metric)
    ? 'none'
    : {
        id: `alarm-${alarm.id}-${alarm.raisedAtMs}`,
        resource: alarm.resource,
        source: 'alarm',
        startedAtMs: alarm.raisedAtMs,
        endedAtMs: alarm.clearedAtMs,
        note: `${alarm.severity} alarm of ${alarm.metric}`,
        recordedAtMs: nowMs,
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
