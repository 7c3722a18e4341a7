"""Ours against the examples that standards print: RFC 8032, RFC 8037, RFC 9901, C2SP, and CT's reference tree."""

from __future__ import annotations

import base64
import hashlib

import pytest

from ledger.domain.body import thumbprint
from ledger.proof.disclosure import read
from ledger.proof.event import decode_segment
from ledger.proof.keys import PrivateKey, b64url, verify
from ledger.proof.merkle import inclusion_proof, leaf_hash, parents, root, verify_consistency, verify_inclusion

# RFC 8032 §7.1: secret key, public key, message, signature.
ED25519 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
        "4655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
        "eb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
        "dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), ED25519)
def test_ed25519_is_that_of_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    """RFC 8032 §7.1, tests 1 to 3."""
    key, said, made = PrivateKey.from_seed(bytes.fromhex(secret)), bytes.fromhex(message), bytes.fromhex(signature)
    assert key.public == b64url(bytes.fromhex(public))
    assert key.sign(said) == made
    assert verify(key.public, made, said)
    assert not verify(key.public, made, said + b"\0")
    for at in (0, 31, 32, 63):
        assert not verify(key.public, made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :], said)


def test_key_ids_and_signing_inputs_are_those_of_rfc_8037() -> None:
    """RFC 8037 A.3 (thumbprint) and A.4 (a JWS, which then still said EdDSA)."""
    public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    signing_input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = b"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert verify(public, decode_segment(signature, "signature"), signing_input)
    assert not verify(public, decode_segment(signature, "signature"), signing_input[:-1])


def test_disclosures_and_digests_are_those_of_rfc_9901() -> None:
    """RFC 9901 §4.2.1 and §4.2.3: the family name of its first example; spaces and escapes are its own."""
    disclosure = b"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    opening = read(disclosure)
    assert (opening.name, opening.value) == ("family_name", "Möbius")
    assert opening.digest == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    escaped = b"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTVx1MDBmNmJpdXMiXQ"
    assert read(escaped).value == "Möbius"
    assert read(escaped).digest != opening.digest


# The reference tree of the certificate-transparency project: its leaves, and the root after each.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Its inclusion proof of the first leaf in the whole, and its consistency proof from 6 leaves to 8.
INCLUSION = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CONSISTENCY = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


def test_roots_and_proofs_are_those_of_the_reference_tree() -> None:
    """RFC 6962 §2.1: every size, an inclusion proof and a consistency proof that were published with it."""
    rows = [[leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]]
    while len(rows[-1]) > 1:
        rows.append(parents(rows[-1]))
    roots = [bytes.fromhex(r) for r in ROOTS]

    def nodes(level: int, n: int) -> bytes:
        return rows[level][n]

    assert [root(size, nodes) for size in range(1, 9)] == roots
    assert [h.hex() for h in inclusion_proof(0, 8, nodes)] == INCLUSION
    verify_inclusion(0, 8, rows[0][0], [bytes.fromhex(h) for h in INCLUSION], roots[7])
    verify_consistency(6, 8, roots[5], roots[7], [bytes.fromhex(h) for h in CONSISTENCY])


def test_the_key_of_the_specification_has_the_id_that_it_prints() -> None:
    """C2SP signed-note: the key id is SHA-256(name ‖ LF ‖ type ‖ key)[:4]."""
    name, printed, key = ["example.com/foo", "530d903a", "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"]
    assert hashlib.sha256(name.encode() + b"\n" + base64.b64decode(key)).hexdigest()[:8] == printed
