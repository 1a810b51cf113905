//! The room there is for a picture, and a picture drawn for it.

use std::ops::Range;

use image::imageops::{FilterType, resize};
use image::{DynamicImage, RgbaImage};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Rect, Size};
use ratatui::widgets::Widget;
use ratatui_image::Image;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;
use ratatui_image::protocol::iterm2::Iterm2;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::protocol::sixel::Sixel;

use super::Way;
use crate::tui::theme::{Ground, Terminal};

/// What a cell without a known size in pixels is taken for.
const USUAL_CELL: (u16, u16) = (8, 16);

/// Where kitty puts a piece of a picture.
const PLACEHOLDER: char = '\u{10eeee}';

/// From the darkest to the brightest, where there are no colours or no half blocks.
const RAMP: &[u8; 10] = b" .:-=+*#%@";

/// The room there is for a picture, and how one gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// Columns and rows.
    pub room: (u16, u16),
    /// Width and height of a cell in pixels, where they are known.
    pub cell: Option<(u16, u16)>,
    /// The way.
    pub way: Way,
    /// What is sent has to be wrapped for tmux.
    pub tmux: bool,
    /// The colours and signs of the terminal.
    pub terminal: Terminal,
}

/// A picture drawn for its room: cells to be copied into a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    buffer: Buffer,
    /// What the terminal must have been sent before it can show the cells, and under which number it keeps it.
    pub kept: Option<(u32, String)>,
    bond: Bond,
}

/// How the cells of a picture hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bond {
    /// Each stands for itself.
    None,
    /// Each but the first of a row goes on with the one before it.
    Row,
    /// The first is the whole picture, and nothing may be written over the others.
    Whole,
}

impl Canvas {
    /// Scales a picture to its room, draws it, and encodes it. The number tells it apart from those before.
    pub fn draw(&self, image: RgbaImage, number: u32) -> Result<Cells, String> {
        let size = self.fit(image.width(), image.height());
        let image = on_white(image);
        if self.is_ramp() {
            return Ok(self.ramp(&image, size));
        }
        let (across, down) = if self.way == Way::Blocks { (1, 2) } else { self.cell.unwrap_or(USUAL_CELL) };
        let image = scaled(
            &image,
            u32::from(size.width) * u32::from(across),
            u32::from(size.height) * u32::from(down),
        );
        let image = DynamicImage::from(image);
        let protocol = match self.way {
            Way::Blocks => Halfblocks::new(image, size).map(Protocol::Halfblocks),
            // Every terminal with this protocol inflates, and over SSH bytes count.
            Way::Kitty => Kitty::new(image, size, number, self.tmux, true).map(Protocol::Kitty),
            Way::Sixel => Sixel::new(image, size, self.tmux).map(Protocol::Sixel),
            Way::Iterm2 => Iterm2::new(image, size, self.tmux).map(Protocol::ITerm2),
        };
        let protocol = protocol.map_err(|error| format!("the picture cannot be encoded: {error}"))?;
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.width, size.height));
        Image::new(&protocol).render(buffer.area, &mut buffer);
        let mut kept = None;
        if self.way == Way::Kitty {
            // The first time the picture itself is in front of the first cell; from then on the cells alone.
            let sent =
                buffer.content.first().map(Cell::symbol).and_then(|first| first.split_once(PLACEHOLDER));
            kept = sent.map(|(sent, _)| (number, sent.to_owned()));
            Image::new(&protocol).render(buffer.area, &mut buffer);
        }
        for cell in &mut buffer.content {
            if self.way == Way::Blocks {
                (cell.fg, cell.bg) =
                    (self.terminal.depth.colour(cell.fg), self.terminal.depth.colour(cell.bg));
            }
        }
        let bond = match self.way {
            Way::Blocks => Bond::None,
            Way::Kitty => Bond::Row,
            Way::Sixel | Way::Iterm2 => Bond::Whole,
        };
        Ok(Cells { buffer, kept, bond })
    }

    /// The most cells that keep a picture's shape: small ones are made larger, too.
    fn fit(&self, width: u32, height: u32) -> Size {
        let (across, down) = self.cell.unwrap_or(USUAL_CELL);
        let (columns, rows) = (self.room.0.max(1), self.room.1.max(1));
        let cells = |pixels: u32, cell: u16| f64::from(pixels.max(1)) / f64::from(cell.max(1));
        let (wide, high) = (cells(width, across), cells(height, down));
        let scale = (f64::from(columns) / wide).min(f64::from(rows) / high);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a u16")]
        let count = |cells: f64, most: u16| (cells * scale).round().clamp(1.0, f64::from(most)) as u16;
        // What stands in one cell and is drawn over others needs the next one, or the cursor would be lost.
        Size { width: count(wide, columns).max(2.min(columns)), height: count(high, rows) }
    }

    /// Whether brightness has to do, by letters: there are no colours, or no signs for two points a cell.
    fn is_ramp(&self) -> bool {
        let blocks = self.way == Way::Blocks && !(self.terminal.unicode && self.terminal.depth.has_colour());
        blocks || (self.way == Way::Kitty && !self.terminal.unicode)
    }

    fn ramp(&self, image: &RgbaImage, size: Size) -> Cells {
        let small = scaled(image, size.width.into(), size.height.into());
        let small = DynamicImage::from(small).into_luma8();
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.width, size.height));
        for (cell, [luma]) in buffer.content.iter_mut().zip(small.pixels().map(|pixel| pixel.0)) {
            let luma = if self.terminal.ground == Ground::Light { 255 - luma } else { luma };
            let step = usize::from(luma) * RAMP.len() / 256;
            cell.set_char(char::from(RAMP[step]));
        }
        Cells { buffer, kept: None, bond: Bond::None }
    }
}

impl Cells {
    /// Copies it into the middle of an area; answers where it is, or nothing if there is no room for it.
    pub fn put(&self, target: &mut Buffer, area: Rect) -> Option<Rect> {
        let Rect { width, height, .. } = self.buffer.area;
        if width > area.width || height > area.height {
            return None;
        }
        let place = Rect {
            x: area.x + (area.width - width) / 2,
            y: area.y + (area.height - height) / 2,
            width,
            height,
        };
        for (position, cell) in place.positions().zip(&self.buffer.content) {
            target[position] = cell.clone();
        }
        Some(place)
    }

    /// Where something has been drawn over it, it gives way as far as it must: as a whole, if it is all in one cell;
    /// to the right of that, if its cells follow from those before them. So it comes back as it was.
    pub fn give_way(&self, target: &mut Buffer, place: Rect) {
        let cells = |rows: Range<u16>| {
            let width = usize::from(place.width);
            let (first, last) = (usize::from(rows.start), usize::from(rows.end));
            let row = Rect { y: place.y + rows.start, height: rows.end - rows.start, ..place };
            row.positions().zip(&self.buffer.content[first * width..last * width])
        };
        match self.bond {
            Bond::None => {}
            Bond::Row => {
                for row in 0..place.height {
                    let covered = cells(row..row + 1).skip_while(|(at, cell)| is_same(&target[*at], cell));
                    for (at, cell) in covered.collect::<Vec<_>>() {
                        if is_same(&target[at], cell) {
                            target[at].reset();
                        }
                    }
                }
            }
            Bond::Whole if cells(0..place.height).all(|(at, cell)| is_same(&target[at], cell)) => {}
            Bond::Whole => {
                for (at, cell) in cells(0..place.height) {
                    if target[at].symbol() == cell.symbol() {
                        target[at].reset();
                    }
                    target[at].set_diff_option(CellDiffOption::None);
                }
            }
        }
    }
}

/// Whether a cell is still the picture's; its colours may be those of a theme.
fn is_same(now: &Cell, cell: &Cell) -> bool {
    now.symbol() == cell.symbol() && now.diff_option == cell.diff_option
}

/// What has a terminal let go of a picture that it keeps.
pub fn forget(number: u32) -> String {
    format!("\x1b_Gq=2,a=d,d=I,i={number};\x1b\\")
}

/// Enlarged in squares, as it is; made smaller, as the means of what falls together.
fn scaled(image: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let smaller = width < image.width() || height < image.height();
    resize(image, width, height, if smaller { FilterType::Triangle } else { FilterType::Nearest })
}

/// What is transparent stands on white, for which plots are made.
fn on_white(mut image: RgbaImage) -> RgbaImage {
    for pixel in image.pixels_mut() {
        let [colour @ .., alpha] = &mut pixel.0;
        if *alpha < u8::MAX {
            for part in colour {
                let (own, white) = (u16::from(*part) * u16::from(*alpha), 255 * (255 - u16::from(*alpha)));
                *part = u8::try_from((own + white) / 255).unwrap_or(u8::MAX);
            }
            *alpha = u8::MAX;
        }
    }
    image
}

#[cfg(test)]
mod tests {
    // Proves C1 (pictures in half blocks of the colours there are, kitty, sixel, iTerm2; bytes over SSH).
    use super::*;
    use crate::tui::testing::canvas;
    use image::Rgba;
    use ratatui::style::Color;
    use rstest::rstest;

    /// Red at the left, and blue, half of it let through, at the right.
    fn flag(width: u32, height: u32) -> RgbaImage {
        RgbaImage::from_fn(width, height, |x, _| {
            if x < width / 2 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 255, 128]) }
        })
    }

    #[rstest]
    #[case((640, 480), (80, 24), (64, 24))]
    #[case((28, 28), (80, 24), (48, 24))]
    #[case((4000, 100), (80, 24), (80, 1))]
    #[case((1, 4000), (80, 24), (2, 24))]
    #[case((640, 480), (1, 1), (1, 1))]
    fn a_picture_keeps_its_shape(
        #[case] (width, height): (u32, u32),
        #[case] room: (u16, u16),
        #[case] cells: (u16, u16),
    ) {
        let size = canvas(Way::Blocks, room).fit(width, height);
        assert_eq!((size.width, size.height), cells);
    }

    #[rstest]
    #[case("truecolor", Color::Rgb(255, 0, 0))]
    #[case("256", Color::Indexed(196))]
    #[case("16", Color::Red)]
    fn half_blocks_have_the_colours_there_are(#[case] colours: &str, #[case] red: Color) {
        let canvas = Canvas { terminal: terminal(colours), ..canvas(Way::Blocks, (4, 1)) };
        let cells = canvas.draw(flag(4, 2), 1).unwrap();
        let first = &cells.buffer[(0, 0)];
        assert_eq!((first.symbol(), first.bg, &cells.kept), (" ", red, &None));
    }

    fn terminal(colours: &str) -> Terminal {
        Terminal::from_env(|name| match (name, colours) {
            ("COLORTERM", "truecolor") => Some("truecolor".into()),
            ("TERM", "256") => Some("xterm-256color".into()),
            ("NO_COLOR", "none") | ("XT_ASCII", "ascii") => Some("1".into()),
            _ => None,
        })
    }

    #[rstest]
    #[case("none")]
    #[case("ascii")]
    fn without_colours_or_signs_letters_tell_how_bright_it_is(#[case] what: &str) {
        let dark = Canvas { terminal: terminal(what), ..canvas(Way::Blocks, (8, 1)) };
        let ramp = |canvas: &Canvas| {
            let image =
                RgbaImage::from_fn(8, 2, |x, _| if x < 4 { Rgba([0, 0, 0, 255]) } else { Rgba([255; 4]) });
            let cells = canvas.draw(image, 1).unwrap();
            cells.buffer.content.iter().map(Cell::symbol).collect::<String>()
        };
        assert_eq!(ramp(&dark), "    @@@@");
        let light = Canvas { terminal: Terminal { ground: Ground::Light, ..dark.terminal }, ..dark };
        assert_eq!(ramp(&light), "@@@@    ");
    }

    #[test]
    fn kitty_keeps_the_picture_and_the_cells_name_it() {
        let cells = canvas(Way::Kitty, (4, 2)).draw(flag(64, 64), 0x12_34_56).unwrap();
        let (number, sent) = cells.kept.clone().unwrap();
        assert_eq!(number, 0x12_34_56);
        // Scaled to 4 by 2 cells of 8 by 16 pixels, deflated.
        assert!(sent.starts_with("\x1b_Gq=2,i=1193046,a=T,U=1,f=32,o=z,t=d,s=32,v=32,m=0;"), "{sent:?}");
        assert!(sent.ends_with("\x1b\\") && sent.len() < 400, "{}", sent.len());
        for cell in &cells.buffer.content {
            assert_eq!(cell.fg, Color::Rgb(0x12, 0x34, 0x56));
            assert!(cell.symbol().starts_with(PLACEHOLDER), "{:?}", cell.symbol());
        }
        assert_eq!(forget(number), "\x1b_Gq=2,a=d,d=I,i=1193046;\x1b\\");
    }

    #[rstest]
    #[case(Way::Sixel, "\x1bP", "\x1b\\")]
    #[case(Way::Iterm2, "\x1b]1337;File=inline=1;", "\x07")]
    fn a_picture_in_one_cell_gives_way_and_comes_back_as_a_whole(
        #[case] way: Way,
        #[case] begin: &str,
        #[case] end: &str,
    ) {
        let cells = canvas(way, (4, 2)).draw(flag(64, 64), 1).unwrap();
        let area = Rect::new(0, 0, 10, 4);
        let frame = |over: Option<&str>| {
            let mut buffer = Buffer::empty(area);
            let place = cells.put(&mut buffer, area).unwrap();
            assert_eq!(place, Rect::new(3, 1, 4, 2));
            if let Some(over) = over {
                buffer.set_string(5, 2, over, ratatui::style::Style::new());
            }
            cells.give_way(&mut buffer, place);
            buffer
        };
        let (empty, alone, covered) = (Buffer::empty(area), frame(None), frame(Some("menu")));
        let written = |before: &Buffer, after: &Buffer| {
            before.diff_iter(after).map(|(_, _, cell)| cell.symbol().to_owned()).collect::<Vec<_>>()
        };
        let shown = written(&empty, &alone);
        assert_eq!(shown.len(), 1);
        assert!(shown[0].contains(begin) && shown[0].ends_with(end), "{:?}", shown[0]);
        assert_eq!(written(&alone, &frame(None)), Vec::<String>::new(), "it is sent once");
        let over = written(&alone, &covered);
        assert_eq!((over.len(), over.concat().as_str()), (10, "      menu"), "every cell of it is cleared");
        assert_eq!(written(&covered, &alone)[0], shown[0]);
        assert!(written(&alone, &empty).len() == 8, "nothing of it stays");
    }

    #[test]
    fn what_lies_over_a_row_of_kittys_cells_ends_it() {
        let cells = canvas(Way::Kitty, (4, 2)).draw(flag(64, 64), 1).unwrap();
        let area = Rect::new(0, 0, 4, 2);
        let mut buffer = Buffer::empty(area);
        let place = cells.put(&mut buffer, area).unwrap();
        buffer.set_string(1, 1, "me", ratatui::style::Style::new());
        cells.give_way(&mut buffer, place);
        let text =
            |y: u16| (0..4).map(|x| buffer[(x, y)].symbol().chars().next().unwrap()).collect::<String>();
        assert_eq!((text(0), text(1)), (PLACEHOLDER.to_string().repeat(4), format!("{PLACEHOLDER}me ")));
    }

    #[test]
    fn what_is_transparent_is_white() {
        assert_eq!(on_white(flag(2, 1)).get_pixel(1, 0).0, [127, 127, 255, 255]);
        let clear = RgbaImage::from_pixel(1, 1, Rgba([0, 0, 0, 0]));
        assert_eq!(on_white(clear).get_pixel(0, 0).0, [255; 4]);
    }
}
