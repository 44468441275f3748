/**
 * The house plan's "Never" list (docs/architecture.md) as rules. Each has a planted fault in test/gates.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'A cycle means that two rooms are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-service-into-service',
      comment: 'Services talk through their contracts only.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'no-package-into-service',
      comment: 'Packages are libraries: they know no process.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(services|cli|test)/' },
    },
    {
      name: 'no-reaching-into-packages',
      comment: 'What a package shows is what its exports name.',
      severity: 'error',
      from: { path: '^(packages|services)/([^/]+)/' },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: [
          '^packages/[^/]+/src/index\\.ts$',
          '^packages/[^/]+/src/testing/index\\.ts$',
          '^packages/openstack/src/wire/index\\.ts$',
          '^$1/$2/',
        ],
      },
    },
    {
      name: 'pure-rooms-do-nothing',
      comment: 'policies and fleet are pure: no I/O, no clock, no framework.',
      severity: 'error',
      from: { path: '^packages/(policies|fleet)/src/' },
      to: { pathNot: '^packages/(policies|fleet)/src/' },
    },
    {
      name: 'pure-domain',
      comment:
        "A service's domain is pure: it knows words, not technology (crypto's hashes and net's isIP are pure).",
      severity: 'error',
      from: { path: '^services/([^/]+)/src/domain/' },
      to: {
        pathNot: [
          '^services/$1/src/domain/',
          '^packages/(fleet|policies|forecast)/src/index\\.ts$',
          '^packages/openstack/src/index\\.ts$',
          '^(crypto|net)$',
        ],
      },
    },
    {
      name: 'pure-domain-takes-types-of-openstack-only',
      comment:
        "NFVO's domain speaks of port pairs and groups in the clients' words, and calls none of them.",
      severity: 'error',
      from: { path: '^services/[^/]+/src/domain/' },
      to: { path: '^packages/openstack/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'use-cases-know-ports',
      comment: 'Imports point inward: use cases and ports know no adapter, no HTTP.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/(usecases|ports)/' },
      to: { path: '^services/[^/]+/src/(adapters|http|jobs)/' },
    },
    {
      name: 'only-compose-constructs-adapters',
      comment: 'compose.ts is the one file that makes adapters.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/(http|jobs|usecases|domain|ports)/' },
      to: { path: '^services/[^/]+/src/adapters/' },
    },
    {
      name: 'tensors-stay-in-forecast',
      comment: 'A tensor outside forecast is a leak.',
      severity: 'error',
      from: { path: '^(packages|services|cli|test)/', pathNot: '^packages/forecast/' },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'openstack-shapes-stay-in-openstack',
      comment: "OpenStack's own JSON is known to its clients and to the emulator only.",
      severity: 'error',
      from: { pathNot: '^packages/(openstack|emulator)/' },
      to: { path: '^packages/openstack/src/wire/' },
    },
    {
      name: 'openapi-shapes-stay-out-of-domains',
      comment: 'Generated types stop at http/ and the client adapters.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/(domain|usecases|ports)/' },
      to: { path: '^packages/contracts/' },
    },
    {
      name: 'fakes-stay-in-tests',
      comment: 'src never imports a fake.',
      severity: 'error',
      from: {
        path: '^(packages|services|cli)/[^/]+/src/',
        pathNot: '^packages/service-kit/src/testing/',
      },
      to: { path: ['/test/', '^packages/service-kit/src/testing/'] },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that leads nowhere, or to a package that is not declared.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '@tensorflow/tfjs-node' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|generated|fixtures)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
