import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import {
  gnuEnvsubst,
  gnuSubstitutes,
  kubectl,
  kubectlReads,
  sorted,
  unlessKubectl,
} from './support/kubectl.ts'
import { line, load } from './support/load.ts'

const folder = join(packageRoot(), 'test/fixtures/corpus')
const values = parse(readFileSync(join(folder, 'values.env')))
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))

// The kinds become ones that kubectl has no types for, so that it prints every field as it decoded it.
function withoutTypes(text: string): string {
  return text.replace(/apiVersion: .*$/gm, 'apiVersion: probe.example/v1')
}

describe.skipIf(!kubectl || !gnuEnvsubst)(
  `manifests with $VARS render as envsubst and kubectl render them${unlessKubectl}`,
  () => {
    it.each(files)('%s, every name set', (file) => {
      const text = withoutTypes(readFileSync(join(folder, file), 'utf8'))
      const { json, findings } = load(text, values)
      expect(findings.filter(({ severity }) => severity !== 'note').map(line)).toEqual([])
      expect(json.map(sorted)).toEqual(kubectlReads(gnuSubstitutes(text, values)).map(sorted))
    })

    it.each(files)('%s, with nothing declared, in mode declared', (file) => {
      const text = withoutTypes(readFileSync(join(folder, file), 'utf8')).replace(
        /\$\{?(SITE_PORT|SITE_REPLICAS)\}?/g,
        '80',
      )
      const { json } = load(text, {}, { mode: 'declared' })
      expect(json.map(sorted)).toEqual(kubectlReads(text).map(sorted))
    })
  },
)
