import type { Notification, Severity, TypesDb } from '@sidestep/collectd';

/** One entry of write_http's JSON with `Notifications true`: an alert in Alertmanager's form. */
export interface JsonNotification {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
  /** RFC 3339. */
  readonly startsAt: string;
}

const severities: Readonly<Record<string, Severity>> = {
  FAILURE: 'failure',
  WARNING: 'warning',
  OKAY: 'okay',
};

/** Labels that are not named after the plugin. */
const ofEveryAlert = ['alertname', 'instance', 'severity', 'service', 'type'];

/**
 * What the agent said before write_http made an alert of it; undefined where the alert is none of collectd's. The name
 * is `collectd_<plugin>_<type>`, or `collectd_<type>` where the type begins with the plugin's name.
 */
export function notificationOf(
  { labels, annotations, startsAt }: JsonNotification,
  types: TypesDb,
): Notification | undefined {
  const severity = severities[labels.severity ?? ''];
  const name = /^collectd_(.+)$/.exec(labels.alertname ?? '')?.[1];
  const timeMs = Date.parse(startsAt);
  if (severity === undefined || name === undefined || !labels.instance || Number.isNaN(timeMs)) {
    return undefined;
  }
  const [named] = Object.entries(labels).filter(([label]) => !ofEveryAlert.includes(label));
  const { plugin, type } = partsOf(name, named?.[0], types);
  const instance = named?.[1] ?? '';
  // A lone instance is the plugin's or the type's: the alert does not tell which.
  return {
    host: labels.instance,
    plugin,
    pluginInstance: instance,
    type,
    typeInstance: named === undefined ? '' : (labels.type ?? ''),
    severity,
    timeMs,
    message: typeof annotations?.summary === 'string' ? annotations.summary : '',
  };
}

function partsOf(name: string, known: string | undefined, types: TypesDb) {
  const plugin = known ?? name.split('_', 1)[0] ?? name;
  const rest = name.startsWith(`${plugin}_`) ? name.slice(plugin.length + 1) : name;
  // `df_complex` is a type of its own, `percent` of the plugin cpu as well: collectd's list knows which there are.
  return { plugin, type: types.has(name) && !types.has(rest) ? name : rest };
}
