import type { Cause } from './cause.ts'

/**
 * Tokens, the CA, and what a server keeps of them (docs/k3s.md, Tokens, The CA, Rotation; k3s's pkg/clientaccess and
 * pkg/cluster).
 */
export const tokenCauses: readonly Cause[] = [
  {
    says: ['token CA hash does not match the Cluster CA certificate hash'],
    why: "the server has another CA than the one in this inventory's token",
    cure: 'check that this address belongs to a server of this cluster; if its CA is the right one, restore secrets/server-ca.crt and the tokens of that cluster from git',
  },
  {
    says: ['invalid token CA hash length'],
    why: 'the token was cut off or changed: its CA hash does not have 64 digits',
    cure: 'restore the token file from git, or store the whole token again with `keel secret set`',
  },
  {
    says: ['invalid token format', 'token must not be empty'],
    why: 'the token has no valid form',
    cure: 'restore the token file from git, or store the whole token again with `keel secret set`',
  },
  {
    says: ['bootstrap data already found and encrypted with different token'],
    why: "the cluster's datastore was encrypted with another server token than this inventory has",
    cure: 'restore the token that the cluster was started with from git (secrets/k3s-server-token.age)',
  },
  {
    says: ['newer than datastore and could cause a cluster outage'],
    leftByAnother: true,
    why: 'an earlier start wrote files that the datastore does not know, for example under another token',
    cure: 'move the files that this line names out of their folder on the host (k3s creates server/cred/passwd again from the datastore), and check that the tokens are the ones of this cluster',
  },
  {
    says: ['no bootstrap data found in datastore'],
    leftByAnother: true,
    why: 'the first start of this server ended before k3s had stored its certificates: its database exists, but is empty',
    cure: 'fix what ended the first start; if this server has never worked, stop k3s and delete /var/lib/rancher/k3s/server/db on it',
  },
  {
    says: ['failed to normalize server token'],
    why: 'the server token has the form of a kubeadm bootstrap token (6 characters, a dot, 16 characters), which k3s accepts only from agents',
    cure: 'store a token of another form with `keel secret set`',
  },
  {
    says: ['not authorized', '401 Unauthorized'],
    why: 'the server was started with another token',
    cure: 'restore the token that the cluster was started with from git; if the token was rotated on the servers, import it: `keel secret import`',
  },
  {
    says: ['certificate signed by unknown authority'],
    why: 'the certificates on this host and the ones that the server shows are from different CAs: one of them has data of another cluster',
    cure: 'check that the address it joins is of this cluster; if this host was in another cluster, stop k3s and wipe /var/lib/rancher/k3s on it',
  },
]
