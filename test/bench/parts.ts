/** The parts of a bench that were asked for, in the bench's order: all, or with `--only name,name` those; or what is wrong. */
export function partsAsked(
  names: readonly string[],
  args: readonly string[],
): readonly string[] | string {
  if (args.length === 0) return names;
  const [flag, list, ...more] = args;
  if (flag !== '--only' || list === undefined || more.length > 0) {
    return `what may follow is --only and names out of ${names.join(', ')}`;
  }
  const asked = list.split(',');
  const stranger = asked.find((name) => !names.includes(name));
  if (stranger !== undefined) return `there is no part ${stranger}; there are ${names.join(', ')}`;
  return names.filter((name) => asked.includes(name));
}
