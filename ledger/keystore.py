"""Private keys in files, one key a file, readable by its owner only: PKCS #8 PEM, and the vault's in hexadecimal.

>>> import tempfile
>>> from pathlib import Path
>>> folder = Path(tempfile.mkdtemp())
>>> key = create(folder / "office.pem")
>>> load(folder / "office.pem").kid == key.kid
True
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ledger.errors import ConfigurationError
from ledger.proof.keys import PrivateKey

_SECRET = 32


def load(path: Path) -> PrivateKey:
    """The key in a file. Raises ConfigurationError if there is none, FormatError if it holds something else."""
    try:
        return PrivateKey.from_pem(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"key file {path}: cannot be read ({error.strerror})",
        f"密钥文件 {path}：无法读取（{error.strerror}）",
    )


def create(path: Path) -> PrivateKey:
    """A new key from the system's random source, in a file of mode 0600. Never writes over a file."""
    key = PrivateKey.from_seed(secrets.token_bytes(32))
    write_private(path, key.to_pem())
    return key


def load_or_create(path: Path) -> PrivateKey:
    """The key in a file, made at first use."""
    return load(path) if path.exists() else create(path)


def load_secret(path: Path) -> bytes:
    """The 32 bytes in a file. Raises ConfigurationError if there is none, or it holds something else."""
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        secret = b""
    if len(secret) != _SECRET:
        raise ConfigurationError(
            f"key file {path}: expected 64 hexadecimal digits",
            f"密钥文件 {path}：应为 64 位十六进制数",
        )
    return secret


def create_secret(path: Path) -> bytes:
    """32 new bytes from the system's random source, in a file of mode 0600. Never writes over a file."""
    secret = secrets.token_bytes(_SECRET)
    write_private(path, secret.hex().encode() + b"\n")
    return secret


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner may read, whole or not at all. Raises ConfigurationError if it exists."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # fails if the file is there: a key is never replaced
    except FileExistsError:
        raise ConfigurationError(f"{path} exists already; it is not written over", f"{path} 已存在，不予覆盖") from None
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror})", f"{path}：无法写入（{error.strerror}）"
        ) from None
    finally:
        part.unlink(missing_ok=True)
