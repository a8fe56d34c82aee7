import type { Fields } from '../../api/kubeconfig/kubeconfig-files.ts'
import type { Change } from '../../cli/change.ts'
import { type ClientCertificate, obtainCertificate } from './client-certificate.ts'
import { dayOf, heldCertificate } from './held-certificate.ts'
import { readText, writeKubeconfig } from './kubeconfig-file.ts'
import { contextLines } from './kubeconfig-lines.ts'
import { mergeKubeconfig } from './kubeconfig-merge.ts'
import { type Scene, wantedEntries } from './kubeconfig-scene.ts'

/** Has the cluster sign a certificate for the user context; `obtained` gives it once that has run. */
export function certificateChange(
  { source, wanted, subject, present }: Scene,
  reason: string,
): { change: Change; obtained(): ClientCertificate } {
  const { days } = wanted
  const held = present.user && heldCertificate(present.user.user)
  let certificate: ClientCertificate | undefined
  const change: Change = {
    action: held ? 'replace' : 'create',
    target: `client certificate of ${subject.user} in ${subject.group}`,
    title: `have the cluster sign a client certificate for ${subject.user} in group ${subject.group}`,
    before: held ? [`${held.user} in ${held.group}, until ${dayOf(held.until)}`] : [],
    after: [`${subject.user} in ${subject.group}, for ${days} ${days === 1 ? 'day' : 'days'}`],
    notes: [reason],
    run: async (progress) => {
      certificate = await obtainCertificate(source.client, { subject, days, progress })
    },
    verify: async () => {},
  }
  return { change, obtained: () => certificate! }
}

/** Writes the contexts into the file, with the certificate that is obtained by then, or the present one. */
export function fileChange(scene: Scene, obtained?: () => ClientCertificate): Change {
  const { wanted, names, admin, present, subject } = scene
  const { file, namespace } = wanted
  const { sudo, user } = names
  const current = (name?: string) => (name ? [`current context ${name}`] : [])
  const isThere = present.sudo !== undefined || present.user !== undefined
  const next = { cluster: admin.cluster, user: present.user?.user ?? {}, namespace }
  const login = obtained && `new certificate of ${subject.user} in ${subject.group}`
  return {
    action: isThere ? 'update' : 'create',
    target: file,
    title: `write contexts ${sudo.context} and ${user.context} into ${file}`,
    before: [
      ...contextLines(sudo.context, present.sudo),
      ...contextLines(user.context, present.user),
      ...current(present.currentContext),
    ],
    after: [
      ...contextLines(sudo.context, { ...admin, namespace: undefined }),
      ...contextLines(user.context, next, login),
      ...current(present.currentContext ?? user.context),
    ],
    run: () => write(scene, obtained ? loginFields(obtained()) : present.user!.user),
    verify: async () => {},
  }
}

// Read again: what another program wrote since the plan was made stays.
async function write(scene: Scene, login: Fields): Promise<void> {
  const { file, isOwn, now } = scene.wanted
  const text = mergeKubeconfig(isOwn ? '' : await readText(file), {
    entries: wantedEntries(scene, login),
    currentContext: scene.names.user.context,
  })
  await writeKubeconfig(file, { text, backupAt: isOwn ? undefined : now })
}

function loginFields({ certificate, key }: ClientCertificate): Fields {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }
}
