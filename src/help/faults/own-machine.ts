import type { Explanation } from './explanation.ts'

export const ownMachine: readonly Explanation[] = [
  {
    codes: ['usage'],
    means: 'keel does not understand the command line. It did nothing.',
    cause: 'An unknown verb or option, a missing argument, or a value that the option does not take.',
    todo: '`keel VERB --help` has the options, examples and exit codes of a verb.',
  },
  {
    codes: ['no-help', 'no-explanation'],
    means: 'keel has no page, key or code of this name.',
    cause: 'A typing error, or a name from another version of keel.',
    todo: '`keel help topics` lists the pages, and `keel explain` the keys.',
  },
  {
    codes: ['interrupted'],
    means:
      'You, or the system, ended keel with a signal. keel first undid what was half done on this machine; a deploy says for each host how far it came.',
    cause: 'Ctrl-C, SIGTERM, or a terminal that was closed.',
    todo: 'Run the same command again: keel continues where it stopped.',
    topic: 'exit-codes',
  },
  {
    codes: ['no-answer'],
    means: 'The process of keel ended although its work was not done.',
    cause: 'A TypeScript file of the inventory calls `process.exit`, or awaits something that never comes.',
    todo: 'Remove it. An inventory should only compute values.',
  },
  {
    codes: ['bug'],
    means: 'keel met a case for which it was not written. It stopped where it was.',
    cause: 'A mistake in keel.',
    todo: 'Report it with the lines of the message. They contain no secrets.',
  },
  {
    codes: ['output'],
    means: 'keel could not write its output. What you see is incomplete.',
    cause: 'A full disk, or a file system that went away.',
    todo: 'Free some space and run the command again. A deploy itself is not undone by this.',
  },
  {
    codes: ['folder-of-others'],
    means: 'Other users could write into a folder from which keel runs programs, so keel does not use it.',
    cause: 'A cache or lab folder that belongs to another user or is writable for all, often after `sudo`.',
    todo: 'Remove the folder, or name one of your own in the variable of the message.',
    topic: 'security',
  },
  {
    codes: ['pin-fetch', 'pin-file', 'pin-version', 'pin-program', 'artifact-arch', 'artifact-fetch'],
    means:
      'keel could not get the k3s binary (or Node, for the keel-agent), or the file is not the one that the hosts need.',
    cause:
      'No network or a proxy, a version that has no release, an error page saved as a file, or a binary for another architecture or version.',
    todo: 'Check `version` in hosts/cluster. Behind a proxy use `keel pin --releases URL` with a mirror, without a network `keel pin --file ARCH=PATH`; for Node `--node-releases` and `--node`.',
    topic: 'first-cluster',
  },
  {
    codes: ['mirror'],
    means: '`KEEL_MIRROR` does not name a mirror that keel can use. keel downloaded nothing.',
    cause: 'A path without `file://`, or an address with a user name, a password, `?` or `#`.',
    todo: 'Set it to `https://HOST/PATH`, `http://HOST/PATH` or `file:///PATH`, or unset it.',
    topic: 'sysext',
  },
  {
    codes: ['cni-archive'],
    means: 'The archive of the CNI plugins is damaged, or has something else than plain files. keel unpacked nothing.',
    cause: 'An interrupted download, a list of hashes that was made of a damaged file, or another archive at a mirror.',
    todo: 'Download the archive and its list again. For a release with another layout, tell keel’s maintainers.',
    topic: 'sysext',
  },
  {
    codes: ['image-name', 'no-images'],
    means: 'keel wrote no list of images, because the folder has none, or has one that no host would find.',
    cause: 'An image that was renamed (`kubernetes.raw` is its name on a host), a link, or the wrong folder.',
    todo: 'Give each image the name that `keel sysext build` gives it. Move other `.raw` files away.',
    topic: 'sysext',
  },
  {
    codes: ['gpg'],
    means: 'gpg did not sign the list of images. The list and signature that were there are unchanged.',
    cause: 'gpg is not installed, it has no such secret key, the key has expired, or nobody typed its passphrase.',
    todo: 'Run `gpg --list-secret-keys` and name a key with `--key`. Without a terminal, unlock the key in gpg’s agent first.',
    topic: 'sysext',
  },
  {
    codes: ['agent-bundle'],
    means: 'This keel does not contain the program of the keel-agent, so it can’t bring it to hosts.',
    cause: 'keel runs from a clone of its repository that was not built.',
    todo: '`npm run build` in the folder of keel. The npm package and the executable contain it.',
    topic: 'keel-agent',
  },
  {
    codes: ['log-file'],
    means: 'keel does not write its log to the file that `--log` names, because that file is not yours alone.',
    cause:
      'The name leads to a link, a folder or a pipe, or the file belongs to another user, has a second name, or others can read it.',
    todo: 'Name a new file in a folder of your own, or run `chmod 600` on the file.',
    topic: 'json',
  },
  {
    codes: ['lock-file', 'not-pinned', 'artifact-hash', 'image-hash'],
    means:
      'keel.lock.json names by hash what keel may put on hosts. It is missing something, or a file has another hash.',
    cause:
      '`version` or an architecture changed since the last `keel pin`, a merge conflict in the lock file, or a download that somebody has altered.',
    todo: 'Run `keel pin` and review the change in git. If a hash differs without a reason, do not continue.',
    topic: 'security',
  },
  {
    codes: ['init-not-empty', 'init-needs', 'init-answer', 'init-declined', 'host-spec'],
    means: '`keel init` did not create an inventory. It changed nothing.',
    cause:
      'The folder has files already, a value is missing and there is no terminal to ask on, an answer was no, or `--host` is not in its form.',
    todo: 'See the examples in `keel init --help`. keel prints the values that you have typed as options, so that nothing is lost.',
    topic: 'first-cluster',
  },
  {
    codes: ['kubeconfig-absent', 'kubeconfig-unread', 'kubeconfig-ca'],
    means: 'keel did not take the administrator’s kubeconfig of this server.',
    cause:
      'k3s has not started there yet, the file is damaged, or the server has another CA than the inventory: it belongs to another cluster.',
    todo: 'Run `keel deploy SERVER`. For `kubeconfig-ca`, find out which cluster the machine belongs to before you trust it.',
    topic: 'kubeconfig',
  },
  {
    codes: ['kubeconfig-exists', 'kubeconfig-taken', 'kubeconfig-locked', 'kubeconfig-no-file', 'kubeconfig-damaged'],
    means: 'keel did not write your kubeconfig. What was in it is unchanged.',
    cause:
      'The file exists and `--merge` is not set, it has an entry of the same name for another cluster, kubectl holds its lock, or it is not valid.',
    todo: 'Choose another name (`--name`) or another file (`--out`). Remove a stale lock only if neither kubectl nor keel runs.',
    topic: 'kubeconfig',
  },
  {
    codes: ['graph-other-file'],
    means: 'keel did not write the drawing, because something else is there already.',
    cause: 'Another file, which does not come from `keel graph`, or a folder has this name.',
    todo: 'Choose another name with `--out`, or move the file away. For a folder, name a file in it.',
    topic: 'graph',
  },
  {
    codes: ['butane-unreadable', 'butane-refused'],
    means: 'A Butane config could not be translated into Ignition.',
    cause: 'A wrong path, or a setting that Butane’s flatcar variant does not have.',
    todo: 'Read the report: it names line and column, in the words of butane.',
    topic: 'butane',
  },
]
