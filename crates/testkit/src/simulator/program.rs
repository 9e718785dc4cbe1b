//! A simulated server as a program.
//!
//! The program is any one that calls [`run_if_asked`] first, such as a small binary beside the tests.

use super::driver::{self, Body, End, Shared};
use super::engine::Engine;
use super::script::Simulator;
use super::step::Deed;
use super::used;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The environment variable that names the script. A program that finds it set is to be the server.
pub const SCRIPT_VARIABLE: &str = "CODEXKIT_SIMULATOR";

impl Simulator {
    /// Writes a program into a folder that is this server, for
    /// [`codex_bin`](codexkit::CodexBuilder::codex_bin). `host` is a program that calls [`run_if_asked`].
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn program(&self, host: impl AsRef<Path>, folder: impl AsRef<Path>) -> io::Result<PathBuf> {
        used::note();
        let folder = folder.as_ref();
        let (script, program) = (folder.join("simulator.json"), folder.join("simulated-codex"));
        fs::write(&script, serde_json::to_vec(self)?)?;
        // A disposition to ignore survives `exec`.
        let trap = if self.ignores_sigterm { "trap '' TERM\n" } else { "" };
        let (host, script) = (quoted(host.as_ref()), quoted(&script));
        fs::write(&program, format!("#!/bin/sh\n{trap}{SCRIPT_VARIABLE}={script} exec {host} \"$@\"\n"))?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        Ok(program)
    }
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

/// Is the server that the environment asks for, on the standard streams, and ends the process with it. Returns at once
/// when nothing is asked for.
pub fn run_if_asked() {
    let Some(script) = std::env::var_os(SCRIPT_VARIABLE) else { return };
    let code = match run(Path::new(&script)) {
        Ok(End::Exit(code)) => code,
        Ok(End::Die) => {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            1
        }
        Err(error) => {
            eprintln!("simulator: {error}");
            1
        }
    };
    std::process::exit(code);
}

fn run(script: &Path) -> io::Result<End> {
    let script: Simulator = serde_json::from_slice(&fs::read(script)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let end = runtime.block_on(async {
        let shared = Shared::new(Engine::new(script));
        driver::drive(&shared, tokio::io::stdin(), tokio::io::stdout(), &mut Process).await
    });
    // Another thread may still be in a read of the standard input: it is not waited for.
    runtime.shutdown_background();
    end
}

/// A server with a process around it.
struct Process;

impl Body for Process {
    fn act(&mut self, deed: &Deed) -> io::Result<()> {
        match deed {
            Deed::CloseOutput => {
                let nothing = fs::OpenOptions::new().write(true).open("/dev/null")?;
                rustix::stdio::dup2_stdout(nothing)?;
            }
            Deed::Stderr(bytes) => {
                let line =
                    b"the simulated server has something to say, and says it again and again and again\n";
                let text: Vec<u8> = line.iter().copied().cycle().take(*bytes).collect();
                io::stderr().write_all(&text)?;
            }
            Deed::HoldOutput(time) => {
                let mut child = Command::new("sleep");
                child.arg(time.as_secs_f64().to_string()).stdin(Stdio::null()).stderr(Stdio::null());
                // It outlives us: that is what it is for.
                drop(child.spawn()?);
            }
            _ => {}
        }
        Ok(())
    }
}
