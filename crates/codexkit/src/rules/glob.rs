//! Patterns for paths: `*` and `?` within one name, `**` for any folders.

/// Whether a path matches a pattern. One that does not begin at the root matches at any depth.
pub(super) fn path_matches(pattern: &str, path: &str) -> bool {
    let names =
        |text: &str| text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let mut wanted = names(pattern);
    if !pattern.starts_with('/') {
        wanted.insert(0, "**".to_owned());
    }
    let path = names(path);

    // How many names of the path the pattern so far can have taken.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in &wanted {
        let mut next = vec![false; path.len() + 1];
        for taken in 0..=path.len() {
            if part == "**" {
                next[taken] = reached[taken] || taken > 0 && next[taken - 1];
            } else if taken > 0 {
                next[taken] = reached[taken - 1] && part_matches(part, &path[taken - 1]);
            }
        }
        reached = next;
    }
    reached[path.len()]
}

/// Whether one name matches a pattern of `*` and `?`.
pub(super) fn part_matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut in_name) = (0, 0);
    // Where to go on when it fails: behind the last star, with one more character for the star.
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, in_name));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((behind, taken)) = star else { return false };
                star = Some((behind, taken + 1));
                at = behind;
                in_name = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}
