//! The rules on the real file system.

use crate::protocol::types::FileUpdateChange;
use crate::rules::{Command, FileSystem, Files, Found, LocalFiles, Rules, Subject, Verdict};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

#[cfg(unix)]
#[test]
fn links_are_followed() {
    use std::os::unix::fs::symlink;
    let temporary = Folder::new("links");
    let folder = temporary.0.canonicalize().unwrap();
    fs::create_dir_all(folder.join("work/src")).unwrap();
    fs::create_dir_all(folder.join("outside")).unwrap();
    symlink(folder.join("outside"), folder.join("work/src/out")).unwrap();
    symlink(folder.join("outside/new"), folder.join("work/src/dangling")).unwrap();
    symlink("../src", folder.join("work/src/again")).unwrap();
    let rules = Rules::new().allow(Files::within(folder.join("work")));
    for (path, expected) in [
        ("work/src/a", Verdict::Allow),
        ("work/src/again/a", Verdict::Allow),
        ("work/src/out/a", Verdict::Ask),
        ("work/src/dangling", Verdict::Ask),
        ("outside/a", Verdict::Ask),
    ] {
        let change = json!({ "path": folder.join(path), "kind": { "type": "add" }, "diff": "" });
        let change: FileUpdateChange = serde_json::from_value(change).unwrap();
        assert_eq!(rules.decide(&Subject::files(&[change], None, None)).verdict, expected, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn programs_are_found_in_the_path_of_this_process() {
    let rules = Rules::new().allow(Command::exactly(["ls"]));
    assert_eq!(rules.decide(&Subject::command("/bin/sh -c ls")).verdict, Verdict::Allow);
    assert_eq!(rules.decide(&Subject::command("./ls")).verdict, Verdict::Ask);
}

#[test]
fn what_stands_where() {
    let folder = Folder::new("looks");
    fs::write(folder.0.join("file"), "").unwrap();
    assert_eq!(LocalFiles.look(&folder.0), Found::Folder);
    assert_eq!(LocalFiles.look(&folder.0.join("none")), Found::Missing);
    assert_eq!(LocalFiles.look(&folder.0.join("file/below")), Found::Missing);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = folder.0.join("file");
        assert_eq!(LocalFiles.look(&file), Found::File);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(LocalFiles.look(&file), Found::Program);
        assert_eq!(LocalFiles.look(Path::new("/a\0b")), Found::Unknown);
    }
}

/// A folder that is gone at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("codexkit-rules-{name}-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
