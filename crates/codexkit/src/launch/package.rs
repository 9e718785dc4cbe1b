//! How npm lays out codex: a small wrapper script, and one package per system with the native binary.

use std::path::{Path, PathBuf};

/// One of the systems that codex is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    /// The npm package beside `@openai/codex`, without its scope.
    package: &'static str,
    /// The folder in it.
    triple: &'static str,
}

const PLATFORMS: [(&str, &str, Platform); 6] = [
    ("linux", "x86_64", Platform { package: "codex-linux-x64", triple: "x86_64-unknown-linux-musl" }),
    ("linux", "aarch64", Platform { package: "codex-linux-arm64", triple: "aarch64-unknown-linux-musl" }),
    ("macos", "x86_64", Platform { package: "codex-darwin-x64", triple: "x86_64-apple-darwin" }),
    ("macos", "aarch64", Platform { package: "codex-darwin-arm64", triple: "aarch64-apple-darwin" }),
    ("windows", "x86_64", Platform { package: "codex-win32-x64", triple: "x86_64-pc-windows-msvc" }),
    ("windows", "aarch64", Platform { package: "codex-win32-arm64", triple: "aarch64-pc-windows-msvc" }),
];

impl Platform {
    /// The one that this program was built for; `None` if codex is not built for it.
    pub(crate) fn current() -> Option<Self> {
        Self::of(std::env::consts::OS, std::env::consts::ARCH)
    }

    /// By the names that the standard library uses.
    pub(crate) fn of(os: &str, arch: &str) -> Option<Self> {
        let os = if os == "android" { "linux" } else { os };
        PLATFORMS.iter().find(|(o, a, _)| (*o, *a) == (os, arch)).map(|(_, _, platform)| *platform)
    }

    /// The name of the native binary.
    pub(crate) fn binary(self) -> &'static str {
        if self.triple.contains("windows") { "codex.exe" } else { "codex" }
    }

    /// The native binary for the package `@openai/codex` in the folder `package_root`, if it is installed.
    ///
    /// Looks where Node would: for the system's package in the `node_modules` of the folder and of all folders above it, then
    /// inside the package itself, where older versions kept it.
    pub(crate) fn native_binary(self, package_root: &Path) -> Option<PathBuf> {
        let beside = package_root
            .ancestors()
            .map(|folder| folder.join("node_modules").join("@openai").join(self.package).join("vendor"));
        let mut vendors = beside.chain([package_root.join("vendor")]);
        vendors.find_map(|vendor| {
            let folder = vendor.join(self.triple);
            let layouts = ["bin", "codex"].map(|layout| folder.join(layout).join(self.binary()));
            layouts.into_iter().find(|binary| binary.is_file())
        })
    }
}

/// The folder of the package `@openai/codex`, if `path` is (a link to) its wrapper script.
pub(crate) fn package_of_wrapper(path: &Path) -> Option<PathBuf> {
    let script = path.canonicalize().ok()?;
    let package = script.ends_with("@openai/codex/bin/codex.js").then(|| script.ancestors().nth(2))?;
    package.map(Path::to_owned)
}

/// The folder with the tools that come with a native binary (`rg`). The wrapper of older versions puts it on `PATH`; newer
/// binaries do so themselves.
pub(crate) fn bundled_tools(native_binary: &Path) -> Option<PathBuf> {
    let package = native_binary.parent()?.parent()?;
    package
        .join("codex-package.json")
        .is_file()
        .then(|| package.join("codex-path"))
        .filter(|tools| tools.is_dir())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::tests::fixture::Scratch;
    use coverage::covers;

    #[test]
    fn all_six_systems_are_known_and_no_others() {
        covers!["001-076", "T03"];
        for os in ["linux", "macos", "windows"] {
            for arch in ["x86_64", "aarch64"] {
                assert!(Platform::of(os, arch).is_some(), "{os} {arch}");
            }
        }
        assert_eq!(Platform::of("android", "aarch64"), Platform::of("linux", "aarch64"));
        assert_eq!(Platform::of("linux", "riscv64"), None);
        assert_eq!(Platform::of("freebsd", "x86_64"), None);
    }

    #[test]
    fn the_native_binary_is_found_in_every_layout() {
        covers!["T03"];
        let triple = "aarch64-apple-darwin";
        let beside = format!("lib/node_modules/@openai/codex-darwin-arm64/vendor/{triple}/bin/codex");
        let nested = format!(
            "lib/node_modules/@openai/codex/node_modules/@openai/codex-darwin-arm64/vendor/{triple}/bin/codex"
        );
        let above = format!("node_modules/@openai/codex-darwin-arm64/vendor/{triple}/bin/codex");
        let inside = format!("lib/node_modules/@openai/codex/vendor/{triple}/bin/codex");
        let oldest = format!("lib/node_modules/@openai/codex/vendor/{triple}/codex/codex");
        let platform = Platform::of("macos", "aarch64").unwrap();
        for layout in [beside, nested, above, inside, oldest] {
            let scratch = Scratch::new();
            let root = scratch.folder("lib/node_modules/@openai/codex");
            assert_eq!(platform.native_binary(&root), None);
            let binary = scratch.file(&layout, "");
            assert_eq!(platform.native_binary(&root), Some(binary));
            assert_eq!(Platform::of("linux", "x86_64").unwrap().native_binary(&root), None);
        }
    }

    #[test]
    fn a_nested_package_wins_over_one_above_as_it_does_for_node() {
        let scratch = Scratch::new();
        let root = scratch.folder("node_modules/@openai/codex");
        let file = "@openai/codex-win32-x64/vendor/x86_64-pc-windows-msvc/bin/codex.exe";
        scratch.file(&format!("node_modules/{file}"), "");
        let nested = scratch.file(&format!("node_modules/@openai/codex/node_modules/{file}"), "");
        assert_eq!(Platform::of("windows", "x86_64").unwrap().native_binary(&root), Some(nested));
    }

    #[test]
    fn only_the_wrapper_of_that_package_is_looked_through() {
        let scratch = Scratch::new();
        let script = scratch.file("lib/node_modules/@openai/codex/bin/codex.js", "");
        let link = scratch.folder("bin").join("codex");
        std::os::unix::fs::symlink(&script, &link).unwrap();
        let package = scratch.path().join("lib/node_modules/@openai/codex");
        assert_eq!(package_of_wrapper(&link), Some(package.clone()));
        assert_eq!(package_of_wrapper(&script), Some(package));
        assert_eq!(package_of_wrapper(&scratch.file("bin/other", "")), None);
        assert_eq!(package_of_wrapper(&scratch.path().join("missing")), None);
    }
}
