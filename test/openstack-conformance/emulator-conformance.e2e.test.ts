import { describeOpenStackConformance } from './describe-openstack-conformance.ts';
import { emulatorTarget } from './emulator-target.ts';

// Victoria ends at 2.87; 2.90 is the last that the clients speak.
for (const maxMicroversion of ['2.87', '2.90']) {
  describeOpenStackConformance(await emulatorTarget(maxMicroversion));
}
