"""Write man pages: manual.py PROGRAM FOLDER.

FOLDER/gammaplane.1 is about the program, FOLDER/gammaplane-COMMAND.1 about each command. Commands
and options are what PROGRAM, gammaplane, tells of itself.
"""

import json
import pathlib
import re
import sys

import commands


def roff(text):
    """A text in which nothing is taken for a request or an escape; code is bold."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", text)
    text = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in text)
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.split("\n"))


def paragraphs(command):
    """The discussion; tables under a heading in capitals become sections of their own."""
    body, sections = [], []
    for part in command.get("discussion", "").split("\n\n"):
        head, _, rest = part.partition("\n")
        if head.rstrip(":").isupper():
            sections.append(f".SH {roff(head.rstrip(':'))}\n.nf\n{roff(rest)}\n.fi")
        elif part:
            body.append(".PP\n" + roff(part))
    return body, sections


def options(command):
    lines = []
    for argument in commands.arguments_of(command):
        default = argument.get("defaultValue")
        text = argument.get("abstract", "").strip()
        if default is not None and "default" not in text:
            text = text.rstrip(".") + f" (default: {default.removesuffix('.0')})."
        lines.append(f".TP\n.B {roff(commands.signature(argument))}\n{roff(text)}")
    return lines


def page(program, path, command, version, others):
    name = "-".join(path)
    body, sections = paragraphs(command)
    abstract = command["abstract"].rstrip(".")
    blocks = [
        f'.TH "{name.upper()}" 1 "" "gammaplane {version}" "gammaplane"',
        f".SH NAME\n{roff(name)} \\- {roff(abstract[0].lower() + abstract[1:])}",
        ".SH SYNOPSIS\n.B " + roff(commands.usage(program, path, command)),
        ".SH DESCRIPTION",
        *(body or [roff(command["abstract"])]),
    ]
    listed = options(command)
    if listed:
        blocks += [".SH OPTIONS", *listed]
    if len(path) == 1:
        blocks.append(".SH COMMANDS")
        for other, about in others:
            blocks.append(f".TP\n.BR {roff('-'.join(other))} (1)\n{roff(about['abstract'])}")
    blocks += sections
    see = "gammaplane" if len(path) > 1 else "gammaplane\\-run"
    blocks.append(f".SH SEE ALSO\n.BR {see} (1)")
    return "\n".join(blocks) + "\n"


def main(program, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    root = json.loads(commands.run(program, "--experimental-dump-help"))["command"]
    version = commands.run(program, "--version").split()[0]
    leaves = list(commands.leaves(root))
    for path, command in [((root["commandName"],), root), *leaves]:
        text = page(program, path, command, version, leaves)
        (folder / ("-".join(path) + ".1")).write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
