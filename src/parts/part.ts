import type { Fault } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { Cluster, Host, HostFile, Manifest, Role } from '../model/cluster.ts'
import type { ClusterObject } from '../model/kubernetes/cluster-object.ts'
import type { WholeCluster } from '../model/servers-of.ts'
import type { UnitName } from '../model/systems/unit-name.ts'
import type { NixExpression, NixValue } from '../templates/nix-text.ts'
import type { Guard, GuardsOf } from './guard.ts'
import type { CertifyOperation, PartOperation } from './part-operation.ts'
import type { TextOf } from './shared-text.ts'
import type { UnitState } from './unit-state.ts'

/**
 * A feature of hosts, beside all others: what the inventory wants of it, where it is on a host, how keel asks for it,
 * plans it, refuses and verifies it. A part has the steps that it needs; each is pure. The rest of keel knows only the
 * list (index.ts), not the steps of a part. The steps are methods, as TypeScript then takes parts with different values
 * for one list: `eachPart` gives each its own.
 */
export interface Part<Name extends string, Wanted = never, Placed = never, Seen = never> {
  readonly name: Name
  /** Whether its units run before Kubernetes starts, or come after it. */
  readonly starts?: 'before' | 'after'
  /**
   * Of one host after the other, whatever its system; undefined where the host has nothing of it. Called once for a
   * cluster.
   * @param guardsOf what all parts listen on
   */
  wants?(whole: WholeCluster, guardsOf: GuardsOf): (host: Host) => Wanted | undefined
  /** Who may reach what it listens on, on the hosts of a role: a firewall drops all else. */
  guards?(whole: WholeCluster, role: Role): readonly Guard[]
  /** What Kubernetes itself applies for it, on each server. */
  manifests?(whole: WholeCluster): readonly Manifest[]
  /** What keel keeps for it in the cluster's API. */
  objects?(cluster: Cluster): readonly ClusterObject[]
  /** On a system on which keel writes files. `textOf`: for a text that hosts share, as they share what is wanted. */
  place?(wanted: Wanted, textOf: TextOf, programs: PushedPrograms): Placement<Placed>
  /** In the module of a NixOS host, which is built as a whole. */
  placeInNixos?(wanted: Wanted, on: NixosHost): NixosPlacement<Placed>
  /** Units that a machine enables at its first boot, before keel has been there. */
  firstBootUnits?(placed: Placed): readonly string[]
  readonly probe?: PartProbe<Placed, Seen>
  /** Its units as they were seen. */
  units?(seen: Seen): readonly UnitState[]
  /** The certificates that keel signs for it, on every system. */
  certify?(placed: Placed, seen: Seen | undefined): readonly CertifyOperation[]
  /** What keel does once its files are in place. `isNew`: whether the content of a file changes. */
  plan?(placed: Placed, seen: Seen | undefined, isNew: (path: string) => boolean): readonly PartOperation[]
  /** The same for a system that is built as a whole, if it is already current. */
  planInSystem?(placed: Placed, seen: Seen | undefined): readonly PartOperation[]
  /** What forbids a deploy to this host. */
  refuse?(host: Host, seen: Seen): readonly Fault[]
  /** What a deploy does not change on this host, but a user should know. */
  note?(placed: Placed, seen: Seen): readonly PartNote[]
  /** What besides forbids it while k3s has never been in a cluster there. */
  refuseNew?(cluster: Cluster, host: Host, seen: Seen): readonly Fault[]
  /** Bash that waits until it works, with the functions of the verification's script. */
  verify?(placed: Placed): string
  /** Its file that names the other nodes: hosts get it before a new node comes. */
  knowsNodes?(placed: Placed): KnowsNodes
  /** What happens where this host does not know of a new server, in a sentence. */
  harmOfUnknown?(placed: Placed, server: HostName): string
  /** It runs, and keeps the cluster's address on one of the servers. */
  keepsAddress?(seen: Seen): boolean
  /** The cluster's address is on this host: it is the last of the known servers to change. */
  holdsAddress?(seen: Seen): boolean
}

export type PartNote = Omit<Fault, 'at'>

export interface Placement<Placed> {
  readonly files: readonly HostFile[]
  readonly directories?: readonly WantedDirectory[]
  /** Absent where keel starts and asks nothing. */
  readonly placed?: Placed
}

/** What keel pushes for the parts of a host. */
export interface PushedPrograms {
  /** The path of each, by the name of its artifact. */
  readonly paths: ReadonlyMap<string, string>
  /** The paths that change on the host when another program comes. */
  readonly changes: readonly string[]
  /** The unit that makes them appear at a boot. Absent where they are files. */
  readonly from?: UnitName
}

export const noPrograms: PushedPrograms = { paths: new Map(), changes: [] }

/** The host whose module it is. */
export interface NixosHost {
  readonly host: HostName
  readonly role: Role
}

/** What a module for NixOS has for it. Two parts never set the same name. */
export interface NixosPlacement<Placed = unknown> {
  /** With a content that needs no evaluation. */
  readonly files?: readonly HostFile[]
  readonly directories?: readonly WantedDirectory[]
  /** Each a definition in the module's `let`. */
  readonly definitions?: readonly NixExpression[]
  /** `environment.systemPackages`. */
  readonly packages?: readonly NixValue[]
  /** `environment.etc`, for what Nix makes. */
  readonly etc?: NixSet
  /** Services of NixOS's own: `services`. */
  readonly services?: NixSet
  /** `systemd.services`. */
  readonly units?: NixSet
  /** `systemd.sockets`. */
  readonly sockets?: NixSet
  readonly networking?: NixSet
  readonly assertions?: readonly NixValue[]
  /** Absent where keel asks nothing. */
  readonly placed?: Placed
}

/** A set of Nix, by its names. */
export type NixSet = Readonly<Record<string, NixValue>>

export interface WantedDirectory {
  readonly path: string
  readonly mode: string
  /** It has this mode, and goes with all that is in it when the inventory no longer wants it. */
  readonly owned?: true
}

/** A question about the part, and the way to read its answer. */
export interface PartProbe<Placed, Seen> {
  /** The answer does not change by itself: a deploy relies on it, and refuses a host if it has changed since then. */
  readonly isLasting: boolean
  /** Which texts the host may answer, by their place in what was seen (`checkedAnswer`). */
  readonly shapes: Readonly<Record<string, RegExp>>
  /** The units whose states the script prints with `unit_state` (`askedUnits`). */
  units(placed: Placed): readonly string[]
  /**
   * Bash that prints the answer on stdout; runs as root, changes nothing.
   * @param isQuick only what the part's plan compares: nothing that is only for a refusal, or a note
   */
  script(placed: Placed, isQuick?: boolean): string
  parse(stdout: string): Seen
}

export interface KnowsNodes {
  readonly path: string
  /** Bash that fails if the program does not take the file. */
  readonly check: (path: string) => string
  /** Bash that has the new file read. */
  readonly load: string
}
