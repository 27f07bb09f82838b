import * as z from 'zod'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { Access } from '../requests/access.ts'
import type { User } from '../requests/user.ts'

const text = z.string().max(4096)
const tokenSchema = z.looseObject({
  status: z.looseObject({
    authenticated: z.boolean().nullish(),
    user: z
      .looseObject({
        // an API server writes an empty user where it knows none
        username: text.nullish(),
        uid: text.nullish(),
        groups: z.array(text).max(1000).nullish(),
        extra: z.record(text, z.array(text)).nullish(),
      })
      .nullish(),
  }),
})
const accessSchema = z.looseObject({
  status: z.looseObject({ allowed: z.boolean(), denied: z.boolean().nullish() }),
})

/** Whose token it is; undefined for nobody's. @throws ApiError */
export async function reviewToken(credentials: Credentials, token: string): Promise<User | undefined> {
  const answer = await askApi(credentials, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token },
  })
  const { status } = parsed(tokenSchema, answer, 'a review of a token')
  const { username: name, uid, groups, extra } = status.user ?? {}
  if (status.authenticated !== true || name === undefined || name === null || name === '') return undefined
  return {
    name,
    groups: groups ?? [],
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(extra === null || extra === undefined ? {} : { extra }),
  }
}

/** Whether somebody may do something with this Node. @throws ApiError */
export async function reviewAccess(
  credentials: Credentials,
  node: string,
  { name: user, groups, uid, extra }: User,
  { verb, subresource }: Access,
): Promise<boolean> {
  const answer = await askApi(credentials, 'POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      groups,
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: node },
    },
  })
  const { allowed, denied } = parsed(accessSchema, answer, 'a review of access').status
  return allowed && denied !== true
}

function parsed<Schema extends z.ZodType>(schema: Schema, answer: unknown, what: string): z.output<Schema> {
  const { data } = schema.safeParse(answer)
  if (data === undefined) throw new ApiError(`the API server answered something else than ${what}`)
  return data
}
