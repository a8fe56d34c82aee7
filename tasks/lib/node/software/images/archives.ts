import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorFindings } from '../../../cli/commands/error-findings.ts'
import { type Finding, TaskError } from '../../../cli/errors.ts'
import { openArchive } from './archive-bytes.ts'
import { archivedImages, type Image } from './archived-images.ts'

/** An archive of this machine with the images in it. */
export interface ImageArchive {
  file: string
  bytes: number
  images: Image[]
}

/** All image archives of a folder, read as far as it takes to know what is in them; broken ones are told of at once. */
export async function imageArchives(folder: string): Promise<ImageArchive[]> {
  const names = await readdir(folder).catch((error: Error) => {
    throw new TaskError(`software.images: ${folder} cannot be read: ${error.message}`, { cause: error })
  })
  const files = names.filter((name) => /\.(tar|tar\.gz|tgz)$/.test(name)).sort()
  if (files.length === 0) throw new TaskError(`software.images: ${folder} has no *.tar, *.tar.gz or *.tgz`)
  const findings: Finding[] = []
  const archives: ImageArchive[] = []
  for (const name of files) {
    const file = join(folder, name)
    try {
      archives.push({ file, bytes: (await stat(file)).size, images: await readArchive(file) })
    } catch (error) {
      findings.push(...errorFindings(error).map((finding) => broken(finding, file)))
    }
  }
  if (findings.length > 0) throw new TaskError(findings[0]!.message, { findings })
  return archives
}

async function readArchive(file: string): Promise<Image[]> {
  const archive = await openArchive(file)
  try {
    return await archivedImages(archive)
  } finally {
    await archive.close()
  }
}

function broken(finding: Finding, file: string): Finding {
  return {
    ...finding,
    message: `${file}: ${finding.message}`,
    hint:
      finding.hint ??
      'write it again: docker save -o FILE IMAGE, or skopeo copy … oci-archive:FILE:IMAGE; or remove it',
  }
}
