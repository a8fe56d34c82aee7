import { UsageError } from '../lib/cli/errors.ts'
import { defineTask } from '../lib/cli/task.ts'
import { keyPlaces } from '../lib/secrets/keys/places.ts'
import { keyTypes } from '../lib/secrets/operator/create-key.ts'
import {
  makeBreakGlassKey,
  makeKeyForCi,
  printPaper,
  recoverKey,
  showOrMakeKey,
} from '../lib/secrets/operator/key-actions.ts'
import { secretProject } from '../lib/secrets/project.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'show your key, or make one: what decides who can read the secrets',
  description: `
    A key has two parts. The private one stays with you: a key of age in sops' own place, ~/.config/sops/age/keys.txt,
    which only you can read; a key of PGP in gpg's keyring. The public one goes into secrets/keys under your name, and
    into .sops.yaml, which says for whom files are encrypted; both are committed. stdout has the public part.`,
  options: {
    type: {
      type: 'string',
      choices: keyTypes,
      summary: 'what to make; age-pq withstands quantum computers; age unless given',
    },
    name: {
      type: 'string',
      valueName: 'YOU',
      summary: 'whose key it is, for secrets/keys; also lets a key that you have join',
    },
    paper: { type: 'boolean', summary: 'print your private key, for paper' },
    breakGlass: {
      type: 'boolean',
      summary: 'make a key that exists as three papers, of which two open everything',
    },
    recover: { type: 'boolean', summary: 'type a key from its paper, or from two of three: read from stdin' },
    ci: { type: 'string', valueName: 'NAME', summary: 'make a key for CI; its private part is printed once' },
    output: {
      type: 'string',
      valueName: 'FILE',
      complete: 'files',
      summary: 'where a private part goes that would be printed; - is stdout',
    },
  },
  examples: [
    ['tasks secrets:key', 'show your key and what it opens, or make one'],
    ['tasks secrets:key --name alice', 'let your key join this project as that of alice'],
    ['tasks secrets:key --paper | lp', 'a paper copy'],
    ['tasks secrets:key --break-glass | lp', 'three papers for three people, for the day every key is lost'],
    ['tasks secrets:key --ci github --output ci.key', 'a key that only CI has'],
  ],
  anywhere: true,
  async run({ options, root, output, signal }) {
    const { paper, breakGlass, recover, ci } = options
    const wanted = [
      paper && '--paper',
      breakGlass && '--break-glass',
      recover && '--recover',
      ci !== undefined && '--ci',
    ]
    const several = wanted.filter(Boolean)
    if (several.length > 1)
      throw new UsageError(`${several.join(' and ')} are different things: give one of them`)
    const project = secretProject({ root, output, signal })
    const places = keyPlaces({ publicKeys: [project.keysFolder], signal })
    const scene = { options, project, places, output, signal, now: new Date() }
    if (paper) return printPaper(scene)
    if (breakGlass) return makeBreakGlassKey(scene)
    if (recover) return recoverKey(scene)
    if (ci !== undefined) return makeKeyForCi(ci, scene)
    return showOrMakeKey(scene)
  },
})
