//! What stands in the way of a start, said so that it can be mended.

use super::settings::Launch;
use crate::error::{Error, ErrorKind, Result};
use std::io;
use std::path::Path;

/// Looks for what would make the start fail with a message that helps nobody.
pub(super) fn before(launch: &Launch) -> Result<()> {
    check_program(&launch.program)?;
    if let Some(cwd) = &launch.cwd
        && !cwd.is_dir()
    {
        let text =
            format!("the working directory for codex, {}, {}", cwd.display(), missing_or_no_folder(cwd));
        return Err(Error::new(ErrorKind::Spawn, format!("{text}; create it or choose another one")));
    }
    if let Some(home) = launch.effective_home()
        && !home.is_dir()
    {
        let text = format!("CODEX_HOME is {}, which {}", home.display(), missing_or_no_folder(&home));
        return Err(Error::new(
            ErrorKind::Config,
            format!("{text}; create the folder or choose another one"),
        ));
    }
    if let Some((key, _)) = launch.config.iter().find(|(key, _)| key.trim().is_empty() || key.contains('=')) {
        let text = format!("`{key}` is no key of the configuration: it must not be empty or hold a `=`");
        return Err(Error::new(ErrorKind::Usage, text));
    }
    Ok(())
}

fn check_program(program: &Path) -> Result<()> {
    let shown = program.display();
    if program.is_dir() {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("{shown} is a folder; give the path of the codex binary in it"),
        ));
    }
    if !program.exists() {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("there is no codex binary at {shown}; correct the path, or install codex"),
        ));
    }
    Ok(())
}

fn missing_or_no_folder(path: &Path) -> &'static str {
    if path.exists() { "is not a folder" } else { "does not exist" }
}

/// Says what a failed start means.
pub(super) fn after(launch: &Launch, error: io::Error) -> Error {
    let program = launch.program.display();
    let (kind, text) = match error.kind() {
        io::ErrorKind::NotFound => (
            ErrorKind::Spawn,
            format!(
                "{program} is a script or a binary whose interpreter or loader is missing on this system"
            ),
        ),
        io::ErrorKind::PermissionDenied => (
            ErrorKind::Spawn,
            format!("{program} may not be executed by this user; set its executable bit (chmod +x)"),
        ),
        io::ErrorKind::InvalidInput => (
            ErrorKind::Usage,
            "an argument, an override of the configuration, or a variable for codex holds a zero byte"
                .to_owned(),
        ),
        io::ErrorKind::ArgumentListTooLong => (
            ErrorKind::Usage,
            "the arguments and variables for codex are too long for this system".to_owned(),
        ),
        _ if is_for_another_system(&error) => (
            ErrorKind::Spawn,
            format!(
                "{program} is not a program for this system ({} {}); install codex for it",
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
        ),
        _ => (ErrorKind::Spawn, format!("{program} could not be started")),
    };
    Error::new(kind, text).with_source(error)
}

fn is_for_another_system(error: &io::Error) -> bool {
    const BAD_CPU_TYPE_ON_MACOS: i32 = 86;
    let code = error.raw_os_error();
    code == Some(rustix::io::Errno::NOEXEC.raw_os_error())
        || (cfg!(target_vendor = "apple") && code == Some(BAD_CPU_TYPE_ON_MACOS))
}
