# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver package's own arguments and the rules among them (hicann/driver args_parse.sh)."""

from __future__ import annotations

from dataclasses import dataclass, field

PARAMETER = "[ERROR]ERR_NO:0x0004;ERR_DES:"
PATH_ERROR = "[ERROR]ERR_NO:0x0003;ERR_DES:"
TYPES = ("full", "debug", "devel", "docker", "run")
_TYPES_THAT_NAME_THEIR_OPERATION = ("full", "debug")
_SWITCHES = ("version", "check", "quiet", "force")
_VALUES = {"install-username": "user", "install-usergroup": "group", "install-path": "path"}


class OptionError(Exception):
    """An argument is refused; the text is the installer's."""


@dataclass
class Options:
    """The arguments of one call. ``counted`` and ``chosen`` are the installer's own two counters."""

    words: list[str]
    install_type: str = ""
    operation: str = "Install"
    upgrade: bool = False
    uninstall: bool = False
    version: bool = False
    check: bool = False
    quiet: bool = False
    force: bool = False
    for_all: bool = False
    mode: str = "normal"
    user: str | None = None
    group: str | None = None
    path: str | None = None
    counted: int = 0
    chosen: int = 0
    switches: list[str] = field(default_factory=list)

    @property
    def installs(self) -> bool:
        """Tell whether this call installs or upgrades."""
        return self.upgrade or bool(self.install_type)

    @property
    def needs_device(self) -> bool:
        """Tell whether the call is for a host with chips: everything but --docker and the questions."""
        return self.upgrade or self.install_type in {"full", "debug", "run", "devel"}

    @property
    def command_line(self) -> str:
        """Return the arguments as they go into the operation log."""
        return " ".join(self.words)


def parse(words: list[str]) -> Options:
    """Read ``words`` up to the first one that is no option. Raises OptionError."""
    options = Options(words)
    for word in words:
        if not word.startswith("-"):
            break
        _take(options, word)
    return options


def _take(options: Options, word: str) -> None:
    name = word[2:] if word.startswith("--") else ""
    key, equals, text = name.partition("=")
    if name in TYPES:
        _take_type(options, name)
    elif name in {"upgrade", "uninstall"}:
        options.counted += 1
        options.chosen += name == "upgrade"
        options.operation = name.capitalize()
        setattr(options, name, True)
    elif name in _SWITCHES:
        options.counted += 1
        setattr(options, name, True)
    elif name == "vnpu_guest":
        options.counted += 1
        options.mode = name
    elif name == "install-for-all":
        options.for_all = True
    elif equals and key in _VALUES:
        _take_value(options, key, text)
    elif name != "norebuild":
        raise OptionError(
            f"{PARAMETER} Unrecognized parameters: {word}. Try './xxx.run --help' for more information."
        )


def _take_type(options: Options, name: str) -> None:
    options.counted += 1
    options.chosen += 1
    if name in _TYPES_THAT_NAME_THEIR_OPERATION:
        options.operation = "Install"
    if options.install_type:
        raise OptionError(f"{PARAMETER}only support one type: full/debug/run/docker/devel, operation failed!")
    options.install_type = name
    if name == "debug":
        options.mode = name


def _take_value(options: Options, key: str, text: str) -> None:
    options.counted += 1
    if key == "install-path" and not text:
        raise OptionError(f"{PATH_ERROR}install path is null, install failed")
    setattr(options, _VALUES[key], text)


def refusal(options: Options) -> list[str]:
    """Return the error lines for a combination that the installer refuses, empty when it takes it."""
    if options.uninstall:
        alone = options.counted == 1 + options.force
        return [] if alone else [f"{PARAMETER}uninstall can't use with other parameters except force."]
    if options.version or options.check:
        alone = options.counted == 1
        return [] if alone else [f"{PARAMETER}version/check can't use with other parameters."]
    if options.chosen != 1:
        with_force = (
            "full/debug/run/upgrade/uninstall" if options.force else "full/debug/run/docker/upgrade/devel"
        )
        return [f"{PARAMETER}The parameter needs to be used with {with_force}."]
    return _refused_with_type(options)


def _refused_with_type(options: Options) -> list[str]:
    if options.for_all and (options.upgrade or options.install_type == "docker"):
        return [f"{PARAMETER}install-for-all param need used with full/debug/run/devel."]
    if options.path is not None and options.upgrade:
        return [f"{PARAMETER}install-path param need used with full/debug/run/docker/devel."]
    if options.mode == "vnpu_guest" and options.install_type not in {"full", "run"}:
        return [f"{PARAMETER}vnpu_host/vnpu_guest/vnpu_docker_host param need used with full/run."]
    given = [options.user is not None, options.group is not None]
    if all(given) and options.upgrade:
        names = "install-username and install-usergroup"
        return [f"{PARAMETER}{names} params need used with full/debug/run/docker/devel."]
    if any(given) and not all(given):
        first = f"{PARAMETER}Username and usergroup are not specified at the same time."
        return [first, "[ERROR]Please input the right params and try again."]
    return []
