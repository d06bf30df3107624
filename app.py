"""The site, and nothing else: settings, services, routes and pages put together. `streamlit run app.py`."""

from __future__ import annotations

import asyncio
import gc

gc.disable()  # what is imported here stays: to look through it for garbage takes a tenth of the start

import logging
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.errors import StreamlitSecretNotFoundError

from routes import (
    afterwards,
    assets,
    audit,
    conversations,
    entry,
    export,
    feedback,
    files,
    health,
    human_input,
    live,
    nagle,
    notes,
    numbers,
    peers,
    people,
    prompts,
    share,
    sign_in,
    signing,
    speech,
    steps,
    theme,
    variables,
    views,
    work,
)
from routes.security import Security
from services import assembly, process, site, sole
from services.auth_settings import AuthSettings
from services.dify.connection import quiet_logs
from services.next_steps import next_steps
from services.settings import Settings, SettingsError, refuse_exposure

ROOT = Path(__file__).parent
log = logging.getLogger("console")


def assembled() -> site.Site | None:
    """The services, or None where the configuration cannot work: the pages then say what to mend."""
    try:
        settings = Settings.read(os.environ, ROOT, secrets())
        for remark in settings.remarks:
            log.warning(remark)
        streamlits = sign_in.streamlits() if settings.auth.mode == "oidc" else None
        sole.take(settings.data_dir)
        services = assembly.built(settings, ROOT, streamlits)
        sole.claim(services.store.database)
        return services
    except SettingsError as error:
        problem = str(error)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        why = error.strerror or error
        problem = f"The data folder cannot be used: {why}{where}. Set DATA_DIR to another one."
    log.error(problem)
    site.refuse(problem)
    return None


def secrets() -> dict[str, Any]:
    """What secrets.toml holds; empty where there is none. Raises SettingsError."""
    paths = [path for path in st.get_option("secrets.files") if Path(path).exists()]
    if not paths:
        return {}
    try:
        return st.secrets.to_dict()
    except (StreamlitSecretNotFoundError, OSError):  # its words may quote the file
        raise SettingsError(f"{paths[-1]} cannot be read: it is not valid TOML, or not readable.") from None


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncGenerator[None, None]:
    quiet_logs()
    nagle.switch_off()
    theme.keep()
    theme.take_icon()
    process.give_way()
    process.give_memory_back()
    process.take_all_connections()
    services = assembled()
    if services and services.identities.mode == "proxy":
        peers.keep()
    # What was imported so far never becomes garbage, and to go through it each time holds up every stream for
    # 60 ms.
    gc.freeze()
    gc.enable()
    with process.told_to_end(live.stopping.set, services.stop if services else None):
        if services:
            site.use(services)
            services.start()
            for sentence in next_steps(services):
                log.warning(sentence)
            sole.watch(services.store.database, services.ending, site.refuse)
        try:
            yield
        finally:
            live.stopping.set()
            if services:
                await asyncio.to_thread(services.stop)


try:
    refuse_exposure(st.get_option("server.address"), AuthSettings.read(os.environ).mode)
except SettingsError as error:
    sys.exit(str(error))

app = st.App(
    "pages/frame.py",
    routes=[
        Route("/live/{key}", live.events),
        Route("/turns/{key}", live.older),
        Route("/turns/{key}/{turn}/suggestions", afterwards.suggestions),
        Route("/turns/{key}/{turn}/rating", afterwards.rate, methods=["POST"]),
        Route("/turns/{key}/{turn}/variables", variables.changes),
        Route("/turns/{key}/{turn}/steps/{step:path}", steps.details),
        *conversations.ROUTES,
        *export.ROUTES,
        *feedback.ROUTES,
        *prompts.ROUTES,
        *work.ROUTES,
        *notes.ROUTES,
        *views.ROUTES,
        *numbers.ROUTES,
        *people.ROUTES,
        *signing.ROUTES,
        Route("/share/{token}", share.page),
        Route("/audit.csv", audit.file),
        Route("/files/{key}/{turn}/{file}", files.file),
        Route("/icons/{app}", files.icon),
        Route("/icons/{app}/{tool:path}", files.icon),
        Route("/turns/{key}/{turn}/form", human_input.submit, methods=["POST"]),
        Route("/turns/{key}/{turn}/form/file", human_input.file, methods=["POST"]),
        Route("/speech/{key}/{turn}", speech.speech),
        Route("/stop/{key}", live.stop, methods=["POST"]),
        Route("/assets/{digest}/{path:path}", assets.asset),
        Route("/healthz", health.healthz),
    ],
    middleware=[
        Middleware(Security, hosts=frozenset(st.get_option("server.allowedHosts") or ())),
        Middleware(sign_in.SignIn),
        Middleware(entry.Entry),
        Middleware(assets.StreamlitScripts),
    ],
    lifespan=lifespan,
)
