import type { Neutron, Nova, Sfc, Zun } from '@sidestep/openstack';

/** What this service needs of the VIM. */
export type Cloud = {
  readonly nova: Pick<
    Nova,
    | 'microversions'
    | 'listFlavors'
    | 'showServer'
    | 'listServers'
    | 'createServer'
    | 'deleteServer'
    | 'stopServer'
  >;
  readonly zun: Zun;
  readonly neutron: Pick<
    Neutron,
    | 'listExtensions'
    | 'listNetworks'
    | 'listPorts'
    | 'showPort'
    | 'createPort'
    | 'updatePort'
    | 'deletePort'
  >;
  readonly sfc: Pick<
    Sfc,
    | 'listPortPairs'
    | 'createPortPair'
    | 'deletePortPair'
    | 'listPortPairGroups'
    | 'createPortPairGroup'
    | 'updatePortPairGroup'
    | 'deletePortPairGroup'
    | 'listFlowClassifiers'
    | 'createFlowClassifier'
    | 'deleteFlowClassifier'
    | 'listPortChains'
    | 'createPortChain'
    | 'updatePortChain'
    | 'deletePortChain'
  >;
};
