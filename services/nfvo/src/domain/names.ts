const PREFIX = 'sidestep-';
const HOLDER = `${PREFIX}holder-`;

/** Device id of holder ports: no server has it. */
export const holderDeviceId = `${PREFIX}holder`;

/**
 * What a change puts before the name of each object that it makes. Neutron takes no id from a client, so the name,
 * which is saved before the first call, is how an object is found whose creation was never answered.
 */
export function tagOf(changeId: string): string {
  return `${PREFIX}${changeId}-`;
}

export function pairName(tag: string, ingressPortId: string): string {
  return `${tag}${ingressPortId}`;
}

export function groupName(tag: string, hop: number): string {
  return `${tag}hop${hop}`;
}

export function holderName(repathId: string, groupId: string): string {
  return `${HOLDER}${repathId}-${groupId}`;
}

export function isHolderName(name: string): boolean {
  return name.startsWith(HOLDER);
}

export function isOurName(name: string): boolean {
  return name.startsWith(PREFIX);
}
