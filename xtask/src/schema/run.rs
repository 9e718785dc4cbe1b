//! Asking a codex binary for its schema.

use crate::error::{Error, Result, read};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Three numbers.
pub(crate) type Version = [u32; 3];

/// What one binary generates.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) version: Version,
    /// With everything experimental.
    pub(crate) full: Value,
    /// Without.
    pub(crate) stable: Value,
}

impl Generated {
    pub(crate) fn by(binary: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("codexkit-schema-{}", std::process::id()));
        let home = folder.join("home");
        std::fs::create_dir_all(&home).map_err(|error| Error::file(&home, error))?;
        let generated = Self::within(binary, &folder, &home);
        std::fs::remove_dir_all(&folder).map_err(|error| Error::file(&folder, error))?;
        generated
    }

    fn within(binary: &Path, folder: &Path, home: &Path) -> Result<Self> {
        let version = run(binary, home, &["--version"])?;
        let schema = |name: &str, flags: &[&str]| {
            let out = folder.join(name);
            let target = out.to_str().ok_or_else(|| Error::file(&out, "is not UTF-8"))?;
            let arguments = [&["app-server", "generate-json-schema", "--out", target], flags].concat();
            run(binary, home, &arguments)?;
            let bundle = out.join("codex_app_server_protocol.schemas.json");
            serde_json::from_str(&read(&bundle)?).map_err(|error| Error::file(&bundle, error))
        };
        Ok(Self {
            version: parse(&version).ok_or_else(|| Error::file(binary, format!("odd version: {version}")))?,
            full: schema("full", &["--experimental"])?,
            stable: schema("stable", &[])?,
        })
    }
}

fn run(binary: &Path, home: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(binary)
        .args(arguments)
        .env("CODEX_HOME", home)
        .output()
        .map_err(|error| Error::file(binary, error))?;
    if !output.status.success() {
        return Err(Error::file(binary, String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// From `codex-cli 0.169.0`.
fn parse(text: &str) -> Option<Version> {
    let mut numbers = text.split_whitespace().next_back()?.split('.').map(|number| number.parse().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_the_last_word() {
        assert_eq!(super::parse("codex-cli 0.169.0\n"), Some([0, 169, 0]));
        assert_eq!(super::parse("codex"), None);
    }
}
