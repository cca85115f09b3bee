# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the CANN packages (packages-and-versions.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass, field

INSTALL_MODES = ("--install", "--devel", "--full", "--upgrade")
OTHER_ACTIONS = ("--uninstall", "--version", "--check", "--pre-check")
FLAGS = ("--quiet", "-q", "--install-for-all", "--force", "--nox11")
VALUES = ("--install-path", "--whitelist", "--chip", "--type", "--feature-list")
HOSTS = ("toolkit", "nnae", "nnrt")  # what kernels attach to
WHITELIST = ("nnrt", "nnae", "toolkit", "driver")


@dataclass
class Options:
    """The arguments of one call."""

    actions: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    for_all: bool = False
    unknown: str | None = None

    @property
    def action(self) -> str:
        """Return the one action, empty when there is none or more than one."""
        return self.actions[0] if len(self.actions) == 1 else ""

    @property
    def installs(self) -> bool:
        """Tell whether the call puts something on the node."""
        return self.action in INSTALL_MODES

    @property
    def whitelist(self) -> str:
        """Return which part of the package is asked for, empty for all of it."""
        return self.values.get("whitelist", "")


def parse(words: list[str]) -> Options:
    """Read the arguments; the first word that the package does not know stands in ``unknown``."""
    options = Options()
    for word in words:
        key, equals, text = word.partition("=")
        if word in INSTALL_MODES or word in OTHER_ACTIONS:
            options.actions.append(word)
        elif equals and key in VALUES:
            options.values[key[2:]] = text
        elif word not in FLAGS:
            options.unknown = options.unknown or word
    options.quiet = bool({"--quiet", "-q"} & set(words))
    options.for_all = "--install-for-all" in words
    return options
