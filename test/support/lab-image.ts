import { ensureFastKernel, ensureImage } from '../../scripts/lab/image.ts'
import { sweep } from '../../scripts/lab/lab.ts'

/** Before any lab test: image and kernel are built where they are missing, and what killed runs have left is removed. */
export default async function setup(): Promise<void> {
  const said = new Set<string>()
  const say = (text: string) => {
    if (!said.has(text)) process.stderr.write(`lab: ${text}\n`)
    said.add(text)
  }
  const progress = { say, signal: new AbortController().signal }
  await ensureImage(progress)
  await ensureFastKernel(progress)
  await sweep(progress)
}
