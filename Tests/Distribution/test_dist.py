"""The tarball of `make dist`, where nothing else is: in an empty root, on an old userland, and under a
kernel that lacks the system calls of the last years. Run by `make test-dist`.

What this machine does not allow (changing the root needs root) or lacks (an old userland:
`debootstrap --variant=minbase bullseye FOLDER`, named in GAMMAPLANE_OLD_USERLAND) is skipped.
"""

import csv
import ctypes
import hashlib
import io
import os
import pathlib
import platform
import shutil
import struct
import subprocess
import tarfile
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
FROZEN = TOP / "Tests/CommandTests/Frozen/quickstart-runs.csv"
RENAMED = {"outcome": "state"}  # columns of the frozen table that have another name now


def tarball():
    """The newest one; None before `make dist`."""
    return max((TOP / "dist").glob("gammaplane-*.tar.xz"), key=os.path.getmtime, default=None)


def without_new_system_calls():
    """Has the kernel answer ENOSYS to all system calls that Linux 4.18 did not have.

    pidfd_open, clone3, openat2 and all later ones have numbers from 424 on, on every machine.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def instruction(code, value, if_true=0, if_false=0):
        return struct.pack("HBBI", code, if_true, if_false, value)

    code = b"".join([
        instruction(0x20, 0),  # load the number of the call
        instruction(0x35, 424, 0, 1),  # at least 424?
        instruction(0x06, 0x00050000 | 38),  # ENOSYS
        instruction(0x06, 0x7FFF0000),  # allowed
    ])
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(38, 1, 0, 0, 0) != 0:  # PR_SET_NO_NEW_PRIVS
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    if libc.prctl(22, 2, ctypes.create_string_buffer(program, len(program)), 0, 0) != 0:  # PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")


@unittest.skipIf(platform.system() != "Linux", "the programs are linked statically on Linux only")
@unittest.skipIf(tarball() is None, "there is no tarball; make dist")
class TarballTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="gammaplane-dist-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        with tarfile.open(tarball()) as archive:
            archive.extractall(cls.folder)
        (cls.prefix,) = cls.folder.iterdir()

    def check_runs(self, text):
        """Rows are those of the frozen sweep, to the last digit."""
        with open(FROZEN, newline="") as file:
            expected = list(csv.DictReader(file))
        widths = {row["width"] for row in expected}
        # The sweep also has the limit, which is no width.
        rows = [row for row in csv.DictReader(io.StringIO(text)) if row["width"] in widths]
        self.assertEqual(len(rows), len(expected))
        for row, old in zip(rows, expected):
            self.assertEqual({name: row[RENAMED.get(name, name)] for name in old}, old)

    def sweep(self, command, folder, **options):
        """Runs quickstart by its name, and compares its runs."""
        environment = {"PATH": "/nowhere"}
        ended = subprocess.run(command + ["run", "quickstart"], cwd=folder, env=environment,
                               capture_output=True, text=True, **options)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        exported = subprocess.run(command + ["export", "runs", "quickstart"], cwd=folder, env=environment,
                                  capture_output=True, text=True, **options)
        self.assertEqual(exported.returncode, 0, exported.stderr)
        self.check_runs(exported.stdout)

    def in_root(self, root):
        """The command gammaplane with another root, in which /proc is mounted while it runs."""
        if os.getuid() != 0:
            self.skipTest("changing the root needs root")
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
            self.skipTest("mount namespaces are not allowed here")
        script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
        return ["/usr/bin/env", "PATH=" + os.defpath + ":/usr/sbin:/sbin", "unshare", "--mount",
                "sh", "-c", script, str(root)]

    def test_sums(self):
        lines = (self.prefix / "SHA256SUMS").read_text().splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        files = [path for path in self.prefix.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
        self.assertEqual({str(path.relative_to(self.prefix)) for path in files}, set(sums))
        for path in files:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.assertEqual(sums[str(path.relative_to(self.prefix))], digest)
        whole = hashlib.sha256(tarball().read_bytes()).hexdigest()
        self.assertIn(f"{whole}  {tarball().name}", (tarball().parent / "SHA256SUMS").read_text())

    def test_contents(self):
        for name in ["bin/gammaplane-worker", "share/man/man1/gammaplane.1", "share/gammaplane/grid.schema.json",
                     "share/bash-completion/completions/gammaplane", "share/doc/gammaplane/LICENSE"]:
            self.assertTrue((self.prefix / name).is_file(), name)
        grids = {path.name for path in (TOP / "grids").glob("*.yaml")}
        self.assertEqual({path.name for path in (self.prefix / "share/gammaplane/grids").glob("*.yaml")}, grids)

    def test_pinning(self):
        ended = subprocess.run([self.prefix / "bin/gammaplane", "doctor"], cwd=self.folder,
                               capture_output=True, text=True)
        self.assertIn("pinning: workers can be bound to cores", ended.stdout)

    def test_empty_root(self):
        root = self.folder / "empty"
        for name in ["bin", "proc", "work", "share/gammaplane"]:
            (root / name).mkdir(parents=True)
        for name in ["gammaplane", "gammaplane-worker"]:
            shutil.copy(self.prefix / "bin" / name, root / "bin")
        shutil.copytree(self.prefix / "share/gammaplane/grids", root / "share/gammaplane/grids")
        self.sweep(self.in_root(root) + ["/bin/gammaplane"], self.folder)

    def test_old_userland(self):
        userland = os.environ.get("GAMMAPLANE_OLD_USERLAND", "")
        if not userland:
            self.skipTest("GAMMAPLANE_OLD_USERLAND names no folder")
        inside = pathlib.Path(userland) / "opt/gammaplane"
        self.addCleanup(shutil.rmtree, inside, ignore_errors=True)
        shutil.copytree(self.prefix, inside)
        command = self.in_root(userland) + ["/opt/gammaplane/bin/gammaplane"]
        self.addCleanup(shutil.rmtree, pathlib.Path(userland) / "results", ignore_errors=True)
        self.sweep(command, self.folder)

    def test_old_kernel(self):
        folder = self.folder / "old-kernel"
        folder.mkdir()
        # `true` must be able to start, or the filter itself is not allowed here.
        try:
            subprocess.run(["true"], preexec_fn=without_new_system_calls, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            self.skipTest(f"system calls cannot be filtered here: {error}")
        self.sweep([str(self.prefix / "bin/gammaplane")], folder, preexec_fn=without_new_system_calls)


if __name__ == "__main__":
    unittest.main()
