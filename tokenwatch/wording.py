"""What can be told of a prompt's text without its words: the value, made by `sources.wording`."""

from __future__ import annotations

import msgspec


class Wording(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What can be told of a prompt's text without its words (`sources.wording`).

    Hashes are of 32 bits and the same in all sources. *Instruction* is what remains of the text
    after normalisation: pasted blocks are taken out, addresses, ids and numbers are replaced.
    """

    kind: str = "task"
    """auto, command, control, chore, question, evidence, complaint or task."""
    complaint: int = 0
    """Whether it says that the work before it is wrong: 0 no, 1 perhaps, 2 in so many words, 3 that
    it is so still."""
    accepts: bool = False
    """It says that the work before it is right."""
    moves_on: bool = False
    """It sets another task in so many words."""
    script: str = "latin"
    """latin, cyrillic, han, kana, hangul, other: how similarity is told."""
    chars: int = 0
    """Of the instruction."""
    words: int = 0
    """Of the instruction; characters where no blanks part words."""
    pasted: int = 0
    """How much of the text is pasted blocks, in percent."""
    images: bool = False
    tokens: tuple[int, ...] = ()
    """Hashes of the instruction's words in their order; odd for an entity, even for any other."""
    grams: tuple[int, ...] = ()
    """The smallest hashes of the instruction's character n-grams, rising: 3-grams, of scripts
    without blanks 2-grams."""
    shingles: tuple[int, ...] = ()
    """The smallest hashes of runs of four words, rising; only of a long instruction."""
    blocks: tuple[int, ...] = ()
    """Hashes of pasted blocks."""
    errors: tuple[int, ...] = ()
    """Hashes of the errors that are quoted, numbers, paths and quotations left out."""
    entities: tuple[int, ...] = ()
    """Hashes of what is named: files, identifiers, issue keys, tests."""
    files: tuple[int, ...] = ()
    """Hashes of the base names of files that are named (`sources.lines.name_hash`)."""
    opening: int = 0
    """Hash of how it begins: equal for prompts made of one template."""
    passages: tuple[tuple[int, int], ...] = ()
    """Long passages: a hash and the number of characters."""
