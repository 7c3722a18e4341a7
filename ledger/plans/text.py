"""From the bytes of a document to its canonical text.

Plans reach us as text files made from web pages, PDF and OCR. They mix half- and full-width signs (GB/T 15834 wants
the full-width ones), carry invisible characters, and are encoded in UTF-8 or, in the field, GB 18030. Everything after
this module sees one style only: full-width brackets and punctuation between Chinese characters, ASCII digits and
letters.

>>> canonical("(责任单位:市发改委,市财政局)")
'（责任单位：市发改委，市财政局）'
>>> clean("至 ２０２４年底 ，建立 机制".translate({}))
'至 ２０２４年底，建立机制'
"""

from __future__ import annotations

import html
import re
import unicodedata

from ledger.errors import FormatError

HAN = "㐀-䶿一-鿿豈-﫿〇\U00020000-\U0003134f"
SENTENCE_ENDS = "。！？；：…"
CLOSERS = "）】］〕》〉”’」』"

_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2064\u00ad]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NEWLINES = re.compile("\r\n|[\r\x0b\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_COMPATIBILITY = re.compile("[\u2f00-\u2fdf\uf900-\ufaff\uff01-\uff5e\uff61-\uff64\u3220-\u3229\u2474-\u249b]")
_DOCUMENT_NUMBER = re.compile(r"[\[【（(〔［﹝]\s*((?:19|20)\d\d)\s*[\]】）)〕］﹞]\s*(第?\d{1,5})\s*号")
_HAN_STOP = re.compile(f"(?<=[{HAN}）》”])(?<!^[一二三四五六七八九十])\\.(?=\\s*(?:[{HAN}（）《》“”]|$))", re.MULTILINE)
_PUNCTUATION = re.compile("[,;:!?，；：！？]")
_FULL = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
_HALF = {full: half for half, full in _FULL.items()}
_ANY_BRACKET = re.compile("[（【〔《“]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6});")
_ESCAPED = re.compile(r"\\([.#*_()\[\]\-~|])")
_DASH_ONE = re.compile("^[ #　]*(?:[—―─ー]、|（[—―─ー]）)", re.MULTILINE)  # OCR takes 一 for a dash
_SQUARE_ROLES = re.compile(r"\[(?!\d+\])([^\[\]\n]{2,600})\](?=\s*(?:[。；\n]|$))")  # [责任单位：…]; not a note's [3]
_LABEL_WORD = re.compile(r"(?:责\s*任|牵\s*头|配\s*合|主\s*办|协\s*办)\s*(?:单\s*位|部\s*门)|完\s*成\s*时\s*限")
_SPREAD = re.compile(f"(?<=[{HAN}]) (?=[{HAN}、，。：；（）])|(?<=[、，。：；（）]) (?=[{HAN}（])")
_BRACKETS = str.maketrans("()［］〖〗", "（）【】【】")
_WIDE = f"{HAN}，。、；：！？（）《》〈〉“”‘’【】〔〕—…"
_LOOSE_SPACE = re.compile(f"(?<=[{_WIDE}]) (?=[{_WIDE}])| (?=[，。、；：！？）》”】])|(?<=[，。、；：！？（《“【]) ")


def decode(data: bytes) -> str:
    """The text of a document's bytes: UTF-8 (a BOM is removed) or GB 18030.

    Raises FormatError for nothing, for binary data (a NUL, other encodings' marks, many control characters), and for
    UTF-8 that is damaged in places.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused("UTF-16 text", "UTF-16 文本")
    if b"\x00" in data:
        raise _refused("binary data (a NUL byte)", "二进制数据（含 NUL 字节）")
    text = _decoded(data)
    if len(_CONTROL.findall(text)) * 100 > len(text):
        raise _refused("binary data (control characters)", "二进制数据（含控制字符）")
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    if not text.strip():
        raise _refused("nothing", "空文件")
    return text


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as broken:
        loose = data.decode("utf-8", errors="replace")
        if loose.count("\ufffd") * 10 < sum(c > "\u2e80" and c != "\ufffd" for c in loose):
            message = f"UTF-8 that is damaged at byte {broken.start}"
            raise _refused(message, f"在第 {broken.start} 字节处损坏的 UTF-8") from broken
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise _refused("bytes of no known encoding", "编码无法识别的字节") from broken
        if not re.search(f"[{HAN}]", text):
            raise _refused("bytes of no known encoding", "编码无法识别的字节") from broken
        return text


def _refused(en: str, zh: str) -> FormatError:
    return FormatError(
        f"plan document: expected Chinese text in UTF-8 or GB 18030, got {en}",
        f"规划文件：应为 UTF-8 或 GB 18030 编码的中文文本，实为{zh}",
    )


def canonical(text: str) -> str:
    """One style of newline, space, digit, bracket and punctuation; no character of the language is added or removed."""
    text = _NEWLINES.sub("\n", text.replace("\f", "\n\f\n"))
    text = _ESCAPED.sub(r"\1", _ENTITY.sub(lambda m: html.unescape(m[0]), text))
    text = _SPACES.sub(lambda m: "\u3000" if m[0] == "\u3000" else " ", text)
    text = _COMPATIBILITY.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    text = text.replace("﹒", ".").replace("**", "").translate(_BRACKETS)
    text = _DASH_ONE.sub(lambda m: re.sub("[—―─ー]", "一", m[0]), text)
    text = _DOCUMENT_NUMBER.sub(r"〔\1〕\2号", text)
    text = _SQUARE_ROLES.sub(r"（\1）", text)
    text = _PUNCTUATION.sub(_one_width, text)
    text = _LABEL_WORD.sub(lambda m: re.sub(r"\s", "", m[0]), text)
    return "\n".join(map(_close_up, _HAN_STOP.sub("。", text).split("\n")))


def _close_up(line: str) -> str:
    """A line that OCR spread (市 发 改 委) without the spaces between its characters."""
    spread = len(_SPREAD.findall(line))
    return _SPREAD.sub("", line) if spread * 2 > len(line.replace(" ", "")) else line


def _one_width(match: re.Match[str]) -> str:
    """Half-width between two ASCII characters (10:30, 1,000), full-width elsewhere."""
    text, at, sign = match.string, match.start(), match[0]
    before = text[at - 1] if at else ""
    after = text[at + 1] if at + 1 < len(text) else ""
    between_ascii = before.isascii() and before.isalnum() and after.isascii() and (after.isalnum() or after == "/")
    return _HALF.get(sign, sign) if between_ascii else _FULL.get(sign, sign)


def clean(text: str) -> str:
    """A passage fit to be shown: spaces that Chinese does not write are removed, others single."""
    return _LOOSE_SPACE.sub("", re.sub("[ \t]+", " ", text)).strip()


def is_han(char: str) -> bool:
    """Whether the character is a Chinese one."""
    return bool(re.match(f"[{HAN}]", char))


def brackets(text: str, pairs: str = "（）【】〔〕") -> list[tuple[int, int]]:
    """Outermost bracket pairs as (index of the opening, index of the closing) in text order.

    A bracket that never closes is no pair, and those inside it count as outermost. Linear in the text's length.

    >>> brackets("甲（乙（丙）丁）戊（己")
    [(1, 7)]
    """
    if not _ANY_BRACKET.search(text):
        return []
    opening = dict(zip(pairs[::2], pairs[1::2], strict=True))
    stack: list[int] = []
    found: list[tuple[int, int]] = []
    for at, char in enumerate(text):
        if char in opening:
            stack.append(at)
        elif stack and char == opening[text[stack[-1]]]:
            start = stack.pop()
            while found and found[-1][0] > start:
                found.pop()
            found.append((start, at))
    return found


def outside(text: str) -> str:
    """The text with everything in brackets and quotes replaced by as many spaces: indexes stay true."""
    pieces, at = [], 0
    for start, end in brackets(text, "（）【】〔〕《》“”"):
        pieces += [text[at:start], " " * (end + 1 - start)]
        at = end + 1
    return "".join(pieces) + text[at:]
