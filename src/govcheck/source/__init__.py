"""YAML as people write it, with the place of every key and value.

`load` reads one file and gives its documents as `Node` trees. Scalars are those of YAML 1.2's core schema
(`no` and `2026-01-01` are text). A BOM and CRLF are accepted. Refused, each with its place: duplicate keys,
keys that are no text, tags, merge keys, control characters, text that is no UTF-8, and more than `MAX_BYTES`,
`MAX_DEPTH` levels, `MAX_EXPANSIONS` alias expansions or `MAX_DOCUMENTS` documents.
"""

from govcheck.source.build import MAX_DEPTH, MAX_DOCUMENTS, MAX_EXPANSIONS, load
from govcheck.source.nodes import Node, Scalar
from govcheck.source.text import LINE_BREAK, MAX_BYTES, Source

__all__ = [
    "LINE_BREAK",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_DOCUMENTS",
    "MAX_EXPANSIONS",
    "Node",
    "Scalar",
    "Source",
    "load",
]
