"""Runs a command under a seccomp filter that is written as container runtimes read it (OCI runtime specification, linux.seccomp).

    python3 under-seccomp.py FILTER.json COMMAND [ARGUMENT]...

Needs python3-seccomp of Debian, by whose library, libseccomp, the runtimes make their filters too.
"""

import json
import os
import sys

import seccomp


def action(name, errno):
    return {"SCMP_ACT_ALLOW": seccomp.ALLOW, "SCMP_ACT_ERRNO": seccomp.ERRNO(errno)}[name]


def main(path, command):
    with open(path, encoding="utf8") as file:
        profile = json.load(file)
    default_errno = profile["defaultErrnoRet"]
    # With the native architecture alone; others of the profile are for other machines.
    syscalls = seccomp.SyscallFilter(action(profile["defaultAction"], default_errno))
    for rule in profile["syscalls"]:
        arguments = [
            seccomp.Arg(one["index"], seccomp.MASKED_EQ, one["valueTwo"], one["value"])
            if one["op"] == "SCMP_CMP_MASKED_EQ"
            else seccomp.Arg(one["index"], {"SCMP_CMP_EQ": seccomp.EQ}[one["op"]], one["value"])
            for one in rule.get("args", [])
        ]
        for name in rule["names"]:
            if seccomp.resolve_syscall(seccomp.Arch(), name) < 0:
                continue  # a call of another architecture
            syscalls.add_rule(action(rule["action"], rule.get("errnoRet", default_errno)), name, *arguments)
    syscalls.load()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
