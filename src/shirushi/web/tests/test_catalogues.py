"""The interface speaks Japanese everywhere: every word in use has a translation, and what is compiled is what is written."""

import re

from shirushi.web import catalogues


def test_every_word_in_use_is_in_the_catalogue() -> None:
    in_use = {(str(message.id), message.context) for message in catalogues.extract() if message.id}
    written = {(str(message.id), message.context) for message in catalogues.read() if message.id}
    assert in_use - written == set(), "run scripts/messages.sh and write the Japanese"
    assert written - in_use == set(), "run scripts/messages.sh"


def test_every_word_is_translated() -> None:
    assert catalogues.untranslated(catalogues.read()) == []


def test_compiled_catalogue_is_up_to_date() -> None:
    assert catalogues.COMPILED.read_bytes() == catalogues.compiled(catalogues.CATALOGUE.read_bytes())


def test_translations_keep_their_placeholders() -> None:
    wrong = []
    for message in catalogues.read():
        ids = message.id if isinstance(message.id, tuple | list) else [message.id]
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        names = set(re.findall(r"%\((\w+)\)", ids[-1]))
        wrong += [text for text in strings if message.id and set(re.findall(r"%\((\w+)\)", text)) != names]
    assert wrong == []
