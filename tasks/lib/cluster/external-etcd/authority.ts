import { join } from 'node:path'
import type { Finding } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import {
  type Authority,
  issue,
  newAuthority,
  openAuthority,
  type Subject,
  validFor,
} from '../../kubernetes/certificates/signing.ts'
import type { IssuedCertificate } from '../../node/etcd/certificate.ts'
import {
  bytesIfThere,
  keepingRefusal,
  readKeptFields,
  readKeptFile,
  writeKeptFile,
} from '../../secrets/kept-file.ts'
import type { SecretProject } from '../../secrets/project.ts'

/** The certificate authority of etcd on hosts of its own, in secrets/cluster/. */
export interface EtcdAuthority {
  /** As people name the file. */
  shown: string
  /** What hosts record as the name of this etcd: the cluster's name when the authority was made. */
  cluster: string
  /** Its certificate; undefined until it is made. */
  certificate(): string | undefined
  /** Why none can be kept. */
  refusal?: Finding
  /** A new key with its certificate for a year. The authority is made, and kept, before its first use. */
  issue(subject: Subject): Promise<IssuedCertificate>
}

interface Options {
  /** The cluster's name. */
  cluster: string
  now: Date
}

/** The authority of a project, without its key: that is opened when something is signed. */
export async function etcdAuthority(project: SecretProject, options: Options): Promise<EtcdAuthority> {
  const file = join(project.folder, 'cluster', 'etcd-ca.yaml')
  const fields = await readKeptFields(file, project)
  const refusal = fields ? undefined : await keepingRefusal(file, project)
  let certificate = fields?.certificate
  let opened: Promise<Authority> | undefined
  return {
    shown: project.shown(file),
    cluster: fields?.cluster ?? options.cluster,
    certificate: () => certificate,
    ...(refusal && { refusal }),
    async issue(subject) {
      opened ??= openOrMake(file, { project, ...options })
      const authority = await opened
      certificate = authority.pair.certificate
      const pair = await issue(authority, { ...subject, ...validFor(1, options.now) })
      registerSecret(pair.key)
      return { ...pair, authority: authority.pair.certificate }
    },
  }
}

async function openOrMake(
  file: string,
  { project, cluster, now }: Options & { project: SecretProject },
): Promise<Authority> {
  if (!(await bytesIfThere(file))) {
    const { pair } = await newAuthority(`etcd-ca-${cluster}`, validFor(10, now))
    registerSecret(pair.key)
    const fields = { cluster, certificate: pair.certificate }
    await writeKeptFile(file, { fields, secret: pair.key }, { project, now, replacing: null })
  }
  // What was kept is what counts, also right after it was made.
  const { fields, secret } = await readKeptFile(file, project)
  registerSecret(secret)
  return openAuthority({ certificate: fields.certificate ?? '', key: secret })
}
