//! A window with text, as SVG.
//!
//! It stands in an `<img>`: so it has no script and no font of its own. Where animations are off, all of it is there
//! from the beginning.

use super::screen::Look;
use super::timing::Shown;
use std::fmt::Write;

/// Pixels.
const CHARACTER: f64 = 8.4;
const ROW: usize = 22;
const BAR: usize = 40;
const MARGIN: usize = 24;

const STYLE: &str = "\
text{font:14px ui-monospace,SFMono-Regular,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;white-space:pre}
.window{fill:#fff;stroke:#d0d7de}.bar{fill:#f6f8fa}.edge{stroke:#d0d7de}
.plain,.typed{fill:#1f2328}.dim,.title{fill:#656d76}.prompt{fill:#0969da;font-weight:bold}.shell{fill:#1a7f37;font-weight:bold}.command{fill:#9a6700;font-weight:bold}
.question{fill:#8250df;font-weight:bold}.typed{font-weight:bold}.title{font-size:12px}
@media (prefers-color-scheme:dark){
.window{fill:#0d1117;stroke:#3d444d}.bar{fill:#161b22}.edge{stroke:#3d444d}
.plain,.typed{fill:#e6edf3}.dim,.title{fill:#8d96a0}.prompt{fill:#58a6ff}.shell{fill:#3fb950}.command{fill:#d29922}.question{fill:#d2a8ff}}
@media (prefers-reduced-motion:no-preference){.plain,.dim,.shell,.prompt,.command,.question,.typed{animation:show 80ms both}}
@keyframes show{from{opacity:0}}";

/// The whole picture.
pub(super) fn draw(shown: &[Shown]) -> String {
    let columns = shown.iter().map(|piece| piece.column + piece.text.chars().count()).max().unwrap_or(0);
    let rows = shown.iter().map(|piece| piece.row + 1).max().unwrap_or(0);
    let width = pixels(columns) as usize + 2 * MARGIN;
    let height = BAR + rows * ROW + MARGIN;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>The quickstart of codexkit in a terminal</title>\n<style>\n{STYLE}\n</style>\n"
    );
    let (right, bottom) = (width - 1, height - 1);
    svg += &format!(
        "<rect class=\"window\" x=\".5\" y=\".5\" width=\"{right}\" height=\"{bottom}\" rx=\"10\"/>\n"
    );
    svg += &format!(
        "<path class=\"bar\" d=\"M1 {BAR}V11A10 10 0 0 1 11 1H{}A10 10 0 0 1 {right} 11V{BAR}Z\"/>\n",
        right - 10
    );
    svg += &format!("<path class=\"edge\" d=\"M1 {BAR}.5H{right}\"/>\n");
    for (index, colour) in ["#ff5f57", "#febc2e", "#28c840"].into_iter().enumerate() {
        svg += &format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"6\" fill=\"{colour}\"/>\n",
            MARGIN + index * 20,
            BAR / 2
        );
    }
    svg += &format!(
        "<text class=\"title\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">codexkit</text>\n",
        width / 2,
        BAR / 2 + 4
    );
    for piece in shown {
        // A String takes whatever is written.
        let _ = writeln!(svg, "{}", element(piece));
    }
    svg + "</svg>\n"
}

/// Its length is given, so that the columns stay in line whichever font is there.
fn element(piece: &Shown) -> String {
    let (x, y) = (MARGIN as f64 + pixels(piece.column), BAR + MARGIN / 2 + piece.row * ROW + 16);
    let length = pixels(piece.text.chars().count());
    let class = match piece.look {
        Look::Plain => "plain",
        Look::Shell => "shell",
        Look::Dim => "dim",
        Look::Prompt => "prompt",
        Look::Command => "command",
        Look::Question => "question",
        Look::Typed => "typed",
    };
    let text = piece.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let begin = f64::from(piece.at) / 1000.0;
    format!(
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y}\" textLength=\"{length:.1}\" style=\"animation-delay:{begin}s\">{text}</text>"
    )
}

fn pixels(characters: usize) -> f64 {
    characters as f64 * CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_stands_in_its_column() {
        let piece = Shown { row: 1, column: 10, look: Look::Dim, text: "a && b > c".to_owned(), at: 1250 };
        let svg = draw(&[piece]);
        assert!(svg.contains(">a &amp;&amp; b &gt; c</text>"), "{svg}");
        assert!(svg.contains("class=\"dim\" x=\"108.0\""), "{svg}");
        assert!(svg.contains("animation-delay:1.25s"), "{svg}");
    }
}
