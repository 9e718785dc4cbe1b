//! Where a path leads: `..` taken out, links followed, and what does not exist yet included.

use super::file_system::{FileSystem, Found};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// As many as Linux follows.
const MOST_LINKS: usize = 40;

/// Whether a path of the agent leads into a folder, however it is read.
///
/// `a/link/..` is `a` to a program that takes `..` out of the text, and the folder above the link's target to the
/// system. Both must lie in the folder.
pub(super) fn leads_into(path: &str, cwd: Option<&str>, folder: &Path, files: &dyn FileSystem) -> bool {
    matches!(below(path, cwd, folder, files), Some(below) if !below.is_empty())
}

/// The path from the folder to where a path of the agent leads, in each way to read it. None when one leads out.
pub(super) fn below(
    path: &str,
    cwd: Option<&str>,
    folder: &Path,
    files: &dyn FileSystem,
) -> Option<Vec<PathBuf>> {
    if !folder.is_absolute() {
        return None;
    }
    let folder = resolve(folder, files)?;
    let path = absolute(path, cwd)?;
    let ends = [resolve(&lexical(&path), files)?, resolve(&path, files)?];
    ends.iter().map(|end| end.strip_prefix(&folder).ok().map(Path::to_owned)).collect()
}

/// An absolute path. None for a relative one without a working directory, and for texts that hide something.
pub(super) fn absolute(path: &str, cwd: Option<&str>) -> Option<PathBuf> {
    if path.is_empty() || path.chars().any(hides_something) {
        return None;
    }
    let path = match Path::new(path) {
        path if path.is_absolute() => path.to_owned(),
        path => Path::new(cwd?).join(path),
    };
    path.is_absolute().then_some(path)
}

/// Takes `.` and `..` out of the text.
pub(super) fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// Follows all links of an absolute path. What does not exist stays as it is. None when nobody can tell.
pub(super) fn resolve(path: &Path, files: &dyn FileSystem) -> Option<PathBuf> {
    if !path.is_absolute() {
        return None;
    }
    let mut resolved = PathBuf::new();
    let mut rest: VecDeque<OsString> = path.iter().map(OsString::from).collect();
    let mut links = 0;
    let mut missing = false;
    while let Some(part) = rest.pop_front() {
        match Path::new(&part).components().next() {
            None | Some(Component::CurDir) => continue,
            // What lies above something missing is for nobody to tell.
            Some(Component::ParentDir) if missing => return None,
            Some(Component::ParentDir) => {
                resolved.pop();
                continue;
            }
            Some(Component::Prefix(_) | Component::RootDir) => {
                resolved.push(&part);
                continue;
            }
            Some(Component::Normal(_)) => {}
        }
        let here = resolved.join(&part);
        match if missing { Found::Missing } else { files.look(&here) } {
            Found::Link(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return None;
                }
                for part in target.iter().rev() {
                    rest.push_front(part.to_owned());
                }
            }
            Found::Unknown => return None,
            found => {
                missing = found == Found::Missing;
                resolved = here;
            }
        }
    }
    Some(resolved)
}

/// The path as it stands and wherever it may lead, in lower case.
pub(super) fn readings(path: &Path, files: &dyn FileSystem) -> Vec<PathBuf> {
    let plain = lexical(path);
    let led = [resolve(path, files), resolve(&plain, files)];
    let all = led.into_iter().flatten().chain([path.to_owned(), plain]);
    all.map(|path| PathBuf::from(path.to_string_lossy().to_lowercase())).collect()
}

/// Control characters, and those that are not seen or turn the text around.
pub(super) fn hides_something(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}
