"""Importing aiogram in a quarter of its time and half of its memory.

aiogram's types end their import by building some 450 pydantic models (2 s, 100 MB) of which a bot uses a few dozen. Here
the builds are skipped during the import; each model is then built at its first use, in the namespace aiogram would have
used. It leans on two private parameters of pydantic, so versions are pinned, a test builds every model, and
LIANXI_LAZY_MODELS=0 switches it off. Call `start_aiogram` before anything else imports aiogram.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def start_aiogram() -> None:
    """Import aiogram, lazily unless switched off or imported already."""
    if "aiogram" in sys.modules or os.environ.get("LIANXI_LAZY_MODELS") == "0":
        return
    from pydantic import BaseModel

    build = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(lambda cls, **kwargs: None)  # type: ignore[method-assign, assignment]  # put back below
    try:
        import aiogram.types
        from aiogram.methods import TelegramMethod
        from aiogram.types.base import TelegramObject
    finally:
        BaseModel.model_rebuild = build  # type: ignore[method-assign]  # as it was

    names: dict[str, Any] = {name: getattr(aiogram.types, name) for name in aiogram.types.__all__}
    names |= _typing_names()

    def rebuild(
        cls: type[BaseModel],
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: dict[str, Any] | None = None,
    ) -> bool | None:
        result: bool | None = build.__func__(cls, force=force, raise_errors=raise_errors, _types_namespace=_types_namespace or names)
        return result

    TelegramObject.model_rebuild = classmethod(rebuild)  # type: ignore[method-assign, assignment]  # same signature, another namespace
    TelegramMethod.model_rebuild = classmethod(rebuild)  # type: ignore[method-assign, assignment]


def _typing_names() -> dict[str, Any]:
    from typing import Literal, Optional, Union

    from aiogram.client.default import Default

    return {"List": list, "Optional": Optional, "Union": Union, "Literal": Literal, "Default": Default}
