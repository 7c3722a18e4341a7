"""Sentences for look-ups and erasures of sealed fields: which and why, never what they say. Data only; how they are
read: story_phrases.
"""

from __future__ import annotations

from api.words.table import words

PHRASES = words(
    SealOpened=(
        "[应{requester@}来函，]以“{role}”身份查询封存字段（{fields}）[，限{digests}]，目的为{purpose}，文号{case_number}",
        "looked up sealed fields ({fields})[, {digests}] as {role}, for {purpose}, number {case_number}"
        "[, asked by {requester@}]",
    ),
    SealErased=(
        "永久抹除封存内容[，共{digests}]，理由为{ground}；摘要仍在账上，内容已无法打开",
        "erased sealed fields for ever[, {digests}]: {ground}; the digests stay, nothing opens them any more",
    ),
)
