export { type CloudBuilder, cloud } from './cloud.ts';
