import { join } from 'node:path'
import type { Volume } from '../node/volumes/volume.ts'
import type { SecretProject } from '../secrets/project.ts'

/** What secrets/volumes/ keeps of a volume. */
export type Kept = 'recovery' | 'header' | 'header.revoked'

/** Where it is: "secrets/volumes/kube1-data.recovery.yaml". */
export function volumeFilePath(
  { node, name }: Pick<Volume, 'node' | 'name'>,
  { kept, project }: { kept: Kept; project: Pick<SecretProject, 'folder'> },
): string {
  return join(project.folder, 'volumes', `${node}-${name}.${kept}.yaml`)
}
