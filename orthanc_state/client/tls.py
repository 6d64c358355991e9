"""TLS contexts: whose certificates are trusted, and which one is shown."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from orthanc_state.client.errors import ConfigurationError

if TYPE_CHECKING:
    from os import PathLike

    import httpx

    from orthanc_state.client.credentials import Credentials


def tls_context(
    credentials: Credentials,
    ca_file: str | PathLike[str] | None = None,
    client_certificate: str | PathLike[str] | None = None,
    client_key: str | PathLike[str] | None = None,
) -> ssl.SSLContext:
    """A context that checks the server's certificate, and shows one of its own when the server asks.

    Args:
        credentials: Where the password is, if the private key is encrypted.
        ca_file: PEM file of the authorities to trust instead of the system's.
        client_certificate: PEM file of the certificate to show.
        client_key: PEM file of its private key, where it is not in the same file.

    Raises:
        ConfigurationError: A file is missing, unreadable or not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"cannot read the CA file {ca_file}: {_reason(error)}") from None
    if client_certificate is not None:
        try:
            # Without a password given, OpenSSL would ask on the terminal: an empty one makes it fail instead.
            context.load_cert_chain(client_certificate, client_key, credentials.client_key_password or "")
        except (OSError, ssl.SSLError, ValueError) as error:
            raise ConfigurationError(
                f"cannot use the client certificate {client_certificate}: {_reason(error)}",
                hint="Check that the certificate and its key belong together, and the key's password.",
            ) from None
    elif client_key is not None:
        raise ConfigurationError("a client key is given without the client certificate that it belongs to")
    return context


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def default_context(url: httpx.URL) -> ssl.SSLContext:
    """The system's trust for https; for plain http an empty context, which costs nothing to make and trusts nobody."""
    if url.scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
