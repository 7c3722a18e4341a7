"""Shapes of the signatures and keys that stand inside facts: of a rotation, and of a second signature by SM2.

>>> import re
>>> bool(re.fullmatch(_SM2_KEY.pattern, "B" + "A" * 86))
True
"""

from __future__ import annotations

from typing import Annotated

from ledger.domain.codec import Shape

_SIGNATURE = Shape("[A-Za-z0-9_-]{86}", "an Ed25519 signature in base64url", "Ed25519 签名（base64url）")
SignatureText = Annotated[str, _SIGNATURE]
_SM2_KEY = Shape(
    "B[A-P][A-Za-z0-9_-]{84}[AEIMQUYcgkosw048]",
    "an SM2 public key: 04 ‖ x ‖ y in base64url",
    "SM2 公钥：04 ‖ x ‖ y（base64url）",
)
_SM2_SIGNATURE = Shape("ME[A-Za-z0-9_-]{84,94}", "an SM2 signature in DER, base64url", "SM2 签名：DER（base64url）")
Sm2Key = Annotated[str, _SM2_KEY]
Sm2Signature = Annotated[str, _SM2_SIGNATURE]
