"""Write docs/commands.md: commands.py PROGRAM > docs/commands.md.

Commands and options are what PROGRAM, gammaplane, tells of itself; commands-head.md comes first.
"""

import collections
import json
import pathlib
import subprocess
import sys
import textwrap

WIDTH = 100
# Options that are the same in as many commands are explained once.
COMMON = 3


def run(program, *arguments):
    return subprocess.run(
        [program, *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout


def wrapped(text, first="", indent=""):
    return textwrap.fill(
        first + text,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def escaped(text):
    """Outside of code a placeholder such as <grid> would be HTML."""
    return text.replace("<", "\\<")


def names(argument):
    return [
        ("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names", [])
    ]


def signature(argument):
    """`-o, --output <file>`."""
    value = f"<{argument['valueName']}>"
    if argument["kind"] == "positional":
        return value
    text = ", ".join(sorted(names(argument), key=len))
    return f"{text} {value}" if argument["kind"] == "option" else text


def described(argument):
    text = argument.get("abstract", "").strip()
    default = argument.get("defaultValue")
    if default is not None and "default" not in text:
        text = text.rstrip(".") + f" (default: {default.removesuffix('.0')})."
    return wrapped(escaped(text), f"- `{signature(argument)}`: ", "  ")


def arguments_of(command):
    shown = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    return [argument for argument in shown if argument["valueName"] not in ("help", "version")]


def usage(program, path, command):
    """The usage of the help, where one is written there; else arguments, then options in short."""
    line = run(program, *path[1:], "--help").split("USAGE: ")[1].split("\n\n")[0]
    line = " ".join(line.split())
    arguments = arguments_of(command)
    written = "[<options>]" in line and not line.startswith(" ".join(path) + " [<options>]")
    if written or not arguments:
        return line
    words = list(path)
    for argument in arguments:
        if argument["kind"] == "positional":
            name = signature(argument)
            words.append(f"[{name}]" if argument["isOptional"] else name)
    return " ".join([*words, "[<options>]"])


def discussion(command):
    """The paragraphs of a discussion but for tables under a heading in capitals, which are elsewhere."""
    parts = command.get("discussion", "").split("\n\n")
    return [part for part in parts if not part.split(":")[0].isupper()]


def leaves(command, path=()):
    """All commands that do something, with their words."""
    path = (*path, command["commandName"])
    subcommands = [c for c in command.get("subcommands", []) if c["shouldDisplay"]]
    subcommands = [c for c in subcommands if c["commandName"] != "help"]
    if not subcommands:
        yield path, command
    for subcommand in subcommands:
        yield from leaves(subcommand, path)


def main(program):
    root = json.loads(run(program, "--experimental-dump-help"))["command"]
    commands = list(leaves(root))
    arguments = {path: {described(a): a for a in arguments_of(c)} for path, c in commands}
    counts = collections.Counter(text for each in arguments.values() for text in each)
    common = {text for text, count in counts.items() if count >= COMMON}
    blocks = [pathlib.Path(__file__).with_name("commands-head.md").read_text("utf-8").strip()]
    blocks.append("## Options of several commands")
    blocks.append("\n".join(text for text in counts if text in common and text.startswith("- `-")))
    for path, command in commands:
        first, *rest = discussion(command)
        blocks.append("## " + " ".join(path[1:]))
        about = escaped(f"{command['abstract']} {first}".strip())
        blocks.append(wrapped(about, f"`{usage(program, path, command)}`: "))
        blocks += [wrapped(escaped(part)) for part in rest]
        lines = [text for text in arguments[path] if text not in common]
        shared = [f"`{names(a)[-1]}`" for text, a in arguments[path].items() if text in common and names(a)]
        if shared:
            lines.append(wrapped(", ".join(shared) + ": see above.", "- ", "  "))
        blocks.append("\n".join(lines))
    print("\n\n".join(block for block in blocks if block))


if __name__ == "__main__":
    main(sys.argv[1])
