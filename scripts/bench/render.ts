import { parse } from 'yaml'
import type { Variable } from '../../tasks/lib/config/model.ts'
import { expand, loadManifests, parseTemplate } from '../../tasks/lib/manifest/manifest.ts'
import { printYaml } from '../../tasks/lib/manifest/print.ts'
import { envsubst } from '../../tasks/lib/manifest/substitute/envsubst.ts'
import { alternate, timed } from './alternate.ts'
import { below, median, microsecondsText, rowOf, timesFaster } from './bar.ts'
import type { Chapter } from './chapter.ts'
import { runProgram } from './program.ts'
import { volumeTemplate, volumeValues } from './volumes.ts'

/** Text to objects without a server. */
export const render: Chapter = {
  name: 'render',
  async measure(_lab, { rendered, runs }) {
    const work = newWork(rendered)
    const times = await alternate(
      Object.entries(work.ways).map(([name, run]) => ({ name, run: () => timed(run) })),
      { runs },
    )
    const process = await perProcess(work.texts.slice(0, 200), work.values)
    const each = (name: string) => times.get(name)!.map((seconds) => seconds / rendered)
    return {
      title: 'Render',
      method:
        `${rendered.toLocaleString('en')} PersistentVolumes in one warm process. One template: parsed once, expanded for each row of ` +
        'values. Distinct texts: each another text with the same five variables, loaded with all checks of references and keys and with ' +
        'provenance; against them the same substitution as envsubst makes, in process, and `parse` of the yaml package on its ' +
        'result (a figure beside it, no bar: the same parser does most of both), and an envsubst process for each text and the same parse.',
      rows: [
        ...Object.keys(work.ways).map((name) => ({ ...rowOf(name, each(name)), note: 'each' })),
        { ...rowOf('envsubst process + yaml parse', [process]), note: 'each, mean of 200' },
      ],
      bars: [
        below('one template, to YAML', {
          value: median(each('one template, to YAML')),
          limit: 60e-6,
          text: microsecondsText,
        }),
        timesFaster('distinct texts against an envsubst process + yaml parse each', {
          ours: each('distinct texts, to objects'),
          theirs: [process],
          least: 3,
        }),
      ],
    }
  },
}

function newWork(count: number) {
  const rows = Array.from({ length: count }, (_, index) => volumeValues('render', index))
  const values = new Map(Object.entries({ ...rows[0]!, VOLUME_NAME: 'render' }))
  const variables = variablesOf(values)
  const template = parseTemplate({ path: 'volume.yaml', text: volumeTemplate }, { variables })
  const texts = rows.map((row) =>
    volumeTemplate
      .replace('name: $VOLUME_NAME', `name: ${row.VOLUME_NAME}`)
      .replace('/bench/', `/${row.VOLUME_ID}/`),
  )
  const files = texts.map((text, index) => ({ path: `volume-${index}.yaml`, text }))
  const expanded = () => expand(template, rows, { variables }).objects
  return {
    texts,
    values,
    ways: {
      'one template, to objects': expanded,
      'one template, to YAML': () => printYaml(expanded().map(({ object }) => object)),
      'distinct texts, to objects': () => loadManifests(files, { variables }).objects,
      'substitution + yaml parse': () => texts.map((text) => parse(envsubst(text, values))),
    },
  }
}

function variablesOf(values: Map<string, string>): Map<string, Variable> {
  return new Map([...values].map(([name, value]) => [name, { name, value, origin: 'bench' }]))
}

/** Seconds for one text, when a process of envsubst substitutes it and its result is parsed here. */
async function perProcess(texts: string[], values: Map<string, string>): Promise<number> {
  const env = Object.fromEntries(values)
  const names = [...values.keys()].map((name) => `$${name}`).join(' ')
  const seconds = await timed(async () => {
    for (const input of texts) parse((await runProgram(['envsubst', names], { env, input })).stdout)
  })
  return seconds / texts.length
}
