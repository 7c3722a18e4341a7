"""Sentences for events: a pattern for each, filled with the fields of the fact.

    {field}             the field's value in words; {a|b} the first that has one
    {field?yes:no}      one of two texts, for a field that is true or not
    {field@}            the same, and no value where the field names who says it; so with {field@?yes:no}
    [ … ]               left out where a field in it has no value

``_subject`` is the body that the case is about. What a pattern does not use stands after it, each value after its
field's name, and so does everything of an event without a pattern: nothing is left unsaid.

>>> from datetime import date
>>> from ledger.domain.record.course_facts import RectificationOrdered
>>> order = RectificationOrdered("支付合同尾款", date(2026, 6, 30))
>>> told(order, "某办", Teller({}, subject="某局"), "zh")
'责令某局于2026年6月30日前完成整改：“支付合同尾款”'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.story import cases as story_cases
from api.story import record as story_record
from api.story import remedies as story_remedies
from api.story import seals as story_seals
from api.story.values import Language, Teller, lowered
from api.words import event_word
from api.words.table import Word

PHRASES: Mapping[str, Word] = {
    **story_record.PHRASES,
    **story_remedies.PHRASES,
    **story_cases.PHRASES,
    **story_seals.PHRASES,
}

_GROUP = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+(?:\|\w+)*)(@?)(?:\?([^:{}]*):([^{}]*))?\}")


def told(fact: Any, by: str, teller: Teller, lang: Language) -> str:
    """What a fact says, as the predicate of a sentence without its final stop; ``by`` is the body that says it."""
    phrase = PHRASES.get(type(fact).__name__)
    if phrase is None:
        return _plainly(fact, teller, lang)
    pattern = phrase.zh if lang == "zh" else phrase.en
    kept = _GROUP.sub(lambda found: found[1] if _is_whole(found[1], fact, by, teller) else "", pattern)
    text = _FIELD.sub(lambda found: _filled(found, fact, by, teller, lang), kept)
    rest = teller.listed(fact, lang, fields_of(pattern))
    if not rest:
        return text
    return f"{text}（{rest}）" if lang == "zh" else f"{text} ({rest})"


def fields_of(pattern: str) -> frozenset[str]:
    """The fields that a pattern uses."""
    return frozenset(name for found in _FIELD.finditer(pattern) for name in found[1].split("|"))


def _plainly(fact: Any, teller: Teller, lang: Language) -> str:
    event, rest = event_word(type(fact).__name__), teller.listed(fact, lang)
    if lang == "zh":
        return f"记载“{event.zh}”：{rest}" if rest else f"记载“{event.zh}”"
    name = lowered(event.en)
    return f"recorded “{name}”: {rest}" if rest else f"recorded “{name}”"


def _given(found: re.Match[str], fact: Any, by: str, teller: Teller) -> Iterator[tuple[str, Any]]:
    """The fields of a place in a pattern that have a value to be said."""
    for name in found[1].split("|"):
        value = teller.subject if name == "_subject" else getattr(fact, name)
        if value is not None and value != () and not (found[2] and value == by):
            yield name, value


def _is_whole(group: str, fact: Any, by: str, teller: Teller) -> bool:
    plain = (found for found in _FIELD.finditer(group) if found[3] is None)
    return all(any(_given(found, fact, by, teller)) for found in plain)


def _filled(found: re.Match[str], fact: Any, by: str, teller: Teller, lang: Language) -> str:
    if found[3] is not None:
        value = getattr(fact, found[1])
        return found[3] if (value == by if found[2] else value) else found[4]
    name, value = next(_given(found, fact, by, teller))
    return teller.body(value, lang) if name == "_subject" else teller.of(fact, name, lang)
