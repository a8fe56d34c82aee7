import { ensureImage } from '../../scripts/lab/image.ts'
import { sweep } from '../../scripts/lab/lab.ts'

/** Before any lab test: the image is built where it is missing, and what killed runs have left is removed. */
export default async function setup(): Promise<void> {
  const progress = {
    signal: new AbortController().signal,
    say: (text: string) => void process.stderr.write(`lab: ${text}\n`),
  }
  await ensureImage(progress)
  await sweep(progress)
}
