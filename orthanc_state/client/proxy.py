"""The HTTP proxy of the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`."""

from __future__ import annotations

from urllib.request import getproxies, proxy_bypass

import httpx

from orthanc_state.client.errors import ConfigurationError

HINT = "Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY."


def proxy_for(url: httpx.URL) -> httpx.Proxy | None:
    """The proxy through which a URL is reached, if there is one.

    Raises:
        ConfigurationError: The environment names something that is no proxy.
    """
    if proxy_bypass(url.netloc.decode("ascii")):
        return None
    proxies = getproxies()
    given = proxies.get(url.scheme) or proxies.get("all")
    if not given:
        return None
    try:
        # Many sites write it without its scheme, as curl takes it.
        proxy = httpx.Proxy(given if "://" in given else f"http://{given}")
    except (httpx.InvalidURL, ValueError):
        proxy = None
    # The address is not repeated: it may hold a password.
    if proxy is None or not proxy.url.host or proxy.url.scheme not in {"http", "https"}:
        raise ConfigurationError("the proxy of the environment is none that can be used", hint=HINT)
    return proxy
