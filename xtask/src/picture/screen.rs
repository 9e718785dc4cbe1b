//! The lines on a screen, from what was written to it.

use super::record::Said;

/// How a piece of text looks: the names of the classes in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Shell,
    Dim,
    Prompt,
    Command,
    Question,
    Typed,
}

impl Look {
    /// What the codes of the quickstart mean.
    fn of_code(code: &str) -> Self {
        match code {
            "2" => Self::Dim,
            "1;36" => Self::Prompt,
            "33" => Self::Command,
            "35" => Self::Question,
            _ => Self::Plain,
        }
    }
}

/// A piece of a line, all in one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) look: Look,
    pub(super) text: String,
}

/// A line of the screen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) pieces: Vec<Piece>,
    /// Where, among the pieces, the answer of the user is.
    pub(super) answer: Option<usize>,
    /// It came in pieces, as the text of a model does.
    pub(super) is_streamed: bool,
}

impl Line {
    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    fn push(&mut self, look: Look, text: &str) {
        match self.pieces.last_mut() {
            Some(last) if last.look == look => last.text.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece { look, text: text.to_owned() }),
        }
    }
}

/// Puts together what was written.
pub(super) fn lines(said: &[Said]) -> Vec<Line> {
    let (mut lines, mut look) = (vec![Line::default()], Look::Plain);
    for said in said {
        for (index, text) in said.text.replace('\r', "").split('\n').enumerate() {
            if index > 0 {
                lines.push(Line::default());
            }
            let Some(line) = lines.last_mut() else { continue };
            if said.is_answer {
                line.answer = Some(line.pieces.len());
                line.push(Look::Typed, text);
                continue;
            }
            line.is_streamed |= !text.is_empty() && !line.pieces.is_empty();
            let mut parts = text.split("\x1b[");
            line.push(look, parts.next().unwrap_or_default());
            for part in parts {
                let (code, text) = part.split_once('m').unwrap_or(("", part));
                look = Look::of_code(code);
                line.push(look, text);
            }
        }
    }
    while lines.last().is_some_and(|line| line.pieces.is_empty()) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, is_answer: bool) -> Said {
        Said { text: text.to_owned(), is_answer }
    }

    #[test]
    fn codes_become_looks_and_breaks_become_lines() {
        let lines = lines(&[said("\x1b[2mdim\x1b[0m\r\n\r\n\x1b[33m$\x1b[0m ls\r\n", false)]);
        let texts: Vec<String> = lines.iter().map(Line::text).collect();
        assert_eq!(texts, ["dim", "", "$ ls"]);
        assert_eq!(lines[0].pieces[0].look, Look::Dim);
        assert_eq!(lines[2].pieces[0].look, Look::Command);
        assert_eq!(lines[2].pieces[1], Piece { look: Look::Plain, text: " ls".to_owned() });
        assert!(lines.iter().all(|line| !line.is_streamed && line.answer.is_none()));
    }

    #[test]
    fn a_line_that_came_in_pieces_was_streamed() {
        let lines = lines(&[said("whole\r\none", false), said(" two", false), said("\r\nwhole", false)]);
        let streamed: Vec<bool> = lines.iter().map(|line| line.is_streamed).collect();
        assert_eq!(streamed, [false, true, false]);
    }

    #[test]
    fn the_answer_is_told_from_the_question() {
        let lines = lines(&[said("allow? ", false), said("y", true), said("\r\nrest", false)]);
        assert_eq!(lines[0].answer, Some(1));
        assert_eq!(lines[0].text(), "allow? y");
        assert_eq!(lines[1].answer, None);
    }
}
