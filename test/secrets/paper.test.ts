import { describe, expect, it } from 'vitest'
import { createAgeKey } from '../../tasks/lib/secrets/keys/age/create.ts'
import { paperRows, readPaper } from '../../tasks/lib/secrets/operator/paper/paper-rows.ts'
import { joinShares, splitIdentity } from '../../tasks/lib/secrets/operator/paper/shares.ts'

describe.each([{ postQuantum: false }, { postQuantum: true }])('a key on paper (%j)', (options) => {
  it('is read as it was printed, in small letters, without spaces or checksums, and on one line', async () => {
    const { identity } = await createAgeKey(options)
    const rows = paperRows(identity)
    const paper = ['PAPER COPY', '', ...rows, '', 'To restore: tasks secrets:key --recover'].join('\n')
    expect(rows[0]).toMatch(/^AGE-SECRET-KEY-(PQ-)?1$/)
    expect(rows[1]).toMatch(/^ 1: [A-Z0-9]{4}( [A-Z0-9]{4}){4} = [0-9A-F]{4}$/)
    expect(readPaper(paper)).toEqual([identity])
    expect(readPaper(paper.toLowerCase())).toEqual([identity])
    expect(readPaper(rows.map((row) => row.replace(/ = .*/, '').replaceAll(' ', '')).join('\r\n'))).toEqual([
      identity,
    ])
    expect(readPaper(`${identity}\n`)).toEqual([identity])
  })

  it('with a typing error is refused at its row', async () => {
    const rows = paperRows((await createAgeKey(options)).identity)
    const wrong = rows.with(
      2,
      rows[2]!.replace(/: (.)/, (_, letter) => `: ${letter === 'Q' ? 'P' : 'Q'}`),
    )
    expect(() => readPaper(wrong.join('\n'))).toThrow('row 2 has a typing error')
    expect(() => readPaper(rows.toSpliced(1, 1).join('\n'))).toThrow('row 1 is missing: row 2 came instead')
  })

  it('comes back from any two of its three shares, and from all', async () => {
    const { identity } = await createAgeKey(options)
    const [one, two, three] = splitIdentity(identity) as [string, string, string]
    for (const shares of [
      [one, two],
      [three, one],
      [two, three],
      [one, two, three],
    ]) {
      const typed = shares.flatMap((share, index) => [`Share ${index}`, ...paperRows(share)]).join('\n')
      expect(joinShares(readPaper(typed))).toBe(identity)
    }
  })

  it('does not come back from one share, from those of two keys, or from a damaged one', async () => {
    const [one, two] = splitIdentity((await createAgeKey(options)).identity) as [string, string]
    const [other] = splitIdentity((await createAgeKey(options)).identity)
    expect(() => joinShares([one])).toThrow('two different shares are needed')
    expect(() => joinShares([one, one])).toThrow('two different shares are needed')
    expect(() => joinShares([two, other!])).toThrow('the shares belong to different keys')
    const damaged = two.slice(0, -1) + (two.endsWith('Q') ? 'P' : 'Q')
    expect(() => joinShares([one, damaged])).toThrow('share 2 has a typing error')
  })
})
