import { describe, expect, test } from 'vitest'
import { proxyFor } from '../../tasks/lib/api/http/proxy.ts'

const proxy = 'http://proxy.lan:3128'

function proxyOf(server: string, { proxyUrl, ...environment }: Record<string, string>): string | undefined {
  return proxyFor(new URL(server), { proxyUrl, environment })?.origin
}

describe('the proxy to a server', () => {
  test.each([
    ['https://api.home:6443', {}, undefined],
    ['https://api.home:6443', { HTTPS_PROXY: proxy }, proxy],
    ['https://api.home:6443', { https_proxy: proxy }, proxy],
    ['https://api.home:6443', { HTTPS_PROXY: 'proxy.lan:3128' }, proxy],
    ['https://api.home:6443', { HTTP_PROXY: proxy }, undefined],
    ['http://api.home:8001', { HTTP_PROXY: proxy }, proxy],
    ['https://127.0.0.1:6443', { HTTPS_PROXY: proxy }, undefined],
    ['https://localhost:6443', { HTTPS_PROXY: proxy }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: proxy }, undefined],
    ['https://127.0.0.1:6443', { proxyUrl: proxy, NO_PROXY: '*' }, proxy],
  ])('%s with %j is %s', (server, settings, expected) => {
    expect(proxyOf(server, settings)).toBe(expected)
  })

  test.each([
    ['*', true],
    ['home', true],
    ['.home', true],
    ['*.home', true],
    ['api.home', true],
    ['api.home:6443', true],
    ['api.home:443', false],
    ['ome', false],
    ['.api.home', false],
    ['other.lan, API.HOME', true],
    ['', false],
  ])('NO_PROXY=%s excludes api.home: %s', (list, isExcluded) => {
    const expected = isExcluded ? undefined : proxy
    expect(proxyOf('https://api.home:6443', { HTTPS_PROXY: proxy, NO_PROXY: list })).toBe(expected)
  })

  test.each([
    ['https://10.1.2.3:6443', '10.0.0.0/8', true],
    ['https://10.1.2.3:6443', '10.1.2.3', true],
    ['https://10.1.2.3:6443', '10.1.2.3:6443', true],
    ['https://10.1.2.3:6443', '10.1.2.3:443', false],
    ['https://10.1.2.3:6443', '10.1.2.4', false],
    ['https://10.1.2.3:6443', '1.2.3', false],
    ['https://10.1.2.3:6443', 'fd00::/8', false],
    ['https://[fd00::1]:6443', 'fd00::/8', true],
    ['https://[fd00::1]:6443', '[fd00::1]:6443', true],
    ['https://[fd00::1]:6443', 'fd00::1', true],
    ['https://api.home:6443', '10.0.0.0/8', false],
  ])('%s with NO_PROXY=%s is excluded: %s', (server, list, isExcluded) => {
    const expected = isExcluded ? undefined : proxy
    expect(proxyOf(server, { HTTPS_PROXY: proxy, NO_PROXY: list })).toBe(expected)
  })

  test.each(['socks5://proxy.lan:1080', 'https://proxy.lan:3128'])(
    '%s is refused, not ignored',
    (proxyUrl) => {
      expect(() => proxyOf('https://api.home:6443', { proxyUrl })).toThrow(
        'proxy-url of the kubeconfig: a proxy is expected as http://HOST:PORT, which CONNECT is asked of',
      )
    },
  )
})
