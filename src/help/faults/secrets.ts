import type { Explanation } from './explanation.ts'

export const secrets: readonly Explanation[] = [
  {
    codes: ['secret-unknown', 'reader-unknown', 'secret-no-admin', 'secret-without-readers'],
    means:
      'The rules in secrets.ts do not fit: a secret or a reader is not in the inventory, or nobody could ever read a secret.',
    cause: 'A typing error, or a host or an admin that was removed while a rule still names it.',
    todo: 'Correct the rule in secrets.ts. Every secret needs an admin as a reader, because deploy decrypts it on an admin’s machine.',
    topic: 'secrets',
  },
  {
    codes: ['secret-missing', 'secret-generate', 'secret-too-narrow', 'secret-too-wide', 'secret-unreadable'],
    means:
      'A secret that the cluster itself uses (CA key, tokens) is missing in secrets.ts, or is readable by too many or too few.',
    cause:
      'A rule that was edited. An agent that can read the server token or the CA key could take over the cluster; a server that cannot read the agent token does not start.',
    todo: 'Use the readers that the message names.',
    topic: 'security',
  },
  {
    codes: ['secret-no-value', 'secret-no-file', 'secret-empty'],
    means: 'A secret has a rule, but its file in secrets/ has no value, is empty, or can’t be read.',
    cause:
      'Nobody has set it yet, the file was not committed, or stdin was empty (`keel secret set NAME < FILE` with an empty file).',
    todo: 'Run `keel secret set NAME`. `keel secret ls` lists all of them with their state.',
    topic: 'secrets',
  },
  {
    codes: ['secret-lost'],
    means:
      'Some of the files with the CA and the tokens exist, others are missing. keel does not create the missing ones: a running cluster may use the old values.',
    cause: 'A file of secrets/ that was deleted or never committed.',
    todo: 'Restore it: `git log --all -- secrets/`. Only if no host was ever deployed, delete the remaining ones and run `keel rekey`.',
    topic: 'secrets',
  },
  {
    codes: ['secret-not-ours', 'cannot-decrypt'],
    means:
      'The file is encrypted to others. `secret-not-ours`: none of your private keys fits. `cannot-decrypt`: the host could not decrypt what was sent to it.',
    cause:
      'You are not an admin yet, you use another key than the one in secrets.ts, or nobody ran `keel rekey` after the readers changed. On a host: its machine-id or its TPM has changed.',
    todo: 'Name the right key with `--identity`, or ask another admin to run `keel rekey` and commit.',
    topic: 'secrets',
  },
  {
    codes: ['secret-damaged', 'recipients-record'],
    means: 'A file in secrets/ is not one that age or keel has written.',
    cause: 'A merge conflict in a binary file, an editor, or line endings that git has changed.',
    todo: 'Restore it from git. For the record of recipients: keep either side of the conflict, or delete it, and run `keel rekey`.',
    topic: 'secrets',
  },
  {
    codes: ['identity', 'key-encrypted', 'key-passphrase', 'secret-file'],
    means: 'keel could not use a private key, or the file that holds its passphrase.',
    cause:
      'A wrong path, a public key in place of the private one, a key with a passphrase and no terminal to type it on, or a key of a kind that cannot decrypt (FIDO, ECDSA).',
    todo: 'Name an ssh-ed25519, ssh-rsa or age key with `--identity`. Without a terminal, put the passphrase into a file and set KEEL_PASSPHRASE_FILE.',
    topic: 'secrets',
  },
  {
    codes: ['ssh-key', 'recipient', 'admin-key'],
    means: 'A text is not a public key to which keel can encrypt.',
    cause:
      'A key that was copied without its end, a private key, or a kind that age does not support (ECDSA, DSA, FIDO).',
    todo: 'Copy the whole line of a `.pub` file, or create a key with `ssh-keygen -t ed25519`.',
    topic: 'secrets',
  },
  {
    codes: ['token', 'token-not-pinned', 'token-would-rotate', 'agent-token-differs', 'compare-failed'],
    means:
      'A token of k3s has a wrong form or another value than the running cluster. keel stops before it changes a host, because k3s would not start, or nodes could not join.',
    cause:
      'A token that was edited or taken from another cluster, an old branch of the inventory, or a rotation with `k3s token rotate` that the inventory does not know.',
    todo: 'Restore secrets/*.age from git, or import the value that runs: `keel secret import k3s-server-token --from-host SERVER`.',
    topic: 'secrets',
  },
  {
    codes: ['server-ca', 'ca-certificate-missing'],
    means: 'The certificate and the key of the cluster’s server CA do not belong together, or one of them is missing.',
    cause: 'An edited file, or only one of the two was restored from git.',
    todo: 'Restore both from the same commit.',
    topic: 'secrets',
  },
  {
    codes: ['agent-ca', 'agent-ca-missing'],
    means:
      'The certificate and the key of the keel-agents’ CA do not belong together, or one of them is missing, or keel has not created them yet.',
    cause:
      'An inventory that got `keelAgent` and no `keel rekey` since then, or only one of the two files was restored from git.',
    todo: 'If neither file was ever there: `keel rekey`. Otherwise restore both from the same commit.',
    topic: 'secrets',
  },
  {
    codes: ['certify-proof'],
    means:
      'A host did not prove that it has the key for which keel should sign the keel-agent’s first certificate. keel signed nothing, and no host was switched.',
    cause:
      'Another machine answers at this address, or `ssh-keygen` on the host is too old for `-Y sign` (before OpenSSH 8.0).',
    todo: 'Check the machine, then run the deploy again.',
    topic: 'keel-agent',
  },
  {
    codes: ['generate-unknown'],
    means:
      'keel creates four values only: the server token, the agent token, the server CA, and the CA of the keel-agents.',
    cause: '`generate` in the rule of another secret.',
    todo: 'Remove `generate` and set the value with `keel secret set NAME`.',
    topic: 'secrets',
  },
  {
    codes: ['import-what', 'import-host', 'import-unread', 'import-unpinned', 'import-agent-token'],
    means: 'keel could not take a token from a running server.',
    cause:
      'The host is an agent or does not run k3s, the secret is none that a server has, the cluster has no agent token of its own, or the token on the server does not name its CA.',
    todo: 'Name a running server with `--from-host`, or give the value with `--from-stdin`.',
    topic: 'secrets',
  },
  {
    codes: ['edit-failed', 'edit-no-memory'],
    means: 'The secret was not changed. keel gives the value to an editor only in a file system in memory.',
    cause:
      'The editor ended with an error or returned at once (`code` without `--wait`), or this system has no memory file system.',
    todo: 'Set VISUAL, for example to `vim` or `code --wait`, or pipe the new value into `keel secret set NAME`.',
    topic: 'secrets',
  },
  {
    codes: ['agenix-file', 'agenix-needs-nix', 'agenix-nix'],
    means: 'keel could not read the secrets.nix of an agenix repository.',
    cause:
      'Another path, no Nix on this machine, or an error in the Nix file. keel evaluates it with nix-instantiate, as agenix does.',
    todo: 'Try `nix-instantiate --eval --strict --json secrets.nix` in its folder.',
    topic: 'adopt-agenix',
  },
]
