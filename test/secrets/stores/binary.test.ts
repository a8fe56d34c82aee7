import { describe, test } from 'vitest'
import { expectAgreement } from './oracle.ts'

const same: Record<string, string | Uint8Array> = {
  'a text': 'hello\n',
  'an empty file': '',
  'all bytes': Buffer.from(Array.from({ length: 256 }, (_, index) => index)),
  'bytes that are almost UTF-8': Buffer.from([0xe2, 0x82, 0x41, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5]),
  'a byte order mark': '\ufefftext',
  JSON: '{"data": "x", "sops": {}}',
  'a JSON file with data': '{"data":"ENC[AES256_GCM,data:x]"}\n',
  'a certificate': '-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n',
  'a megabyte': Buffer.alloc(1 << 20, 'x\n'),
}

describe.concurrent('a binary file is encrypted and decrypted as by sops', () => {
  for (const [name, bytes] of Object.entries(same)) {
    test(name, async () => expectAgreement(bytes, 'binary'))
  }
})
