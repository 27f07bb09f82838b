import type { Command } from './shared/command.ts'

/** A verb as the help shows it; its module, and what that imports, is loaded only when it is called. */
export interface Verb {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<readonly Command<never>[]>
}

export const verbs: readonly Verb[] = [
  {
    name: 'init',
    summary: 'create an inventory, with CA and tokens',
    load: async () => [(await import('./init.ts')).init],
  },
  { name: 'plan', summary: 'show what deploy would do', load: async () => [(await import('./plan.ts')).plan] },
  {
    name: 'deploy',
    summary: 'change hosts to match the inventory',
    load: async () => [(await import('./deploy.ts')).deploy],
  },
  {
    name: 'add-node',
    summary: 'add a host to the inventory, deploy it, wait until it is Ready',
    load: async () => [(await import('./add-node.ts')).addNode],
  },
  {
    name: 'rekey',
    summary: 're-encrypt secrets whose readers have changed',
    load: async () => [(await import('./rekey.ts')).rekey],
  },
  {
    name: 'secret',
    summary: 'show, set, edit, import or list secrets',
    load: async () => (await import('./secret.ts')).secretVerbs,
  },
  {
    name: 'render',
    summary: 'write NixOS modules, Butane and Ignition files and secrets.nix, or all files of a host',
    load: async () => [(await import('./render.ts')).render],
  },
  {
    name: 'butane',
    summary: 'translate a Butane config (variant flatcar) into an Ignition config',
    load: async () => [(await import('./butane.ts')).butane],
  },
  {
    name: 'pin',
    summary: 'look up the download URL and checksum of the k3s version and write keel.lock.json',
    load: async () => [(await import('./pin.ts')).pin],
  },
  {
    name: 'kubeconfig',
    summary: "print an administrator's kubeconfig of the cluster, or add it to your own",
    load: async () => [(await import('./kubeconfig.ts')).kubeconfig],
  },
  {
    name: 'kubectl',
    summary: "run the cluster's own kubectl on a server",
    load: async () => [(await import('./kubectl.ts')).kubectl],
  },
  {
    name: 'exec',
    summary: 'run a program on hosts at once, as root',
    load: async () => [(await import('./exec.ts')).exec],
  },
  {
    name: 'ssh',
    summary: 'open a shell on a host, or run a program there as root, on this terminal',
    load: async () => [(await import('./ssh.ts')).ssh],
  },
  {
    name: 'logs',
    summary: "show what a host's journal has of Kubernetes, or of another unit",
    load: async () => [(await import('./logs.ts')).logs],
  },
  {
    name: 'vip',
    summary: "show which server holds the cluster's virtual IP, and which are healthy",
    load: async () => (await import('./vip.ts')).vipVerbs,
  },
  {
    name: 'version',
    summary: "show the versions of keel, of Node, and of the inventory's k3s",
    load: async () => [(await import('./version.ts')).version],
  },
  {
    name: 'completion',
    summary: 'print the completion for bash, zsh or fish',
    load: async () => [(await import('./completion.ts')).completion],
  },
  {
    name: 'lab',
    summary: 'boot real hosts on this machine, to try keel',
    load: async () => (await import('./lab.ts')).labVerbs,
  },
]
