"""Pages that were written down to mislead whoever looks for their body, and a judge of the result.

Each page carries `@@` where markup must go in; a page without it has no place for markup. The places
follow from the HTML Standard, 13.2.5 and 13.2.6.4: behind the tag that opens the body, else before
the first token that implies one, else at the end.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import html5lib

MARK: Final = b"@@"


class Document(NamedTuple):
    """A page and where markup goes into it."""

    page: bytes
    place: int | None

    def filled(self, markup: bytes) -> bytes:
        """Return the page with markup in its place."""
        if self.place is None:
            return self.page
        return self.page[: self.place] + markup + self.page[self.place :]


def read(marked: bytes) -> Document:
    """Take the mark out of a page."""
    place = marked.find(MARK)
    return Document(marked.replace(MARK, b""), None if place < 0 else place)


_MARKED: Final[dict[str, bytes]] = {
    # the tags of the body
    "capitals": b"<HTML><BODY>@@x</BODY></HTML>",
    "newline in end tag": b"<html><body>@@x</body\n></html>",
    "attribute on end tag": b'<html><body>@@x</body foo="bar"></html>',
    "no end tags": b"<html><body>@@<p>x",
    "no body tag": b"<!doctype html><title>t</title>@@<p>x",
    "newcomer's first page": b"@@<h1>Hello</h1>",
    "text alone": b"@@Hello",
    "text behind white space": b" \t\r\n\x0c@@Hello",
    "only white space": b" \n @@",
    "head alone": b"<html><head><title>t</title></head>@@</html>",
    "doctype alone": b"<!doctype html>@@",
    "quoted greater-than": b'<body data-x="a>b" class="c">@@x',
    "single quotes": b"<body data-x='a>\"b' class=c>@@x",
    "unquoted slash": b"<body data-x=a/>@@x",
    "quote in a name": b'<body a"b>@@x">',
    "missing value": b"<body a=>@@x",
    "two equals signs": b"""<body a==">@@">x""",
    "slash before attribute": b"<body/class=c>@@x",
    "body in capitals with newline": b"<BODY\nCLASS=c\n>@@x",
    "longer name": b"<html><head></head>@@<bodyx>x</bodyx><body>y",
    "body twice": b"<body class=a>@@x<body class=b>y",
    "unclosed body tag": b"<html><head></head><body class='c",
    "unclosed name at the end": b"<html><head></head>@@<bod",
    "less-than at the end": b"<html><head></head>@@<",
    "less-than is text": b"<html><head></head>@@< body>x",
    "early end of html": b"<html>@@</html>text",
    "early end of body": b"<html><head></head>@@</body><body>x",
    "end tag of br": b"<head></head>@@</br><body>x",
    "stray end tags in head": b"<head></p></div></heady></head></foo><body>@@x",
    "end tag without a name": b"<head></></head></ body><body>@@x",
    "NUL implies a body": b"<html>@@\x00<body>x",
    "byte order mark": b"\xef\xbb\xbf<!doctype html><body>@@x",
    "byte order mark and text": b"\xef\xbb\xbf@@Hello",
    "half a byte order mark": b"@@\xef\xbb",
    "UTF-8 in the head": "<title>çà</title><body class='é'>@@ü".encode(),
    "void head elements": b"<base target=_top><link rel=x><meta charset=utf-8><bgsound><body>@@x",
    "html and head twice": b"<html><head><html lang=en><head></head><body>@@x",
    "head elements behind the head": b"<head></head><link rel=a><meta name=b><body>@@x",
    "xml declaration": b"<?xml version='1.0'?><html><body>@@x",
    "processing instruction with body": b"<?php echo '<body'; ?><body>@@x",
    # raw text
    "body in a script": b"<head><script>var s='</body>'</script></head><body>@@x</body>",
    "script in the body": b"<body>@@<script>var s='</body>'</script></body>",
    "script in a script": b"<script><!--<script></body></script>--></script><body>@@x",
    "script escaped once": b"<script><!-- <body> </script><body>@@x",
    "escape closed again": b"<script><!-- <script> --></script><body>@@x",
    "escape that is none": b"<script><!--><script></script><body>@@x",
    "dashed escape that is none": b"<script><!---><script></script><body>@@x",
    "script end in capitals": b"<script>a</SCRIPT\n><body>@@x",
    "longer end of a script": b"<script>a</scripts></script><body>@@x",
    "end of a script with attributes": b"<script>a</script a='>'><body>@@x",
    "less-thans in a script": b"<script>if(a<b)c<s;d</script><body>@@x",
    "unclosed script": b"<head><script>var s='</body><body>",
    "script closed twice over": b"<script><!-- <script> </script></script><body>@@x",
    "body in a style": b"<style>/*</body><body>*/</style><body>@@x",
    "unclosed style": b"<head><style>body{}</head><body>x",
    "body in a title": b"<title><body></title>@@x",
    "comment in a title": b"<title><!--</title><body>@@x-->",
    "unclosed title": b"<title><body>x</body>",
    "body in a textarea": b"<body>@@<textarea></body></textarea>",
    "textarea without a body": b"<!doctype html>@@<textarea></body></textarea><p>x",
    "body in xmp": b"@@<xmp></body></xmp>x",
    "plaintext": b"<head></head>@@<plaintext></body>",
    "noscript in the head": b"<head><noscript><style>p{}</style></noscript></head><body>@@x",
    "body in noscript": b"<head><noscript><link rel=a></noscript></head><body>@@<noscript>x",
    "noframes": b"<head><noframes><body></noframes></head><body>@@x",
    # comments
    "body in a comment behind": b"<body>@@x</body></html><!-- </body> -->",
    "body in a comment before": b"<!-- <body> --><body>@@x",
    "unclosed comment": b"<html><!-- </body></html>",
    "comment closed at once": b"<!--><body>@@x-->",
    "comment closed by a dash": b"<!---><body>@@x-->",
    "comment of dashes": b"<!------><body>@@x-->",
    "comment with bang": b"<!--a--!><body>@@x-->",
    "comment that only looks closed": b"<!--!> -- > --!a> <body> --><body>@@x",
    "comment in a comment": b"<!-- <!-- --><body>@@x-->",
    "bogus comment": b"<!body><! - -><!><body>@@x",
    "bogus end tag": b"</! x><body>@@y",
    "conditional comment": b"<!--[if IE]><body class=ie><![endif]--><!--[if !IE]><!--><body>@@x",
    "CDATA without svg": b"<![CDATA[ x]]><body>@@y",
    "doctype with quotes": b"<!DOCTYPE html PUBLIC '-//W3C//DTD' \"x.dtd\"><body>@@y",
    # attributes, embedded documents, templates
    "body in a title attribute": b"<body>@@<p title='</body>'>x",
    "srcdoc": b"@@<iframe srcdoc='<body>hi</body>'></iframe>",
    "srcdoc in a body": b"<body>@@<iframe srcdoc='<body>hi</body>'></iframe>",
    "body in a meta": b"<meta content='<body>' name=x><body>@@x",
    "template in the head": b"<head><template><body></body></template></head><body>@@x",
    "template without a body": b"<template><p>x</p></template>@@<p>y",
    "template in a template": b"<template><template></template><body></template><body>@@x",
    "textarea in a template": b"<template><textarea></template></textarea></template><body>@@x",
    "unclosed template": b"<head><template><body>x</body>",
    "stray end of a template": b"<head></template><body>@@x",
    "text in a template": b"<template>a < b </template><body>@@x",
    "svg with CDATA": b"@@<svg><![CDATA[</body>]]></svg>",
    "svg in a body": b"<body>@@<svg><![CDATA[</body>]]></svg>",
    "unclosed select": b"@@<select><option>a",
    "open form": b"<body>@@<form action=/search><input name=q>",
    # no place at all
    "frameset": b"<html><head></head><frameset cols='*'><frame src=a></frameset></html>",
    "frameset alone": b"<FRAMESET rows=*>",
    "frameset behind comment": b"<!doctype html><!-- x --><title>t</title> <frameset>",
    "empty": b"",
    "UTF-16": b"\xff\xfe<\x00b\x00o\x00d\x00y\x00>\x00",
    "UTF-16 big-endian": b"\xfe\xff\x00<\x00b\x00o\x00d\x00y\x00>",
}
DOCUMENTS: Final = {name: read(marked) for name, marked in _MARKED.items()}

# The letters of a language of hostile pages.
WORDS: Final[tuple[bytes, ...]] = (
    *(b"<html>", b"</html>", b"<head>", b"</head>", b"<!doctype html>", b"<frameset>", b"</br>"),
    *(b"<body>", b"<BODY class='a>b'>", b"<body", b"</body>", b"<bodyx>", b"<h1>", b"</p>"),
    *(b"<title>", b"</title>", b"</title >", b"<style>", b"</style>", b"<script>", b"</script>"),
    *(b"<scr", b"ipt>", b"<!--", b"-->", b"--!>", b"-", b"!", b"<![CDATA[", b"]]>", b"<?php ?>"),
    *(
        b"<meta",
        b" http-equiv",
        b"=refresh",
        b' content="a>b"',
        b"<base",
        b" href=//e",
        b"<link a=b>",
    ),
    *(
        b"<noframes>",
        b"</noframes>",
        b"<textarea>",
        b"</textarea>",
        b"<xmp>",
        b"<select>",
        b"<svg>",
    ),
    *(b"<plaintext>", b"<iframe srcdoc='<body>'>", b"<headx>", b"<metas>", b'<custom-element ="x>'),
    *(b"<", b"</", b">", b"/", b"=", b'"', b"'", b" ", b"\n", b"x", b"\x00", "é".encode()),
)
"""But for `template` and `noscript`."""
HELD_BACK: Final = (b"<template>", b"</template>", b"<noscript>", b"</noscript>", b"\xef\xbb\xbf")
"""What the judge reads otherwise: html5lib 1.1 knows no `template`; `noscript` differs with scripts."""

# Where an element may stand and not be seen, or not work.
_HIDING = frozenset(
    {"script", "template", "textarea", "select", "title", "style", "noscript", "noframes", "xmp"}
)


def verdict(page: bytes, identifier: str) -> str:
    """Return how browsers see the elements with an id: `none`, `shown`, or what is wrong."""
    found: set[str] = set()
    for scripting in (False, True):
        builder = html5lib.getTreeBuilder("etree")
        parser = html5lib.HTMLParser(tree=builder, namespaceHTMLElements=False)
        found.add(_verdict(parser.parse(page, scripting=scripting), identifier))
    return found.pop() if len(found) == 1 else f"differs with scripting: {sorted(found)}"


def _verdict(tree: Any, identifier: str) -> str:
    parents = {child: parent for parent in tree.iter() for child in parent}
    elements = [
        element
        for element in tree.iter()
        if isinstance(element.tag, str) and element.get("id") == identifier
    ]
    if len(elements) != 1:
        return f"{len(elements)} of them" if elements else "none"
    above = []
    element = elements[0]
    while element in parents:
        element = parents[element]
        above.append(str(element.tag))
    if "body" not in above:
        return "outside of the body"
    hidden = _HIDING.intersection(above)
    return f"inside {sorted(hidden)}" if hidden else "shown"
