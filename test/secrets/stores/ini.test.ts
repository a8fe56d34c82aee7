import { describe, test } from 'vitest'
import { expectAgreement } from './oracle.ts'

const same: Record<string, string> = {
  'a section': '[a]\nb = c\n',
  'nothing in it': '',
  'keys before the first section': 'a = 1\nb=2\n\n[c]\nd : e\n',
  'a section without keys': '[a]\n\n[b]\nc=d\n[e]\n',
  'a section that is there twice': '[a]\nb=1\n[a]\nb=2\nc=3\n',
  'the section DEFAULT by its name': 'a=0\n[DEFAULT]\nb=1\n[default]\nc=2\n[x]\ny=z\n',
  'keys of several lengths': '[a]\nb=1\nlonger=2\nthe longest of all = 3\n',
  'names with dots and spaces': '[ a.b ]\nc d = e\n[a.b.c]\nf.g=h\n',
  'an empty value': '[a]\nb=\nc = \nd=x\n',
  'quoted values': '[a]\nb="x y"\nc=\'z\'\nd="a"b"\ne=""\nf="\ng=\'a"b\'\n',
  'values in back quotes and triple quotes': '[a]\nb=`x # y`\nc="""z ; w"""\nd=`a`b`\n',
  'values of several lines': '[a]\nb="""line 1\nline 2\n"""\nc=`x\n  y\n`\nd=1\n',
  'a value that goes on behind a backslash': '[a]\nb=one \\\n  two \\\nthree\nc=x\\\n\nd=1\n',
  'white space around values': '[a]\nb="  x  "\nc=   y   \n\td\t=\tz\t\n',
  'quoted keys': '[a]\n"b=c" = 1\n`d:e`=2\n"""f"g"""=3\n`h"i` = 4\n"""j`k""" = 5\n',
  'colons and equals signs': '[a]\nb:c=d\ne=f:g\nh = i = j\n',
  'head comments with both signs': '; of a\n[a]\n# of b\nb=1\n;of c\nc=2\n',
  'inline comments': '[a] ; of a\nb=1 ; of b\nc=2 # of c\nd=x;y\n',
  'comments of several lines': '; one\n; two\n# three\n[a]\n# one\n;two\n\n;  three\nb=1\n',
  'head and inline comments together': '; head\n[a] ; inline\n# head\nb=1 ; inline\n',
  'comments before the first key': '; of b\nb=1\n; of c\nc=2\n; of x\n[x]\ny=z\n',
  'a comment at the end, which is lost': '[a]\nb=1\n; the end\n',
  'empty comments': ';\n[a]\n#\nb=1\n; \nc=2\n',
  'comments with several signs': ';; a\n[a]\n## b\nb=1\n#; c\nc=2\n; # d\nd=3\n',
  'indented lines': '  [a]\n    b = 1\n    ; of c\n    c = 2\n',
  'a key that is there twice': '[a]\nb=1\nc=2\nb=3\n',
  'a key with comments that is there twice': '[a]\n; first\nb=1\nc=2\n; second\nb=3\n',
  CRLF: '; c\r\n[a]\r\nb = 1\r\n\r\n; d1\r\n; d2\r\nd="x"\r\n[e]\r\n',
  'CRLF in a value of several lines': '[a]\r\nb="""x\r\ny"""\r\n',
  'no final newline': '[a]\nb=1',
  'blank lines': '\n\n[a]\n\n\nb=1\n\n',
  'characters beyond ASCII': '[секция]\nключ=значение\n; 🎉 é\nb=🎉\n\u00a0c\u00a0=\u00a0d\u00a0\n',
  'a byte order mark': '\ufeff[a]\nb=1\n',
  'keys that are clear by their suffix': '[a]\nb_unencrypted=x y\nc=d\n[e_unencrypted]\nf=g\n',
  'a section that starts like metadata': '[sops_]\na=1\n[SOPS]\nb=2\n',
  'text that looks encrypted': '[a]\nb=ENC[AES256_GCM,data:x]\n',
  'a bracket in a section name': '[a]b]\nc=d\n[e] x\nf=g\n',
  '\\n in a value stays as it is': '[a]\nb=x\\ny\n',
  'percent signs': '[a]\nb=%(c)s\nc=%d\n',
  'text behind a closing quote': '[a]\nb=`x` ; lost\nc="""y""" lost\nd=1\n',
  'comment signs inside quotes': '[a]\nb="x ; y"\nc=\'x # y\'\n',
}

describe.concurrent('INI is encrypted and decrypted as by sops', () => {
  for (const [name, text] of Object.entries(same)) {
    test(name, async () => expectAgreement(text, 'ini'))
  }
})
