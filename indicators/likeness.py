"""Near-duplicates of the ledger: what makes two names, or two document numbers, the same. Pure.

The key of a row is kept beside it in an indexed column, so that a new row meets ten thousand others at once.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

# In a name: what is often left out or written otherwise, without another thing being meant.
YEAR_WORDS = re.compile(r"(?:(?:19|20)\d\d|[一二][九〇零○][〇零○一二三四五六七八九]{2})(?:学年|年度|年)?")
PHRASES = re.compile(r"^关于|的?(?:通知|公告|公示|通报|决定|批复)$")
# Marks that tell C++ from C.
TELLING = "+#"
KEY_LENGTH = 32


def plain_name(name: str) -> str:
    """A name without what does not tell it from another: width, case, spaces, punctuation, brackets,
    关于…的通知, and the year."""
    whole = "".join(c for c in folded(name) if c.isalnum() or c in TELLING)
    found = stripped(whole)
    return found or whole


def stripped(text: str) -> str:
    """Taking something out may bring the next together, so until nothing is left to take."""
    while True:
        less = PHRASES.sub("", YEAR_WORDS.sub("", text))
        if less == text:
            return text
        text = less


def plain_number(number: str) -> str:
    """粤教职函〔2023〕第12号 and 粤教职函(2023) 12 are one document: brackets and 第, 号 do not count."""
    parts = re.findall(r"\d+|[^\W\d_]+", folded(number))
    words = (re.sub("[第号]", "", part) for part in parts)
    return "-".join(filter(None, words))


def folded(text: str) -> str:
    """NFKC may need its own result folded once more."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def name_key(name: str) -> str:
    return key(plain_name(name))


def number_key(number: str) -> str:
    return key(plain_number(number))


def key(text: str) -> str:
    """Of any length to one that an index takes; empty for nothing."""
    return hashlib.blake2b(text.encode(), digest_size=KEY_LENGTH // 2).hexdigest() if text else ""
