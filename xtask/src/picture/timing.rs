//! When each piece of the picture appears.
//!
//! The order and the pieces are those of the run, its pace is not: a turn of a script takes a second, which nobody could
//! follow. And so the picture of two runs is the same.

use super::screen::{Line, Look, Piece};

/// Milliseconds.
const KEY: u32 = 35;
const WORD: u32 = 90;
const LINE: u32 = 220;
/// Before the server has started, and before a question is answered.
const WAIT: u32 = 900;

/// A piece of text in its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) look: Look,
    pub(super) text: String,
    /// Milliseconds from the beginning.
    pub(super) at: u32,
}

/// The command being typed, the lines that follow, and the prompt of the shell after all.
pub(super) fn timed(command: &str, lines: Vec<Line>) -> Vec<Shown> {
    let mut stage = Stage::default();
    stage.show(Look::Shell, "$ ");
    stage.now += WAIT / 2;
    for key in command.chars() {
        stage.now += KEY;
        stage.show(Look::Typed, &key.to_string());
    }
    stage.now += WAIT / 2;
    for (index, line) in lines.into_iter().enumerate() {
        stage.break_line();
        if line.pieces.is_empty() {
            continue;
        }
        stage.now += if index == 1 { WAIT } else { LINE };
        for (place, Piece { look, text }) in line.pieces.into_iter().enumerate() {
            if line.answer == Some(place) {
                stage.now += WAIT;
                stage.show(look, &text);
            } else if line.is_streamed && line.answer.is_none() {
                for word in text.split_inclusive(' ') {
                    stage.now += WORD;
                    stage.show(look, word);
                }
            } else {
                stage.show(look, &text);
            }
        }
    }
    stage.break_line();
    stage.now += LINE;
    stage.show(Look::Shell, "$ ");
    stage.show(Look::Typed, "\u{2588}");
    stage.shown
}

#[derive(Default)]
struct Stage {
    shown: Vec<Shown>,
    row: usize,
    column: usize,
    now: u32,
}

impl Stage {
    /// Text at the end of the line, without the blanks around it.
    fn show(&mut self, look: Look, text: &str) {
        let begin = text.len() - text.trim_start().len();
        let trimmed = text.trim();
        if !trimmed.is_empty() {
            let (row, column, at) = (self.row, self.column + begin, self.now);
            self.shown.push(Shown { row, column, look, text: trimmed.to_owned(), at });
        }
        self.column += text.chars().count();
    }

    fn break_line(&mut self) {
        (self.row, self.column) = (self.row + 1, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(texts: &[&str], is_streamed: bool, answer: Option<usize>) -> Line {
        let piece = |text: &&str| Piece { look: Look::Plain, text: (*text).to_owned() };
        Line { pieces: texts.iter().map(piece).collect(), answer, is_streamed }
    }

    #[test]
    fn every_piece_has_its_place_and_comes_after_the_one_before() {
        let lines = vec![line(&["one two"], true, None), line(&["  sure? ", "y"], true, Some(1))];
        let shown = timed("x", lines);
        let places: Vec<(usize, usize, &str)> =
            shown.iter().map(|piece| (piece.row, piece.column, piece.text.as_str())).collect();
        let expected = [
            (0, 0, "$"),
            (0, 2, "x"),
            (1, 0, "one"),
            (1, 4, "two"),
            (2, 2, "sure?"),
            (2, 8, "y"),
            (3, 0, "$"),
        ];
        assert_eq!(places[..7], expected);
        assert!(shown.is_sorted_by_key(|piece| piece.at));
        assert!(shown[5].at - shown[4].at >= WAIT, "somebody has to think");
    }
}
