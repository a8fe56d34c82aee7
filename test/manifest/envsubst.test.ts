import { describe, expect, it } from 'vitest'
import { envsubst } from '../../tasks/lib/manifest/substitute/envsubst.ts'
import fc from '../support/fast-check.ts'
import { gnuEnvsubst, gnuSubstitutes } from './support/kubectl.ts'

const values = { A: 'one', B: '', C_1: '$A ${B} {' }

describe.skipIf(!gnuEnvsubst)(
  `mode text is GNU envsubst${gnuEnvsubst ? '' : ' (skipped: no GNU envsubst here)'}`,
  () => {
    it.each([
      '$A ${A} $B. ${B}',
      '$$A $${A} $$$A',
      '$AB ${AB} $UNDECLARED',
      '${A',
      '${A:-d} ${A-d}',
      '${A$B}',
      '${$A}',
      '$(A) $1 $',
      '$C_1',
      'é$Aé ${A}\r\n\t$',
      '{{ $A }}',
      '${A }',
      '${ A}',
      '${A}}',
      '$A$A',
    ])('on %j', (text) => {
      expect(envsubst(text, new Map(Object.entries(values)))).toBe(gnuSubstitutes(text, values))
    })

    it('on anything made of its characters', () => {
      const part = fc.constantFrom(
        '$',
        '{',
        '}',
        'A',
        'B',
        'C_1',
        ':-',
        ' ',
        '\n',
        '"',
        '#',
        '(',
        '1',
        '_',
        'é',
      )
      const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''))
      fc.assert(
        fc.property(fc.array(text, { minLength: 40, maxLength: 40 }), (texts) => {
          const all = texts.join('\n---\n')
          expect(envsubst(all, new Map(Object.entries(values)))).toBe(gnuSubstitutes(all, values))
        }),
        { numRuns: 30 },
      )
    })
  },
)
