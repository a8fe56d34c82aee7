import type { Change, Check, Progress, Step } from '../../cli/change.ts'
import { expectAnswer } from './context-check.ts'
import { certificateChange, fileChange } from './kubeconfig-changes.ts'
import { isUpToDate, look, type Source, type Wanted } from './kubeconfig-scene.ts'

/** What gives the contexts "sudo" and the namespace's, each with the rights that belong to it. Reads only. */
export async function kubeconfigStep(source: Source, wanted: Wanted): Promise<Step> {
  const scene = await look(source, wanted)
  const changes: Change[] = []
  const certificate = scene.reason === undefined ? undefined : certificateChange(scene, scene.reason)
  if (certificate) changes.push(certificate.change)
  if (!isUpToDate(scene)) changes.push(fileChange(scene, certificate?.obtained))
  const { file } = wanted
  const { sudo, user } = scene.names
  return {
    name: 'contexts',
    title: 'Contexts',
    waves: changes.map((change) => ({ changes: [change], parallel: 1 })),
    unchanged: [
      contextCheck(sudo.context, { file }),
      contextCheck(user.context, { file, user: scene.subject.user }),
    ],
  }
}

// Asked of the server as each context: a file that looks right may hold a login that it no longer takes.
function contextCheck(context: string, { file, user }: { file: string; user?: string }): Check {
  const verify = ({ signal }: Progress) => expectAnswer(file, { context, user, signal })
  return { target: `context ${context}`, verify }
}
