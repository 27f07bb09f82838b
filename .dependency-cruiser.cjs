// Imports point one way (docs/ARCHITECTURE.md). A folder may import itself and what stands here beside it, nothing else of ours.
const mayImport = {
  agent: ['errors', 'model'],
  butane: ['errors'],
  completion: [],
  help: ['errors', 'carried', 'model'],
  files: ['errors', 'model'],
  model: ['errors'],
  templates: ['errors', 'model'],
  inventory: ['errors', 'carried', 'model', 'files'],
  terminal: ['errors'],
  agenix: ['errors', 'model', 'files', 'templates'],
  secrets: ['errors', 'model', 'files', 'templates', 'terminal'],
  ssh: ['errors', 'model', 'terminal'],
  parts: ['errors', 'model', 'templates', 'sysext'],
  desired: ['errors', 'model', 'parts'],
  probes: ['errors', 'model', 'parts', 'templates'],
  targets: ['errors', 'model', 'parts', 'templates', 'desired', 'butane'],
  graph: ['model', 'parts', 'templates', 'desired'],
  plan: ['errors', 'model', 'parts', 'templates', 'desired', 'targets', 'probes'],
  selection: ['errors', 'model'],
  sysext: ['errors', 'model'],
  artifacts: ['errors', 'carried', 'version', 'model', 'files', 'desired', 'sysext'],
  fleet: ['errors', 'model', 'parts', 'desired', 'targets', 'probes', 'ssh'],
  status: ['errors', 'model', 'parts', 'desired', 'targets', 'probes', 'plan', 'ssh', 'fleet'],
  // of the agent only the types of what it answers, and the roles of its clients
  'node-client': ['agent', 'errors', 'carried', 'model', 'secrets'],
  kubeconfig: ['errors', 'model', 'files', 'templates', 'ssh', 'fleet'],
  deploy: [
    'errors',
    'model',
    'parts',
    'files',
    'templates',
    'desired',
    'targets',
    'probes',
    'plan',
    'artifacts',
    'ssh',
    'fleet',
    'version',
  ],
  ui: ['errors', 'model', 'plan', 'status', 'deploy', 'node-client'],
  generated: ['errors', 'model', 'files', 'templates', 'desired', 'targets', 'artifacts', 'agenix', 'secrets'],
  lab: ['errors', 'carried', 'model', 'templates', 'artifacts'],
}
// Inside one of these: what a folder may import of its own top folder besides itself.
const mayImportInside = {
  'agent/approver': ['ended', 'growing-pause', 'host-name', 'kubernetes', 'log', 'read-configuration'],
  'butane/yaml': ['text'],
  'commands/shared': [],
  'deploy/causes': [],
  'deploy/certify': ['certifier', 'deployment', 'host'],
  'deploy/files': ['host', 'tokens'],
  'deploy/host': ['causes', 'certifier', 'event', 'redact', 'tokens'],
  'deploy/nixos': ['host', 'plan-cluster'],
  'deploy/through': ['event', 'host'],
  'deploy/tokens': [],
  'files/transaction': ['disk', 'inventory-file', 'json', 'own-state', 'git'],
  'inventory/check': ['definitions', 'draft', 'people', 'settings', 'yaml'],
  'inventory/read': ['definition-file', 'definitions', 'faults', 'typescript', 'yaml'],
  'inventory/typescript': ['definition-file', 'definitions', 'slip'],
  'inventory/write': ['definition-file', 'typescript', 'yaml'],
  'inventory/yaml': ['definitions', 'slip'],
  // whom to ask, what to do, what to refuse, what to note: each may look at those before it
  'plan/diff': [],
  'plan/host': ['of-kind', 'operation'],
  'plan/view': ['host'],
  'plan/api': ['object-operation', 'operation', 'plan', 'view'],
  'plan/refusals': ['api', 'host', 'operation', 'plan', 'view'],
  'plan/notes': ['host', 'operation', 'plan', 'refusals', 'view'],
  'secrets/age': [],
  'secrets/identity': ['age'],
  'secrets/pki': [],
  'secrets/readers': ['age', 'identity', 'record', 'snapshot'],
  'ssh/keys': [],
  'ssh/shell': ['failures', 'transport'],
  'ssh/ssh2': ['failures', 'keys', 'limits', 'shell', 'transport'],
}
// no file system, no network, no processes: a function of its arguments
const pure = [
  'butane',
  'inventory/check',
  'model',
  'parts',
  'desired',
  'graph',
  'probes',
  'secrets/check',
  'targets',
  'plan',
  'selection',
  'templates',
  'sysext',
]

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([folder, others]) => ({
      name: `${folder}-imports-one-way`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: [folder, ...others].map((name) => `^src/${name}(/|\\.ts$)`) },
    })),
    ...Object.entries(mayImportInside).map(([folder, others]) => {
      const part = folder.split('/')[0]
      const allowed = [folder, ...others.map((name) => `${part}/${name}`)]
      return {
        name: `${folder.replace('/', '-')}-imports-inward`,
        severity: 'error',
        from: { path: `^src/${folder}/` },
        to: { path: `^src/${part}/`, pathNot: allowed.map((name) => `^src/${name}(/|\\.ts$)`) },
      }
    }),
    {
      // all else takes what a distribution is as a value; init asks machines that are known to run k3s
      name: 'a-distribution-is-a-value',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(desired|targets)/|^src/commands/init/ask-running\\.ts$' },
      to: { path: '^src/desired/distribution/[^/]+/' },
    },
    {
      // its half of a system, by name; checks of an inventory, which is no cluster yet; two parts that write its paths
      name: 'k3s-paths-are-in-its-value',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/(model|desired/distribution)/k3s/',
          '^src/targets/[^/]+/k3s-[^/]+$',
          '^src/model/(host-paths/owned-paths|keel-agent/keel-agent-path)\\.ts$',
          '^src/parts/(keepalived/place-vip|keel-agent/node-agent-of)\\.ts$',
        ],
      },
      to: { path: '^src/model/k3s/paths\\.ts$' },
    },
    {
      // what a part takes besides its own files is below every part: not another part, nor the list
      name: 'parts-are-side-by-side',
      severity: 'error',
      from: { path: '^src/parts/([^/]+)/' },
      to: {
        path: '^src/parts/',
        pathNot: [
          '^src/parts/$1/',
          '^src/parts/(part|part-operation|guard|hardening|plan-service|root-file|service|shared-text|unit-state|server-daemon-set|awaited-address)\\.ts$',
        ],
      },
    },
    {
      // `keel vip status` asks what keepalived's part asks, and nothing else; all other folders loop over the list
      name: 'parts-are-reached-by-their-list',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(parts/|status/vip-status\\.ts$)' },
      to: { path: '^src/parts/[^/]+/' },
    },
    { name: 'errors-import-nothing', severity: 'error', from: { path: '^src/errors\\.ts$' }, to: { path: '.' } },
    {
      name: 'nothing-imports-the-cli',
      severity: 'error',
      from: { path: '^src/(?!cli\\.ts)' },
      to: { path: '^src/cli\\.ts$' },
    },
    {
      name: 'pure-folders-do-no-io',
      severity: 'error',
      // the one file of its folder that reads a disk
      from: { path: `^src/(${pure.join('|')})/`, pathNot: '^src/butane/disk-files\\.ts$' },
      to: {
        path: '^(fs|fs/promises|net|http|https|child_process|os|process|timers|timers/promises|node:)',
        pathNot: '^(node:)?(crypto|url|net|zlib)$',
        dependencyTypes: ['core'],
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.hbs$' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
}
