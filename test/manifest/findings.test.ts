import { expect, it } from 'vitest'
import { loadManifests } from '../../tasks/lib/manifest/manifest.ts'
import { line, variables } from './support/load.ts'

const pod = (name: string, fields: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\n${fields}\n`

it('all unset names of all files are reported at once, each with every place and what to type', () => {
  const files = [
    { path: 'a.yaml', text: pod('$DOMIAN', 'a: $SITE_IP') },
    { path: 'b.yaml', text: pod('b', 'a: $SITE_IP\nb: $SITE_IP\nc: ${SITE_IP}') },
    { path: 'c.yaml', text: pod('c', 'a: [$SITE_IP, $SITE_IP, $SITE_IP, $SITE_IP]\nb: ${X:?the mail host}') },
  ]
  const exampleOf = (name: string) => (name === 'SITE_IP' ? '10.101.1.2' : undefined)
  const { findings } = loadManifests(files, { variables: variables({ DOMAIN: 'x' }), exampleOf })
  expect(findings.map((finding) => `${line(finding)}\n${finding.hint}`)).toEqual([
    'error: a.yaml:3:19: $DOMIAN is not set: declared nowhere\ndid you mean $DOMAIN? If not, set it in .env, for example DOMIAN=…',
    'error: a.yaml:4:4: $SITE_IP is not set: known to metaltasks, but it has no value; also used at b.yaml:4:4, b.yaml:5:4, b.yaml:6:4, c.yaml:4:5, c.yaml:4:15 and 2 more\nset it in .env, for example SITE_IP=10.101.1.2',
    'error: c.yaml:5:4: $X is not set or empty: the mail host\nset it in .env, for example X=…',
  ])
})

it('what stays literal in the scripts of a file is one note', () => {
  const text = pod('a', 'spec: { containers: [{ args: [$x, "$y ${z:-d}", $x] }] }')
  const { findings } = loadManifests([{ path: 'a.yaml', text }], { variables: variables({}) })
  expect(findings.map(line)).toEqual([
    'note: a.yaml:4:31: $x, $y, ${z:-d} stay as written in a script, because they are not declared',
  ])
})

it('a file of others that names a declared variable is not substituted, and a note says so', () => {
  const text = pod('$NAME', 'a: $labels')
  const file = { path: '../up.yaml', text, thirdParty: true }
  const { objects, findings } = loadManifests([file], { variables: variables({ NAME: 'web' }) })
  expect(objects[0]!.object.metadata.name).toBe('$NAME')
  expect(findings.map(line)).toEqual([
    'note: ../up.yaml: $NAME not substituted: this file is from outside the project',
  ])
  expect(loadManifests([file], { variables: variables({}) }).findings).toEqual([])
  const asked = loadManifests([{ ...file, text: `# tasks: subst=declared\n${text}` }], {
    variables: variables({ NAME: 'web' }),
  })
  expect(asked.objects[0]!.object).toMatchObject({ metadata: { name: 'web' }, a: '$labels' })
})
