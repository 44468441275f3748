import { type OpenStack, OpenStackError } from '@sidestep/openstack';

/** What of an image's properties ties its servers to a host's hardware, or asks for traits. */
const tying = /^(hw_cpu_policy|hw_mem_page_size|hw_mem_encryption|hw_numa_.+|hw_tpm_.+|trait:.+)$/;
/** Images whose properties are remembered: Nova keeps those of the day on which a server was made. */
const maxKept = 10_000;
const parallelCalls = 8;

type Properties = Readonly<Record<string, string>>;
const nothing: Properties = {};

/** Reads what ties servers of the images to hardware; each image is asked for once. One that is gone tells nothing. */
export function imagePropertyReader({
  glance,
}: Pick<OpenStack, 'glance'>): (
  imageIds: Iterable<string>,
  call: { signal: AbortSignal },
) => Promise<(imageId: string | null) => Properties> {
  const kept = new Map<string, Properties>();
  return async (imageIds, call) => {
    if (kept.size > maxKept) kept.clear();
    const waiting = [...new Set(imageIds)].filter((id) => !kept.has(id));
    const work = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        kept.set(id, await propertiesOf(id));
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallelCalls, waiting.length) }, work));
    return (imageId) => (imageId === null ? nothing : (kept.get(imageId) ?? nothing));

    async function propertiesOf(id: string): Promise<Properties> {
      try {
        const { properties } = await glance.showImage(id, call);
        const tied = Object.entries(properties).filter(([key]) => tying.test(key));
        return tied.length === 0 ? nothing : Object.fromEntries(tied);
      } catch (error) {
        const untold =
          error instanceof OpenStackError && ['not-found', 'forbidden'].includes(error.kind);
        if (untold) return nothing;
        throw error;
      }
    }
  };
}
