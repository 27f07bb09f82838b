import type { Verb } from './shared/verb.ts'

export const verbs: readonly Verb[] = [
  {
    name: 'init',
    group: 'start',
    summary: 'create an inventory, with CA and tokens',
    load: async () => [(await import('./init.ts')).init],
  },
  {
    name: 'plan',
    group: 'change',
    summary: 'show what deploy would do',
    load: async () => [(await import('./plan.ts')).plan],
  },
  {
    name: 'deploy',
    group: 'change',
    summary: 'change hosts to match the inventory',
    load: async () => [(await import('./deploy.ts')).deploy],
  },
  {
    name: 'add-node',
    group: 'change',
    summary: 'add a host to the inventory, deploy it, wait until it is Ready',
    load: async () => [(await import('./add-node.ts')).addNode],
  },
  {
    name: 'rekey',
    group: 'secrets',
    summary: 're-encrypt secrets whose readers have changed',
    load: async () => [(await import('./rekey.ts')).rekey],
  },
  {
    name: 'secret',
    group: 'secrets',
    summary: 'show, set, edit, import or list secrets',
    load: async () => (await import('./secret.ts')).secretVerbs,
  },
  {
    name: 'render',
    group: 'change',
    summary: 'write the files that you commit: NixOS, Butane, Ignition, agenix',
    load: async () => [(await import('./render.ts')).render],
  },
  {
    name: 'butane',
    group: 'change',
    summary: 'translate a Butane config (variant flatcar) to Ignition',
    load: async () => [(await import('./butane.ts')).butane],
  },
  {
    name: 'pin',
    group: 'start',
    summary: 'look up the URL and checksum of k3s, write keel.lock.json',
    load: async () => [(await import('./pin.ts')).pin],
  },
  {
    name: 'graph',
    group: 'look',
    summary: 'draw hosts, ports and who may read which secret',
    load: async () => [(await import('./graph.ts')).graph],
  },
  {
    name: 'kubeconfig',
    group: 'look',
    summary: "print an administrator's kubeconfig, or add it to your own",
    load: async () => [(await import('./kubeconfig.ts')).kubeconfig],
  },
  {
    name: 'kubectl',
    group: 'look',
    summary: "run the cluster's own kubectl on a server",
    load: async () => [(await import('./kubectl.ts')).kubectl],
  },
  {
    name: 'exec',
    group: 'hosts',
    summary: 'run a program on hosts at once, as root',
    load: async () => [(await import('./exec.ts')).exec],
  },
  {
    name: 'ssh',
    group: 'hosts',
    summary: 'open a shell on a host, or run a program there as root',
    load: async () => [(await import('./ssh.ts')).ssh],
  },
  {
    name: 'logs',
    group: 'hosts',
    summary: "show a host's journal: Kubernetes, or another unit",
    load: async () => [(await import('./logs.ts')).logs],
  },
  {
    name: 'vip',
    group: 'look',
    summary: "show which server holds the cluster's virtual IP",
    load: async () => (await import('./vip.ts')).vipVerbs,
  },
  {
    name: 'help',
    group: 'keel',
    summary: 'list the verbs, or show the help of one',
    load: async () => [(await import('./help.ts')).helpOn(verbs)],
  },
  {
    name: 'version',
    group: 'keel',
    summary: 'show the versions of keel, Node and k3s',
    load: async () => [(await import('./version.ts')).version],
  },
  {
    name: 'completion',
    group: 'keel',
    summary: 'print the completion for bash, zsh or fish',
    load: async () => [(await import('./completion.ts')).completion],
  },
  {
    name: 'lab',
    group: 'lab',
    summary: 'boot real hosts on this machine, to try keel',
    load: async () => (await import('./lab.ts')).labVerbs,
  },
]
