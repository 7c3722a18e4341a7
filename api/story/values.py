"""Values of a fact as words of a sentence, in Chinese or English: codes, bodies, days, money, documents, prose.

>>> from ledger.domain.record.terms import Severity
>>> teller = Teller({})
>>> teller.text(date(2026, 5, 20), "zh"), teller.text(Severity.SERIOUS, "en")
('2026年5月20日', 'serious')
>>> teller.text((Document("函", "0" * 64, "示函〔2026〕2号", "示例市信用办", date(2026, 5, 21)),), "zh")
'《函》（示函〔2026〕2号，示例市信用办，2026年5月21日）'
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from api.pages.show import MOMENTS, MONEY, Names, is_sealed, moment, yuan
from api.words import field_word, word
from api.words.table import Word
from ledger.domain.event import LEDGER, Document

Language = Literal["zh", "en"]
LONGEST = 200
"""Most characters of a text that a sentence repeats; the event's own page shows the whole."""
_AND = {"zh": ("、", "；"), "en": (", ", "; ")}
"""What stands between values, and between values that have parts of their own."""
_WITH = {"zh": "，", "en": ", "}
_YES = {"zh": ("是", "否"), "en": ("yes", "no")}


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells a story: the names of bodies, and the words of what has its own in this case (penalties, measures).

    ``subject`` is the body that the case is about, if it is about one.
    """

    names: Names
    labels: Mapping[str, Word] = field(default_factory=dict)
    subject: str | None = None

    def text(self, value: Any, lang: Language) -> str:
        """A value as part of a sentence."""
        if isinstance(value, tuple):
            many = any(dataclasses.is_dataclass(v) and not isinstance(v, Document) for v in value)
            return _AND[lang][many].join(self.text(v, lang) for v in value)
        if isinstance(value, StrEnum):
            found = word(value)
            return found.zh if lang == "zh" else lowered(found.en)
        if isinstance(value, bool):
            return _YES[lang][not value]
        if isinstance(value, date):
            return day(value, lang)
        if isinstance(value, Document):
            return self._document(value, lang)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self.listed(value, lang, separator=_WITH[lang])
        return self._word(str(value), lang)

    def of(self, fact: Any, name: str, lang: Language) -> str:
        """A field of a fact as part of a sentence."""
        value = getattr(fact, name)
        cls = type(fact).__name__
        if is_sealed(type(fact), name):
            return f"{len(value)}项" if lang == "zh" else f"{len(value)} in all"
        if name in MOMENTS:
            return moment(value)
        if name in MONEY or (cls, name) == ("Contract", "value"):
            return yuan(value)
        if (cls, name) == ("PenaltyImposed", "measure"):
            return self._word(f"measure.{value}", lang).removeprefix("measure.")
        if name in {"penalty", "lift"} and cls != "PenaltyImposed":
            values = value if isinstance(value, tuple) else (value,)
            return self.text(tuple(self._penalty(v, lang) for v in values), lang)
        return self.text(value, lang)

    def listed(self, fact: Any, lang: Language, but: frozenset[str] = frozenset(), separator: str | None = None) -> str:
        """The fields that have a value, each after its name, without those of ``but``."""
        found = []
        for one in dataclasses.fields(fact):
            if one.name not in but and is_told(one, getattr(fact, one.name)):
                label = field_word(one.name, type(fact).__name__)
                text = self.of(fact, one.name, lang)
                found.append(f"{label.zh}：{text}" if lang == "zh" else f"{lowered(label.en)}: {text}")
        return (separator or _AND[lang][True]).join(found)

    def body(self, body_id: str, lang: Language) -> str:
        """A body's name."""
        if body_id == LEDGER:
            return "账本" if lang == "zh" else "the ledger"
        found = self.names.get(body_id)
        return found.name if found else body_id

    def item(self, item: str, lang: Language) -> str:
        """What an event or a deadline is about: a body's name, a penalty with its measure, or its own name."""
        if item in self.labels or item in self.names:
            return self._word(item, lang)
        return self._penalty(item, lang)

    def _penalty(self, item: str, lang: Language) -> str:
        label = self.labels.get(f"penalty.{item}")
        if label is None:
            return item
        return f"{item}（{label.zh}）" if lang == "zh" else f"{item} ({lowered(label.en)})"

    def _word(self, text: str, lang: Language) -> str:
        if text in self.labels:
            return self.labels[text].zh if lang == "zh" else lowered(self.labels[text].en)
        if text == LEDGER or text in self.names:
            return self.body(text, lang)
        line = " ".join(text.split())
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"

    def _document(self, found: Document, lang: Language) -> str:
        details = [self.text(v, lang) for v in (found.number, found.organ, found.dated) if v]
        if not details:
            return f"《{found.title}》"
        return (
            f"《{found.title}》（{'，'.join(details)}）"
            if lang == "zh"
            else f"《{found.title}》 ({', '.join(details)})"
        )


def day(value: date, lang: Language) -> str:
    """A day as people write it."""
    return f"{value.year}年{value.month}月{value.day}日" if lang == "zh" else value.isoformat()


def is_told(field: dataclasses.Field[Any], value: Any) -> bool:
    """Whether a field has something to tell: no value, an empty list and a "no" that goes without saying have not."""
    return value is not None and value != () and not (value is False and field.default is False)


def lowered(en: str) -> str:
    """An English term within a sentence; abbreviations stay as they are.

    >>> lowered("Lead body"), lowered("CPPCC committee")
    ('lead body', 'CPPCC committee')
    """
    return en[0].lower() + en[1:] if en[1:2].islower() or en[1:2] == " " else en
