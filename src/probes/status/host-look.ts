import type { HostName } from '../../model/brands.ts'
import type { Access } from '../../model/distribution/access.ts'
import { checkedAnswer } from '../checked-answer.ts'
import type { Facts } from '../facts.ts'
import { factsScript } from '../facts-script.ts'
import { parseFacts } from '../parse-facts.ts'
import type { Questions } from '../questions.ts'
import { section, sectionsIn } from '../sections.ts'
import { addressHeld } from './address-held.ts'
import { type CertificateEnd, certificateEnds } from './certificate-ends.ts'
import { type ClusterLook, clusterLook } from './cluster-look.ts'
import { type EtcdMember, etcdMember } from './etcd-member.ts'

/** What a look at one host asks. */
export interface LookQuestion {
  readonly questions: Questions
  /** Of a server. */
  readonly etcd?: Access['etcd']
  /** Of a server: the cluster's address. */
  readonly address?: string
}

/** What a host says of itself, right now. */
export interface HostLook {
  readonly facts: Facts
  readonly certificates: readonly CertificateEnd[]
  readonly etcd?: EtcdMember
  readonly holdsAddress: boolean
  /** Of the server that was asked for it. */
  readonly cluster?: ClusterLook
}

/** One script. @param access given: the host is also asked for the whole cluster, at the same time */
export function hostLookScript({ questions, etcd, address }: LookQuestion, access?: Access): string {
  const { certificates } = questions.places
  return [
    'export LC_ALL=C',
    ...(access === undefined
      ? []
      : [`look_around() {\n${clusterLook.script(access)}\n}\nexec {around}< <(look_around)`]),
    factsScript(questions),
    section(certificateEnds.name, certificateEnds.script(certificates)),
    ...(etcd === undefined ? [] : [section(etcdMember.name, etcdMember.script(etcd))]),
    ...(address === undefined ? [] : [section(addressHeld.name, addressHeld.script(address))]),
    ...(access === undefined ? [] : [section(clusterLook.name, 'cat <&"$around"')]),
  ].join('\n')
}

/** @throws KeelError `facts-garbled` where the host printed something else */
export function parseHostLook(host: HostName, stdout: string, { questions, etcd }: LookQuestion): HostLook {
  const facts = parseFacts(host, stdout, questions)
  const sections = sectionsIn(stdout)
  return {
    facts,
    ...checkedAnswer(host, 'look', () => {
      const cluster = clusterLook.parse(sections.get(clusterLook.name) ?? '')
      return {
        certificates: certificateEnds.parse(sections.get(certificateEnds.name) ?? ''),
        ...(etcd === undefined ? {} : { etcd: etcdMember.parse(sections.get(etcdMember.name) ?? '') }),
        holdsAddress: addressHeld.parse(sections.get(addressHeld.name) ?? ''),
        ...(cluster === undefined ? {} : { cluster }),
      }
    }),
  }
}

/** What `clusterLookScript` printed. @throws KeelError `facts-garbled` */
export function parseClusterLook(host: HostName, stdout: string): ClusterLook | undefined {
  return checkedAnswer(host, 'look.cluster', () => clusterLook.parse(sectionsIn(stdout).get(clusterLook.name) ?? ''))
}
