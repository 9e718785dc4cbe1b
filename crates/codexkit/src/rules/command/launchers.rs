//! Programs that run what their arguments say.

/// Shells, interpreters, and programs that start others or run code given to them. Sorted.
#[rustfmt::skip]
const LAUNCHERS: &[&str] = &[
    ".", "ash", "at", "awk", "bash", "batch", "bpftrace", "builtin", "bun", "busybox", "bwrap",
    "cargo-watch", "chroot", "chrt", "cmd", "command", "coproc", "cpulimit", "crontab", "csh", "dash",
    "deno", "direnv", "doas", "docker", "dotnet", "ed", "elvish", "emacs", "entr", "env", "eval", "ex",
    "exec", "expect", "fakeroot", "fd", "find", "firejail", "fish", "flock", "gawk", "gdb", "guile",
    "hyperfine", "ionice", "java", "julia", "just", "ksh", "kubectl", "ld-linux", "lldb", "ltrace", "lua",
    "luajit", "m4", "mawk", "mosh", "nawk", "nc", "ncat", "nice", "nix", "nix-shell", "node", "nodejs",
    "nohup", "npx", "nsenter", "nu", "numactl", "nushell", "nvim", "open", "osascript", "parallel", "perl",
    "php", "pkexec", "pnpx", "podman", "poetry", "powershell", "prlimit", "proot", "pwsh", "pypy", "python",
    "pythonw", "r", "rlwrap", "rscript", "rsync", "ruby", "run-parts", "runuser", "rustup", "scp", "screen",
    "script", "sed", "setarch", "setpriv", "setsid", "sftp", "sh", "socat", "source", "sqlite", "ssh",
    "start-stop-daemon", "stdbuf", "strace", "su", "sudo", "systemd-run", "tar", "taskset", "tclsh", "tcsh",
    "telnet", "time", "timeout", "tmux", "toybox", "trap", "ts-node", "tsx", "unbuffer", "unshare", "uv",
    "uvx", "valgrind", "vi", "view", "vim", "watch", "watchexec", "wine", "wish", "wsl", "xargs",
    "xdg-open", "xterm", "xvfb-run", "zip", "zsh",
];

/// Programs whose first argument says what they do, and which run code by some of them. Sorted.
#[rustfmt::skip]
const TOOLBOXES: &[&str] = &[
    "apt", "apt-get", "aws", "az", "bazel", "brew", "bundle", "cargo", "cmake", "composer", "conda", "dnf",
    "flatpak", "gcloud", "gem", "gh", "git", "glab", "go", "gradle", "gradlew", "helm", "heroku", "hg",
    "ip", "jj", "launchctl", "make", "meson", "mise", "mix", "mvn", "mvnw", "ninja", "npm", "pacman", "pip",
    "pipx", "pnpm", "rake", "rebar", "sbt", "service", "snap", "stack", "svn", "systemctl", "terraform",
    "tox", "vagrant", "yarn", "yum", "zig",
];

/// Whether further arguments decide what a command that begins like this runs.
pub(super) fn open_to_arguments(prefix: &[String]) -> bool {
    let Some(program) = prefix.first() else { return true };
    let names_what_it_does =
        || prefix.get(1).is_some_and(|word| word.starts_with(|first: char| first.is_ascii_alphanumeric()));
    let names = names(program);
    is_launcher(&names) || is_one_of(TOOLBOXES, &names) && !names_what_it_does()
}

/// Whether a program runs what its arguments say, by its [`names`].
pub(super) fn is_launcher(names: &[String]) -> bool {
    is_one_of(LAUNCHERS, names)
}

fn is_one_of(list: &[&str], names: &[String]) -> bool {
    names.iter().any(|name| list.binary_search(&name.as_str()).is_ok())
}

/// All names that a program may go by: `/usr/bin/Python3.11.exe` is also `python3.11` and `python`.
pub(super) fn names(program: &str) -> Vec<String> {
    let mut all = Vec::new();
    // A backslash quotes to a shell, and parts folders to Windows.
    for backslash in ["", "/"] {
        let path = program.replace('\\', backslash).to_lowercase();
        let name = path.rsplit('/').next().unwrap_or_default();
        let extensions = [".exe", ".com", ".bat", ".cmd", ".ps1"];
        let stem = extensions.iter().find_map(|extension| name.strip_suffix(extension)).unwrap_or(name);
        let unversioned = stem.trim_end_matches(|end: char| end.is_ascii_digit() || end == '.');
        // Such as `ld-linux-x86-64.so.2`.
        let loader = stem.split(".so").next().unwrap_or_default().trim_end_matches("-x86-64");
        for name in [name, stem, unversioned, loader] {
            if !name.is_empty() && !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(LAUNCHERS.is_sorted());
        assert!(TOOLBOXES.is_sorted());
    }

    #[test]
    fn programs_are_known_by_all_their_names() {
        for program in [
            "python3.12",
            "/usr/bin/env",
            "BASH.exe",
            r"C:\bin\sh.exe",
            ".",
            "/lib64/ld-linux-x86-64.so.2",
            r"s\h",
        ] {
            assert!(is_launcher(&names(program)), "{program}");
        }
        for program in ["ls", "", "/", "shell", "environment", "git"] {
            assert!(!is_launcher(&names(program)), "{program}");
        }
    }

    #[test]
    fn a_toolbox_needs_the_word_that_says_what_it_does() {
        let open =
            |words: &[&str]| open_to_arguments(&words.iter().map(|&word| word.into()).collect::<Vec<_>>());
        assert!(open(&["git"]) && open(&["/usr/bin/git", "-C"]) && open(&[]));
        assert!(!open(&["git", "log"]) && !open(&["ls"]) && !open(&["ls", "-l"]));
    }
}
